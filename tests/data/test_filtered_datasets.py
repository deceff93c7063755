"""`filtered`: the filter of `keras_freq.filter_images`, on a whole data set."""

import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf

IMAGES = np.random.default_rng(0).random((5, 9, 8, 3)).astype(np.float32)
LABELS = np.arange(5)
MASK = kf.low_pass_mask((9, 8), radius=2.5)


def in_float64(images, mask, neutral):
    """The definition: neutral + IFFT(mask FFT(images - neutral))."""
    spectra = np.fft.fft2(images.astype(np.float64) - neutral, axes=(1, 2))
    kept = np.fft.ifftshift(mask)[None, :, :, None]
    return np.fft.ifft2(spectra * kept, axes=(1, 2)).real + neutral


@pytest.mark.parametrize("neutral", [0.0, 0.5, [0.1, 0.2, 0.3]])
def test_images_are_filtered_and_labels_kept(neutral):
    dataset = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(2)
    got = list(kf.data.filtered(dataset, ~MASK, neutral=neutral).as_numpy_iterator())
    assert [len(labels) for _, labels in got] == [2, 2, 1]
    images = np.concatenate([x for x, _ in got])
    np.testing.assert_allclose(images, in_float64(IMAGES, ~MASK, neutral), atol=1e-5)
    np.testing.assert_array_equal(np.concatenate([y for _, y in got]), LABELS)
    assert images.dtype == np.float32


def test_arrays_and_class_names():
    low = next(kf.data.filtered((IMAGES, LABELS), MASK).as_numpy_iterator())[0]
    np.testing.assert_allclose(low, in_float64(IMAGES, MASK, 0.0), atol=1e-5)
    named = kf.data.arrays(IMAGES, LABELS, class_names=list("abcde"))
    twice = kf.data.filtered(kf.data.filtered(named, MASK), MASK)
    assert twice.class_names == list("abcde")
    assert int(twice.cardinality()) == 1


def test_values_may_leave_the_unit_interval():
    bands = kf.data.filtered((IMAGES, LABELS), ~MASK)
    assert min(images.min() for images, _ in bands.as_numpy_iterator()) < 0


def test_wrong_masks_are_refused_before_reading():
    with pytest.raises(ValueError, match="`mask` must have the size of the images"):
        kf.data.filtered((IMAGES, LABELS), kf.low_pass_mask(8, 2))
    with pytest.raises(TypeError, match="`mask` must be boolean"):
        kf.data.filtered((IMAGES, LABELS), MASK.astype(float))
    lopsided = MASK.copy()
    lopsided[0, 1] = True
    with pytest.raises(ValueError, match="must be symmetric"):
        kf.data.filtered((IMAGES, LABELS), lopsided)
