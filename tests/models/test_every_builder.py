"""The contract that every builder keeps."""

import inspect
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from models_cases import NAMES, PUBLISHED, SMALL, build, images_for, small

from keras_freq import models
from keras_freq.models.network_sizes import builder_options


def test_the_table_covers_every_builder():
    builders = {name for name in models.__all__ if name[0].isupper()} - {"AUXILIARY_LOSS_WEIGHTS"}
    assert builders == set(NAMES) == {row["name"] for row in models.describe()}


@pytest.mark.parametrize("name", NAMES)
def test_the_options_that_are_written_down_are_those_of_the_builder(name):
    shape, classes, *options = inspect.signature(getattr(models, name)).parameters
    assert (shape, classes) == ("input_shape", "num_classes")
    assert sorted(builder_options(name)) == sorted(options)


@pytest.mark.parametrize("name", NAMES)
def test_default_model_has_the_published_size(name, without_random_weights):
    model = getattr(models, name)()
    row = next(row for row in models.describe() if row["name"] == name)
    assert model.name == name
    assert model.input_shape == (None, *row["input"])
    assert model.output_shape == (None, row["classes"])
    assert models.trainable_parameters(model) == row["parameters"]
    assert models.multiply_adds(model) == row["multiply_adds"]
    parameters, billions = PUBLISHED[name]
    if parameters:
        assert row["parameters"] == parameters
    if billions:
        assert round(row["multiply_adds"] / 1e9, 2) == billions


@pytest.mark.parametrize("name", NAMES)
def test_softmax_over_logits(name):
    model = small(name)
    images = images_for(model)
    scores = model(images).numpy()
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    assert scores.std() > 0
    assert model.layers[-1].name == "predictions"
    logits = keras.Model(model.input, model.get_layer("logits").output)
    np.testing.assert_allclose(keras.ops.softmax(logits(images)), scores, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_a_size_too_small_is_refused(name):
    smallest, _, channels = SMALL[name]["input_shape"]
    for shape in ((smallest - 1, smallest, channels), (smallest, smallest - 1, channels)):
        with pytest.raises(ValueError, match=f"at least {smallest} x {smallest} pixels"):
            build(name, input_shape=shape)


@pytest.mark.parametrize("name", NAMES)
def test_another_size_without_softmax_and_with_weight_decay(name):
    smallest, _, channels = SMALL[name]["input_shape"]
    shape = (smallest + 9, smallest + 4, channels)
    options = {"classifier_activation": None, "weight_decay": 0.02, "name": "mine"}
    model = build(name, input_shape=shape, **options)
    assert model.name == "mine"
    assert model.input_shape == (None, *shape)
    assert model.output_shape == (None, 4)

    # A layer that nobody named would have another number in this second model.
    names = [layer.name for layer in model.layers]
    assert [*names, "predictions"] == [layer.name for layer in small(name).layers]
    assert names[-1] == "logits"
    assert (names[1] == "normalization") == (name != "AlexNetFlowers")

    with_kernel = [layer for layer in model.layers if hasattr(layer, "kernel")]
    expected = sum(0.01 * float(keras.ops.sum(layer.kernel**2)) for layer in with_kernel)
    np.testing.assert_allclose(float(sum(model.losses)), expected, rtol=1e-5)
    for layer in with_kernel:  # so that a saved model keeps it
        assert layer.get_config()["kernel_regularizer"]["config"]["l2"] == 0.01
    assert not small(name).losses


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("ResNe")])
def test_the_smallest_size_is_that_of_the_layers(name, monkeypatch):
    """Without our own check, Keras fails one pixel below. ResNets pad everything, and never do."""
    smallest, _, channels = SMALL[name]["input_shape"]
    module = sys.modules[getattr(models, name).__module__]
    monkeypatch.setattr(module, "check_arguments", lambda *args, **kwargs: None)
    with pytest.raises(ValueError):
        build(name, input_shape=(smallest - 1, smallest - 1, channels))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_shape": (32, 32)}, r"`input_shape` must be \(height, width, channels\)"),
        ({"input_shape": (256, 256, None)}, r"`input_shape\[2\]` must be an integer >= 1"),
        ({"num_classes": 0}, "`num_classes` must be an integer >= 1"),
        ({"num_classes": 2.0}, "`num_classes` must be an integer >= 1"),
        ({"mean": (0.5, 0.5)}, "`mean` must be a number, or one value for each of the"),
        ({"std": 0}, "`std` must be > 0"),
        ({"weight_decay": -1}, "`weight_decay` must be a number, from 0"),
    ],
)
def test_bad_arguments_are_refused(name, changes, message):
    with pytest.raises(ValueError, match=message):
        build(name, **changes)


def test_images_that_are_not_rgb_are_normalised_by_the_average():
    (rescaling,) = (
        layer
        for layer in models.ResNet18((32, 32, 1), 4, stem="small").layers
        if layer.name == "normalization"
    )
    mean, std = (0.485 + 0.456 + 0.406) / 3, (0.229 + 0.224 + 0.225) / 3
    np.testing.assert_allclose(rescaling(np.full((1, 1, 1, 1), 0.9)), (0.9 - mean) / std, rtol=1e-6)
    with pytest.raises(ValueError, match="one value for each of the 1 channels"):
        models.ResNet18((32, 32, 1), 4, mean=(0.1, 0.2, 0.3))


# One of each kind of layer and block: those of AlexNets and VGG are in GoogLeNet. The long form
# takes them all.
RELOADED = ["LeNet5", "NiN", "GoogLeNet", "ResNet18", "ResNet50"]


@pytest.mark.parametrize("names", [RELOADED, pytest.param(NAMES, marks=pytest.mark.slow)])
def test_reloads_in_a_fresh_process(names, tmp_path):
    """All in one process, since starting TensorFlow takes longer than the rest."""
    for name in names:
        model = small(name)
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", model(images_for(model)))
    script = """
import sys, pathlib, keras, numpy as np, keras_freq.layers
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    images = np.random.default_rng(0).uniform(size=(2, *model.input_shape[1:])).astype("float32")
    np.testing.assert_allclose(
        model(images), np.load(path.with_suffix(".npy")), rtol=1e-5, atol=1e-6, err_msg=path.stem
    )
    print(path.stem)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.split() == sorted(names)


def test_listing_the_models_loads_no_tensorflow():
    script = (
        "import sys, keras_freq.models as m; m.describe(); dir(m); "
        "assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_plot_model_draws_every_builder(name, tmp_path):
    pytest.importorskip("pydot")
    if shutil.which("dot") is None:
        pytest.skip("the program `dot` of Graphviz is not installed")
    path = tmp_path / "model.png"
    # Graphviz 2.43 fails on the right-angled lines of a ResNeXt50 with shapes.
    keras.utils.plot_model(small(name), path, show_shapes=name != "ResNeXt50")
    assert path.stat().st_size > 1000
