"""Weights that are constants give the scores of the model, and follow no later training."""

import keras
import numpy as np
import pytest

from keras_freq.classifier import CompiledClassifier, FrozenLogits, Logits, logits_of


@pytest.fixture(scope="module")
def network():
    """A network whose batch normalisations scale, with statistics that are not 0 and 1."""
    keras.utils.set_random_seed(3)
    inputs = x = keras.Input((8, 8, 3))
    for number in range(3):
        x = keras.layers.Conv2D(8, 3, padding="same", use_bias=number == 1)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(scale=number > 0)(x)
        x = keras.layers.Activation("relu6")(x)
    x = keras.layers.Dropout(0.5)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, keras.layers.Dense(5, activation="softmax")(x))
    rng = np.random.default_rng(3)
    model.set_weights([weight + rng.uniform(0.1, 0.5, weight.shape) for weight in model.weights])
    return model


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(4).random((7, 8, 8, 3), np.float32)


def float64_scores(model, images):
    """The scores of the same network in float64."""
    config = model.get_config()
    for layer in config["layers"]:
        layer["config"]["dtype"] = "float64"
    copy = keras.Model.from_config(config)
    copy.set_weights(model.get_weights())
    return np.asarray(copy(images.astype(np.float64), training=False))


def test_scores_are_those_of_float64(network, images):
    exact = np.log(float64_scores(network, images))
    exact -= exact.mean(axis=1, keepdims=True)
    logits = logits_of(network, images, 5)
    for frozen in (True, False):
        found = CompiledClassifier(logits, (8, 8, 3), frozen=frozen).scores(images)
        found = found - found.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(found, exact, atol=3e-6 * np.abs(exact).max())


def test_weights_are_constants(network, images):
    """All weights are constants of the graph, which is what TensorFlow folds."""
    import tensorflow as tf

    logits = logits_of(network, images, 5)
    counts = []
    for forward in (FrozenLogits(logits), logits):
        graph = tf.function(forward, autograph=False).get_concrete_function(tf.constant(images))
        constants = [node for node in graph.graph.as_graph_def().node if node.op == "Const"]
        counts.append(sum(tf.make_ndarray(node.attr["value"].tensor).size for node in constants))
    assert counts[0] >= network.count_params() > counts[1]


def test_training_after_it_changes_nothing_of_a_frozen_one(images):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(5))
    kept = CompiledClassifier(Logits(model, 5), (8, 8, 3))
    followed = CompiledClassifier(Logits(model, 5), (8, 8, 3), frozen=False)
    before = kept.scores(images), followed.scores(images)
    np.testing.assert_allclose(*before, rtol=1e-6)
    model.set_weights([2 * weight for weight in model.get_weights()])
    np.testing.assert_array_equal(kept.scores(images), before[0])
    np.testing.assert_allclose(followed.scores(images), 2 * before[1], rtol=1e-6)


def test_mixed_precision_keeps_its_types(images):
    """A network that computes in bfloat16 gives the scores that it gives itself."""
    policy = keras.dtype_policies.DTypePolicy("mixed_bfloat16")
    model = keras.Sequential([keras.Input((8, 8, 3))])
    model.add(keras.layers.Conv2D(4, 3, dtype=policy))
    model.add(keras.layers.Flatten(dtype=policy))
    model.add(keras.layers.Dense(5, dtype="float32"))
    found = CompiledClassifier(Logits(model, 5), (8, 8, 3)).scores(images)
    np.testing.assert_allclose(found, np.asarray(model(images)), atol=0.02)


@pytest.mark.parametrize("limit", ["_MOST_BYTES", "_MOST_BYTES_IN_ALL"])
def test_large_weights_stay_variables(limit, images, monkeypatch):
    """The kernel of 3,840 bytes is too large here, the bias of 20 bytes is not."""
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(5, bias_initializer="ones"))
    monkeypatch.setattr(f"keras_freq.classifier.frozen_logits.{limit}", 100)
    frozen = FrozenLogits(Logits(model, 5))
    model.set_weights([0 * weight for weight in model.get_weights()])
    np.testing.assert_array_equal(frozen(images), np.ones((7, 5)))
