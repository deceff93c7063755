"""Predictions averaged over several scales or ten crops of an image, and what a map looks at."""

import keras
import numpy as np
from keras import ops

from keras_freq import checks
from keras_freq.classifier.model_check import check_model
from keras_freq.dense.checked_cells import smallest_side


def map_geometry(model):
    """Finds the pixels that each cell of a fully convolutional model's map looks at.

    Args:
        model: A model from `convolutionize` or `dense_pooling`, of any input size.

    Returns:
        `(window, stride)` in pixels: cell (i, j) is the prediction for the square of side `window`
        whose upper left corner is at row `i * stride` and column `j * stride`. `window` is the
        smallest image that gives a cell, up to a stride less than the size the model was made for.

    Raises:
        ValueError: If the model does not give maps, has a fixed size, or was made for images that
            are not square.

    Example:
        >>> from keras_freq.dense import convolutionize
        >>> from keras_freq.models import LeNet5
        >>> map_geometry(convolutionize(LeNet5(), (None, None, 1)))
        (28, 4)
    """
    channels = _image_shape(model)[-1]
    if not isinstance(model.output_shape, tuple) or len(model.output_shape) != 4:
        raise ValueError(
            "`model` must give maps of scores (N, rows, columns, K): call "
            "`keras_freq.convolutionize(model)` first."
        )
    _check_any_size(model)
    window = _smallest_side(model, 1)
    shape = model.compute_output_shape((1, window, window, channels))
    if tuple(shape[1:3]) != (1, 1):
        raise ValueError(
            "`model` must have square windows. Received: a model whose smallest square image, "
            f"{window} x {window}, has {shape[1]} x {shape[2]} cells"
        )
    return window, _smallest_side(model, 2, start=window) - window


def predict_multiscale(model, image, scales, *, flip=False):
    """Averages the scores of one image over its maps at several sizes.

    Args:
        model: A fully convolutional model, as from `convolutionize`, or one that ends in global
            pooling and takes images of any size.
        image: `(H, W, C)` in [0, 1].
        scales: Lengths of the shorter side in pixels, such as (256, 288, 320); the image is resized
            to each, keeping its proportions (bilinear, smoothed when it shrinks).
        flip: Whether to add the mirror image at each scale.

    Returns:
        `(K,)` float32: the mean over the scales of the mean over each map, class by class. Logits
        or probabilities are averaged, whichever the model gives.

    Raises:
        ValueError: If the model takes one size only, a scale is too small for it, or the image is
            not in [0, 1].

    Example:
        >>> from keras_freq.dense import convolutionize
        >>> from keras_freq.models import LeNet5
        >>> model = convolutionize(LeNet5(), (None, None, 1))
        >>> predict_multiscale(model, np.zeros((40, 60, 1)), (28, 32, 48)).shape
        (10,)

    Source:
        Sermanet et al. (2013), section 3.3, with six scales; Simonyan and Zisserman (2014),
        section 3.2, with three.
    """
    image = checks.real_array("image", image, "(H, W, C)", ndim=3)
    checks.images("`image`", image[None])
    image = image.astype("float32")
    _check_any_size(model)
    _check_channels("image", image, model)
    scales = np.ravel(scales).tolist()
    if not scales:
        raise ValueError("`scales` must hold at least one length in pixels. Received: none")
    for scale in scales:
        checks.positive("scales", scale, "lengths in pixels")
    sizes = [_resized(image.shape, scale) for scale in scales]
    for scale, (height, width) in zip(scales, sizes, strict=True):
        if not _cells(model, height, width):
            raise ValueError(
                f"`scales` must not be smaller than the model's window. Received: {scale}, which "
                f"makes the image {height} x {width}"
            )

    means = []
    for size in sizes:
        view = ops.image.resize(image[None], size, "bilinear", antialias=True)
        if flip:
            view = ops.concatenate([view, ops.flip(view, axis=2)])
        # Scores of a model in half precision would be summed up in it.
        scores = np.asarray(model(view, training=False)).astype("float32")
        means.append(scores.mean(axis=tuple(range(scores.ndim - 1))))
    return np.mean(means, axis=0)


def predict_ten_crop(model, images, *, batch_size=64):
    """Averages scores over crops: the four corners, the centre, and their mirror images.

    Args:
        model: Any `keras.Model` of a fixed input size, from images to scores `(N, K)`.
        images: `(N, H, W, C)` in [0, 1], at least as large as the model's input; 256 x 256 for a
            model of 224 x 224 in the paper.
        batch_size: How many crops the model sees at once.

    Returns:
        `(N, K)` float32 means.

    Raises:
        ValueError: If the images are smaller than the model's input or not in [0, 1], or the model
            has no fixed input size.

    Example:
        >>> from keras_freq.models import LeNet5
        >>> predict_ten_crop(LeNet5(), np.zeros((3, 32, 32, 1))).shape
        (3, 10)

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1.
    """
    images = checks.real_array("images", images, "(N, H, W, C)", ndim=4)
    checks.images("`images`", images)
    images = images.astype("float32")
    batch_size = checks.integer("batch_size", batch_size)
    size = _image_shape(model)[:2]
    if None in size:
        raise ValueError(
            "`model` must have a fixed input size, which is that of the crops. Received: a model "
            f"of input shape {model.input_shape}"
        )
    _check_channels("images", images, model)
    if images.shape[1] < size[0] or images.shape[2] < size[1]:
        raise ValueError(
            f"`images` must be (N, H, W, C), at least {size[0]} x {size[1]}. Received: shape "
            f"{images.shape}"
        )
    check_model(model, images[:2, : size[0], : size[1]])
    bottom, right = images.shape[1] - size[0], images.shape[2] - size[1]
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    total = 0.0
    for top, left in corners:
        crop = images[:, top : top + size[0], left : left + size[1]]
        for view in (crop, crop[:, :, ::-1]):
            scores = model.predict(view, batch_size=batch_size, verbose=0)
            total = total + scores.astype("float32")
    return total / 10


def _resized(shape, scale):
    """Height and width of an image whose shorter side becomes `scale` pixels."""
    shorter = min(shape[:2])
    return tuple(round(side * scale / shorter) for side in shape[:2])


def _cells(model, height, width):
    """Whether the model can make at least one cell of such an image."""
    try:
        shape = model.compute_output_shape((1, height, width, model.input_shape[-1]))
    except ValueError:
        return False
    return all(side is None or side > 0 for side in shape)


def _image_shape(model):
    """`(H, W, C)` of the images that a model takes, with None for any size."""
    shape = getattr(model, "input_shape", None) if isinstance(model, keras.Model) else None
    if not isinstance(shape, tuple) or len(shape) != 4:
        raise TypeError(
            "`model` must be a functional keras.Model, or a keras.Sequential that begins with "
            "keras.Input, with one input of images (N, H, W, C). "
            f"Received: {type(model).__name__} of input shape {shape}"
        )
    return shape[1:]


def _check_channels(name, images, model):
    """Raises unless images have the channels that a model takes."""
    channels = _image_shape(model)[-1]
    if channels not in (None, images.shape[-1]):
        raise ValueError(
            f"`{name}` must have the {channels} channels that `model` takes. "
            f"Received: shape {images.shape}"
        )


def _check_any_size(model):
    """Raises unless `model` takes images of any size."""
    if None not in _image_shape(model)[:2]:
        raise ValueError(
            "`model` must take images of any size: call `keras_freq.convolutionize(model)` first. "
            f"Received: a model of input shape {model.input_shape}"
        )


def _smallest_side(model, cells, start=0):
    """The smallest square image above `start` whose map has `cells` rows and columns."""

    def num_cells(side):
        try:
            shape = model.compute_output_shape((1, side, side, model.input_shape[-1]))
        except ValueError:
            return 0
        return min(shape[1:3])

    return smallest_side(num_cells, cells, start)
