"""TFDS sets as batches; `mock_data` stands in for downloads."""

import time
import urllib.error
import urllib.request

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import keras_freq as kf


def arrays_of(dataset):
    batches = list(dataset.as_numpy_iterator())
    return np.concatenate([x for x, _ in batches]), np.concatenate([y for _, y in batches])


def test_cifar10_as_it_is():
    with tfds.testing.mock_data(num_examples=5):
        raw = list(tfds.load("cifar10", split="test", as_supervised=True).as_numpy_iterator())
        dataset = kf.data.tfds_dataset("cifar10", "test", batch_size=2)
        images, labels = arrays_of(dataset)
    assert int(dataset.cardinality()) == 3
    assert images.shape == (5, 32, 32, 3)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1
    assert images.max() > 0.5
    assert labels.dtype == np.int64
    assert len(dataset.class_names) == 10
    assert len(raw) == 5


def test_pixels_are_divided_by_255():
    pixels = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28, 1)

    def as_dataset(self, **kwargs):
        encoded = [tf.io.encode_png(image).numpy() for image in pixels]
        features = {"image": encoded, "label": np.array([3, 9])}
        return tf.data.Dataset.from_tensor_slices(features)

    with tfds.testing.mock_data(as_dataset_fn=as_dataset):
        images, labels = arrays_of(kf.data.tfds_dataset("fashion_mnist", "train"))
    np.testing.assert_array_equal(images, pixels.astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(labels, [3, 9])


def test_photographs_of_all_sizes_are_resized():
    with tfds.testing.mock_data(num_examples=2):
        dataset = kf.data.tfds_dataset("tf_flowers", "train", image_size=(16, 24))
        assert dataset.resized
        assert not kf.data.tfds_dataset("cifar10", "test", image_size=32).resized
        images, _ = arrays_of(dataset)
        with pytest.raises(ValueError, match="`image_size` must be given"):
            kf.data.tfds_dataset("tf_flowers", "train")
    assert images.shape == (2, 16, 24, 3)
    assert dataset.class_names == ["dandelion", "daisy", "tulips", "sunflowers", "roses"]


def test_our_own_set_keeps_its_bits(tmp_path, monkeypatch):
    config = tfds.builder_cls("frequency_bands").builder_configs["b1"]
    monkeypatch.setattr(config, "train_per_class", 4)
    monkeypatch.setattr(config, "validation_per_class", 1)
    monkeypatch.setattr(config, "test_per_class", 1)
    read = kf.data.tfds_dataset("frequency_bands/b1", "train", data_dir=tmp_path)
    images, labels = kf.data.frequency_bands(1, per_class=4)
    np.testing.assert_array_equal(arrays_of(read)[0], images)
    np.testing.assert_array_equal(arrays_of(read)[1], labels)
    assert read.class_names == ["C0", "C1", "C2", "C3"]

    def shuffled(first_epoch):
        return kf.data.tfds_dataset(
            "frequency_bands/b1",
            "train",
            data_dir=tmp_path,
            shuffle=True,
            seed=1,
            batch_size=5,
            first_epoch=first_epoch,
        )

    # 16 images in batches of 5: an epoch has 4 batches.
    epochs = [arrays_of(shuffled(0).skip(4 * e).take(4)) for e in range(3)]
    # Whatever the global seed is; 0 is the one that TensorFlow treats specially.
    keras.utils.set_random_seed(0)
    resumed = arrays_of(shuffled(2).take(4))
    np.testing.assert_array_equal(resumed[0], epochs[2][0])
    assert not np.array_equal(epochs[0][0], epochs[1][0])
    for _, targets in epochs:
        np.testing.assert_array_equal(np.sort(targets), np.sort(labels))
    one_pass = shuffled(None)
    assert not np.array_equal(arrays_of(one_pass)[0], arrays_of(one_pass)[0])


def test_names_that_tfds_does_not_know():
    with pytest.raises(ValueError, match=r"knows no data set 'cifra10'.*Did you mean 'cifar10'"):
        kf.data.tfds_dataset("cifra10", "train")
    with pytest.raises(ValueError, match=r"knows no config of frequency_bands 'b5'"):
        kf.data.tfds_dataset("frequency_bands/b5", "train")
    with pytest.raises(ValueError, match=r"set that classifies images.*\('text', 'label'\)"):
        kf.data.tfds_dataset("imdb_reviews", "train")


def test_unreachable_data_fail_at_once_with_the_address(tmp_path, monkeypatch):
    def no_network(request, timeout):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", no_network)
    start = time.monotonic()
    with pytest.raises(ValueError, match=r"(?s)'cifar10' is not in .*https.* cannot be reached"):
        kf.data.tfds_dataset("cifar10", "train", data_dir=tmp_path)
    assert time.monotonic() - start < 5


def test_sets_to_be_fetched_by_hand_say_so(tmp_path):
    with pytest.raises(ValueError, match=r"(?s)'imagenet2012' cannot be prepared.*manual"):
        kf.data.tfds_dataset("imagenet2012", "train", image_size=32, data_dir=tmp_path)


def test_arguments_out_of_range():
    with pytest.raises(ValueError, match="`batch_size`"):
        kf.data.tfds_dataset("cifar10", "train", batch_size=0)
    with pytest.raises(ValueError, match="`image_size`"):
        kf.data.tfds_dataset("cifar10", "train", image_size="32")
