"""The colour augmentation of the 2012 paper: shifts along the principal components of RGB."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from keras_freq.augment.arguments import (
    as_batch,
    checked_number,
    checked_value_range,
    split,
    unbatched,
)
from keras_freq.data import as_batches, checked_batches


class PcaColour(NamedTuple):
    """Principal components of the colours of a data set, for pixels scaled to [0, 1].

    Attributes:
        eigenvalues: `(3,)` float64, variances, the largest first.
        eigenvectors: `(3, 3)` float64, one in each column, of length 1; the largest entry of each
            is positive.

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
        dataset: a finite `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays, with
            three channels.
        value_range: (black, white) of the images.

    Returns:
        A `PcaColour`: `eigenvalues` `(3,)` and `eigenvectors` `(3, 3)` of the covariance of pixels
        scaled to [0, 1], whatever `value_range` is.

    Raises:
        TypeError, ValueError: as `keras_freq.data.checked_batches`; the images are not RGB.

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
        batches = batches.map(lambda x, y: ((tf.cast(x, tf.float32) - low) / (high - low), y))
    for images, _ in checked_batches(batches):
        _check_rgb(images.shape, "`dataset`")
        # Around mid-grey, where squares lose least.
        colours = images.reshape(-1, 3).astype(np.float64) - 0.5
        pixels += len(colours)
        total += colours.sum(axis=0)
        products += colours.T @ colours
    mean = total / pixels
    eigenvalues, eigenvectors = np.linalg.eigh(products / pixels - np.outer(mean, mean))
    eigenvalues, eigenvectors = np.maximum(eigenvalues[::-1], 0), eigenvectors[:, ::-1]
    largest = np.abs(eigenvectors).argmax(axis=0)
    return PcaColour(eigenvalues, eigenvectors * np.sign(eigenvectors[largest, range(3)]))


def pca_colour(images, pca, *, seed, deviation=0.1, value_range=(0, 1)):
    """Shifts the colour of each whole image at random, more where the colours of the data vary.

    Adds `eigenvectors @ (alpha * eigenvalues)` to every pixel, with three Gaussian alphas, drawn
    once for each image.

    The eigenvalues are those of pixels in [0, 1], as in the implementations in use. The paper's
    formula is not free of units: with pixels from 0 to 255 a shift would be 255 times as large,
    thousands of levels.

    Args:
        images: float `(N, H, W, 3)`, or one image `(H, W, 3)`.
        pca: what `fit_pca_colour` gave, or any pair (eigenvalues `(3,)`, eigenvectors `(3, 3)` in
            columns).
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        deviation: standard deviation of the alphas, >= 0; 0.1 in the paper.
        value_range: (black, white) of the images.

    Returns:
        float32 of the images' shape. Values may leave `value_range` and are not clipped, as in the
        paper.

    Raises:
        TypeError: the images are not floats.
        ValueError: the images are not RGB, or `pca` is no such pair.

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
    batch, single = as_batch(images)
    _check_rgb(batch.shape, "`images`")
    low, high = checked_value_range(value_range)
    deviation = checked_number("deviation", deviation, 0, 100, "a standard deviation")
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
    (alpha_seed,) = split(seed, 1)
    alphas = tf.random.stateless_normal([tf.shape(batch)[0], 3], alpha_seed, stddev=deviation)
    shift = (alphas * eigenvalues.astype(np.float32)) @ eigenvectors.T.astype(np.float32)
    return unbatched(batch + shift[:, None, None, :] * (high - low), single)


def _check_rgb(shape, what):
    """Raises unless images have three channels."""
    if shape[-1] not in (3, None):
        raise ValueError(
            f"{what} must hold RGB images, with three channels: other images have no colours to "
            f"shift. Received: shape {tuple(shape)}"
        )
