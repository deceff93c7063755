"""Operations on brightness and colour: Pillow's, and shifts along the principal components of RGB.

Pillow defines its operations on the levels 0 to 255. The functions from `to_levels` to `sharpness`
take a float32 batch `(N, H, W, C)` of levels in [0, 255] and, if they have a strength, one for each
image `(N,)`. They give levels in [0, 255]. Unlike Pillow they do not round the result to whole
levels, so they differ from it by less than one level. What depends on a level (a bin of a
histogram, the bits of a number) takes the nearest whole one.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.batches_and_draws import (
    checked_value_range,
    in_value_range,
    per_image,
    split_seed,
    takes_batches,
)
from keras_freq.data.batches import as_batches
from keras_freq.data.passes import check_each, check_finite_length

WHITE = 255.0


def to_levels(images, value_range):
    """Maps `value_range` to [0, 255]; values beyond it become black or white."""
    images = in_value_range(images, value_range)
    low, high = checked_value_range(value_range)
    return tf.clip_by_value((images - low) * (WHITE / (high - low)), 0.0, WHITE)


def from_levels(levels, value_range):
    """Undoes `to_levels`."""
    low, high = checked_value_range(value_range)
    return tf.clip_by_value(levels * ((high - low) / WHITE) + low, low, high)


def fill_level(fill, value_range):
    """Reads `fill`, a value in the units of `value_range` or None, as a level."""
    low, high = checked_value_range(value_range)
    fill = low if fill is None else fill
    if isinstance(fill, bool) or not isinstance(fill, int | float) or not low <= fill <= high:
        raise ValueError(
            "`fill` must be a number within `value_range`, or None for its low end. "
            f"Received: fill={fill!r}, value_range={value_range}"
        )
    return (fill - low) / (high - low) * WHITE


def invert(levels):
    """Makes black white and white black."""
    return WHITE - levels


def posterize(levels, bits):
    """Keeps the highest 0 to 8 bits of every level."""
    step, inverse = (per_image(tf.pow(2.0, one)) for one in (8.0 - bits, bits - 8.0))
    # A division by what is constant in a graph becomes a product with an inexact inverse.
    return tf.floor(tf.round(levels) * inverse) * step


def solarize(levels, threshold):
    """Inverts the levels from a threshold (0 to 256) on."""
    # As arithmetic: a selection by broadcast conditions takes three times as long.
    inverted = tf.cast(tf.round(levels) >= per_image(threshold), tf.float32)
    return tf.abs(levels - WHITE * inverted)


def autocontrast(levels):
    """Stretches each channel of each image to [0, 255]; a constant channel stays."""
    darkest = tf.round(tf.reduce_min(tf.reduce_min(levels, axis=1), axis=1))
    brightest = tf.round(tf.reduce_max(tf.reduce_max(levels, axis=1), axis=1))
    constant = darkest == brightest
    scale = tf.where(constant, 1.0, tf.math.divide_no_nan(WHITE, brightest - darkest))
    darkest = tf.where(constant, 0.0, darkest)
    stretched = (levels - darkest[:, None, None]) * scale[:, None, None]
    return tf.clip_by_value(stretched, 0.0, WHITE)


def equalize(levels):
    """Spreads the levels of each channel of each image evenly, as `PIL.ImageOps.equalize`."""
    shape = tf.shape(levels)
    rows = shape[0] * shape[3]
    # Each channel of each image counts into 256 cells of its own.
    cell = tf.reshape(256 * tf.range(rows), [shape[0], 1, 1, shape[3]])
    cell += tf.cast(tf.round(levels), tf.int32)
    counts = tf.math.bincount(tf.reshape(cell, [-1]), minlength=rows * 256, maxlength=rows * 256)
    counts = tf.reshape(counts, [rows, 256])
    occupied = tf.range(256) * tf.cast(counts > 0, tf.int32)
    brightest = tf.reduce_max(occupied, axis=1)
    last = tf.gather(counts, brightest, axis=1, batch_dims=1)
    step = ((tf.reduce_sum(counts, axis=1) - last) // 255)[:, None]
    below = tf.cumsum(counts, axis=1, exclusive=True)
    table = tf.minimum((below + step // 2) // tf.maximum(step, 1), 255)
    # Where there are too few pixels to spread, the image stays.
    table = tf.where(step > 0, table, tf.range(256)[None])
    return tf.gather(tf.reshape(tf.cast(table, tf.float32), [-1]), cell)


def brightness(levels, factor):
    """Multiplies the levels: 0 is black, 1 the image, 2 twice as bright."""
    return tf.clip_by_value(levels * per_image(factor), 0.0, WHITE)


def color(levels, factor):
    """Scales the colours: 0 is grey, 1 the image, 2 twice as colourful; a grey image stays."""
    return _blend(_luma(levels), levels, factor)


def contrast(levels, factor):
    """Scales the contrast: 0 is the image's mean grey, 1 the image, 2 twice the contrast."""
    mean = tf.reduce_mean(tf.round(_luma(levels)), axis=[1, 2, 3], keepdims=True)
    return _blend(tf.floor(mean + 0.5), levels, factor)


def sharpness(levels, factor):
    """Sharpens: 0 is smoothed over 3x3 pixels, 1 the image, 2 sharpened.

    The outermost pixels stay.
    """
    rows = levels[:, :-2] + levels[:, 1:-1] + levels[:, 2:]
    box = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    inside = levels[:, 1:-1, 1:-1]
    change = (box + 4.0 * inside) / 13.0 - inside
    # In a single row or column the outermost pixel of both ends is the same.
    frame = [[1, tf.minimum(1, side - 1)] for side in tf.unstack(tf.shape(levels)[1:3])]
    change = tf.pad(change, [[0, 0], *frame, [0, 0]])
    return tf.clip_by_value(levels + change * (1.0 - per_image(factor)), 0.0, WHITE)


def _luma(levels):
    """Brightness of every pixel `(N, H, W, 1)`, by Pillow's weights."""
    if levels.shape[-1] is None:
        raise ValueError(
            "`images` must have a known number of channels, since RGB is weighted and others are "
            f"not. Set it with `tf.ensure_shape`. Received: shape {levels.shape}"
        )
    if levels.shape[-1] != 3:
        return tf.reduce_mean(levels, axis=-1, keepdims=True)
    weights = tf.constant([[19595.0], [38470.0], [7471.0]]) / 65536.0
    # A product of matrices is four times as fast as a sum over the channels.
    luma = tf.matmul(tf.reshape(levels, [-1, 3]), weights)
    return tf.reshape(luma, tf.concat([tf.shape(levels)[:3], [1]], axis=0))


def _blend(degenerate, levels, factor):
    """From the degenerate image (0) to the image (1) and beyond."""
    factor = per_image(factor)
    return tf.clip_by_value(degenerate * (1.0 - factor) + levels * factor, 0.0, WHITE)


class PcaColour(NamedTuple):
    """Principal components of the colours of a data set, for pixels scaled to [0, 1].

    Attributes:
        eigenvalues: Float64 `(3,)`, variances, the largest first.
        eigenvectors: Float64 `(3, 3)`, one in each column, of length 1. The entry of the largest
            magnitude in each column is positive.

    Example:
        >>> pca = PcaColour(np.array([0.2, 0.02, 0.005]), np.eye(3))
        >>> pca.eigenvalues.tolist()
        [0.2, 0.02, 0.005]
    """

    eigenvalues: np.ndarray
    eigenvectors: np.ndarray


def fit_pca_colour(dataset, *, value_range=(0, 1)):
    """Finds the principal components of the RGB values of all pixels, in one pass.

    Args:
        dataset: A finite `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. The
            images have three channels.
        value_range: (black, white) of the images. Defaults to (0, 1).

    Returns:
        A `PcaColour`: `eigenvalues` `(3,)` and `eigenvectors` `(3, 3)` of the covariance of pixels
        scaled to [0, 1], whatever `value_range` is.

    Raises:
        TypeError: As in `keras_freq.data.checked_batches`.
        ValueError: As in `keras_freq.data.checked_batches`, or if the images are not RGB.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> greys = np.random.default_rng(0).random((10, 8, 8, 1)).repeat(3, axis=-1)
        >>> pca = kf.augment.fit_pca_colour((greys, np.zeros(10)))
        >>> pca.eigenvectors[:, 0].round(3)
        array([0.577, 0.577, 0.577])
        >>> float(pca.eigenvalues[1:].max()) < 1e-9
        True

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1.
    """
    low, high = checked_value_range(value_range)
    pixels, total, products = 0, np.zeros(3), np.zeros((3, 3))
    batches = as_batches(dataset)
    if (low, high) != (0, 1):
        as_it_is = tf.autograph.experimental.do_not_convert
        batches = batches.map(
            as_it_is(lambda x, y: ((tf.cast(x, tf.float32) - low) / (high - low), y))
        )
    check_finite_length(batches)
    # The range of values is looked at here: there is no owner to be warned of it.
    for images, _ in check_each(batches.as_numpy_iterator(), None, batches, owner=None):
        _check_rgb(images.shape, "`dataset`")
        if not pixels:
            in_value_range(tf.constant(images * (high - low) + low), value_range)
        # Squares lose least around mid-grey.
        colours = images.reshape(-1, 3).astype(np.float64) - 0.5
        pixels += len(colours)
        total += colours.sum(axis=0)
        products += colours.T @ colours
    mean = total / pixels
    eigenvalues, eigenvectors = np.linalg.eigh(products / pixels - np.outer(mean, mean))
    eigenvalues, eigenvectors = np.maximum(eigenvalues[::-1], 0), eigenvectors[:, ::-1]
    largest = np.abs(eigenvectors).argmax(axis=0)
    return PcaColour(eigenvalues, eigenvectors * np.sign(eigenvectors[largest, range(3)]))


@takes_batches
def pca_colour(images, pca, *, seed, deviation=0.1, value_range=(0, 1)):
    """Shifts the colour of each whole image at random, most in the directions that vary most.

    It adds `eigenvectors @ (alpha * eigenvalues)` to every pixel. The three alphas are Gaussian and
    drawn once for each image.

    The eigenvalues are those of pixels in [0, 1], as in the implementations in use. The paper's
    formula depends on the unit: with pixels from 0 to 255 a shift would be 255 times as large,
    thousands of levels.

    Args:
        images: Float `(N, H, W, 3)`, or one image `(H, W, 3)`.
        pca: What `fit_pca_colour` gave, or any pair (eigenvalues `(3,)`, eigenvectors `(3, 3)` in
            columns).
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        deviation: Standard deviation of the alphas, >= 0. Defaults to 0.1, as in the paper.
        value_range: (black, white) of the images. Defaults to (0, 1).

    Returns:
        Float32 tensor of the images' shape. Values may leave `value_range` and are not clipped, as
        in the paper.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If the images are not RGB, or `pca` is no such pair.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((4, 8, 8, 3))
        >>> pca = kf.augment.fit_pca_colour((images, np.arange(4)))
        >>> shifts = kf.augment.pca_colour(images, pca, seed=(0, 1)) - images
        >>> bool(np.ptp(shifts, axis=(1, 2)).max() < 1e-6)  # one shift for all pixels of an image
        True

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1.
    """
    _check_rgb(images.shape, "`images`")
    low, high = checked_value_range(value_range)
    deviation = checks.number("deviation", deviation, 0, 100, "a standard deviation")
    try:
        eigenvalues, eigenvectors = (np.asarray(part, np.float64) for part in pca)
        valid = eigenvalues.shape == (3,) and eigenvectors.shape == (3, 3)
    except (TypeError, ValueError):
        valid = False
    if not valid or not (np.isfinite(eigenvalues).all() and np.isfinite(eigenvectors).all()):
        raise ValueError(
            "`pca` must be a pair (eigenvalues (3,), eigenvectors (3, 3)), as `fit_pca_colour` "
            f"gives. Received: pca={pca!r}"
        )
    images = in_value_range(images, value_range)
    (alpha_seed,) = split_seed(seed, 1)
    alphas = tf.random.stateless_normal([tf.shape(images)[0], 3], alpha_seed, stddev=deviation)
    shift = (alphas * eigenvalues.astype(np.float32)) @ eigenvectors.T.astype(np.float32)
    return images + shift[:, None, None, :] * (high - low)


def _check_rgb(shape, what):
    """Raises unless images have three channels."""
    if shape[-1] not in (3, None):
        raise ValueError(
            f"{what} must hold RGB images, with three channels: other images have no colours to "
            f"shift. Received: shape {tuple(shape)}"
        )
