"""Saved classifiers of every kind are read, or refused in one message that says what helps."""

import json
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import layers

import keras_freq as kf
from keras_freq.lab.config import ConfigError
from keras_freq.lab.model_file_kinds import digest_of_model
from keras_freq.lab.model_files import load_model_file

IMAGES = np.random.default_rng(0).uniform(size=(3, 8, 8, 3)).astype("float32")


def network():
    end = [layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")]
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), *end])


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning")
@pytest.mark.parametrize("name", ["model.keras", "model.h5", "folder"])
def test_each_kind_of_file_gives_the_same_scores(name, model, tmp_path):
    path = tmp_path / name
    if name == "folder":
        model.export(path, verbose=False)
    else:
        model.save(path)
    read = load_model_file(str(path))
    assert (read.input_shape, read.output_shape) == ((None, 8, 8, 3), (None, 3))
    np.testing.assert_allclose(read(IMAGES, training=False), model(IMAGES), rtol=1e-5)
    adapted = kf.adapt(read, inputs="-1..1")
    np.testing.assert_allclose(
        adapted(IMAGES, training=False), model(2 * IMAGES - 1), rtol=1e-4, atol=1e-6
    )
    counts = kf.confusion_matrix(adapted, (IMAGES, [0, 1, 2]), 3)
    assert counts.sum() == 3
    assert digest_of_model(path) == digest_of_model(path) != digest_of_model(__file__)


def of_keras_2(path):
    """A file as Keras 2 writes it: its `DepthwiseConv2D` has arguments that are now unknown."""
    network_of_2 = keras.Sequential([keras.Input((8, 8, 3)), layers.DepthwiseConv2D(3)])
    network_of_2.save(path)
    with h5py.File(path, "r+") as file:
        config = file.attrs["model_config"].replace(
            '"depth_multiplier"', '"groups": 1, "depth_multiplier"'
        )
        file.attrs["model_config"], file.attrs["keras_version"] = config, "2.15.0"


def of_tf_keras(path):
    """One of `.keras` form, whose classes stand elsewhere."""
    config = {"module": "tf_keras.src.engine.functional", "class_name": "Functional", "config": {}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
        archive.writestr("model.weights.h5", b"")


def text(contents):
    return lambda path: path.write_bytes(contents)


def two_inputs(path):
    first, second = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    keras.Model([first, second], layers.Flatten()(first + second)).save(path)


def folder(path):
    path.mkdir()


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning")
@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("none.keras", lambda path: None, "there is no model file"),
        ("folder", folder, "without saved_model.pb"),
        (
            "a.weights.h5",
            lambda path: network().save_weights(path),
            "weights without a model.*load_w",
        ),
        ("old.h5", of_keras_2, "saved by Keras 2.*model.export"),
        ("old.keras", of_tf_keras, "saved by Keras 2.*model.export"),
        ("lfs.keras", text(b"version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
        ("net.pt", text(b"PK"), "is no Keras model.*onnx2tf"),
        ("net.onnx", text(b""), "is no Keras model.*onnx2tf"),
        ("net.tflite", text(b""), "is no Keras model"),
        ("images.npz", text(b"PK"), "is no Keras model. It holds arrays: the model comes first"),
        ("text.keras", text(b"not a zip file"), "no Keras model, since.*a zip file.*a text file"),
        ("text.h5", text(b"not an HDF5 file"), "no Keras model, since.*HDF5 file.*a text file"),
        ("empty.keras", text(b""), "no Keras model.*Received: an empty file"),
        ("empty.h5", text(b""), "no Keras model.*Received: an empty file"),
        ("cut.keras", text(b"PK\x03\x04" + bytes(99)), "cut off before its end.*copy it again"),
        ("cut.h5", text(b"\x89HDF\r\n\x1a\n"), "cannot read the model file"),
        ("hdf.keras", text(b"\x89HDF\r\n\x1a\n"), "an HDF5 file, whose name must end in .h5"),
        ("noise.keras", text(b"\x00\x01\xff"), "no Keras model.*Received: other contents"),
        ("noise.h5", text(b"\x00\x01\xff"), "cannot read the model file"),
        ("two.keras", two_inputs, r"one batch of images.*\(None, 8, 8, 3\), \(None, 8, 8, 3\)"),
        (
            "model.zip",
            lambda path: path.write_bytes(b"PK\x03\x04"),
            r"end in .keras or .h5.*\.keras",
        ),
    ],
)
def test_what_cannot_be_read_is_one_message_with_its_cure(name, make, message, tmp_path):
    make(tmp_path / name)
    with pytest.raises(ConfigError, match=message) as refused:
        load_model_file(tmp_path / name)
    assert name in str(refused.value) and "\n" not in str(refused.value)
