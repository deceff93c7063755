"""A model whose scores are not its own at each call is refused; so are several outputs."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_freq as kf
from keras_freq.classifier import check_model

SHAPE = (6, 6, 2)
IMAGES = np.random.default_rng(0).uniform(size=(4, *SHAPE)).astype("float32")
DATA = IMAGES, np.array([0, 1, 2, 0])


def model_of(*middle, **options):
    inputs = keras.Input(SHAPE)
    x = layers.Flatten()(inputs)
    for layer in middle:
        x = layer(x)
    return keras.Model(inputs, layers.Dense(3, **options)(x))


class Always(layers.Layer):
    """Runs a layer as in training, whatever the call says."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, inputs):
        return self.layer(inputs, training=True)


class MonteCarlo(layers.Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


RANDOM = {
    # Of one value in a thousand, so that two calls mostly agree.
    "dropout": lambda: model_of(Always(layers.Dropout(0.001, name="droplet"))),
    "monte carlo": lambda: model_of(MonteCarlo(0.2, name="carlo")),
    "tiny noise": lambda: model_of(Always(layers.GaussianNoise(1e-7, name="hiss"))),
    "keras": lambda: model_of(layers.Lambda(lambda x: keras.random.dropout(x, 0.5), name="own")),
    "tensorflow": lambda: model_of(layers.Lambda(lambda x: tf.nn.dropout(x, 0.5), name="own")),
    "uniform": lambda: model_of(
        layers.Lambda(lambda x: x + tf.random.uniform(tf.shape(x)), name="own")
    ),
}


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("analysis", ["confusion", "importance"])
def test_random_numbers_are_found_in_the_graph(name, analysis):
    with pytest.raises(
        ValueError, match=r"`model` must give the same scores.*(droplet|carlo|hiss|own)"
    ):
        if analysis == "confusion":
            kf.confusion_matrix(RANDOM[name](), DATA, 3)
        else:
            kf.frequency_importance(RANDOM[name](), DATA, 3)


def test_what_is_off_at_inference_or_always_the_same_is_no_random_number():
    constant = layers.Lambda(lambda x: x + keras.random.normal((72,), seed=3))
    kinds = [layers.Dropout(0.5), layers.GaussianNoise(1.0), layers.AlphaDropout(0.5), constant]
    model = model_of(*kinds)
    seeds = [np.asarray(one) for one in model.variables]
    scores = check_model(model, IMAGES[:2], 3)
    np.testing.assert_array_equal(scores, model(IMAGES[:2], training=False))
    for before, after in zip(seeds, model.variables, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: Always(layers.BatchNormalization()),
        lambda: layers.Lambda(lambda x: x - keras.ops.mean(x, axis=0, keepdims=True)),
        lambda: layers.Lambda(lambda x, calls=itertools.count(): x + next(calls)),  # noqa: B008
    ],
)
@pytest.mark.parametrize("images", [1, 2])
def test_scores_that_depend_on_other_images_or_on_the_call_are_refused(layer, images):
    with pytest.raises(ValueError, match="`model` must give an image the same scores"):
        check_model(model_of(layer()), IMAGES[:images])


@pytest.mark.parametrize("layer", [layers.Dropout(0.5), layers.BatchNormalization()])
def test_training_true_in_a_graph_is_told(layer):
    inputs = keras.Input(SHAPE)
    x = layer(layers.Flatten()(inputs), training=True)
    model = keras.Model(inputs, layers.Dense(3)(x))
    with pytest.warns(
        UserWarning, match="`model` was built with training=True.*as `model.predict`"
    ):
        kf.confusion_matrix(model, DATA, 3)
    # The same as without.
    with pytest.warns(UserWarning):
        scores = check_model(keras.Model(model.inputs, model.outputs), IMAGES[:2])
    np.testing.assert_allclose(scores, model.predict(IMAGES[:2], verbose=0), rtol=1e-5)


class Prepares(keras.Model):
    """Takes raw images in `predict`, as classifiers with a preprocessor do."""

    def __init__(self, prepare):
        super().__init__()
        self.inner, self.prepare = model_of(), prepare

    def call(self, images):
        return self.inner(images)

    def predict(self, images, **options):
        return super().predict(self.prepare(images), **options)


class Softmaxes(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = model_of()

    def call(self, images):
        return self.inner(images)

    def predict_step(self, images):
        return tf.nn.softmax(self(images, training=False))


def test_a_predict_of_its_own_must_give_the_scores_of_the_call():
    with pytest.raises(
        ValueError, match="`model` must give the same scores when it is called and in"
    ):
        kf.confusion_matrix(Prepares(lambda images: 4 * images - 2), DATA, 3)
    assert check_model(Prepares(lambda images: images), IMAGES[:2]).shape == (2, 3)
    assert check_model(Softmaxes(), IMAGES[:2]).shape == (2, 3)


@pytest.mark.parametrize("form", [dict, list])
def test_several_outputs_are_named_and_the_cure_works(form):
    inputs = keras.Input(SHAPE)
    flat = layers.Flatten()(inputs)
    scores, other = layers.Dense(3)(flat), layers.Dense(5)(flat)
    outputs = {"classes": scores, "boxes": other} if form is dict else [scores, other]
    model = keras.Model(inputs, outputs)
    key = "classes" if form is dict else 0
    with pytest.raises(
        ValueError, match=r"`model` must have one output.*2 outputs.*\(2, 3\).*\["
    ) as told:
        kf.confusion_matrix(model, DATA, 3)
    assert f"model(images)[{key!r}]" in str(told.value)
    images = keras.Input(SHAPE)
    cured = keras.Model(images, model(images)[key])
    expected = np.zeros((3, 3), int)
    kernel, bias = (np.asarray(one) for one in scores._keras_history.operation.get_weights())
    answers = (IMAGES.reshape(4, -1) @ kernel + bias).argmax(axis=1)
    np.add.at(expected, (DATA[1], answers), 1)
    np.testing.assert_array_equal(kf.confusion_matrix(cured, DATA, 3), expected)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "mixed_bfloat16", "mixed_float16"])
def test_scores_of_half_precision_are_read(dtype):
    model = model_of(dtype=dtype)
    expected = np.asarray(tf.cast(model(IMAGES), tf.float32)).argmax(axis=1)
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (DATA[1], expected), 1)
    np.testing.assert_array_equal(kf.confusion_matrix(model, DATA, 3), counts)
    probabilities = model_of(activation="softmax", dtype=dtype)
    importance = kf.frequency_importance(probabilities, DATA, 3, method="exhaustive")
    assert np.isfinite(importance.loss_change).all()


def test_a_model_that_no_graph_can_hold_is_named():
    class Eager(Prepares):
        def call(self, images):
            return self.inner(images) * float(images.numpy().size > 0)

    with pytest.raises(ValueError, match=r"`model` must run inside a tf\.function"):
        check_model(Eager(lambda images: images), IMAGES[:2])
