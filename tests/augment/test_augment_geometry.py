"""Crops, flips, warps and colours, against written-out NumPy and SciPy."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from keras_freq import augment
from keras_freq.augment import affine, crops


def numbered(count, height, width):
    """Pictures whose pixels tell image, row and column."""
    parts = np.meshgrid(*(np.arange(n) for n in (count, height, width)), indexing="ij")
    return np.stack(parts, axis=-1).astype(np.float32)


# Crops and flips


@given(
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
    st.integers(0, 2**31),
)
@settings(max_examples=40, deadline=None)
def test_a_crop_is_a_window_of_its_image(window, room, seed):
    height, width = window
    images = numbered(3, height + room[0], width + room[1])
    result = augment.random_crop(images, window, seed=(seed, 0)).numpy()
    for number, crop in enumerate(result):
        top, left = crop[0, 0, 1:].astype(int)
        assert 0 <= top <= room[0]
        assert 0 <= left <= room[1]
        expected = images[number, top : top + height, left : left + width]
        np.testing.assert_array_equal(crop, expected)


def test_every_window_is_drawn_equally_often():
    images = np.broadcast_to(numbered(1, 5, 6), (4000, 5, 6, 3))
    corners = augment.random_crop(images, (3, 4), seed=(0, 1)).numpy()[:, 0, 0, 1:]
    found, counts = np.unique(corners, axis=0, return_counts=True)
    assert [tuple(c) for c in found] == list(itertools.product(range(3), range(3)))
    assert counts.min() > 0.8 * 4000 / 9
    assert counts.max() < 1.2 * 4000 / 9


def test_a_padded_crop_is_a_window_of_the_padded_image():
    images = numbered(50, 6, 6) + 1
    result = augment.random_crop(images, 6, seed=(0, 1), padding=4, fill=-1.0).numpy()
    padded = np.pad(images, [(0, 0), (4, 4), (4, 4), (0, 0)], constant_values=-1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (6, 6), axis=(1, 2))
    places = set()
    for crop, of_image in zip(result, windows, strict=True):
        match = (of_image == crop.transpose(2, 0, 1)).all(axis=(2, 3, 4))
        assert match.sum() == 1
        places.add(tuple(np.argwhere(match)[0]))
    assert len(places) > 20


def test_the_border_may_have_a_colour():
    images, fill = numbered(3, 6, 6) + 1, np.array([0.5, -2.0, 7.0])
    inside = np.pad(np.ones((3, 6, 6, 1), bool), [(0, 0), (4, 4), (4, 4), (0, 0)])
    padded = np.where(inside, np.pad(images, [(0, 0), (4, 4), (4, 4), (0, 0)]), fill)
    result = augment.random_crop(images, 14, seed=(0, 1), padding=4, fill=fill)
    np.testing.assert_array_equal(result, padded.astype("float32"))
    grey = augment.pad_crop_flip(images, seed=(0, 1), fill=0.5)
    np.testing.assert_array_equal(augment.pad_crop_flip(images, seed=(0, 1), fill=[0.5] * 3), grey)
    (batch,) = tf.data.Dataset.from_tensors(images).map(
        lambda x: augment.random_crop(x, 14, seed=(0, 1), padding=4, fill=fill)
    )
    np.testing.assert_array_equal(batch, result)


def test_flips_mirror_left_to_right():
    images = numbered(1000, 3, 4)
    result = augment.random_flip(images, seed=(0, 1)).numpy()
    flipped = (result[:, 0, 0, 2] == 3).astype(bool)
    assert flipped.mean() == pytest.approx(0.5, abs=0.06)
    np.testing.assert_array_equal(result[flipped], images[flipped][:, :, ::-1])
    np.testing.assert_array_equal(result[~flipped], images[~flipped])
    for probability, share in ((0, 0), (1, 1), (0.2, 0.2)):
        result = augment.random_flip(images, seed=(0, 1), probability=probability).numpy()
        assert (result[:, 0, 0, 2] == 3).mean() == pytest.approx(share, abs=0.05 * (0 < share < 1))


@pytest.mark.parametrize(("size", "expected"), [((30, 45), (20, 30)), ((45, 30), (30, 20))])
def test_the_short_side_is_resized_and_the_shape_kept(size, expected):
    image = np.random.default_rng(0).random((*size, 3)).astype(np.float32)
    result = augment.resize_short_side(image, 20)
    assert result.shape == (*expected, 3)
    pillow = [
        Image.fromarray(image[..., c]).resize(expected[::-1], Image.Resampling.BILINEAR)
        for c in range(3)
    ]
    np.testing.assert_allclose(result, np.stack(pillow, axis=-1), atol=1e-5)
    unknown = tf.data.Dataset.from_generator(
        lambda: [image], output_signature=tf.TensorSpec((None, None, 3), tf.float32)
    ).map(lambda x: augment.resize_short_side(x, 20))
    np.testing.assert_array_equal(next(iter(unknown)), result)


# Random resized crops


def windows(count, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), seed=0):
    seeds = tf.unstack(tf.random.split((seed, 0), 4))
    height, width = (float(side) for side in size)
    return crops.draw_windows(seeds, count, height, width, scale, ratio).numpy()


@pytest.mark.parametrize("size", [(224, 224), (100, 160), (33, 20)])
def test_windows_have_the_areas_and_proportions_asked_for(size):
    top, left, rows, columns = windows(4000, size).T
    assert (np.stack([top, left, rows, columns]) % 1 == 0).all()
    assert (top >= 0).all()
    assert (left >= 0).all()
    assert (top + rows <= size[0]).all()
    assert (left + columns <= size[1]).all()
    area, ratio = rows * columns / (size[0] * size[1]), columns / rows
    rounding = 1 + 2 / min(rows.min(), columns.min())
    assert area.min() > 0.08 / rounding**2
    assert ratio.min() > 0.75 / rounding
    assert ratio.max() < 4 / 3 * rounding
    if size == (224, 224):
        # Large windows are drawn again more often: the mean is below that of 0.08 to 1.
        assert area.mean() == pytest.approx(0.49, abs=0.03)
        assert np.log(ratio).mean() == pytest.approx(0, abs=0.02)


def test_where_no_draw_fits_the_middle_is_taken():
    # A whole area of proportions that the image does not have cannot fit.
    box = windows(5, (40, 100), scale=(1.0, 1.0), ratio=(0.5, 0.8))
    np.testing.assert_array_equal(box, [[0, 34, 40, 32]] * 5)
    box = windows(5, (100, 40), scale=(1.0, 1.0), ratio=(1.0, 2.0))
    np.testing.assert_array_equal(box, [[30, 0, 40, 40]] * 5)


@pytest.mark.parametrize("target", [(12, 9), (40, 31), (7, 60)])
def test_a_window_is_resized_as_pillow_does(target):
    image = np.random.default_rng(0).random((30, 26, 1)).astype(np.float32)
    for top, left, rows, columns in ((0, 0, 30, 26), (3, 5, 20, 11), (29, 2, 1, 24)):
        batch = tf.constant(image[None])
        batch = crops.resample_axis(batch, tf.constant([top + 0.0]), tf.constant([rows + 0.0]),
                                 target[0], 1)  # fmt: skip
        batch = crops.resample_axis(batch, tf.constant([left + 0.0]), tf.constant([columns + 0.0]),
                                 target[1], 2)  # fmt: skip
        window = Image.fromarray(image[top : top + rows, left : left + columns, 0])
        expected = window.resize(target[::-1], Image.Resampling.BILINEAR)
        np.testing.assert_allclose(batch[0, ..., 0], np.asarray(expected), atol=1e-5)


def test_the_whole_image_as_its_window_stays():
    images = np.random.default_rng(0).random((3, 15, 15, 3)).astype(np.float32)
    result = augment.random_resized_crop(images, 15, seed=(0, 1), scale=(1, 1), ratio=(1, 1))
    np.testing.assert_allclose(result, images, atol=1e-6)


# Affine warps


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
    moved = affine.warp(dot, affine.shifted([3.0], [0.0]), fill_mode="constant").numpy()
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


# Colours


def test_the_principal_components_are_numpys():
    images = np.random.default_rng(0).random((30, 7, 9, 3)).astype(np.float32)
    images = (images @ np.array([[0.5, 0.3, 0.2], [0, 0.6, 0.1], [0.1, 0, 0.3]])).astype("float32")
    pixels = images.reshape(-1, 3).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(pixels.T, bias=True))
    pca = augment.fit_pca_colour(
        tf.data.Dataset.from_tensor_slices((images, np.zeros(30))).batch(7)
    )
    np.testing.assert_allclose(pca.eigenvalues, values[::-1], rtol=1e-10)
    cosines = np.abs((pca.eigenvectors * vectors[:, ::-1]).sum(axis=0))
    np.testing.assert_allclose(cosines, 1, rtol=1e-10)
    scaled = augment.fit_pca_colour((images * 255 - 7, np.zeros(30)), value_range=(-7, 248))
    np.testing.assert_allclose(scaled.eigenvalues, pca.eigenvalues, rtol=1e-4)


def test_one_draw_shifts_a_whole_image_along_the_components():
    values, vectors = (
        np.array([0.3, 0.1, 0.02]),
        np.linalg.qr(np.random.default_rng(1).random((3, 3)))[0],
    )
    images = np.random.default_rng(0).random((3000, 2, 2, 3)).astype(np.float32)
    shifted = augment.pca_colour(images, (values, vectors), seed=(0, 1), deviation=0.1)
    difference = (shifted - images).numpy().astype(np.float64)
    np.testing.assert_allclose(difference, difference[:, :1, :1] * np.ones((1, 2, 2, 1)), atol=1e-6)
    alphas = difference[:, 0, 0] @ vectors / values
    np.testing.assert_allclose(alphas.std(axis=0), 0.1, rtol=0.05)
    np.testing.assert_allclose(alphas.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(np.corrcoef(alphas.T) - np.eye(3), 0, atol=0.06)
    in_levels = augment.pca_colour(
        images * 255, (values, vectors), seed=(0, 1), value_range=(0, 255)
    )
    np.testing.assert_allclose(in_levels / 255, shifted, atol=1e-5)


def test_grey_data_has_no_colours():
    grey = np.zeros((4, 5, 5, 1))
    with pytest.raises(ValueError, match="`dataset` must hold RGB images"):
        augment.fit_pca_colour((grey, np.zeros(4)))
    with pytest.raises(ValueError, match="`images` must hold RGB images"):
        augment.pca_colour(grey, (np.ones(3), np.eye(3)), seed=(0, 1))


IMAGES = np.zeros((2, 8, 10, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: augment.random_crop(IMAGES, 9, seed=(0, 1)), r"`size` must not be larger.*8 x 10"),
        (lambda: augment.random_crop(IMAGES, 0, seed=(0, 1)), "`size` must be a positive int"),
        (lambda: augment.random_crop(IMAGES, 8, seed=(0, 1), padding=-1), "`padding` must be"),
        (
            lambda: augment.pad_crop_flip(IMAGES, seed=(0, 1), fill=(0.5, 0.5)),
            "`fill` must be a number, or one value for each of the 3 channels",
        ),
        (lambda: augment.random_flip(IMAGES, seed=(0, 1), probability=2), "`probability` must be"),
        (lambda: augment.resize_short_side(IMAGES, 1.5), "`size` must be an integer >= 1"),
        (
            lambda: augment.random_resized_crop(IMAGES, 8, seed=(0, 1), scale=(0, 1)),
            "`scale` must be a pair",
        ),
        (
            lambda: augment.random_resized_crop(IMAGES, 8, seed=(0, 1), ratio=(2, 1)),
            "`ratio` must be a pair",
        ),
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
        (lambda: augment.pca_colour(IMAGES, np.eye(3), seed=(0, 1)), "`pca` must be a pair"),
        (lambda: augment.pca_colour(IMAGES, None, seed=(0, 1)), "`pca` must be a pair"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_border_around_images_of_unknown_size_is_refused():
    images = tf.data.Dataset.from_generator(
        lambda: [np.zeros((2, 5, 9, 3))], output_signature=tf.TensorSpec((2, None, None, 3))
    )
    with pytest.raises(ValueError, match="`images` must have a known height and width"):
        images.map(lambda x: augment.pad_crop_flip(x, seed=(0, 1)))


def test_a_crop_larger_than_an_image_of_unknown_size_is_refused():
    images = tf.data.Dataset.from_generator(
        lambda: [np.zeros((2, 5, 9, 3))], output_signature=tf.TensorSpec((2, None, None, 3))
    ).map(lambda x: augment.random_crop(x, (6, 6), seed=(0, 1)))
    with pytest.raises(tf.errors.InvalidArgumentError, match="`size` must not be larger"):
        next(iter(images))


# Recipes


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
