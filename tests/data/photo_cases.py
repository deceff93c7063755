"""A photograph, and files and folders made of it, that several test files share."""

import numpy as np
from PIL import Image

import keras_freq as kf

RNG = np.random.default_rng(0)
HEIGHT, WIDTH = 20, 28
# Smooth, so that JPEG keeps it.
PHOTO = Image.fromarray(RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)).resize(
    (WIDTH, HEIGHT), Image.Resampling.BICUBIC
)


def save(path, image=PHOTO, suffix="png", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    path = path.with_name(f"{path.name}.{suffix}")
    image.save(path, **options)
    return path


def read(folder, **options):
    """The images of a folder, on the scale of 0 to 255."""
    dataset = kf.data.image_folder(folder, image_size=(HEIGHT, WIDTH), **options)
    return np.concatenate([images for images, _ in dataset.as_numpy_iterator()]) * 255.0
