"""A classifier's dense layers as convolutions, with the same weights."""

import keras

from keras_freq import checks
from keras_freq.dense.checked_cells import check_cells
from keras_freq.dense.converted_layers import Conversion, check_walkable


def convolutionize(model, input_shape=(None, None, 3), *, local=()):
    """Makes a classifier fully convolutional: on larger images it gives a map of scores.

    `Flatten` followed by `Dense` becomes a convolution as large as the feature map. Later dense
    layers become 1 x 1 convolutions. Global pooling becomes pooling over the size that the feature
    map has in `model`. At the model's own size the map has one cell, which holds the model's
    scores. On a larger image each cell holds the scores of a window of the model's size, and
    neighbouring windows share their computation. A cell differs from the scores of the window cut
    out only through zero padding: inside a larger image the model sees pixels where a crop has
    zeros. Layers with a stride and `padding="same"` pad as at the model's own size, whatever the
    size of the image.

    This holds only if no layer looks beyond a neighbourhood of each position. So layers and
    operations that are not known to be such are refused. At the end the new model is compared with
    `model` on a random image.

    Args:
        model: A functional or sequential `keras.Model` of a fixed input size, from images to class
            scores; models inside it are converted too. It is not changed.
        input_shape: `(height, width, channels)` of the new model; None for any size.
        local: Layer classes and activation functions of your own that compute each position from
            its neighbourhood alone, in the same way at every position. They are copied as they
            are. Defaults to none.

    Returns:
        A `keras.Model` with copies of the weights and the same names of layers, from
        `(N, H, W, C)` to `(N, rows, columns, K)`.

    Raises:
        TypeError: If `model` is not functional or sequential.
        ValueError: If it cannot be converted. The message names the layer and the cure.

    Example:
        >>> import numpy as np
        >>> from keras_freq.models import LeNet5
        >>> dense = convolutionize(LeNet5(), (None, None, 1))
        >>> dense(np.zeros((1, 28, 28, 1), "float32")).shape
        TensorShape([1, 1, 1, 10])
        >>> dense(np.zeros((1, 36, 28, 1), "float32")).shape
        TensorShape([1, 3, 1, 10])

    Source:
        Fleuret, "Deep learning" 8.2, whose routine converts linear layers only.
    """
    check_walkable(model)
    channels = model.inputs[0].shape[-1]
    if len(model.inputs[0].shape) != 4:
        raise ValueError(
            f"`model` must take images (N, H, W, C). Received: input shape {model.inputs[0].shape}"
        )
    input_shape = _checked_shape(input_shape, channels)
    inputs = keras.Input(input_shape, name=model.inputs[0].name, dtype=model.inputs[0].dtype)
    conversion = Conversion(_checked_local(local))
    convolutional = conversion.convert(model, inputs)[0]
    check_cells(model, convolutional, conversion.pads)
    return convolutional


def _checked_shape(input_shape, channels):
    """Reads `(height, width, channels)`; the first two may be None."""
    if not isinstance(input_shape, tuple | list) or len(input_shape) != 3:
        raise ValueError(
            f"`input_shape` must be (height, width, channels). Received: {input_shape!r}"
        )
    if input_shape[-1] != channels:
        raise ValueError(
            f"`input_shape` must end with the model's {channels} channels: use (None, None, "
            f"{channels}). Received: input_shape={tuple(input_shape)}"
        )
    sides = [side if side is None else checks.integer("input_shape", side) for side in input_shape]
    return tuple(sides)


def _checked_local(local):
    """Reads layer classes and functions as a tuple."""
    if not isinstance(local, tuple | list | set) or not all(map(callable, local)):
        raise TypeError(
            "`local` must be a list of layer classes and activation functions, such as "
            f"local=[MyLayer]. Received: local={local!r}"
        )
    return tuple(local)
