"""Classifiers that somebody has saved: read from a file or folder, or refused with what helps."""

import importlib.machinery
import importlib.util
import json
import re
import sys
import zipfile
from pathlib import Path

import h5py
import keras

# These layers must be known before a model that holds them is read.
import keras_freq.fourier
import keras_freq.layers  # noqa: F401
from keras_freq.lab.config import ConfigError
from keras_freq.lab.model_file_kinds import check_model_path

_KERAS_2 = (
    "{path} was saved by Keras 2 (tf_keras), and this version of Keras does not know a part of it. "
    'Where it still loads, save it as a folder, model.export("model_folder"), and give that. Or '
    "build the model again in Keras 3, load its weights by model.load_weights, and save it"
)
_WEIGHTS = (
    "{path} holds weights without a model. Build the model in Python, "
    'model.load_weights("{name}"), and save all of it: model.save("model.keras")'
)


def load_model_file(path, modules=()):
    """Reads a classifier from a file or a folder, without its compile state.

    Args:
        path: A `.keras` or `.h5` file, or the folder of a SavedModel, as `model.export` writes it.
            A PyTorch classifier comes as such a folder: `torch.onnx.export` writes an ONNX file, of
            which the program onnx2tf makes a SavedModel with the channels last.
        modules: Python files that define what the model is made of, if that is not Keras' own.
            They are run. Defaults to none.

    Returns:
        A functional `keras.Model` from one batch of images to one output.

    Raises:
        ConfigError: If there is no such file, or no model can be read from it. The message says
            what helps.
    """
    path = Path(path)
    check_model_path(path)
    own = {}
    for module in modules:
        own |= classes_in(module)
    model = _of_saved_model(path) if path.is_dir() else _functional(_of_file(path, own), path)
    if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.input_shape) != 4:
        raise ConfigError(
            f"{path} must map one batch of images (N, H, W, C) to class scores. It takes "
            f"{_shapes(model.inputs)} and gives {_shapes(model.outputs)}. Keep what is needed: "
            "keras.Model(one_input, one_output).save(...)"
        )
    return model


def _of_file(path, own):
    """Reads a model from a `.keras` or `.h5` file, without running code in it."""
    try:
        return keras.models.load_model(path, custom_objects=own, compile=False, safe_mode=True)
    except Exception as error:  # Keras, h5py and zipfile raise errors of many kinds
        raise ConfigError(_cure(path, error)) from error


def _cure(path, error):
    """Says why a file was not read, and what helps."""
    version, has_model = _written_by(path)
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    if has_model is False:
        return _WEIGHTS.format(path=path, name=path.name)
    unknown = re.search(r"Could not locate class '([^']*)'|Unknown layer: '([^']*)'", str(error))
    name = unknown and (unknown[1] or unknown[2])
    # `keras.Functional` has no public name.
    name = "Model" if name == "Functional" else name
    keras_2 = version.startswith("2.") or "'module': 'tf_keras" in str(error)
    # Keras 3 does not find the classes of Keras 2 in their old places.
    if name and not (keras_2 and (hasattr(keras.layers, name) or hasattr(keras, name))):
        return (
            f"{path} holds a class of your own, {name!r}. Name the Python "
            "file that defines it: --import my_module.py"
        )
    if keras_2:
        return _KERAS_2.format(path=path)
    return f"cannot read the model file {path}: {reason}"


def _written_by(path):
    """Gives the version of Keras that wrote a file, "" if unknown, and whether it has a model."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                has_model = "config.json" in names
                told = json.loads(archive.read("metadata.json")) if "metadata.json" in names else {}
                return str(told.get("keras_version", "")), has_model
        with h5py.File(path) as file:
            version = file.attrs.get("keras_version", "")
            return str(version), "model_config" in file.attrs
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return "", None


def _of_saved_model(path):
    """Wraps a SavedModel, which is no Keras model, as one that gives its one output."""
    try:
        layer, spec = _endpoint(path)
        inputs = keras.Input(spec.shape[1:], dtype=spec.dtype.name)
        outputs = layer(inputs)
    except ConfigError:
        raise
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ConfigError(f"cannot read the SavedModel {path}: {reason}") from error
    if isinstance(outputs, dict):
        outputs = list(outputs.values())
    return keras.Model(inputs, outputs)


def _endpoint(path):
    """Gives a layer of a SavedModel's function for use, and the `TensorSpec` of what it takes."""
    import tensorflow as tf

    signatures = tf.saved_model.load(str(path)).signatures
    name = next((name for name in ("serving_default", "serve") if name in signatures), None)
    if name is None:
        raise ConfigError(
            f"{path} is a SavedModel without a function for use (serving_default). Write it by "
            "model.export, or give tf.saved_model.save its signatures. Received: functions "
            f"{list(signatures)}"
        )
    specs = list(signatures[name].structured_input_signature[1].values())
    if len(specs) != 1 or specs[0].shape.rank != 4:
        shapes = ", ".join(str(spec.shape) for spec in specs)
        raise ConfigError(
            f"{path} must map one batch of images (N, H, W, C) to class scores. It takes {shapes}"
        )
    return keras.layers.TFSMLayer(str(path), call_endpoint=name), specs[0]


def _functional(model, path):
    """Wraps a subclassed model, which does not say what it takes, by the shape it was built for."""
    if not isinstance(model, keras.Model):
        raise ConfigError(f"{path} must hold a keras.Model. It holds a {type(model).__name__}")
    if getattr(model, "inputs", None):
        return model
    shape = (model.get_build_config() or {}).get("input_shape")
    if not isinstance(shape, tuple | list) or len(shape) != 4:
        raise ConfigError(
            f"{path} does not say which images it takes: call the model on a batch of them before "
            "you save it"
        )
    inputs = keras.Input(shape[1:])
    return keras.Model(inputs, model(inputs))


def _shapes(tensors):
    return ", ".join(str(tuple(tensor.shape)) for tensor in tensors)


def classes_in(path):
    """Runs a Python file, and gives its classes and functions by their names."""
    path = Path(path)
    if not path.is_file():
        raise ConfigError(f"--import: there is no file {path}")
    loader = importlib.machinery.SourceFileLoader(path.stem, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.stem, loader))
    sys.path.insert(0, str(path.parent))  # it may import files beside it
    try:
        loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"--import: {path} fails with {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.parent))
    return {name: one for name, one in vars(module).items() if callable(one)}
