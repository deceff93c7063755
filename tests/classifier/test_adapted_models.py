"""Every kind of Keras model is adapted, keeps its answers, and is saved with them."""

import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
from keras import layers

import keras_freq as kf
from keras_freq.classifier import logits_of
from keras_freq.classifier.subclassed_models import scores_of

SHAPE = (12, 12, 3)
IMAGES = np.random.default_rng(0).uniform(size=(5, *SHAPE)).astype("float32")
CLASSES = {"a": [1, 2], "b": 3}
# What Keras says of layers that it does not quantise.
UNQUANTISED = "ignore:Layer .* does not have a `quantize` method:UserWarning"


def body(dtype=None, activation="softmax"):
    return [
        keras.Input(SHAPE),
        layers.Conv2D(6, 3, activation="relu", dtype=dtype),
        layers.GlobalAveragePooling2D(dtype=dtype),
        layers.Dense(8, "relu", dtype=dtype),
        layers.Dense(5, activation, dtype=dtype),
    ]


def quantised(mode):
    model = keras.Sequential(body())
    model(IMAGES)
    model.quantize(mode)
    return model


def with_lora():
    model = keras.Sequential(body())
    for layer in model.layers[-2:]:
        layer.enable_lora(2)
        layer.lora_kernel_b.assign(np.random.default_rng(1).normal(size=layer.lora_kernel_b.shape))
    return model


def functional():
    images = keras.Input(SHAPE)
    return keras.Model(images, keras.Sequential(body())(images))


class Own(keras.Model):
    """A model whose graph nobody sees, of Keras layers."""

    def __init__(self, end="softmax"):
        super().__init__()
        self.network, self.end = keras.Sequential(body(activation=None)), layers.Activation(end)

    def call(self, images, training=False):
        return self.end(self.network(images / 1.5, training=training))


class Weighted(Own):
    """One with a weight outside of its layers, which no graph of layers would save."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(5,), initializer="ones")

    def call(self, images, training=False):
        return self.end(self.network(images, training=training) * self.scale)


class OfTensorFlow(Own):
    """One that takes no Keras tensors in its call."""

    def call(self, images, training=False):
        import tensorflow as tf

        if not tf.is_tensor(images):
            raise TypeError("a tensor, please")
        return self.end(self.network(images, training=training))


KINDS = {
    "sequential": lambda: keras.Sequential(body()),
    "not built": lambda: keras.Sequential(body()[1:]),
    "functional, nested": functional,
    "mixed float16": lambda: keras.Sequential(body("mixed_float16")),
    "bfloat16": lambda: keras.Sequential(body("mixed_bfloat16")),
    "int8": lambda: quantised("int8"),
    "int4": lambda: quantised("int4"),
    "float8": lambda: quantised("float8"),
    "LoRA": with_lora,
    "subclassed": Own,
}


def wanted(model):
    torch = keras.applications.imagenet_utils.preprocess_input(255 * IMAGES, mode="torch")
    p = np.asarray(model(torch, training=False), "float64")
    means = np.stack([p[:, [1, 2]].mean(axis=1), p[:, 3]], axis=1)
    return means / means.sum(axis=1, keepdims=True)


@pytest.mark.filterwarnings(UNQUANTISED)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_keeps_its_answers_and_is_saved(kind, tmp_path):
    model = KINDS[kind]()
    adapted = kf.adapt(model, inputs="torch", classes=CLASSES, image_shape=SHAPE)
    tolerance = 5e-3 if "float16" in kind else 1e-5
    np.testing.assert_allclose(adapted(IMAGES, training=False), wanted(model), atol=tolerance)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert not logits_of(adapted, IMAGES, 2).take_log
    adapted.save(tmp_path / "adapted.keras")
    again = keras.models.load_model(tmp_path / "adapted.keras", safe_mode=True)
    np.testing.assert_array_equal(again(IMAGES), adapted(IMAGES))


@pytest.mark.parametrize("kind", [Weighted, OfTensorFlow])
def test_a_subclassed_model_that_cannot_be_opened_stays_closed(kind):
    model = kind()
    with pytest.warns(UserWarning, match="cannot be taken off"):
        adapted = kf.adapt(model, inputs="torch", classes=CLASSES, image_shape=SHAPE)
    np.testing.assert_allclose(adapted(IMAGES, training=False), wanted(model), atol=1e-5)
    assert {id(one) for one in adapted.weights} == {id(one) for one in model.weights}


def test_a_model_of_integers_is_opened_only_if_white_images_say_the_same():
    class Two(keras.Model):
        def call(self, images):
            times = 1.0 if isinstance(images, keras.KerasTensor) else 2.0
            return times * keras.ops.mean(keras.ops.cast(images, "float32"), axis=(1, 2))

    model, images = Two(), keras.Input(SHAPE, dtype="uint8")
    whole = keras.Model(images, scores_of(model, images))
    white = np.full((1, *SHAPE), 255, "uint8")
    np.testing.assert_allclose(whole(white), model(white))


def test_an_opened_model_shares_its_weights_and_its_dropout():
    class Dropping(Own):
        def call(self, images, training=False):
            x = self.network(images, training=training)
            return keras.ops.softmax(self.dropout(x, training=training))

    model = Dropping()
    model.dropout = layers.Dropout(0.5)
    model(IMAGES)
    images = keras.Input(SHAPE)
    opened = keras.Model(images, scores_of(model, images))
    assert len(opened.operations) > 3
    assert {id(one) for one in opened.trainable_weights} == {
        id(one) for one in model.trainable_weights
    }
    np.testing.assert_allclose(opened(IMAGES), model(IMAGES), rtol=1e-5)


def test_what_was_adapted_is_read_by_another_process_without_the_package(tmp_path):
    """Plain Keras loads it in safe mode: no Lambda, and no layer of ours."""
    model = kf.adapt(keras.Sequential(body()), inputs="caffe", classes=CLASSES)
    model.save(tmp_path / "adapted.keras")
    np.save(tmp_path / "images.npy", IMAGES)
    np.save(tmp_path / "scores.npy", model(IMAGES))
    program = (
        "import keras, numpy as np, sys\n"
        "model = keras.models.load_model('adapted.keras', safe_mode=True)\n"
        "scores = model(np.load('images.npy'))\n"
        "np.testing.assert_allclose(scores, np.load('scores.npy'), rtol=1e-5, atol=1e-7)\n"
        "assert 'keras_freq' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        pytest.param("MobileNetV2", "-1..1", marks=pytest.mark.slow),
        ("MobileNetV3Small", "0..255"),
        pytest.param("ResNet50", "caffe", marks=pytest.mark.slow),
        pytest.param("DenseNet121", "torch", marks=pytest.mark.slow),
        pytest.param("EfficientNetB0", "0..255", marks=pytest.mark.slow),
    ],
)
def test_networks_of_keras_applications(name, inputs):
    build = getattr(keras.applications, name)
    network = build(weights=None, classes=1000, input_shape=(32, 32, 3))
    images = np.random.default_rng(0).uniform(size=(2, 32, 32, 3)).astype("float32")
    modules = {"MobileNetV2": "mobilenet_v2", "MobileNetV3Small": "mobilenet_v3"}
    modules |= {"ResNet50": "resnet50", "DenseNet121": "densenet", "EfficientNetB0": "efficientnet"}
    module = getattr(keras.applications, modules[name])
    model = kf.adapt(network, inputs=inputs, classes=["n02391049", "n02690373", "n01440764"])
    p = np.asarray(network(module.preprocess_input(255 * images), training=False))[:, [340, 404, 0]]
    np.testing.assert_allclose(model(images), p / p.sum(axis=1, keepdims=True), rtol=1e-4)
    assert not logits_of(model, images, 3).take_log


def test_the_weights_are_those_of_the_model():
    model = keras.Sequential(body())
    adapted = kf.adapt(model, inputs="-1..1")
    before = adapted(IMAGES).numpy()
    model.layers[0].kernel.assign_add(0.5 * np.ones(model.layers[0].kernel.shape))
    assert np.abs(adapted(IMAGES) - before).max() > 1e-4


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: keras.Sequential(body()[1:]), "`image_shape` must be given"),
        (Own, "`image_shape` must be given"),
        (
            lambda: keras.Model([a := keras.Input(SHAPE), b := keras.Input(SHAPE)], a + b),
            "`model` must have one input",
        ),
        (
            lambda: keras.Sequential([keras.Input((7,)), layers.Dense(2)]),
            r"`model` must take images \(N, H, W, C\)",
        ),
        (
            lambda: keras.Sequential([keras.Input((3, 32, 32)), layers.Flatten()]),
            "channels last.*Permute",
        ),
        (
            lambda: keras.Model(a := keras.Input(SHAPE), [layers.Flatten()(a), a]),
            "`model` must have one output",
        ),
        (lambda: keras.Sequential(body()[:2]), r"`model` must give class scores of shape \(N"),
    ],
)
def test_models_that_cannot_be_adapted(model, message):
    with pytest.raises(ValueError, match=message):
        kf.adapt(model())


def test_arguments_that_do_not_fit_the_model():
    model = keras.Sequential(body())
    with pytest.raises(ValueError, match=r"`image_shape` must be one that `model` takes, \(12"):
        kf.adapt(model, image_shape=(16, 12, 3))
    of_rows = keras.Sequential([keras.Input((7,)), layers.Dense(2)])
    with pytest.raises(ValueError, match=r"`image_shape` must be one that `model` takes, \(7,\)"):
        kf.adapt(of_rows, image_shape=SHAPE)
    several = {name: keras.Input(SHAPE, name=name) for name in ("a", "b")}
    with pytest.raises(ValueError, match="`model` must have one input"):
        kf.adapt(keras.Model(several, several["a"] + several["b"]), image_shape=SHAPE)
    first = keras.Input(SHAPE, dtype="uint8")
    of_integers = keras.Model(first, layers.Flatten()(layers.Rescaling(1 / 255)(first)))
    with pytest.raises(ValueError, match=r"`inputs` must be .* integers"):
        kf.adapt(of_integers, inputs="torch")
