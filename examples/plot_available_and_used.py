"""What is in the data, and what the network uses
==============================================

Left: how well a linear classifier names handwritten digits by the power of one band alone, without
any shape. Dashes: without knowing anything. Right: what the same band is worth to a network.
"""

import os

import keras
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

import keras_freq as kf

QUICK = os.environ.get("KERAS_FREQ_QUICK") == "1"
keras.utils.set_random_seed(0)

digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
train, test = (images[:1200], digits.target[:1200]), (images[1200:], digits.target[1200:])

layers = [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.MaxPooling2D()]
layers += [keras.layers.Flatten(), keras.layers.Dense(10)]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss)
model.fit(*train, epochs=1 if QUICK else 15, verbose=0)

baseline = kf.spectral_baseline(train, test, 10, bands=4)
shapley = kf.band_shapley(model, test, 10, bands=4)
kf.plots.available_and_used(kf.available_and_used(baseline, shapley))
plt.show()
