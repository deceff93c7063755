"""A model that expects other images than it is given is refused, and the cure told works."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_freq as kf
from keras_freq.classifier import check_model

SHAPE = (8, 8, 3)
RNG = np.random.default_rng(0)
# Class 1 is brighter than 0.5, so that the sign of the mean tells the class.
BRIGHTNESS = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9])
IMAGES = np.clip(BRIGHTNESS[:, None, None, None] + RNG.normal(0, 0.02, (8, *SHAPE)), 0, 1)
LABELS = (BRIGHTNESS > 0.5).astype(int)
RIGHT = np.diag([4, 4])


def reader(x, black, white):
    """Scores by brightness, right by construction: `x` is `black` to `white`."""
    middle, half = (black + white) / 2, (white - black) / 2
    mean = layers.Rescaling(1 / half, -middle / half)(layers.GlobalAveragePooling2D()(x))
    signs = keras.initializers.Constant(np.repeat([[-1.0, 1.0]], 3, axis=0))
    return layers.Dense(2, kernel_initializer=signs)(mean)


def model_of(begin, black, white, dtype="float32"):
    images = keras.Input(SHAPE, dtype=dtype)
    return keras.Model(images, reader(begin(images), black, white))


def normalization(low, high):
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(1).uniform(low, high, (50, *SHAPE)))
    return layer


class Own(keras.Model):
    """A model without a Keras graph."""

    def __init__(self, begin, black, white):
        super().__init__()
        self.begin, self.rest = begin, model_of(layers.Identity(), black, white)

    def call(self, images):
        return self.rest(self.begin(images))


def nested(*begin):
    return keras.Sequential([keras.Input(SHAPE), *begin])


# The mean and the deviation of 0 to 255 are 127.5 and 73.6.
FOR_255 = {
    "rescaling": lambda: model_of(layers.Rescaling(1 / 255), 0, 1),
    "rescaling to -1": lambda: model_of(layers.Rescaling(1 / 127.5, -1), -1, 1),
    "nested": lambda: model_of(nested(layers.Rescaling(1 / 255)), 0, 1),
    "after augmentation": lambda: model_of(
        nested(
            layers.RandomFlip(),
            layers.RandomRotation(0.1),
            layers.RandomHue(0.1, value_range=(0, 255)),
            layers.RandomContrast(0.2),
            layers.Rescaling(1 / 255),
        ),
        *(0, 1),
    ),
    "after resizing": lambda: model_of(
        nested(layers.Resizing(6, 6), layers.Rescaling(1 / 255)), 0, 1
    ),
    "normalization": lambda: model_of(normalization(0, 255), -1.73, 1.73),
    "both": lambda: model_of(nested(layers.Rescaling(1 / 255), normalization(0, 1)), -1.73, 1.73),
    "lambda": lambda: model_of(layers.Lambda(lambda images: images / 255), 0, 1),
    "caffe": lambda: model_of(keras.applications.vgg16.preprocess_input, -110, 145),
    "torch": lambda: model_of(
        lambda images: keras.applications.imagenet_utils.preprocess_input(images, mode="torch"),
        *(-2.0, 2.4),
    ),
    "subclass": lambda: Own(layers.Rescaling(1 / 255), 0, 1),
    "dark images": lambda: model_of(normalization(15, 25), -40, 40),
    "mixed precision": lambda: model_of(layers.Rescaling(1 / 255, dtype="mixed_bfloat16"), 0, 1),
}


@pytest.mark.parametrize("name", FOR_255)
def test_models_for_0_to_255_are_refused_and_the_cure_works(name):
    model = FOR_255[name]()
    with pytest.raises(ValueError, match=r"`model` must take images in \[0, 1\].*Rescaling\(255"):
        kf.confusion_matrix(model, (IMAGES, LABELS), 2)
    cured = keras.Sequential([keras.Input(SHAPE), layers.Rescaling(255.0), model])
    if name != "dark images":
        np.testing.assert_array_equal(kf.confusion_matrix(cured, (IMAGES, LABELS), 2), RIGHT)
    # Images from 0 to 255 are what it takes.
    assert check_model(model, 255 * IMAGES[:2]).shape == (2, 2)


@pytest.mark.parametrize(
    "begin",
    [
        layers.Identity,
        lambda: layers.Rescaling(1 / 0.25, -0.5 / 0.25),
        lambda: layers.Rescaling(1 / np.array([0.1, 0.2, 0.3]), -np.array([5.0, 2.5, 1.7])),
        lambda: layers.Rescaling(2.0, -1.0),
        lambda: layers.Rescaling(255.0),
        lambda: layers.BatchNormalization(gamma_initializer=keras.initializers.Constant(0.01)),
        lambda: normalization(0, 1),
        lambda: normalization(0.45, 0.55),
        lambda: layers.Dropout(0.5),
        lambda: layers.RandomSharpness(0.5),
        lambda: layers.Conv2D(3, 1),
        lambda: layers.Lambda(tf.image.per_image_standardization),
        lambda: layers.Lambda(lambda images: images + 0.01 * images),
    ],
)
def test_models_for_fractions_raise_no_alarm(begin):
    assert check_model(model_of(begin(), 0, 1), IMAGES[:2]).shape == (2, 2)


@pytest.mark.parametrize(
    "name",
    [
        "MobileNetV3Small",
        # They begin with layers that the cases above have: rescaling and normalisation.
        pytest.param("EfficientNetB0", marks=pytest.mark.slow),
        pytest.param("ConvNeXtTiny", marks=pytest.mark.slow),
    ],
)
def test_applications_that_prepare_images_inside_are_refused(name):
    network = getattr(keras.applications, name)
    model = network(weights=None, classes=5, input_shape=(32, 32, 3), classifier_activation=None)
    images = RNG.uniform(size=(2, 32, 32, 3))
    with pytest.raises(ValueError, match=r"`model` must take images in \[0, 1\]"):
        check_model(model, images, 5)
    wrapped = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(255.0), model])
    assert check_model(wrapped, images, 5).shape == (2, 5)


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
@pytest.mark.parametrize("where", ["input", "nested", "cast"])
def test_models_of_integers_are_refused_and_the_cure_works(dtype, where):
    integers = model_of(layers.Rescaling(1 / 255), 0, 1, dtype)
    model = integers
    if where == "nested":
        model = keras.Sequential([keras.Input(SHAPE), integers])
    if where == "cast":
        model = model_of(
            lambda images: layers.Rescaling(1 / 255)(keras.ops.cast(images, dtype)), 0, 1
        )
    with pytest.raises(ValueError, match=r"`model` must take images as fractions.*clip"):
        kf.confusion_matrix(model, (IMAGES, LABELS), 2)
    images = keras.Input(SHAPE)
    pixels = keras.ops.cast(keras.ops.round(keras.ops.clip(255 * images, 0, 255)), "uint8")
    cured = keras.Model(images, integers(pixels))
    np.testing.assert_array_equal(kf.confusion_matrix(cured, (IMAGES, LABELS), 2), RIGHT)


def computes_channels_first():
    """Whether this processor does: TensorFlow's own kernels do not, those of oneDNN do."""
    try:
        tf.nn.conv2d(np.ones((1, 3, 8, 8)), np.ones((1, 1, 3, 3)), 1, "VALID", data_format="NCHW")
    except tf.errors.UnimplementedError:
        return False
    return True


def test_models_of_channels_first_are_refused_and_the_cure_works():
    first = keras.Input((3, 8, 8))
    x = layers.Conv2D(
        3,
        1,
        kernel_initializer=keras.initializers.Constant(np.eye(3)[None, None]),
        data_format="channels_first",
    )(first)
    model = keras.Model(first, reader(layers.Permute((2, 3, 1))(x), 0, 1))
    with pytest.raises(ValueError, match=r"`model` must take images.*channels first.*Permute"):
        kf.confusion_matrix(model, (IMAGES, LABELS), 2)
    cured = keras.Sequential([keras.Input(SHAPE), layers.Permute((3, 1, 2)), model])
    if computes_channels_first():
        np.testing.assert_array_equal(kf.confusion_matrix(cured, (IMAGES, LABELS), 2), RIGHT)
    convolution = layers.Conv2D(2, 3, data_format="channels_first")
    rows = keras.Sequential([convolution, layers.Flatten(), layers.Dense(2)])
    for built in (False, True):
        if built:
            rows = keras.Sequential([keras.Input(SHAPE), *rows.layers])
        with pytest.raises(ValueError, match=r"channels last.*takes 8 channels"):
            kf.confusion_matrix(rows, (IMAGES, LABELS), 2)


def test_what_runs_elsewhere_is_named(monkeypatch):
    kinds = {"tf_keras.src.models": "Keras 2", "torch.nn.modules.module": "PyTorch"}
    for module, named in kinds.items():
        kind = type("Network", (), {"__module__": module, "get_weights": lambda self: []})
        with pytest.raises(TypeError, match=f"`model` must be a keras.Model.*{named}"):
            kf.confusion_matrix(kind(), (IMAGES, LABELS), 2)
    model = model_of(layers.Identity(), 0, 1)
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(
        TypeError, match=r"`model` must run on TensorFlow.*KERAS_BACKEND=tensorflow"
    ):
        kf.confusion_matrix(model, (IMAGES, LABELS), 2)
