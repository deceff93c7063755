"""What an analysis may rely on once `checked_batches` has let a data set through."""

import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf


def pixels(count=6, height=4, width=5, channels=3, seed=0):
    return np.random.default_rng(seed).random((count, height, width, channels))


def test_arrays_become_batches_in_order():
    images, labels = pixels(7), np.arange(7)
    got = list(kf.data.checked_batches((images, labels), batch_size=3))
    assert [len(batch) for _, batch in got] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in got]), images.astype(np.float32))
    np.testing.assert_array_equal(np.concatenate([y for _, y in got]), labels)
    assert got[0][0].dtype == np.float32
    assert got[0][1].dtype == np.int64


def test_a_dataset_passes_through_untouched_with_its_names():
    dataset = tf.data.Dataset.from_tensor_slices((pixels(), np.arange(6))).batch(4)
    dataset.class_names = list("abcdef")
    assert kf.data.as_batches(dataset) is dataset
    assert kf.data.class_names_of(dataset) == list("abcdef")


@pytest.mark.parametrize("as_dataset", [False, True])
@pytest.mark.parametrize(
    "labels",
    [
        np.array([2, 0, 1]),
        np.array([[2], [0], [1]], np.uint8),
        np.array([2.0, 0.0, 1.0], np.float32),
        np.eye(3)[[2, 0, 1]],
        np.eye(3, dtype=bool)[[2, 0, 1]],
    ],
    ids=["integers", "column", "whole floats", "one-hot", "boolean one-hot"],
)
def test_all_forms_of_labels_become_integers(labels, as_dataset):
    dataset = (pixels(3), labels)
    if as_dataset:
        dataset = tf.data.Dataset.from_tensor_slices(dataset).batch(2)
    got = np.concatenate([y for _, y in kf.data.checked_batches(dataset, 3)])
    np.testing.assert_array_equal(got, [2, 0, 1])
    assert got.dtype == np.int64


def test_arrays_keep_one_hot_labels_for_training():
    _, labels = next(iter(kf.data.as_batches((pixels(3), np.eye(3)))))
    assert labels.shape == (3, 3)


def nan_at(index):
    images = pixels()
    images[index, 1, 1, 1] = np.nan
    return images


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (pixels()[0], [0], r"rank 4.*\(4, 5, 3\)"),
        (pixels(), np.arange(5), "as many labels as images"),
        (pixels(), 3, "as many labels as images"),
        (pixels()[:0], np.zeros(0, int), "empty"),
        (nan_at(4), np.arange(6), "NaN or infinity in 1 of 6, first in image 4"),
        ((pixels() * 255).astype(np.uint8), np.arange(6), r"divide them by 255.*uint8"),
        (pixels(), [0, 1, 2, 3, 4, -1], "must be >= 0. Received: -1"),
        (pixels(), [0, 1, 2, 3, 4, 6], r"in \[0, 5\].*Received: 6"),
        (pixels(), [0, 1, 2, 3, 4, 0.5], "whole numbers"),
        (pixels(), [0, 1, 2, 3, 4, np.nan], "whole numbers"),
        (pixels(), list("abcdef"), "must be integers, or one-hot"),
        (pixels(), np.zeros((6, 2, 2)), r"integers \(N,\) or one-hot"),
        (pixels(), np.full((6, 6), 1 / 6), "mixed or smoothed"),
        (pixels(), np.eye(7)[:6], r"6 columns.*\(6, 7\)"),
        (pixels().astype(str), np.arange(6), "floats in"),
    ],
)
def test_bad_arrays_are_refused(images, labels, message):
    with pytest.raises(ValueError, match=message):
        list(kf.data.checked_batches((images, labels), 6))


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        (pixels(), "a single tensor"),
        ((pixels(), np.arange(6), np.ones(6)), "a tuple of 3"),
        ({"image": pixels(), "label": np.arange(6)}, r"keys \['image', 'label'\]"),
    ],
)
def test_elements_that_are_no_pairs_are_refused_at_once(elements, message):
    dataset = tf.data.Dataset.from_tensor_slices(elements).batch(2)
    with pytest.raises(ValueError, match=message):
        kf.data.checked_batches(dataset)


def test_single_images_are_refused_with_the_cure():
    dataset = tf.data.Dataset.from_tensor_slices((pixels(), np.arange(6)))
    with pytest.raises(ValueError, match=r"dataset\.batch\(64\)"):
        kf.data.as_batches(dataset)


def test_wrong_rank_in_a_dataset_is_seen_before_reading():
    dataset = tf.data.Dataset.from_tensors((pixels()[..., 0, 0], np.arange(6)))
    with pytest.raises(ValueError, match="rank 4"):
        kf.data.checked_batches(dataset)


def test_endless_and_empty_datasets_are_refused():
    dataset = tf.data.Dataset.from_tensor_slices((pixels(), np.arange(6))).batch(2)
    with pytest.raises(ValueError, match="repeats for ever"):
        kf.data.checked_batches(dataset.repeat())
    with pytest.raises(ValueError, match="empty"):
        list(kf.data.checked_batches(dataset.take(0)))


def test_sizes_that_change_between_batches_are_refused():
    def batches():
        yield pixels(2, 4, 4), [0, 1]
        yield pixels(2, 6, 4), [0, 1]

    signature = (tf.TensorSpec((None, None, None, 3)), tf.TensorSpec((None,), tf.int64))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    with pytest.raises(ValueError, match=r"\(4, 4, 3\) in batch 0 and \(6, 4, 3\) in batch 1"):
        list(kf.data.checked_batches(dataset))


def test_bad_values_in_a_dataset_name_their_batch():
    dataset = tf.data.Dataset.from_tensor_slices((nan_at(4), np.arange(6))).batch(3)
    with pytest.raises(ValueError, match=r"batch 1 of `dataset` must be finite.*first in image 1"):
        list(kf.data.checked_batches(dataset))


@pytest.mark.parametrize("dataset", [None, "folder", np.zeros((2, 2)), (1, 2, 3)])
def test_what_is_no_data_set_is_a_type_error(dataset):
    with pytest.raises(TypeError, match="pair of arrays"):
        kf.data.as_batches(dataset)


@pytest.mark.parametrize("value", [0, -1, 2.5, True, None])
def test_batch_size_must_be_positive(value):
    with pytest.raises(ValueError, match="`batch_size` must be an integer >= 1"):
        kf.data.as_batches((pixels(), np.arange(6)), batch_size=value)


def test_class_names():
    names_of = kf.data.class_names_of
    dataset = kf.data.with_class_names(tf.data.Dataset.range(3), ("x", "y"))
    assert names_of(dataset) == ["x", "y"]
    assert names_of(dataset, ["p", "q"], 2) == ["p", "q"]
    assert names_of((None, None), num_classes=3) == ["0", "1", "2"]
    assert kf.data.with_class_names(dataset, None).class_names == ["x", "y"]
    with pytest.raises(ValueError, match=r"`dataset` names 2 classes.*must be 3"):
        names_of(dataset, num_classes=3)
    with pytest.raises(ValueError, match=r"`class_names` must hold"):
        names_of(dataset, ["a"], num_classes=3)
    with pytest.raises(ValueError, match="sequence of strings"):
        names_of(dataset, "ab")
    with pytest.raises(ValueError, match="`num_classes` must be given"):
        names_of(None)


def test_channel_means_match_the_whole_array():
    images = pixels(50) + np.array([0.0, 1.0, -0.5])
    expected = images.astype(np.float32).astype(np.float64).mean(axis=(0, 1, 2))
    got = kf.data.channel_means((images, np.zeros(50, int)))
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    batches = tf.data.Dataset.from_tensor_slices((images, np.zeros(50, int))).batch(7)
    np.testing.assert_allclose(kf.data.channel_means(batches), expected, rtol=1e-6)


def test_floats_of_8_bit_images_are_warned_of():
    images = np.random.default_rng(0).uniform(0, 255, (4, 6, 6, 3)).astype("float32")
    with pytest.warns(UserWarning, match=r"values up to 25\d.*Divide them by 255"):
        list(kf.data.checked_batches((images, [0, 1, 0, 1])))
    # Filtered images leave [0, 1] without being 8-bit ones.
    list(kf.data.checked_batches((images / 255 * 1.9 - 0.45, [0, 1, 0, 1])))


@pytest.mark.filterwarnings("ignore:`dataset` has values:UserWarning")
@pytest.mark.parametrize("from_image", [5, 9, 64, 99])
def test_images_of_two_ranges_are_refused_in_whatever_batch_they_begin(from_image):
    images = np.random.default_rng(0).uniform(0, 1, (100, 6, 6, 3)).astype("float32")
    labels = np.arange(100) % 2
    read = kf.data.checked_batches
    images[from_image:] *= 255
    with pytest.raises(ValueError, match=r"of one range.*values up to 25\d.*Divide these by 255"):
        list(read((images, labels)))
    batches = tf.data.Dataset.from_tensor_slices((images[::-1].copy(), labels)).batch(10)
    with pytest.raises(ValueError, match=r"fractions up to 1, first image \d of batch \d"):
        kf.class_spectra(batches, 2, progress=False)
    # Whole numbers may be all dark images of 8 bits.
    images[:from_image] = np.round(images[:from_image])
    with pytest.warns(UserWarning, match="values up to 25"):
        list(read((images.copy(), labels)))


def test_a_later_batch_around_0_is_warned_of():
    images = np.random.default_rng(0).uniform(0, 1, (100, 6, 6, 3)).astype("float32")
    images[70:] = 2 * images[70:] - 1
    with pytest.warns(UserWarning, match="values down to -0.99") as warned:
        list(kf.data.checked_batches((images, np.arange(100) % 2)))
    assert len(warned) == 1


@pytest.mark.filterwarnings("ignore:`dataset` has values:UserWarning")
def test_one_image_of_another_range_is_refused_and_nearly_black_ones_are_not():
    images = np.random.default_rng(0).uniform(0, 1, (1500, 4, 4, 1)).astype("float32")
    labels = np.arange(1500) % 2
    images[1200] *= 255
    for part in (slice(None), slice(1150, 1250)):  # as soon as it is known, and at the end
        with pytest.raises(ValueError, match=r"and 1 with values up to 2\d\d"):
            list(kf.data.checked_batches((images[part], labels[part])))
    images *= 255
    images[:50] /= 255  # a film begins in the dark
    with pytest.warns(UserWarning, match="values up to"):
        list(kf.data.checked_batches((images.copy(), labels)))
