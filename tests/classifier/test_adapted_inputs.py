"""Images in [0, 1] become what a network takes, to the last digits that float32 has."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from keras.applications.imagenet_utils import preprocess_input

import keras_freq as kf
from keras_freq.classifier import check_model
from keras_freq.classifier.input_conventions import CONVENTIONS

SHAPE = (6, 5, 3)
IMAGES = np.random.default_rng(0).uniform(size=(4, *SHAPE)).astype("float32")
MODES = {"-1..1": "tf", "torch": "torch", "caffe": "caffe"}


def pixels(shape=SHAPE):
    """A network that gives the values it is given."""
    return keras.Sequential([keras.Input(shape), layers.Flatten()])


def wanted(images, inputs):
    """What Keras' own function makes of 8-bit values, in float64."""
    return preprocess_input(255 * images.astype("float64"), mode=MODES[inputs])


@pytest.mark.parametrize("inputs", MODES)
@given(seed=st.integers(0, 2**32), height=st.integers(1, 9), width=st.integers(1, 9))
@settings(max_examples=5, deadline=None)
def test_conventions_are_those_of_keras_applications(inputs, seed, height, width):
    images = np.random.default_rng(seed).uniform(size=(2, height, width, 3)).astype("float32")
    given_values = kf.adapt(pixels((height, width, 3)), inputs=inputs)(images)
    expected = wanted(images, inputs).reshape(2, -1)
    scale = {"caffe": 255}.get(inputs, 1)
    np.testing.assert_allclose(given_values / scale, expected / scale, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("inputs", "expected"), [("0..1", IMAGES), ("0..255", 255 * IMAGES)])
def test_plain_ranges_are_exact(inputs, expected):
    values = kf.adapt(pixels(), inputs=inputs)(IMAGES)
    np.testing.assert_array_equal(values, expected.reshape(4, -1))


def test_ranges_are_exact_under_mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = kf.adapt(
            keras.Sequential([keras.Input(SHAPE), layers.Flatten(dtype="float32")]), inputs="caffe"
        )
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(
        model(IMAGES), wanted(IMAGES, "caffe").reshape(4, -1), rtol=0, atol=1e-4
    )


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Rescaling(3.0, -1.0),
        lambda: layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.1, 0.2, 0.3]),
        lambda: keras.Sequential([keras.Input(SHAPE), layers.Rescaling(255.0)]),
    ],
)
def test_a_layer_prepares_images(layer):
    layer = layer()
    values = kf.adapt(pixels(), inputs=layer)(IMAGES)
    np.testing.assert_allclose(values, np.reshape(layer(IMAGES), (4, -1)), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_a_network_of_8_bit_images_gets_rounded_ones(dtype):
    images = keras.Input(SHAPE, dtype=dtype)
    model = keras.Model(images, layers.Flatten()(layers.Rescaling(1.0)(images)))
    values = kf.adapt(model, inputs="0..255")(2 * IMAGES - 0.5)
    expected = np.round(np.clip(255 * (2 * IMAGES - 0.5), 0, 255))
    np.testing.assert_array_equal(values, expected.reshape(4, -1))


@pytest.mark.parametrize("inputs", CONVENTIONS)
def test_adapted_models_pass_the_checks_of_every_analysis(inputs):
    """What refuses networks of 0 to 255 accepts them once they are adapted."""
    begin = {"0..255": layers.Rescaling(1 / 255), "caffe": layers.Rescaling(1 / 128)}
    network = keras.Sequential(
        [
            keras.Input(SHAPE),
            begin.get(inputs, layers.Identity()),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    assert check_model(kf.adapt(network, inputs=inputs), IMAGES[:2], 3).shape == (2, 3)


@pytest.mark.parametrize(
    ("begin", "inputs", "message"),
    [
        (layers.Rescaling(1 / 255), "0..255", "`keras_freq.adapt` has made"),
        (layers.Identity(), "-1..1", "`keras_freq.adapt` has made"),
        (layers.Normalization(mean=0.5, variance=0.06), "0..1", "begins with arithmetic"),
        (layers.Identity(), "0..1", None),  # nothing tells that it was not trained so
    ],
)
def test_images_to_255_are_refused_by_models_of_images_to_1(tmp_path, begin, inputs, message):
    """Wrapped and saved, too."""
    network = keras.Sequential([keras.Input(SHAPE), begin, layers.Flatten(), layers.Dense(3)])
    keras.Sequential([keras.Input(SHAPE), kf.adapt(network, inputs=inputs)]).save(
        tmp_path / "model.keras"
    )
    model = keras.models.load_model(tmp_path / "model.keras")
    check_model(model, IMAGES[:2])
    if message is None:
        check_model(model, 255 * IMAGES[:2])
        return
    with pytest.raises(ValueError, match=rf"in \[0, 1\], since .*{message}.*divide them by 255"):
        check_model(model, 255 * IMAGES[:2])


def test_grey_images_have_the_plain_ranges_only():
    grey = pixels((4, 4, 1))
    images = IMAGES[:, :4, :4, :1]
    values = kf.adapt(grey, inputs="-1..1")(images)
    np.testing.assert_allclose(values, 2 * images.reshape(4, -1) - 1, atol=1e-6)
    with pytest.raises(ValueError, match=r"`inputs` must be one of .* for images of 1 channels"):
        kf.adapt(grey, inputs="torch")


def test_a_function_is_refused_with_the_names_of_what_it_makes():
    with pytest.raises(TypeError, match=r"`inputs`.*'preprocess_input'.*'torch'"):
        kf.adapt(pixels(), inputs=keras.applications.vgg16.preprocess_input)


def test_images_of_any_size():
    network = keras.Sequential(
        [keras.Input((None, None, 3)), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    )
    model = kf.adapt(network, inputs="-1..1")
    assert model.input_shape == (None, None, None, 3)
    np.testing.assert_allclose(model(IMAGES), network(2 * IMAGES - 1), atol=1e-6)
    assert kf.adapt(network, image_shape=SHAPE).input_shape == (None, *SHAPE)


def test_a_kerashub_classifier_is_prepared_by_its_own_preprocessor():
    hub = pytest.importorskip("keras_hub")
    converter = hub.layers.ResNetImageConverter(
        image_size=(16, 16), scale=[1 / 50, 1 / 60, 1 / 70], offset=[-1.0, -2.0, -3.0]
    )
    backbone = hub.models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[3],
        stackwise_num_filters=[64],
        stackwise_num_blocks=[1],
        stackwise_num_strides=[1],
        block_type="basic_block",
    )
    classifier = hub.models.ResNetImageClassifier(
        backbone=backbone,
        num_classes=3,
        preprocessor=hub.models.ResNetImageClassifierPreprocessor(image_converter=converter),
    )
    images = np.random.default_rng(1).uniform(size=(3, 16, 16, 3)).astype("float32")
    predicted = classifier.predict(255 * images, verbose=0)
    model = kf.adapt(classifier)
    assert model.input_shape == (None, 16, 16, 3)
    np.testing.assert_allclose(model(images), predicted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        kf.adapt(classifier, inputs=layers.Identity())(images),
        classifier(images),
        rtol=1e-5,
        atol=1e-6,
    )
    larger = np.random.default_rng(1).uniform(size=(3, 40, 32, 3)).astype("float32")
    resized = kf.adapt(classifier, image_shape=(40, 32, 3))
    np.testing.assert_allclose(
        resized(larger), classifier.predict(255 * larger, verbose=0), rtol=1e-3, atol=1e-4
    )
    labels = predicted.argmax(axis=1)
    table = kf.check_inputs(classifier, (images, labels))
    assert table.set_index("inputs").accuracy["preprocessor"] == 1
