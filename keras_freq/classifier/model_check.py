"""Checks of a model: it takes the images, and gives finite class scores."""

import keras
import numpy as np
import tensorflow as tf


def check_model(model, images, num_classes=None):
    """Runs a model on a few images and raises unless it classifies them.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        images: A few images `(N, H, W, C)` of the data set.
        num_classes: The number of classes K. Defaults to None, where any K is right.

    Returns:
        The scores, a float64 array `(N, K)`.

    Raises:
        TypeError: If `model` is not a `keras.Model`.
        ValueError: If the model takes other images, has several inputs or outputs, does not give K
            scores for each image, or gives NaN or infinity.

    Example:
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
        >>> check_model(model, np.ones((3, 2, 2, 1)), num_classes=4).shape
        (3, 4)
    """
    images = np.asarray(images, np.float32)
    check_input(model, images.shape[1:])
    try:
        scores = model(images, training=False)
    except (ValueError, TypeError, tf.errors.OpError) as error:
        # Keras appends every value of the images to its message.
        reason = str(error).split("Arguments received")[0].strip()
        raise ValueError(
            f"`model` must take images of shape {images.shape[1:]}, those of `dataset`. "
            f"It failed with: {reason}"
        ) from error
    check_scores(scores, num_classes)
    scores = np.asarray(keras.ops.convert_to_numpy(scores), np.float64)
    check_finite(np.isfinite(scores).all(axis=1))
    return scores


def check_input(model, image_shape):
    """Raises unless `model` is a Keras model of one input, which takes images of this shape."""
    if not isinstance(model, keras.Model):
        raise TypeError(
            "`model` must be a keras.Model that maps images to class scores. "
            f"Received: {type(model).__name__}"
        )
    # A model that is not built yet has no input shape: it takes any.
    expected = getattr(model, "input_shape", None)
    if expected is None:
        return
    sizes = expected if isinstance(expected, tuple) else (expected,)
    if not all(size is None or isinstance(size, int) for size in sizes):
        raise ValueError(f"`model` must have one input, images. Received: inputs {expected}")
    if len(expected) != 4 or any(
        size not in (None, given) for size, given in zip(expected[1:], image_shape, strict=True)
    ):
        raise ValueError(
            f"`model` must take images of shape {image_shape}, those of `dataset`. Received: a "
            f"model that takes {expected[1:]}"
        )


def check_scores(scores, num_classes=None):
    """Raises a ValueError unless the output of a model is one tensor `(N, num_classes)`."""
    if not hasattr(scores, "shape"):
        raise ValueError(
            f"`model` must have one output, the class scores. Received: {len(scores)} outputs. "
            "Build keras.Model(model.inputs, scores) from the output that holds the scores"
        )
    shape, wanted = tuple(scores.shape), num_classes or "num_classes"
    if len(shape) == 2 and num_classes in (None, shape[1]):
        return
    hint = ""
    if shape[-1:] == (1,):
        hint = ". Replace its single sigmoid unit by Dense(2, activation='softmax')"
    raise ValueError(
        f"`model` must give class scores of shape (N, {wanted})"
        f"{f', since num_classes={num_classes}' if num_classes else ''}. "
        f"Received: output shape {shape}{hint}"
    )


def check_finite(finite, where=""):
    """Raises a ValueError unless a model's scores of all images are finite.

    Args:
        finite: `(N,)` bool, whether the scores of each image are finite.
        where: What was done to the images, to follow the word "images" in the message.
    """
    finite = np.asarray(finite)
    if not finite.all():
        raise ValueError(
            f"`model` must give finite scores. Received: NaN or infinity for {(~finite).sum()} of "
            f"{finite.size} images{where}. Its training may have diverged"
        )
