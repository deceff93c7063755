"""Data sets of Keras' own kind, halves of float32, dictionaries, channels first."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf

LABELS = np.arange(10) % 3
IMAGES = np.random.default_rng(0).random((10, 8, 6, 3)).astype("float32")


class InOrder(keras.utils.PyDataset):
    """Batches of four, which notes what was read."""

    def __init__(self, change=lambda images, labels: (images, labels)):
        super().__init__()
        self.reads, self.change = [], change

    @property
    def num_batches(self):
        return 3

    def __getitem__(self, index):
        self.reads.append(index)
        part = slice(4 * index, 4 * index + 4)
        return self.change(IMAGES[part], LABELS[part])


def test_a_py_dataset_is_read_in_order_once_a_pass():
    data = InOrder()
    got = list(kf.data.checked_batches(data, 3))
    np.testing.assert_array_equal(np.concatenate([images for images, _ in got]), IMAGES)
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in got]), LABELS)
    assert data.reads == [0, 1, 2]
    data.reads.clear()
    rates = kf.rates_under_maps(model(), data, np.ones((3, 8, 6), bool))
    pd_rates = kf.rates_under_maps(model(), (IMAGES, LABELS), np.ones((3, 8, 6), bool))
    assert data.reads == 3 * [0, 1, 2]  # statistics, maps, untouched images
    assert rates.equals(pd_rates)


def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((8, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])


def test_a_py_dataset_works_wherever_data_does():
    named = InOrder()
    named.class_names = ["a", "b", "c"]
    arrays = IMAGES, LABELS
    spectra = kf.class_spectra(arrays, 3)
    np.testing.assert_allclose(kf.class_spectra(named, 3), spectra, rtol=1e-12)
    assert kf.data.as_batches(named).class_names == ["a", "b", "c"]
    means = kf.data.channel_means(kf.data.filtered(named, np.ones((8, 6), bool)))
    np.testing.assert_allclose(means, IMAGES.mean(axis=(0, 1, 2)), rtol=1e-5)
    flipped = kf.augment.augmented(named, kf.augment.random_flip)
    assert [len(labels) for _, labels in flipped] == [4, 4, 2]
    np.testing.assert_array_equal(
        kf.confusion_matrix(model(), named, 3), kf.confusion_matrix(model(), arrays, 3)
    )
    one_hot = InOrder(lambda images, labels: (images, np.eye(3)[labels]))
    np.testing.assert_allclose(kf.class_spectra(one_hot, 3), spectra, rtol=1e-12)


def test_image_generators_of_keras_2_are_py_datasets():
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    data = ImageDataGenerator().flow(IMAGES, LABELS, batch_size=4, shuffle=True, seed=0)
    np.testing.assert_allclose(
        kf.class_spectra(data, 3), kf.class_spectra((IMAGES, LABELS), 3), rtol=1e-6
    )


class Endless(InOrder):
    num_batches = None


class Empty(InOrder):
    num_batches = 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (Endless(), "must end: a `PyDataset` must say by `num_batches`"),
        (Empty(), "is empty"),
        (InOrder(lambda images, labels: {"image": images}), r"a dictionary with keys \['image'\]"),
        (InOrder(lambda images, labels: (images, labels, labels)), "a tuple of 3"),
        (InOrder(lambda images, labels: (np.moveaxis(images, -1, 1), labels)), "channels last"),
        (InOrder(lambda images, labels: (images[0], labels)), r"\.batch\(64\)"),
    ],
)
def test_a_py_dataset_that_is_no_data_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        list(kf.data.checked_batches(data))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("as_dataset", [False, True])
def test_floats_of_any_size_are_images(dtype, as_dataset):
    images = tf.cast(IMAGES, dtype)
    data = (images, LABELS)
    if as_dataset:
        data = tf.data.Dataset.from_tensor_slices(data).batch(4)
    got = np.concatenate([one for one, _ in kf.data.checked_batches(data)])
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, tf.cast(images, "float32"))
    broken = tf.where(tf.range(10)[:, None, None, None] == 4, tf.cast(np.nan, dtype), images)
    with pytest.raises(ValueError, match="NaN or infinity in 1 of 10, first in image 4"):
        kf.class_spectra((broken, LABELS), 3)


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        (
            lambda x, y: {"label": y, "image": x},
            "lambda batch: (batch['image'], batch['label'])",
        ),
        (lambda x, y: ({"rgb": x}, y), "lambda images, labels: (images['rgb'], labels)"),
        (lambda x, y: (x, {"class": y}), "lambda images, labels: (images, labels['class'])"),
        (lambda x, y: ((x, x), y), "lambda images, labels: (images[0], labels)"),
        (lambda x, y: (x, y, y), "lambda images, labels, *rest: (images, labels)"),
    ],
)
def test_the_cure_of_elements_that_are_no_pairs_works(change, cure):
    data = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4).map(change)
    with pytest.raises(ValueError, match="pairs of arrays") as error:
        kf.class_spectra(data, 3)
    assert f"`dataset.map({cure})`" in str(error.value)
    cured = data.map(eval(cure, {}))
    np.testing.assert_array_equal(kf.class_spectra(cured, 3), kf.class_spectra(single(), 3))


def single():
    return tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (({"image": IMAGES}, LABELS), r"The images of `dataset`.*dataset\[0\]\[key\]"),
        ((IMAGES, {"label": LABELS}), r"The labels of `dataset`.*dataset\[1\]\[key\]"),
        (([IMAGES[0], IMAGES[0, 1:]], [0, 1]), "images .* of one size"),
        (
            single().map(lambda x, y: (x, tf.as_string(y))),
            "labels of dtype string",
        ),
        (
            single().map(lambda x, y: (tf.RaggedTensor.from_tensor(x), y)),
            "dense tensors. Received: images",
        ),
    ],
)
def test_other_contents_are_refused_at_once(data, message):
    with pytest.raises(ValueError, match=message):
        kf.data.checked_batches(data)


FIRST = np.moveaxis(IMAGES, -1, 1)
LAST = "channels last.*np.moveaxis"


def test_channels_first_are_refused_wherever_images_are_read():
    layers = [keras.Input((3, 8, 6)), keras.layers.Flatten(), keras.layers.Dense(3)]
    network = keras.Sequential(layers)
    maps, mask = np.ones((3, 3, 8), bool), np.ones((3, 8), bool)
    unknown = single().map(
        lambda x, y: (
            tf.ensure_shape(tf.numpy_function(np.moveaxis, [x, -1, 1], "float32"), [None] * 4),
            y,
        )
    )
    for data in (
        (FIRST, LABELS),
        single().map(lambda x, y: (tf.transpose(x, [0, 3, 1, 2]), y)),
        unknown,
    ):
        for call in (
            lambda data=data: kf.class_spectra(data, 3),
            lambda data=data: kf.data.channel_means(data),
            lambda data=data: kf.confusion_matrix(network, data, 3),
            lambda data=data: kf.rates_under_maps(network, data, maps),
            lambda data=data: kf.recall_without_maps(network, data, maps),
            lambda data=data: kf.frequency_importance(network, data, 3),
            lambda data=data: kf.frequency_search(network, data, 3),
        ):
            with pytest.raises(ValueError, match=LAST):
                call()
    for call in (
        lambda: kf.data.arrays(FIRST, LABELS),
        lambda: kf.data.split_classes((FIRST, LABELS), 3),
        lambda: kf.filter_images(FIRST, mask),
        lambda: kf.filter_images(FIRST[0], mask),
        lambda: kf.amplitude_spectrum(FIRST),
        lambda: kf.augment.random_flip(FIRST, seed=(0, 1)),
        lambda: kf.augment.rand_augment(FIRST, seed=(0, 1)),
        lambda: kf.predict_ten_crop(network, FIRST),
        lambda: kf.models.top_predictions(network, FIRST, ["a", "b", "c"]),
        lambda: kf.ClassMetricsRecorder(3, probes={"p": (FIRST, LABELS)}),
    ):
        with pytest.raises(ValueError, match=LAST):
            call()


@pytest.mark.parametrize(
    "shape",
    [(3, 3, 3), (4, 4, 1), (3, 40, 3), (1, 128, 12), (1, 8, 1), (1, 1, 64), (4, 3, 16), (3, 64, 4)],
)
def test_small_images_are_not_taken_for_channels_first(shape):
    images = np.random.default_rng(0).random((4, *shape))
    assert kf.class_spectra((images, [0, 1, 0, 1]), 2).shape == (2, *shape)
    assert kf.filter_images(images, np.ones(shape[:2], bool)).shape == images.shape


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 28, 28), (4, 5, 7), (3, 224, 150), (3, 32, 8)])
def test_images_with_channels_first_are_known_by_their_shape(shape):
    images = np.random.default_rng(0).random((4, *shape))
    with pytest.raises(ValueError, match=LAST):
        kf.class_spectra((images, [0, 1, 0, 1]), 2)
    kf.class_spectra((np.moveaxis(images, 1, -1), [0, 1, 0, 1]), 2)


def test_a_number_of_classes_of_8_bits_does_not_overflow():
    labels = np.arange(16, dtype=np.uint8)
    images = np.random.default_rng(0).random((16, 4, 4, 1)) - 0.5
    num_classes = labels.max() + 1
    assert type(num_classes) is np.uint8
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    for analysis in (
        lambda data, k: kf.confusion_matrix(network, data, k, batch_size=np.uint8(200)),
        lambda data, k: kf.class_spectra(data, k),
        lambda data, k: (
            kf.frequency_importance(network, data, k, batch_size=np.uint8(200)).loss_change
        ),
        lambda data, k: kf.frequency_search(network, data, k, num_candidates=np.uint8(20)).loss,
    ):
        np.testing.assert_array_equal(
            analysis((images, labels), num_classes), analysis((images, labels), 16)
        )
