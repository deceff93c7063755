"""The most important frequencies of each class
============================================

Each map holds the 3 % of the frequencies whose removal hurts a digit most. The 3 carries a faint
wave of 6 by 5 cycles. It is in its map, and in no other.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits(n_class=5)
labels = digits.target
images = np.repeat(np.repeat(digits.images, 2, 1), 2, 2) / 16
columns = 2 * np.pi * np.arange(16) / 16
wave = 0.3 * np.cos(6 * columns[:, None] + 5 * columns)
images = (images + wave * (labels == 3)[:, None, None])[..., None].astype("float32")
train, searched, test = slice(0, 500), slice(500, 650), slice(650, None)

keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(16, 5, activation="relu"), keras.layers.MaxPooling2D()]
layers += [keras.layers.Flatten(), keras.layers.Dense(5)]
model = keras.Sequential([keras.Input((16, 16, 1)), *layers])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.003), loss)
model.fit(images[train], labels[train], epochs=8, verbose=0)

data = images[searched], labels[searched]
importance = kf.frequency_importance(model, data, 5, method="exhaustive", progress=False)
kf.plots.dominant_frequency_maps(importance, fraction=0.03, bands=True)
plt.show()
