"""What counts as a layer, and which networks cannot be transferred."""

import functools

import keras
import pytest
from keras import layers
from transfer_cases import SHAPE, chain, same, small_model, transfer, weights

from keras_freq.transfer import training
from keras_freq.transfer.layer_groups import check_same_structure, network_of, structure_digest


def test_what_counts_as_a_layer():
    inputs = keras.Input((8, 8, 3))
    x = layers.Normalization(mean=[0.5] * 3, variance=[0.1] * 3)(inputs)
    x = layers.BatchNormalization(name="first_bn")(x)
    x = layers.Conv2D(4, 3, padding="same", name="one")(x)
    x = layers.PReLU(name="prelu")(x)
    y = layers.Conv2D(4, 1, name="two_branch")(x)
    y = layers.BatchNormalization()(y)
    y = layers.Conv2D(4, 3, padding="same")(y)
    x = layers.Add()([x, y]) * 0.5
    x = layers.GroupNormalization(2, name="group")(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(3, name="three")(x)
    found = network_of(keras.Model(inputs, outputs))
    names = [[layer.name for layer in group] for group in found.layer_groups]
    assert len(names) == 3
    assert {"first_bn", "one", "prelu"} <= set(names[0])
    assert {"two_branch", "group"} <= set(names[1])
    assert names[2] == ["three"]
    chain = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])
    assert len(network_of(chain).layer_groups) == 2


def test_the_digest_tells_networks_apart_but_not_builds():
    first, second = network_of(small_model(3)), network_of(small_model(3))
    assert structure_digest(first) == structure_digest(second)
    check_same_structure(first, second, (3, 3))
    assert structure_digest(network_of(small_model(4))) != structure_digest(first)


def shared(num_classes):
    """One layer called twice."""
    inputs = keras.Input(SHAPE)
    twice = layers.Dense(3)
    return keras.Model(inputs, layers.Dense(num_classes)(layers.Flatten()(twice(twice(inputs)))))


def nested(num_classes):
    """A model inside a model."""
    inner = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(4)])
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, layers.Dense(num_classes)(inner(inputs)))


def augmented(num_classes, *, functional=False):
    """A block of augmentations inside a model, and a block that normalises."""
    block = keras.Sequential([keras.Input(SHAPE), layers.RandomFlip(), layers.RandomContrast(0.2)])
    if functional:
        block = keras.Model(block.inputs[0], block.outputs[0])
    inputs = keras.Input(SHAPE)
    x = keras.Sequential([keras.Input(SHAPE), layers.BatchNormalization()])(block(inputs))
    x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(num_classes, "softmax")(x))


@pytest.mark.parametrize("functional", [False, True])
def test_a_block_without_kernels_is_one_layer(functional, tmp_path):
    build_model = functools.partial(augmented, functional=functional)
    first, second = network_of(build_model(3)), network_of(build_model(3))
    kinds = [[type(layer).__name__ for layer in group] for group in first.layer_groups]
    block = "Functional" if functional else "Sequential"
    assert kinds == [["InputLayer", block, "Sequential", "Conv2D", "Flatten"], ["Dense"]]
    assert structure_digest(first) == structure_digest(second)
    assert structure_digest(first) != structure_digest(network_of(augmented(4)))
    options = {"layers": [1], "treatments": ["AnB"], "folder": tmp_path / "results"}
    result = transfer(build_model, **options)
    again = transfer(build_model, **options)
    assert result.frame.equals(again.frame)
    copied = network_of(result.model("AnB", 1, 0, "A->B"))
    base = network_of(result.model("base", 0, 0, "B->A"))
    assert same(weights(copied, 1), weights(base, 1))


class Subclassed(keras.Model):
    """A model whose layers cannot be listed."""

    def call(self, x):
        return 2 * x


def test_a_subclassed_block_without_kernels_is_one_layer():
    def build_model(num_classes):
        front = [keras.Input(SHAPE), Subclassed(), layers.Flatten()]
        return keras.Sequential([*front, layers.Dense(4), layers.Dense(num_classes)])

    first, second = network_of(build_model(3)), network_of(build_model(3))
    kinds = [[type(layer).__name__ for layer in group] for group in first.layer_groups]
    assert kinds == [["InputLayer", "Subclassed", "Flatten", "Dense"], ["Dense"]]
    assert structure_digest(first) == structure_digest(second)


@pytest.mark.parametrize(
    ("build_model", "told"),
    [
        (shared, "use each layer once"),
        (nested, "without models that have weights inside"),
        (
            lambda k: Subclassed(),
            r"subclassed model.*keras\.Model\(inputs, model\.call\(inputs\)\)",
        ),
        (lambda k: chain(k, depth=0), "at least two layers"),
        (lambda k: chain(k, hidden=4 * k), r"layer 1 differs: Dense with weights \[\(192, "),
        (lambda k: chain(k, depth=k), "the same layers each time"),
        (lambda k: chain(4), r"2 class scores.*output shape \(2, 4\)"),
        (lambda k: chain(k).layers, "must return a functional keras.Model.*: list"),
        (small_model(3), "must be a function"),
        (lambda k: chain(k, shape=(9, 9, 3)), "tasks' images"),
    ],
)
def test_networks_that_cannot_be_transferred_are_refused(build_model, told, monkeypatch):
    monkeypatch.setattr(training.Trainer, "__call__", None)
    with pytest.raises((ValueError, TypeError), match=told):
        transfer(build_model, layers=[1])
