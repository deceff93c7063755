"""A last check of a fully convolutional model: its cells are the scores of their windows."""

import bisect

import keras
import numpy as np


def smallest_side(num_cells, cells, start=0):
    """The smallest side of an image above `start` at which `num_cells(side)` is >= `cells`."""
    sides = range(start + 1, 2**16 + 1)
    place = bisect.bisect_left(sides, cells, key=num_cells)
    if place == len(sides):
        raise ValueError("`model` gives no map at any size up to 65,536 pixels.")
    return sides[place]


def check_cells(model, convolutional, pads):
    """Raises unless cells are the scores of their windows, on one random image.

    These are the first cell, and where the image may have any size also the next one in both
    directions. With padding cells differ from windows that are cut out, but for the model's own
    size.

    Args:
        model: The model of a fixed size that was converted.
        convolutional: What became of it.
        pads: Whether a layer pads.
    """
    own, wanted = model.inputs[0].shape[1:], convolutional.inputs[0].shape[1:3]
    outputs = [tuple(output.shape[1:]) for output in model.outputs]
    if None in own or any(len(shape) != 1 for shape in outputs):
        return
    count, strides = None, (0, 0)
    if wanted == (None, None) and not pads and len(outputs) == 1:
        count = _count(convolutional, own)
        strides = [_stride(convolutional, own, axis) for axis in (0, 1)]
    elif any(fixed not in (None, side) for fixed, side in zip(wanted, own, strict=False)):
        return  # for other sizes only
    sides = [own[0] + strides[0], own[1] + strides[1]]
    image = np.random.default_rng(0).random((1, *sides, own[-1]))
    image = image if "float" in model.inputs[0].dtype else np.round(255 * image)
    image = keras.ops.cast(image, model.inputs[0].dtype)
    maps = [_array(one) for one in keras.tree.flatten(convolutional(image, training=False))]
    for index in range(2 if any(strides) else 1):
        top, left = index * strides[0], index * strides[1]
        window = image[:, top : top + own[0], left : left + own[1]]
        scores = keras.tree.flatten(model(window, training=False))
        for cells, expected in zip(maps, map(_array, scores), strict=True):
            rows, columns = count or cells.shape[1:3]
            own_cells = cells[:, index : index + rows, index : index + columns]
            _check_close(model, own_cells.reshape(1, -1), expected)


def _count(convolutional, shape):
    """How many rows and columns of cells an image has."""
    return convolutional.compute_output_shape((1, *shape))[1:3]


def _stride(convolutional, own, axis):
    """How many pixels two windows are apart."""

    def num_cells(side):
        shape = list(own)
        shape[axis] = side
        return _count(convolutional, shape)[axis]

    # The model's own size may be larger than it needs, so that the next cell comes early.
    following = smallest_side(num_cells, num_cells(own[axis]) + 1, own[axis])
    return smallest_side(num_cells, num_cells(following) + 1, following) - following


def _check_close(model, cell, expected):
    """Raises unless the scores of a cell are those of its window, up to rounding."""
    half = any(layer.compute_dtype != "float32" for layer in model._flatten_layers())
    tolerance = (0.1 if half else 1e-3) * max(np.abs(expected).max(), 1e-30)
    if np.isfinite(expected).all() and not (np.abs(cell - expected) <= tolerance).all():
        raise ValueError(
            "`model` cannot be made fully convolutional: on a random image the cells of the map "
            "are not the model's scores of their windows. They differ by up to "
            f"{np.abs(cell - expected).max():.3g}, where scores are up to "
            f"{np.abs(expected).max():.3g}. A layer of it looks at the whole map, or answers "
            "otherwise each time. Build the model of Keras' own layers, and look at those in "
            "`local`"
        )


def _array(scores):
    """Scores as float64."""
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(scores, "float32")), np.float64)
