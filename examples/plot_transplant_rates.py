"""How many images become the class?
=================================

Left: images get the most important frequencies of each digit. Right: images of the digit lose
theirs. The 3 carries a faint wave: a shortcut. Those of the 4 are low, and may be its shape.
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
maps = kf.dominant_frequency_maps(importance, 0.01)
options = {"num_random": 100, "random_images": 40, "progress": False}
transplants = kf.transplant_rates(model, (images[test], labels[test]), maps, **options)
kf.plots.transplant_rates(transplants)
plt.show()
