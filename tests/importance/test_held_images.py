"""Images in memory: out come the bits that went in, and 8-bit images take a quarter of it."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_freq.importance.held_images import HeldImages, hold_images

SHAPE = (5, 4, 3)
CODES = arrays.arrays(np.uint8, (3, *SHAPE))


def held(*batches):
    images = HeldImages()
    for batch in batches:
        images.add(batch)
    return images


def same_bits(images, expected):
    return images.dtype == np.float32 and images.tobytes() == np.asarray(expected).tobytes()


@given(CODES, st.booleans())
def test_8_bit_images_take_a_byte_a_value_and_keep_their_bits(codes, divided):
    values = codes / np.float32(255) if divided else codes * np.float32(1 / 255)
    images = held(values[:1], values[1:])
    assert images.nbytes == codes.nbytes
    assert images.shape == values.shape
    assert same_bits(images[:], values)
    assert same_bits(images[np.array([2, 0])], values[[2, 0]])
    assert same_bits(images[1:2], values[1:2])


@given(CODES, arrays.arrays(np.float32, (2, *SHAPE), elements=st.floats(-0.5, 1.5, width=32)))
def test_other_images_keep_their_bits_too(codes, others):
    first = codes / np.float32(255)
    images = held(first, others, first)
    assert same_bits(images[:], np.concatenate([first, others, first]))


@pytest.mark.parametrize("value", [-0.0, 1.0000001, 0.5, -0.1, np.float32(np.nextafter(1, 0))])
def test_values_that_8_bits_do_not_have_are_held_as_they_are(value):
    images = np.zeros((2, *SHAPE), np.float32)
    images[0] = np.arange(60).reshape(SHAPE) * 4 / np.float32(255)
    images[1, 0, 0, 0], images[1, 1, 1, 1] = value, np.float32(127.7 / 255)
    found = held(images[:1], images[1:])
    assert found.nbytes == images.nbytes
    assert same_bits(found[:], images)


def test_marks_tell_images_apart_and_not_how_they_are_held():
    codes = np.arange(120, dtype=np.uint8).reshape(2, *SHAPE) / np.float32(255)
    odd = np.full((1, *SHAPE), 0.123, np.float32)
    small, large = held(codes), held(codes, odd)
    assert small.nbytes < large.nbytes / 4
    np.testing.assert_array_equal(small.marks(), large.marks()[:2])
    assert len(np.unique(large.marks(), axis=0)) == 3


@pytest.mark.parametrize("channels", [2, 3])
@pytest.mark.parametrize("batch", [1, 7, 20])
def test_means_have_the_bits_of_all_images_at_once(channels, batch):
    images = np.random.default_rng(0).uniform(size=(20, 9, 8, channels)).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices((images, np.arange(20) % 4)).batch(batch)
    found, labels, means = hold_images(dataset, 4, classes=[3, 1])
    expected = images.mean(axis=(0, 1, 2), dtype=np.float64)
    assert means.tobytes() == expected.tobytes()
    own = np.isin(np.arange(20) % 4, [1, 3])
    assert same_bits(found[:], images[own])
    assert labels.tolist() == [1, 3] * 5


def test_classes_without_images_are_refused():
    data = np.zeros((2, *SHAPE)), [0, 1]
    with pytest.raises(ValueError, match=r"`classes` must name .* classes=\[2\]"):
        hold_images(data, 3, classes=[2])
