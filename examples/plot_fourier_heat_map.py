"""Which waves break a classifier of digits?
=========================================

A wave of each frequency is added to 8x8 images, and the share of wrong answers is drawn at its
place. The second network saw noise while it learned: fewer waves break it.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
train, test = slice(0, 1400), slice(1400, 1700)


def trained(noise):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.GaussianNoise(noise)(inputs)
    x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, keras.layers.Dense(10)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    model.fit(images[train], digits.target[train], epochs=5, verbose=0)
    return model


data = images[test], digits.target[test].astype(np.int64)
maps = {
    name: kf.fourier_heat_map(trained(noise), data, 10, strength=2.0, progress=False)
    for name, noise in {"plain": 0.0, "trained with noise": 0.3}.items()
}
kf.plots.fourier_heat_map(maps)
plt.show()
