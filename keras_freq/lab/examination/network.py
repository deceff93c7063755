"""The model of an examination: its graph, the images that it takes, and a hash of it."""

import os

import keras
import numpy as np

from keras_freq import checks
from keras_freq.classifier.adapted_model import image_shape_of
from keras_freq.classifier.subclassed_models import scores_of
from keras_freq.data.batches import repeated
from keras_freq.fourier import height_width
from keras_freq.interventions.checkpoint import fingerprint_of
from keras_freq.lab.config import ConfigError
from keras_freq.lab.model_file_kinds import digest_of_model
from keras_freq.lab.model_files import load_model_file

_ANY_SIZE = (
    "the model takes images of any size, so that its frequencies have none: give `image_size` "
    "(--size)"
)


def open_network(model, dataset, image_size=None, modules=()):
    """Opens a model and finds the shape of its images.

    A subclassed model, which has no graph of its own, gets one.

    Args:
        model: A `keras.Model`, or the path of one.
        dataset: A data set, whose images tell their shape where the model does not; or a path.
        image_size: Int or `(H, W)`, for a model that takes images of any size. Defaults to None.
        modules: Python files that define what a saved model is made of.

    Returns:
        A functional `keras.Model`, and the shape `(H, W, C)` of its images.

    Raises:
        TypeError, ValueError: If it is no model of one batch of images, or nothing tells their
            size.
    """
    network = model
    if isinstance(model, str | os.PathLike):
        network = load_model_file(model, modules)
    checks.keras_model("model", network)
    if not getattr(network, "inputs", None):
        images = keras.Input(_shape_for_subclassed(network, dataset, image_size))
        network = keras.Model(images, scores_of(network, images), name=network.name)
    return network, _image_shape(network, image_size)


def digest(model, network):
    """A hash of a model: of its file, or of its weights."""
    if isinstance(model, str | os.PathLike):
        return digest_of_model(model)
    return fingerprint_of(*(np.asarray(weight) for weight in network.weights)).hex()


def _shape_for_subclassed(network, dataset, image_size):
    """The shape of the images of a model without a graph: of its first call, or of the data."""
    try:
        return image_shape_of(network, None, "0..1")
    except ValueError:
        if not isinstance(dataset, str | os.PathLike):
            return repeated(dataset).first_batch()[0].shape[1:]
        if image_size is None:
            raise ConfigError(_ANY_SIZE) from None
        return (*height_width(image_size, "image_size"), 3)


def _image_shape(network, image_size):
    """Finds the shape `(H, W, C)` of the images that a model takes."""
    shape = network.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or len(network.outputs) != 1:
        raise ConfigError(
            "the model must map one batch of images (N, H, W, C) to class scores. "
            f"Received: {type(network).__name__} that takes {shape}"
        )
    size = shape[1:3] if image_size is None else height_width(image_size, "image_size")
    if None in size:
        raise ConfigError(_ANY_SIZE)
    known = zip(shape[1:3], size, strict=True)
    if any(own not in (None, side) for own, side in known):
        raise ConfigError(
            f"the model takes images of {shape[1]} x {shape[2]} pixels. Received: image_size="
            f"{image_size}"
        )
    return (*size, shape[3])
