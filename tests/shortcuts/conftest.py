"""A network that knows its frequencies, its images, and their maps."""

import keras
import numpy as np
import pytest
from shortcuts_cases import PATTERNS, SIZE, pair_mask, wave


@pytest.fixture(scope="module")
def reader():
    """A linear model that reads the amplitude of pattern a and, twice as strongly, of b.

    It says "a" or "b" where the image has more than a little of either, else "none".
    """
    kernel = np.stack([wave(PATTERNS["a"]), 2 * wave(PATTERNS["b"]), 0 * wave((0, 0))], axis=-1)
    model = keras.Sequential([keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(3))
    model.layers[-1].set_weights([kernel.reshape(-1, 3) / SIZE**2, np.array([0, 0, 0.02])])
    return model


@pytest.fixture(scope="module")
def data():
    """Class a shows pattern a; class b shows both; class none neither. All show noise."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [40, 30, 50])
    images = 0.5 + 0.1 * rng.normal(size=(120, SIZE, SIZE, 1))
    images[labels <= 1, ..., 0] += 0.15 * wave(PATTERNS["a"])
    images[labels == 1, ..., 0] += 0.15 * wave(PATTERNS["b"])
    order = rng.permutation(120)
    return images[order].astype("float32"), labels[order]


@pytest.fixture(scope="module")
def maps():
    return np.stack([pair_mask(pattern) for pattern in PATTERNS.values()])
