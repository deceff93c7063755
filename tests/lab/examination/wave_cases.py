"""A model that reads six waves, and images of two classes with these waves and their negative."""

import keras
import numpy as np

SIZE = 16
# Cycles down and across. With DC they fill a map of 5 % of the frequencies.
PAIRS = ((3, 2), (5, -1), (1, 4), (2, -5), (6, 2), (4, 4))


def wave_model(wave, path=None):
    """The linear model that calls an image "plus" by its share of the waves."""
    inputs = keras.Input(wave.shape)
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs)
    kernel = np.stack([-wave.reshape(-1), wave.reshape(-1)], axis=1)
    model.set_weights([kernel / 8, np.zeros(2)])
    if path is not None:
        model.save(path)
    return model


def wave_images(wave, number, seed=0):
    """Images in [0, 1] of the classes minus and plus in turn, whose other frequencies are noise.

    The noise has ten times the energy of the waves, so that random frequencies of their energy hold
    few of them.
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(number) % 2
    signs = (2 * labels - 1)[:, None, None, None]
    images = 0.5 + 0.035 * signs * wave + rng.normal(0, 0.12, (number, *wave.shape))
    return images.clip(0, 1).astype(np.float32), labels
