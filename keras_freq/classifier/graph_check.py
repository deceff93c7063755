"""Checks of a model by its graph: the layout, range and type of its images, and no chance."""

import inspect
import warnings
import weakref

import numpy as np
import tensorflow as tf

from keras_freq.classifier.input_conventions import PREPARES
from keras_freq.classifier.traced_model import traced
from keras_freq.image_checks import LEAST_VALUE

# What passed the checks of its graph, by the layers and images that were checked: tracing a large
# network takes seconds, and an analysis may ask about many data sets.
_CHECKED_GRAPHS = weakref.WeakKeyDictionary()


def check_graph(model, images):
    """Raises if the graph shows random numbers, or an entry for other images.

    Args:
        model: A `keras.Model` that takes images of this shape.
        images: A few images `(N, H, W, C)` float32 of the data set.

    Raises:
        ValueError: If the model has its channels first, casts images to integers, begins with
            arithmetic for values of another range than theirs, draws random numbers, or cannot be
            traced.
    """
    low = images.min() < LEAST_VALUE
    key = (images.shape[1:], images.max() > 16, low, *map(id, model._flatten_layers()))
    if _CHECKED_GRAPHS.get(model) == key:
        return
    check_layout(model, images.shape[1:])
    black_and_white = np.stack([np.zeros_like(images[0]), np.ones_like(images[0])])
    try:
        graph = traced(model, black_and_white)
    except (ValueError, TypeError, AttributeError, NotImplementedError, tf.errors.OpError) as error:
        raise ValueError(
            "`model` must run inside a tf.function, as it does in `model.predict`. "
            f"It failed with: {reason_of(error)}"
        ) from error
    if graph.random:
        raise ValueError(
            "`model` must give the same scores at each call. Received: random numbers from "
            f"{', '.join(map(repr, graph.random))}, also with training=False. Dropout and noise "
            "must be off at inference: call such layers with `training=training`, not "
            "`training=True`, and load the weights into the model that is built so"
        )
    for black, white in graph.whole_numbers:
        if np.abs(white - black).max() < 16:
            raise ValueError(integer_message("a model that casts its images to integers"))
    _warn_of_forced_training(model)
    # Filtered images may leave [0, 1], but stay far below 16. Images that are all black say nothing
    # of their range.
    prepares = any(layer.name == PREPARES for layer in model._flatten_layers())
    if low and prepares:
        raise ValueError(
            "`dataset` must hold images in [0, 1], since `keras_freq.adapt` has made `model` for "
            "such images, and it prepares them itself: leave out what prepares them before. If "
            "they are filtered, keep their mean (`neutral`). "
            f"Received: values from {images.min():.4g} to {images.max():.4g}"
        )
    if images.max() > 16:
        _check_divided(prepares, graph.entries, images.max())
    elif graph.entries and images.max() > 0:
        _check_range(graph.entries)
    _CHECKED_GRAPHS[model] = key


def _warn_of_forced_training(model):
    """Warns of `layer(x, training=True)` in a graph, which the call of the model overrules."""
    forced = sorted(
        {
            operation.name
            for network in model._flatten_layers()
            for operation in getattr(network, "operations", [])
            for node in operation._inbound_nodes
            if node.arguments.kwargs.get("training") is True and not _trains_by_default(operation)
        }
    )
    if forced:
        warnings.warn(
            f"`model` was built with training=True for {', '.join(map(repr, forced))}. Analyses "
            "call a model with training=False, as `model.predict` does, and Keras then runs these "
            "layers as at inference, without dropout or noise",
            stacklevel=5,
        )


def _trains_by_default(operation):
    """Whether a call without `training` stands in the graph as True, as of augmenting layers."""
    training = inspect.signature(type(operation).call).parameters.get("training")
    return training is not None and training.default is True


def _check_range(entries):
    """Raises if images in [0, 1] are far from what a model's first arithmetic is made for.

    Where that is `(x - centre) / scale`, images in [0, 1] have their mean below 1 and a standard
    deviation below 0.5. A scale above 16, or a centre above 2, is for larger values.
    """
    for black, white in entries:
        slope = (white - black).ravel()
        told = slope != 0  # padding does not depend on the images
        slope, black = slope[told], black.ravel()[told]
        large = np.abs(slope).max(initial=0) < 1 / 16 or (-black / slope).min(initial=np.inf) > 2
        if not told.any() or not large:
            return
    black, white = (entries[0][one].ravel()[told.argmax()] for one in (0, 1))
    raise ValueError(
        "`model` must take images in [0, 1], those of `dataset`. Received: a model that begins "
        "with arithmetic for larger values, such as those from 0 to 255: black (0) becomes "
        f"{black:.4g}, and white (1) becomes {white:.4g}. Wrap it: "
        "keras.Sequential([keras.Input(image_shape), keras.layers.Rescaling(255.0), model])"
    )


def _check_divided(prepares, entries, most):
    """Raises if values from 0 to 255 are given to a model that is made for images in [0, 1].

    `keras_freq.adapt` has made it, or its first arithmetic multiplies the distance of black from
    white by 2 (for [-1, 1]) or more. For values from 0 to 255, it would divide it, or leave it.
    """
    if prepares:
        why = "`keras_freq.adapt` has made `model` for such images"
    elif entries and min(map(_least_slope, entries)) > 1.5:
        why = "`model` begins with arithmetic for such images"
    else:
        return
    raise ValueError(
        f"`dataset` must hold images in [0, 1], since {why}: divide them by 255. "
        f"Received: values up to {most:.4g}"
    )


def _least_slope(entry):
    """By how much a model's first arithmetic multiplies the distance of black from white."""
    black, white = entry
    slope = np.abs(white - black)
    return slope[slope != 0].min(initial=np.inf)  # padding does not depend on the images


def check_layout(model, image_shape):
    """Raises if the first convolution takes the rows of images for channels."""
    convolutions = [
        layer
        for layer in model._flatten_layers()
        if hasattr(layer, "kernel_size") and hasattr(layer, "data_format") and layer.built
    ]
    if not convolutions or convolutions[0].data_format != "channels_first":
        return
    first = convolutions[0]
    channels = first.kernel.shape[-2] * getattr(first, "groups", 1)
    if channels != image_shape[-1]:
        moved = (image_shape[-1], *image_shape[:-1])
        raise ValueError(
            "`model` must take images with the channels last, (N, H, W, C). Received: layer "
            f"{first.name!r} with data_format='channels_first', which takes {channels} channels. "
            f"Build the model with keras.Input({moved}). {permuted(image_shape)}"
        )


def integer_message(what):
    """Says that a model takes integers, and how to mend it."""
    return (
        "`model` must take images as fractions, which become 0 when they are cast to integers. "
        f"Received: {what}. Build the model with a float input, or wrap it: "
        "images = keras.Input(image_shape); pixels = "
        "keras.ops.cast(keras.ops.round(keras.ops.clip(255 * images, 0, 255)), 'uint8'); "
        "keras.Model(images, model(pixels))"
    )


def permuted(image_shape):
    """Says how to wrap a model that has its channels first."""
    return (
        f"Wrap it: keras.Sequential([keras.Input({tuple(image_shape)}), "
        "keras.layers.Permute((3, 1, 2)), model])"
    )


def reason_of(error):
    """What an error says, without the values of the images, which Keras appends."""
    return str(error).split("Arguments received")[0].strip()
