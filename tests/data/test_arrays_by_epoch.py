"""Arrays as training data, and the order of epochs, which resuming depends on."""

import keras
import numpy as np
import pytest

import keras_freq as kf

IMAGES = np.random.default_rng(0).random((10, 4, 4, 3))
LABELS = np.arange(10) % 3


def labels_of(dataset):
    return np.concatenate([labels for _, labels in dataset.as_numpy_iterator()]).tolist()


def numbered(**kwargs):
    """Ten images whose label is their place in the arrays."""
    return kf.data.arrays(IMAGES, np.arange(10), batch_size=4, **kwargs)


def test_unshuffled_arrays_come_out_as_they_are():
    dataset = kf.data.arrays(IMAGES, LABELS, batch_size=4, class_names=["a", "b", "c"])
    assert int(dataset.cardinality()) == 3
    assert dataset.class_names == ["a", "b", "c"]
    assert dataset.element_spec[0].shape.as_list() == [None, 4, 4, 3]
    images = np.concatenate([x for x, _ in dataset.as_numpy_iterator()])
    np.testing.assert_array_equal(images, IMAGES.astype(np.float32))
    assert labels_of(dataset) == LABELS.tolist()


def test_one_hot_labels_stay_one_hot():
    dataset = kf.data.arrays(IMAGES, np.eye(3)[LABELS], class_names=["a", "b", "c"])
    assert next(iter(dataset))[1].shape == (10, 3)


def test_shuffling_reshuffles_images_with_their_labels():
    dataset = numbered(shuffle=True)
    first, second = labels_of(dataset), labels_of(dataset)
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    for images, labels in dataset.as_numpy_iterator():
        np.testing.assert_array_equal(images, IMAGES[labels].astype(np.float32))


def epoch(number, seed=0):
    """The order of one epoch, read from a stream that starts there."""
    return labels_of(numbered(shuffle=True, seed=seed, first_epoch=number).take(3))


def test_the_order_of_an_epoch_depends_on_seed_and_number_alone():
    stream = numbered(shuffle=True, first_epoch=0)
    orders = [labels_of(stream.skip(3 * e).take(3)) for e in range(4)]
    assert [sorted(order) for order in orders] == [list(range(10))] * 4
    assert len({tuple(order) for order in orders}) == 4
    keras.utils.set_random_seed(7)  # the global seed has no part in it
    assert [epoch(e) for e in range(4)] == orders
    assert epoch(0, seed=1) != orders[0]


def test_unshuffled_streams_repeat():
    stream = numbered(first_epoch=5)
    assert labels_of(stream.take(6)) == [*range(10), *range(10)]


def test_a_resumed_fit_sees_what_an_uninterrupted_one_saw():
    def fit(epochs, first=0, weights=None):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten()])
        model.add(keras.layers.Dense(3, activation="softmax"))
        if weights:
            model.set_weights(weights)
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        data = kf.data.arrays(IMAGES, LABELS, batch_size=4, shuffle=True, first_epoch=first)
        model.fit(
            data, steps_per_epoch=3, epochs=epochs, initial_epoch=first, verbose=0, shuffle=False
        )
        return model.get_weights()

    uninterrupted = fit(4)
    resumed = fit(4, first=2, weights=fit(2))
    for one, other in zip(uninterrupted, resumed, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"labels": LABELS[:9]}, "as many labels as images"),
        ({"images": (IMAGES * 255).astype(np.uint8)}, "divide them by 255"),
        ({"images": IMAGES * np.nan}, "must be finite"),
        ({"batch_size": 0}, "`batch_size` must be an integer >= 1"),
        ({"seed": -1}, "`seed` must be an integer >= 0"),
        ({"first_epoch": -1}, "`first_epoch` must be an integer >= 0"),
        ({"class_names": ["a", "b"]}, "2 names, and 2 as the largest"),
        (
            {"labels": np.eye(3)[LABELS], "class_names": list("abcd")},
            "one name for each of the 3 classes. Received: 4 names",
        ),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        kf.data.arrays(**{"images": IMAGES, "labels": LABELS, "shuffle": True, **kwargs})
