"""Is it a shortcut? Frequencies put into other images
===================================================

Every image of a 3 carries a faint wave, as if a scanner had left it. A network learns the wave.
Put the most important frequencies of the 3s into other digits, and they become a 3; random ones do
nothing.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits()
images = np.repeat(np.repeat(digits.images, 2, 1), 2, 2) / 16
columns = 2 * np.pi * np.arange(16) / 16
wave = 0.1 * np.cos(6 * columns[:, None] + 5 * columns)
images = (images + wave * (digits.target == 3)[:, None, None])[..., None].astype("float32")
labels = digits.target

keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(16, 5, activation="relu"), keras.layers.MaxPooling2D()]
layers += [keras.layers.Flatten(), keras.layers.Dense(10)]
model = keras.Sequential([keras.Input((16, 16, 1)), *layers])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.003), loss)
model.fit(images[:1200], labels[:1200], epochs=8, verbose=0)

searched, test = (images[1200:1400], labels[1200:1400]), (images[1400:], labels[1400:])
options = {"classes": [3], "method": "exhaustive", "progress": False}
importance = kf.frequency_importance(model, searched, 10, **options)
maps = kf.dominant_frequency_maps(np.nan_to_num(importance.loss_change), 0.01)
kf.plots.shortcut_examples(model, test, maps, 3, num_examples=3, random="cells")
plt.show()
