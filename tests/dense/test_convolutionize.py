"""A classifier as a fully convolutional network gives the scores of its windows."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from dense_cases import (
    classifier_with,
    fc_head,
    gap_head,
    random_images,
    randomize_statistics,
    valid_classifier,
)
from keras import layers

from keras_freq import dense, fourier, models


def crops(model, image, window, stride):
    """The scores of every window, cut out and classified one by one."""
    rows = (image.shape[1] - window) // stride + 1
    columns = (image.shape[2] - window) // stride + 1
    views = [
        image[0, i * stride : i * stride + window, j * stride : j * stride + window]
        for i in range(rows)
        for j in range(columns)
    ]
    return np.asarray(model(np.stack(views))).reshape(rows, columns, -1)


@pytest.mark.parametrize("head", [fc_head, gap_head])
def test_each_cell_is_the_score_of_its_window(head):
    """Both pools halve, so that the windows of 24 pixels are 4 pixels apart."""
    model = valid_classifier(head=head())
    randomize_statistics(model)
    convolutional = dense.convolutionize(model)
    image = random_images(37, 45)
    expected = crops(model, image, window=24, stride=4)
    np.testing.assert_allclose(convolutional(image)[0], expected, atol=1e-5)
    assert expected.std() > 1e-3


BUILDERS = {
    "LeNet5": lambda: models.LeNet5((28, 28, 3)),
    "AlexNet2012": lambda: models.AlexNet2012((96, 96, 3), 4),
    "AlexNetSmall": lambda: models.AlexNetSmall((32, 32, 3), 4),
    "VGG16 fc": lambda: models.VGG16((64, 32, 3), 4),
    "VGG16 gap": lambda: models.VGG16((64, 64, 3), 4, head="gap", batch_norm=True),
    "NiN": lambda: models.NiN((99, 99, 3), 4),
    "GoogLeNet auxiliary": lambda: models.GoogLeNet((79, 79, 3), 4, auxiliary=True),
    "ResNet18": lambda: models.ResNet18((32, 40, 3), 4, stem="small"),
    # With the blocks of ResNet50, whose convolutions are in groups here.
    "ResNeXt50": lambda: models.ResNeXt50((64, 64, 3), 4, classifier_activation=None),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_equals_the_original_at_its_own_size(name):
    keras.utils.set_random_seed(0)
    model = BUILDERS[name]()
    convolutional = dense.convolutionize(model)
    height, width = model.input_shape[1:3]
    image = random_images(height, width, count=2)
    expected, received = model(image), convolutional(image)
    for a, b in zip(keras.tree.flatten(received), keras.tree.flatten(expected), strict=True):
        assert a.shape == (2, 1, 1, b.shape[-1])
        np.testing.assert_allclose(a[:, 0, 0], b, rtol=1e-5, atol=1e-5)
    larger = keras.tree.flatten(convolutional(random_images(height + 40, width + 72)))[0]
    assert min(larger.shape[1:3]) > 1
    # It is a model of its own: the same number of weights, and no variable in common.
    assert convolutional.count_params() == model.count_params()
    ours = {id(w) for w in model.weights}
    assert not any(id(w) in ours for w in convolutional.weights)


def test_a_normalization_keeps_what_it_has_learned():
    images = 3 + 5 * random_images(8, 8, count=20)
    learned = layers.Normalization()
    learned.adapt(images)
    inside = keras.Sequential([keras.Input((8, 8, 3)), learned, layers.Conv2D(2, 3)])
    for parts in ([learned, layers.Conv2D(2, 3)], [inside]):
        model = keras.Sequential(
            [keras.Input((8, 8, 3)), *parts, layers.MaxPooling2D(2), layers.Flatten()]
        )
        model.add(layers.Dense(3))
        for convert in (dense.convolutionize, dense.dense_pooling):
            received = convert(model)(images)
            np.testing.assert_allclose(received[:, 0, 0], model(images), rtol=1e-4, atol=1e-5)


def test_names_input_shape_and_reloading(tmp_path):
    model = models.LeNet5()
    convolutional = dense.convolutionize(model, (40, 40, 1))
    assert convolutional.input_shape == (None, 40, 40, 1)
    assert convolutional.name == "LeNet5"
    assert [x.name for x in convolutional.layers] == [x.name for x in model.layers]
    assert convolutional.get_layer("dense3").kernel.shape == (4, 4, 16, 120)
    convolutional.save(tmp_path / "dense.keras")
    image = random_images(40, 40, 1)
    again = keras.models.load_model(tmp_path / "dense.keras")
    np.testing.assert_array_equal(again(image), convolutional(image))


def test_models_inside_models():
    """The usual form of a transferred network: a body, and a head of its own."""
    body = valid_classifier()
    head = keras.Sequential([keras.Input((4 * 4 * 12,)), *fc_head()[2:]], name="head")
    inputs = keras.Input((24, 24, 3))
    x = layers.Rescaling(2.0, -1.0)(inputs)
    x = layers.Flatten()(body(x))
    model = keras.Model(inputs, head(x))
    convolutional = dense.convolutionize(model)
    image = random_images(32, 40)
    expected = crops(model, image, window=24, stride=4)
    np.testing.assert_allclose(convolutional(image)[0], expected, atol=1e-5)

    whole = keras.Sequential([keras.Input((24, 24, 3)), valid_classifier(head=gap_head())])
    expected = crops(whole, image, window=24, stride=4)
    np.testing.assert_allclose(dense.convolutionize(whole)(image)[0], expected, atol=1e-5)


def test_flatten_by_reshape_and_operations():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3)(inputs * 2.0 - 1.0)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(5, 1)(x)
    model = keras.Model(inputs, layers.Softmax()(layers.Reshape((5,))(x)))
    image = random_images(11, 9)
    expected = crops(model, image, window=8, stride=1)
    np.testing.assert_allclose(dense.convolutionize(model)(image)[0], expected, atol=1e-5)


def test_networks_of_keras_applications():
    """The lines of the models' documentation run; what cannot be converted is named."""
    lines = [line[4:] for line in models.__doc__.splitlines() if line.startswith("    ")]
    scope = {"keras": keras}
    exec("\n".join(lines), scope)
    assert scope["model"].output_shape == (None, 10)
    with pytest.raises(ValueError, match="its layer 'block1a_se_reshape'"):
        dense.convolutionize(scope["model"])

    body = keras.applications.MobileNet(weights=None, classes=4, input_shape=(64, 64, 3))
    images = keras.Input((64, 64, 3))
    model = keras.Model(images, body(layers.Rescaling(255.0)(images)))
    convolutional = dense.convolutionize(model)
    image = random_images(64, 64)
    np.testing.assert_allclose(convolutional(image)[:, 0, 0], model(image), atol=1e-5)
    assert convolutional(random_images(96, 128)).shape == (1, 2, 3, 4)


def test_a_gate_over_the_whole_map_is_refused():
    """Squeeze-and-excitation scales each map by its mean, which has no window."""
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3)(inputs)
    gate = layers.Conv2D(4, 1, activation="sigmoid")(
        layers.GlobalAveragePooling2D(keepdims=True)(x)
    )
    x = layers.Multiply(name="excite")([x, gate])
    model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    with pytest.raises(ValueError, match=r"'excite'.*joins what has been pooled"):
        dense.convolutionize(model)


@pytest.mark.parametrize(
    ("middle", "name"),
    [
        ([layers.Flatten(), layers.Reshape((8, 9), name="fold"), layers.Flatten()], "fold"),
        ([layers.Flatten(), layers.BatchNormalization(name="norm"), layers.Dense(2)], "norm"),
        ([layers.Flatten(), layers.Softmax(name="soft"), layers.Dense(2)], "soft"),
        ([layers.Flatten(), layers.Activation("softmax", name="soft")], "soft"),
        ([layers.Reshape((36, 2), name="rows"), layers.GlobalAveragePooling1D()], "rows"),
        ([layers.GroupNormalization(1, name="groups"), layers.Flatten()], "groups"),
        ([layers.Resizing(4, 4, name="resize"), layers.Flatten(), layers.Dense(2)], "resize"),
        ([layers.AdaptiveAveragePooling2D(2, name="adapt"), layers.Flatten()], "adapt"),
    ],
)
def test_what_cannot_be_converted_is_refused_by_name(middle, name):
    with pytest.raises(ValueError, match=f"cannot be made fully convolutional: its layer '{name}'"):
        dense.convolutionize(classifier_with(*middle))


def test_refusals_of_models_and_shapes():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(TypeError, match=r"functional keras\.Model or a built"):
        dense.convolutionize(Subclassed())
    with pytest.raises(TypeError, match=r"functional keras\.Model or a built"):
        dense.convolutionize(keras.Sequential([layers.Dense(2)]))
    with pytest.raises(ValueError, match=r"use \(None, None, 1\)"):
        dense.convolutionize(models.LeNet5())
    with pytest.raises(ValueError, match="must be"):
        dense.convolutionize(models.LeNet5(), 64)
    with pytest.raises(ValueError, match="must take images"):
        dense.convolutionize(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))
    pooled = models.ResNet18((None, None, 3), 4, stem="small")
    with pytest.raises(ValueError, match=r"'average'.*takes maps of any size"):
        dense.convolutionize(pooled)


def test_two_inputs_are_refused():
    first, second = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    outputs = layers.Dense(2)(layers.Flatten()(layers.Add()([first, second])))
    with pytest.raises(ValueError, match=r"`model` must have one input\. Received: 2 inputs"):
        dense.convolutionize(keras.Model([first, second], outputs))


def test_everything_reloads_in_a_fresh_process(tmp_path):
    keras.utils.set_random_seed(0)
    local = models.NiN((64, 64, 3), 4, stem="small")
    inputs = keras.Input((64, 64, 3))
    filtered = fourier.FourierFilter(fourier.low_pass_mask(64, 8), neutral=0.5)(inputs)
    saved = {
        "convolutional": dense.convolutionize(local),
        "fine": dense.dense_pooling(valid_classifier(head=gap_head())),
        "filtered": keras.Model(inputs, filtered),
    }
    images = random_images(64, 64)
    for name, model in saved.items():
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", model(images))
    script = """
import sys, pathlib, keras, numpy as np, keras_freq.layers, keras_freq.fourier
images = np.random.default_rng(0).uniform(size=(1, 64, 64, 3)).astype("float32")
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    np.testing.assert_allclose(model(images), np.load(path.with_suffix(".npy")), atol=1e-5)
    print(path.stem)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.split() == sorted(saved)
