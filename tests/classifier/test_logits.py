"""Logits read off any model, and their exact cross-entropy."""

import warnings
from decimal import Decimal, getcontext

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_freq.classifier import cross_entropy, logits_of, without_activation

IMAGES = np.random.default_rng(0).uniform(size=(5, 4, 4, 2)).astype("float32")


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def body():
    return [keras.Input((4, 4, 2)), layers.Flatten(), layers.Dense(6, "relu")]


def functional(*ends):
    first, *others = body()
    x = first
    for layer in [*others, *ends]:
        x = layer(x)
    return keras.Model(first, x)


class Subclassed(keras.Model):
    """A model without a graph, whose outputs alone tell what they are."""

    def __init__(self, end):
        super().__init__()
        self.flatten, self.dense, self.end = layers.Flatten(), layers.Dense(3), end

    def call(self, images):
        return self.end(self.dense(self.flatten(images)))


def nested(*ends):
    inner = keras.Sequential([keras.Input((6,)), *ends])
    return functional(inner)


SOFTMAX_ENDS = {
    "activation layer": lambda: functional(layers.Dense(3), layers.Activation("softmax")),
    "float32 activation": lambda: functional(
        layers.Dense(3), layers.Activation("softmax", dtype="float32")
    ),
    "softmax layer": lambda: functional(layers.Dense(3), layers.Softmax()),
    "dense": lambda: functional(layers.Dense(3, activation="softmax")),
    "dense without bias": lambda: functional(layers.Dense(3, "softmax", use_bias=False)),
    "sequential": lambda: keras.Sequential([*body(), layers.Dense(3, activation="softmax")]),
    "sequential layer": lambda: keras.Sequential([*body(), layers.Dense(3), layers.Softmax()]),
    "operation": lambda: functional(layers.Dense(3), keras.ops.softmax),
    "nested": lambda: nested(layers.Dense(3), layers.Softmax()),
    "nested dense": lambda: nested(layers.Dense(3, activation="softmax")),
}


@pytest.mark.parametrize("end", SOFTMAX_ENDS)
@pytest.mark.parametrize("from_logits", [None, False])
def test_a_softmax_at_the_end_is_taken_off(end, from_logits):
    model = SOFTMAX_ENDS[end]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logits = logits_of(model, IMAGES, 3, from_logits=from_logits)
    values = logits(IMAGES).numpy()
    assert not logits.take_log
    assert not np.allclose(values.sum(axis=1), 1, atol=1e-3)
    expected = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(expected, model(IMAGES), rtol=1e-5, atol=1e-7)


def test_a_layer_used_twice_gives_the_logits_of_its_last_use():
    softmax = layers.Softmax()
    first, x = keras.Input((4, 4, 2)), None
    x = layers.Flatten()(first)
    x = softmax(layers.Dense(3)(x))
    model = keras.Model(first, softmax(layers.Dense(3)(x)))
    values = logits_of(model, IMAGES, 3)(IMAGES).numpy()
    np.testing.assert_allclose(
        np.exp(values) / np.exp(values).sum(axis=1, keepdims=True), model(IMAGES), rtol=1e-5
    )


@pytest.mark.parametrize("activation", [None, "linear"])
def test_logits_stay_as_they_are(activation):
    model = functional(layers.Dense(3, activation))
    logits = logits_of(model, IMAGES, 3)
    assert logits.model is model
    assert without_activation(model) is None
    np.testing.assert_array_equal(logits(IMAGES), model(IMAGES))


def test_outputs_settle_what_the_graph_does_not():
    probabilities = Subclassed(layers.Softmax())
    with pytest.warns(UserWarning, match="below 1e-6"):
        logits = logits_of(probabilities, IMAGES, 3)
    assert logits.take_log
    np.testing.assert_allclose(logits(IMAGES), np.log(probabilities(IMAGES)), rtol=1e-5, atol=1e-6)
    scores = Subclassed(layers.Activation("linear"))
    assert not logits_of(scores, IMAGES, 3).take_log


@pytest.mark.parametrize(
    "last", [layers.Identity, lambda: layers.Activation("linear", dtype="float32")]
)
def test_a_layer_that_changes_nothing_hides_no_softmax(last):
    for softmax in ([layers.Dense(3), layers.Softmax()], [layers.Dense(3, activation="softmax")]):
        model = functional(*softmax, last())
        logits = logits_of(model, IMAGES, 3)
        assert not logits.take_log
        np.testing.assert_allclose(tf.nn.softmax(logits(IMAGES)), model(IMAGES), rtol=1e-5)
    linear = functional(layers.Dense(3), last())
    assert logits_of(linear, IMAGES, 3).model is linear


def test_a_softmax_that_is_not_last_is_seen_by_its_outputs():
    model = functional(layers.Dense(3), layers.Softmax(), layers.Rescaling(1.0))
    with pytest.warns(UserWarning, match="cannot be taken off"):
        assert logits_of(model, IMAGES, 3).take_log


def test_what_nothing_settles_is_asked():
    sigmoids = functional(layers.Dense(3, activation="sigmoid"))
    with pytest.raises(ValueError, match=r"`from_logits` must be given.*\[0, 1\]"):
        logits_of(sigmoids, IMAGES, 3)
    assert logits_of(sigmoids, IMAGES, 3, from_logits=True).model is sigmoids
    with pytest.raises(ValueError, match="from_logits=False"):
        logits_of(sigmoids, IMAGES, 3, from_logits=False)


def test_a_softmax_over_another_axis_is_no_end():
    first = keras.Input((4, 4, 2))
    x = layers.Softmax(axis=1)(layers.Reshape((3, 1))(layers.Dense(3)(layers.Flatten()(first))))
    assert without_activation(keras.Model(first, x)) is None


def test_wrong_models_and_claims_are_named():
    model = functional(layers.Dense(3), layers.Softmax())
    with pytest.raises(TypeError, match=r"`model` must be a keras\.Model"):
        logits_of(lambda images: images, IMAGES, 3)
    with pytest.raises(ValueError, match=r"num_classes=4.*output shape \(2, 3\)"):
        logits_of(model, IMAGES, 4)
    with pytest.raises(ValueError, match=r"that `model` takes, \(4, 4, 2\).*\(4, 4, 1\)"):
        logits_of(model, IMAGES[..., :1], 3)
    with pytest.raises(ValueError, match="ends in a softmax"):
        logits_of(model, IMAGES, 3, from_logits=True)
    two = keras.Model(model.inputs[0], [model.output, model.output])
    with pytest.raises(ValueError, match=r"one output.*2 outputs"):
        logits_of(two, IMAGES, 3)
    broken = functional(layers.Dense(3, kernel_initializer=keras.initializers.Constant(np.nan)))
    with pytest.raises(ValueError, match="finite"):
        logits_of(broken, IMAGES, 3)


@pytest.mark.parametrize("margin", [-800.0, -20.0, -1.0, 0.0, 5.0, 12.0, 18.0, 40.0, 300.0])
def test_cross_entropy_has_all_its_digits(margin):
    getcontext().prec = 400
    logits = np.array([[0.25, margin + 0.25, -1.5]])
    others = [Decimal(0) - Decimal(margin), Decimal("-1.75") - Decimal(margin)]
    expected = (1 + sum(value.exp() for value in others)).ln()
    assert float(cross_entropy(logits, [1])[0]) == pytest.approx(float(expected), rel=1e-12)


def test_cross_entropy_takes_any_shape():
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(3, 4, 5)), rng.integers(0, 5, size=(3, 4))
    own = np.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]
    expected = np.log(np.exp(logits).sum(axis=-1)) - own
    np.testing.assert_allclose(cross_entropy(logits, labels), expected, rtol=1e-12)
