"""Whole recipes do what their papers say: borders, mirrors, warps."""

import functools

import numpy as np
import pytest
from augment_cases import numbered

from keras_freq import augment


def mirrored(pictures):
    """Whether each picture of `numbered` pixels runs from right to left."""
    return np.array([np.median(np.diff(one[..., 2], axis=1)) < 0 for one in pictures])


def test_the_flowers_are_turned_shifted_sheared_zoomed_and_mirrored():
    images = np.random.default_rng(0).random((6, 12, 9, 3))
    options = {"rotation_degrees": 15, "shift": 0.2, "shear_degrees": 0.2, "zoom": 0.2}
    expected = augment.random_affine(images, seed=(3, 4), flip=True, **options)
    np.testing.assert_array_equal(augment.flowers_recipe(images, seed=(3, 4)), expected)
    turned = augment.flowers_recipe(numbered(200, 9, 9), seed=(3, 4)).numpy()
    assert 0.35 < mirrored(turned).mean() < 0.65


@pytest.mark.parametrize(
    "recipe",
    [
        functools.partial(augment.alexnet_recipe, size=7),
        functools.partial(augment.pad_crop_flip, padding=1),
        functools.partial(augment.resized_crop_flip, size=9, scale=(0.8, 1)),
    ],
)
def test_recipes_mirror_half_of_the_images(recipe):
    pictures = recipe(numbered(200, 9, 9), seed=(3, 4)).numpy()
    assert 0.35 < mirrored(pictures).mean() < 0.65


def test_the_border_is_four_pixels_wide():
    images = np.ones((400, 9, 9, 3), "float32")
    black = (augment.pad_crop_flip(images, seed=(3, 4)).numpy() == 0).all(axis=-1)
    rows = black.all(axis=2).sum(axis=1)
    assert set(rows) == {0, 1, 2, 3, 4}
