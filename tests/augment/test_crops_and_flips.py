"""Crops, flips and resizing, against written-out NumPy and Pillow."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from augment_cases import numbered
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_freq import augment
from keras_freq.augment import crops

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
