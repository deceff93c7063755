"""Which corruptions does training with noise help against?
========================================================

The share of wrong answers under growing corruptions of digits: of a plain network, and of one that
saw noise while it learned.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
labels = digits.target.astype(np.int64)


def trained(noise):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.GaussianNoise(noise), keras.layers.Conv2D(16, 3, activation="relu")]
    layers += [keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss)
    model.fit(images[:1200], labels[:1200], epochs=8, verbose=0)
    return model


names = ("gaussian_noise", "gaussian_blur", "contrast", "jpeg")
options = {"corruptions": names, "benchmark": "imagenet", "severities": (1, 3, 5)}
test = images[1200:1500], labels[1200:1500]
networks = {"plain": trained(0.0), "trained with noise": trained(0.3)}
errors = {name: kf.corruption_errors(one, test, 10, **options) for name, one in networks.items()}
kf.plots.corruption_errors(errors)
plt.show()
