"""A small network and images, shared by the tests of importance."""

import keras
import numpy as np
from keras import layers

CLASSES = 3


def small_model(shape, seed=0, end="softmax"):
    """A dense network, whose maths is a line of NumPy."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Flatten(),
            layers.Dense(12, "tanh", bias_initializer="normal"),
            layers.Dense(CLASSES, end, bias_initializer="normal"),
        ]
    )


def some_images(shape, n=11, seed=1):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(n, *shape)).astype("float32"), np.arange(n) % CLASSES
