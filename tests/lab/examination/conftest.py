"""The model and the images of `wave_cases`."""

import numpy as np
import pytest
from PIL import Image
from wave_cases import PAIRS, SIZE, wave_images, wave_model


@pytest.fixture(scope="session")
def wave():
    """The six waves, in the red channel."""
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE
    wave = np.zeros((SIZE, SIZE, 3), "float32")
    wave[..., 0] = sum(np.cos(2 * np.pi * (u * rows + v * columns)) for u, v in PAIRS)
    return wave


@pytest.fixture(scope="session")
def wave_folder(wave, tmp_path_factory):
    """A folder with `wave.keras`, and `waves` with 44 images of each of two classes."""
    folder = tmp_path_factory.mktemp("waves")
    wave_model(wave, folder / "wave.keras")
    for number, (image, label) in enumerate(zip(*wave_images(wave, 88), strict=True)):
        own = folder / "waves" / ("minus", "plus")[label]
        own.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.round(255 * image).astype("uint8")).save(own / f"{number}.png")
    return folder
