"""Affine warps, against SciPy, and the ranges that are drawn."""

import numpy as np
import pytest
import tensorflow as tf
from augment_cases import numbered
from scipy import ndimage

from keras_freq import augment
from keras_freq.augment import affine


def inverse_matrix(rotation, shift_x, shift_y, shear, zoom_x, zoom_y, mirrored):
    """What ImageDataGenerator multiplies, in float64: rotation, shift, shear, zoom, then mirror."""
    a, s = np.deg2rad([rotation, shear])
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    move = np.array([[1, 0, shift_x], [0, 1, shift_y], [0, 0, 1]])
    slant = np.array([[1, -np.sin(s), 0], [0, np.cos(s), 0], [0, 0, 1]])
    mirror = np.diag([-1.0 if mirrored else 1.0, 1, 1])
    return turn @ move @ slant @ np.diag([zoom_x, zoom_y, 1]) @ mirror


def scipy_warp(image, matrix, mode):
    """SciPy's affine transform about the middle; it counts (row, column), we (x, y)."""
    height, width, _ = image.shape
    middle = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    matrix = middle @ matrix @ np.linalg.inv(middle)
    swap = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    matrix = swap @ matrix @ swap
    planes = [
        ndimage.affine_transform(image[..., c], matrix[:2, :2], matrix[:2, 2], order=1, mode=mode)
        for c in range(image.shape[-1])
    ]
    return np.stack(planes, axis=-1)


@pytest.mark.parametrize("mode", ["nearest", "reflect"])
@pytest.mark.parametrize(
    "parameters",
    [
        (15.0, 0.0, 0.0, 0.0, 1.0, 1.0, False),
        (0.0, 3.5, -2.0, 0.0, 1.0, 1.0, False),
        (0.0, 0.0, 0.0, 20.0, 1.0, 1.0, False),
        (0.0, 0.0, 0.0, 0.0, 0.8, 1.2, True),
        (-12.0, 4.2, 3.1, 11.5, 1.15, 0.85, True),
    ],
)
@pytest.mark.parametrize("size", [(21, 21), (20, 27)])
def test_the_warp_is_scipys(mode, parameters, size):
    image = np.random.default_rng(0).random((*size, 2)).astype(np.float32)
    columns = [tf.constant([value]) for value in parameters]
    matrices = affine.zoomed_sheared_shifted_rotated(*columns)
    np.testing.assert_allclose(matrices[0], inverse_matrix(*parameters), atol=1e-5)
    result = affine.warp(image[None], affine.about_centre(matrices, *size), fill_mode=mode)[0]
    expected = scipy_warp(image.astype(np.float64), inverse_matrix(*parameters), mode)
    np.testing.assert_allclose(result, expected, atol=2e-4)


def test_affine_directions_in_plain_words():
    dot = np.zeros((1, 21, 21, 1), np.float32)
    dot[0, 4, 10] = 1  # above the middle

    def place(**changes):
        values = {"rotation": 0.0, "shift_x": 0.0, "shift_y": 0.0, "shear": 0.0}
        values |= {"zoom_x": 1.0, "zoom_y": 1.0, "mirrored": False} | changes
        matrices = affine.zoomed_sheared_shifted_rotated(
            *(tf.constant([v]) for v in values.values())
        )
        warped = affine.warp(dot, affine.about_centre(matrices, 21, 21), fill_mode="constant")
        row, column = np.unravel_index(warped.numpy()[0, ..., 0].argmax(), (21, 21))
        return int(row), int(column)

    assert place(rotation=90.0) == (10, 4)  # counter-clockwise
    assert place(shift_x=3.0) == (4, 7)  # a step to the right in the input: the dot moves left ...
    assert place(shift_y=3.0) == (1, 10)
    assert place(zoom_y=0.75) == (2, 10)  # a smaller field of view: further from the middle


def test_the_place_after_a_shift():
    """The direction of a positive shift, which the test above takes for granted."""
    dot = np.zeros((1, 1, 9, 1), np.float32)
    dot[0, 0, 4] = 1
    moved = affine.warp(dot, affine.shifted(3.0, 0.0), fill_mode="constant").numpy()
    assert moved[0, 0, :, 0].argmax() == 1


def test_draws_fill_their_ranges():
    """Read back from pictures that hold their own coordinates."""
    height, width = 41, 61
    images = np.broadcast_to(numbered(1, height, width), (800, height, width, 3))

    def draw(**options):
        result = augment.random_affine(images, seed=(0, 1), **options).numpy()
        row, column = result[:, 20, 30, 1] - 20, result[:, 20, 30, 2] - 30
        along = result[:, 20, 31, 1:] - result[:, 20, 30, 1:]
        across = result[:, 21, 30, 1:] - result[:, 20, 30, 1:]
        return row, column, along, across

    row, column, _, _ = draw(shift=0.2)
    for values, reach in ((row, 0.2 * height), (column, 0.2 * width)):
        assert -reach - 1e-3 <= values.min() < -0.95 * reach
        assert 0.95 * reach < values.max() <= reach + 1e-3
    assert abs(np.corrcoef(row, column)[0, 1]) < 0.1
    _, _, along, across = draw(rotation_degrees=15)
    angle = np.rad2deg(np.arctan2(along[:, 0], along[:, 1]))
    assert -15.01 < angle.min() < -14
    assert 14 < angle.max() < 15.01
    _, _, along, across = draw(zoom=0.2)
    assert 0.799 < along[:, 1].min() < 0.82
    assert 1.18 < across[:, 0].max() < 1.201
    assert abs(np.corrcoef(along[:, 1], across[:, 0])[0, 1]) < 0.1
    _, _, _, across = draw(shear_degrees=10)
    angle = np.rad2deg(np.arctan2(-across[:, 1], across[:, 0]))
    assert -10.01 < angle.min() < -9.5
    assert 9.5 < angle.max() < 10.01
    _, _, along, _ = draw(flip=True)
    assert np.mean(along[:, 1] < 0) == pytest.approx(0.5, abs=0.06)


def test_beyond_the_image_its_outermost_pixels_go_on():
    images = np.random.default_rng(0).uniform(0.4, 0.6, (20, 16, 16, 3)).astype(np.float32)
    result = augment.flowers_recipe(images, seed=(0, 1)).numpy()
    assert result.min() >= 0.4
    result = augment.random_affine(
        images, seed=(0, 1), shift=0.5, fill_mode="constant", fill=-1.0
    ).numpy()
    assert result.min() == -1


IMAGES = np.zeros((2, 8, 10, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: augment.random_affine(IMAGES, seed=(0, 1), rotation_degrees=-15),
            "`rotation_degrees` must be an angle in degrees, from 0 to 180",
        ),
        (
            lambda: augment.random_affine(IMAGES, seed=(0, 1), shift=20),
            "`shift` must be a fraction",
        ),
        (lambda: augment.random_affine(IMAGES, seed=(0, 1), zoom=1), "`zoom` must be"),
        (
            lambda: augment.random_affine(IMAGES, seed=(0, 1), fill_mode="mirror"),
            "`fill_mode` must be one of 'constant', 'nearest', 'reflect', 'wrap'",
        ),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
