"""A small transfer experiment, and what several tests ask of its networks."""

import functools

import keras
import numpy as np
from keras import layers

import keras_freq as kf
from keras_freq.transfer.layer_groups import network_of

SHAPE, CLASSES = (8, 8, 3), 5

ALL = ("BnB", "BnB+", "AnB", "AnB+", "random")
FEW = {"treatments": ["AnB", "random"], "directions": ["A->B"]}


def small_model(num_classes):
    """Two convolutions, the first with BatchNormalization, and two dense layers."""
    inputs = keras.Input(SHAPE)
    x = layers.Conv2D(4, 3, use_bias=False)(inputs)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(6, 3, activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(8, "relu")(x)
    return keras.Model(inputs, layers.Dense(num_classes, "softmax")(x))


def still():
    """An optimizer that changes nothing."""
    return keras.optimizers.SGD(0.0)


def some_tasks(seed=0, count=60):
    """Two tasks of 2 and 3 classes; the classes differ in colour, so that they can be learned."""
    rng = np.random.default_rng(seed)
    names, parts = ["a", "b", "c", "d", "e"], []
    for _ in range(2):
        labels = np.arange(count) % CLASSES
        images = 0.3 * rng.random((count, *SHAPE), np.float32)
        images[..., 0] += 0.15 * labels[:, None, None]
        parts.append(kf.data.split_classes((images, labels), CLASSES, seed, class_names=names))
    (a, b), (test_a, test_b) = parts
    return (a, test_a), (b, test_b)


def transfer(build_model=small_model, tasks=None, **options):
    """A short experiment."""
    options = {"steps": 3, "batch_size": 8, "progress": False, "layers": [1, 3], **options}
    return kf.layerwise_transfer(build_model, *(tasks or some_tasks()), **options)


@functools.cache
def experiment():
    """Everything, once."""
    return transfer()


def weights(network, unit):
    """Weights and moving statistics of a unit, counted from 1."""
    return [np.asarray(w) for layer in network.layer_groups[unit - 1] for w in layer.weights]


def same(one, other):
    """Whether two lists of arrays have the same bytes."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


def network(result, *key, **options):
    """The `Network` of a run."""
    return network_of(result.model(*key, **options))


def few():
    """The rows that an experiment of `FEW` has."""
    frame = experiment().frame
    rows = frame[frame["treatment"].isin(["base", "AnB", "random"])]
    return rows[rows["direction"] == "A->B"].reset_index(drop=True)


def chain(num_classes, *, hidden=8, depth=1, shape=SHAPE):
    """A network of dense layers."""
    inside = [layers.Dense(hidden) for _ in range(depth)]
    return keras.Sequential(
        [keras.Input(shape), layers.Flatten(), *inside, layers.Dense(num_classes)]
    )


class Killed(BaseException):
    """Stands for the end of the process."""
