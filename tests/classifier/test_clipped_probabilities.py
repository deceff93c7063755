"""Losses of probabilities: exact where the graph shows what made them, else told or refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_freq as kf
from keras_freq.classifier import cross_entropy, logits_of

SHAPE = (4, 4, 1)
# z is the first pixel, up to 36, where float32 has 1 - p = 0 from z = 17 on.
Z = np.random.default_rng(0).uniform(-36, 36, 60).astype("float32")
IMAGES = np.zeros((60, *SHAPE), "float32")
IMAGES[:, 0, 0, 0] = Z / 36
LABELS = np.arange(60) % 2
LOSSES = np.logaddexp(0, np.where(LABELS == 1, -1, 1) * (IMAGES[:, 0, 0, 0] * 36.0))
FIRST = keras.initializers.Constant(36.0 * np.eye(16)[:, :1])


class Pair(layers.Layer):
    """`1 - p` and `p`, by a layer of somebody's own."""

    def call(self, p):
        return tf.concat([1 - p, p], axis=-1)


def one_sigmoid(activation="sigmoid"):
    return layers.Dense(1, activation=activation, kernel_initializer=FIRST)


def inner():
    inputs = keras.Input((16,))
    return keras.Model(inputs, Pair()(one_sigmoid()(inputs)))


ENDS = {
    "concatenate": lambda x: (lambda p: layers.Concatenate()([1 - p, p]))(one_sigmoid()(x)),
    "other order": lambda x: (lambda p: keras.ops.concatenate([p, 1 - p], axis=-1))(
        layers.Dense(1, "sigmoid", kernel_initializer=lambda *a, **k: -FIRST(*a, **k))(x)
    ),
    "stack": lambda x: (lambda p: keras.ops.stack([1 - p[:, 0], p[:, 0]], axis=-1))(
        one_sigmoid()(x)
    ),
    "lambda": lambda x: layers.Lambda(lambda p: tf.concat([1 - p, p], axis=-1))(one_sigmoid()(x)),
    "own layer": lambda x: Pair()(one_sigmoid()(x)),
    "operation": lambda x: Pair()(keras.ops.sigmoid(one_sigmoid(None)(x))),
    "activation layer": lambda x: Pair()(layers.Activation("sigmoid")(one_sigmoid(None)(x))),
    "tensorflow": lambda x: Pair()(one_sigmoid(tf.nn.sigmoid)(x)),
    "nested sigmoid": lambda x: Pair()(keras.Sequential([keras.Input((16,)), one_sigmoid()])(x)),
    "nested pair": lambda x: inner()(x),
}


def graph(end):
    images = keras.Input(SHAPE)
    return keras.Model(images, end(layers.Flatten()(images)))


class Hidden(keras.Model):
    """A model whose graph shows nothing: scores are a function of the image's values."""

    def __init__(self, end):
        super().__init__()
        self.end = end

    def call(self, images):
        return self.end(tf.reshape(images, (-1, 16)))


def hidden_pair(images, scale=36.0):
    p = tf.sigmoid(scale * images[:, :1])
    return tf.concat([1 - p, p], axis=-1)


def losses_of(logits):
    return np.asarray(cross_entropy(logits(IMAGES), LABELS))


@pytest.mark.parametrize("end", ENDS)
def test_the_loss_of_one_sigmoid_is_logaddexp(end):
    logits = logits_of(graph(ENDS[end]), IMAGES, 2)
    assert not logits.take_log
    np.testing.assert_allclose(losses_of(logits), LOSSES, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.dataset. has values down to")
def test_importance_of_one_sigmoid_is_that_of_its_logits():
    model = graph(ENDS["concatenate"])
    importance = kf.frequency_importance(model, (IMAGES, LABELS), 2, method="exhaustive")
    expected = [LOSSES[label == LABELS].mean() for label in (0, 1)]
    np.testing.assert_allclose(importance.base_loss, expected, rtol=1e-5)
    images = keras.Input(SHAPE)
    z = one_sigmoid(None)(layers.Flatten()(images))
    right = keras.Model(images, layers.Concatenate()([0 * z, z]))
    other = kf.frequency_importance(
        right, (IMAGES, LABELS), 2, method="exhaustive", from_logits=True
    )
    np.testing.assert_allclose(importance.loss_change, other.loss_change, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(
    "softmax",
    [
        tf.nn.softmax,
        keras.ops.softmax,
        layers.Activation(tf.nn.softmax),
        layers.Lambda(tf.nn.softmax),
        lambda x: keras.ops.nn.softmax(x, axis=1),
    ],
)
@pytest.mark.parametrize("place", ["after", "activation"])
def test_any_softmax_that_the_graph_shows_is_taken_off(softmax, place):
    dense = layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(0, 90, seed=0))
    if place == "activation":
        if isinstance(softmax, layers.Layer):
            pytest.skip("a layer is no activation")
        dense.activation = softmax
    elif softmax is tf.nn.softmax:
        pytest.skip("TensorFlow's functions take no symbolic tensors")
    model = graph(dense if place == "activation" else lambda x: softmax(dense(x)))
    logits = logits_of(model, IMAGES, 3)
    assert not logits.take_log
    kernel = np.asarray(dense.kernel, np.float64)
    z = IMAGES.reshape(60, 16) @ kernel
    labels = np.arange(60) % 3
    expected = np.log(np.exp(z - z[np.arange(60), labels][:, None]).sum(axis=1))
    computed = np.asarray(cross_entropy(logits(IMAGES), labels))
    np.testing.assert_allclose(computed, expected, rtol=1e-4, atol=1e-12)


@pytest.mark.parametrize(
    "end",
    [
        lambda z: tf.nn.softmax(z / 2),
        lambda z: tf.clip_by_value(tf.nn.softmax(z), 1e-7, 1.0),
        lambda z: tf.nn.softmax(z) ** 2,
    ],
)
def test_what_only_resembles_a_softmax_stays(end):
    model = graph(lambda x: layers.Lambda(end)(layers.Dense(3)(x)))
    with pytest.raises((ValueError, UserWarning), match=r"cannot be taken off|from_logits"):
        logits_of(model, IMAGES, 3)


def test_clipped_probabilities_are_counted_and_refused():
    model = Hidden(hidden_pair)
    scores = np.asarray(model(IMAGES))
    # The losses of these probabilities in float64, against those of z.
    own, other = (np.maximum(scores[np.arange(60), one], 1.2e-38) for one in (LABELS, 1 - LABELS))
    off = np.abs(np.log1p(other.astype(float) / own) - LOSSES) > 0.02 * LOSSES
    assert off.sum() > 10
    with pytest.raises(ValueError, match="`model` must give logits, or") as told:
        logits_of(model, IMAGES, 2, labels=LABELS)
    counted = int(str(told.value).split("Received: ")[1].split(" of 60")[0])
    # 2^-25 is 1 % of exp(-12.7).
    assert off.sum() <= counted <= (Z > 12.7).sum()
    with pytest.raises(ValueError, match="`model` must give logits, or"):
        kf.frequency_importance(model, (IMAGES, LABELS), 2)


def test_few_clipped_probabilities_are_told_with_their_number():
    images = np.concatenate([np.tile(IMAGES / 6, (4, 1, 1, 1)), np.ones((2, *SHAPE), "float32")])
    labels = np.zeros(242, int)
    with pytest.warns(UserWarning, match=r"2 of 242 images .* off by 70 nats or more"):
        logits_of(Hidden(hidden_pair), images, 2, labels=labels)


def test_probabilities_that_are_not_clipped_are_told_so():
    with pytest.warns(UserWarning, match=r"None of 60 images .* below 1e-6 of it"):
        logits = logits_of(Hidden(lambda x: hidden_pair(x, 6.0)), IMAGES, 2, labels=LABELS)
    expected = np.logaddexp(0, np.where(LABELS == 1, -1, 1) * Z.astype(float) / 6)
    np.testing.assert_allclose(losses_of(logits), expected, rtol=1e-3)
    # A softmax has small values with all their digits, also where its largest is 1.
    with pytest.warns(UserWarning, match="None of 60"):
        logits_of(Hidden(lambda x: tf.nn.softmax(40 * x[:, :3])), IMAGES, 3)


def test_separate_sigmoids_are_named():
    model = graph(lambda x: layers.Dense(3, "sigmoid")(x))
    for from_logits in (None, False):
        with pytest.raises(ValueError, match=r"`from_logits` must.*one sigmoid a class"):
            logits_of(model, IMAGES, 3, from_logits=from_logits)
    assert logits_of(model, IMAGES, 3, from_logits=True).model is model
    model.set_weights([1e6 * (weight + 1) for weight in model.get_weights()])
    with pytest.raises(ValueError, match="rounded to 0 and 1"):
        logits_of(model, IMAGES, 3, from_logits=True)
    model.layers[-1].activation = keras.activations.linear
    assert logits_of(model, IMAGES, 3, from_logits=True).model is model
