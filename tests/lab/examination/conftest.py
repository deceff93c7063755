"""A model that reads one wave, and images of two classes with that wave and its negative."""

import keras
import numpy as np
import pytest
from PIL import Image

SIZE = 16


def wave_model(wave, path=None):
    """The linear model that calls an image "plus" by its share of a wave."""
    inputs = keras.Input(wave.shape)
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs)
    kernel = np.stack([-wave.reshape(-1), wave.reshape(-1)], axis=1)
    model.set_weights([kernel / 8, np.zeros(2)])
    if path is not None:
        model.save(path)
    return model


@pytest.fixture(scope="session")
def wave():
    """3 cycles down and 2 across, in the red channel."""
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE
    wave = np.zeros((SIZE, SIZE, 3), "float32")
    wave[..., 0] = np.cos(2 * np.pi * (3 * rows + 2 * columns))
    return wave


@pytest.fixture(scope="session")
def wave_folder(wave, tmp_path_factory):
    """A folder with `wave.keras`, and `waves` with 44 images of each of two classes."""
    folder = tmp_path_factory.mktemp("waves")
    wave_model(wave, folder / "wave.keras")
    rng = np.random.default_rng(0)
    for name, sign in (("plus", 1), ("minus", -1)):
        (folder / "waves" / name).mkdir(parents=True)
        for i in range(44):
            image = 128 + 40 * sign * wave + rng.normal(0, 20, wave.shape)
            image = Image.fromarray(np.clip(image, 0, 255).astype("uint8"))
            image.save(folder / "waves" / name / f"{i}.png")
    return folder
