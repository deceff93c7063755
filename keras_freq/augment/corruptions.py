"""The common corruptions that need no other images: noise, blur, contrast, JPEG and the like."""

import functools

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.batches_and_draws import takes_batches
from keras_freq.data.stored_as_jpeg import stored_as_jpeg

# What the published data sets take at severities 1 to 5: deviations of noise (shot noise: photons
# at white; impulse noise: the share of values), pixels of a blur's deviation, factors of contrast,
# additions to the HSV value, shares of the side, qualities of JPEG.
SEVERITIES = {
    "cifar": {
        "gaussian_noise": (0.04, 0.06, 0.08, 0.09, 0.10),
        "shot_noise": (500, 250, 100, 75, 50),
        "impulse_noise": (0.01, 0.02, 0.03, 0.05, 0.07),
        "speckle_noise": (0.06, 0.1, 0.12, 0.16, 0.2),
        "gaussian_blur": (0.4, 0.6, 0.7, 0.8, 1),
        "contrast": (0.75, 0.5, 0.4, 0.3, 0.15),
        "brightness": (0.05, 0.1, 0.15, 0.2, 0.3),
        "pixelate": (0.95, 0.9, 0.85, 0.75, 0.65),
        "jpeg": (80, 65, 58, 50, 40),
    },
    "imagenet": {
        "gaussian_noise": (0.08, 0.12, 0.18, 0.26, 0.38),
        "shot_noise": (60, 25, 12, 5, 3),
        "impulse_noise": (0.03, 0.06, 0.09, 0.17, 0.27),
        "speckle_noise": (0.15, 0.2, 0.35, 0.45, 0.6),
        "gaussian_blur": (1, 2, 3, 4, 6),
        "contrast": (0.4, 0.3, 0.2, 0.1, 0.05),
        "brightness": (0.1, 0.2, 0.3, 0.4, 0.5),
        "pixelate": (0.6, 0.5, 0.4, 0.3, 0.25),
        "jpeg": (25, 18, 15, 10, 7),
    },
}
CORRUPTIONS = tuple(SEVERITIES["cifar"])
# These draw; the others do the same each time.
NOISES = CORRUPTIONS[:4]
# A Gaussian kernel ends at so many deviations.
_TRUNCATE = 4.0


@takes_batches
def corrupt(images, corruption, severity=3, *, seed=None, benchmark="cifar"):
    """Corrupts images as the published benchmarks of robustness do.

    All are TensorFlow operations, eager and in `ds.map`:
    `ds.map(lambda x, y: (kf.augment.corrupt(x, "jpeg", 2), y))`.

    - `"gaussian_noise"`, `"speckle_noise"`: normal noise, as it is, or times the value.
    - `"shot_noise"`: a Poisson number of photons. `"impulse_noise"`: values become 0 or 1.
    - `"gaussian_blur"`: edges are repeated beyond the image.
    - `"contrast"`: towards the mean of each channel. `"brightness"`: more HSV value.
    - `"pixelate"`: averaged over boxes to a smaller image, and back. `"jpeg"`: stored and read.

    Args:
        images: Floating-point images `(N, H, W, C)`, or one image `(H, W, C)`, in [0, 1]. `"jpeg"`
            needs 1 or 3 channels; `"gaussian_blur"`, `"pixelate"` a known height and width.
        corruption: One of `keras_freq.augment.CORRUPTIONS`.
        severity: 1 to 5. Defaults to 3.
        seed: Stateless seed of the noises, a pair of ints, or an int tensor `(2,)`. The others need
            none. Each image draws for itself, by its place in the batch. Defaults to None.
        benchmark: Whose severities: "cifar", made for 32x32, or "imagenet", for 224x224. Those in
            pixels are in pixels of the given images. Defaults to "cifar".

    Returns:
        A float32 tensor of the images' shape. Values are clipped to [0, 1], as published.

    Raises:
        TypeError: If the images are not floating-point.
        ValueError: If an argument is out of range, a noise has no seed, or a size is not known.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).uniform(size=(2, 8, 8, 3))
        >>> noisy = kf.augment.corrupt(images, "gaussian_noise", 5, seed=(0, 1))
        >>> bool(0.08 < np.std(noisy - images) < 0.1)  # clipped: less than 0.1
        True

    See Also:
        `keras_freq.corruption_errors`, the error of a model under all of them;
        `keras_freq.corruption_spectrum`, which frequencies they change.

    Source:
        D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common
        corruptions and perturbations", ICLR 2019. Their images are stored in 8 bits; ours are not
        rounded, except by `"jpeg"`.
    """
    corruption = checks.choice("corruption", corruption, CORRUPTIONS)
    benchmark = checks.choice("benchmark", benchmark, tuple(SEVERITIES))
    severity = checks.integer("severity", severity)
    if severity > 5:
        raise ValueError(f"`severity` must be an integer from 1 to 5. Received: {severity}")
    amount = SEVERITIES[benchmark][corruption][severity - 1]
    options = {}
    if corruption in NOISES:
        options["seed"] = checks.stateless_seed(seed)
    corrupted = _FUNCTIONS[corruption](images, amount, **options)
    return tf.ensure_shape(tf.clip_by_value(corrupted, 0.0, 1.0), images.shape)


def _gaussian_noise(images, deviation, *, seed):
    return images + deviation * tf.random.stateless_normal(tf.shape(images), seed)


def _shot_noise(images, photons, *, seed):
    rates = tf.maximum(images, 0.0) * photons
    return tf.random.stateless_poisson(tf.shape(images), seed, rates, tf.float32) / photons


def _impulse_noise(images, share, *, seed):
    # One draw tells whether a value changes, and to what: half of those that do become white.
    drawn = tf.random.stateless_uniform(tf.shape(images), seed)
    white = tf.cast(drawn < share / 2, tf.float32)
    return tf.where(drawn < share, white, images)


def _speckle_noise(images, deviation, *, seed):
    return images + images * deviation * tf.random.stateless_normal(tf.shape(images), seed)


def _gaussian_blur(images, deviation):
    return _along_sides(images, functools.partial(_blurring, deviation=deviation))


def _contrast(images, factor):
    means = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
    return (images - means) * factor + means


def _brightness(images, added):
    # The HSV value is the largest channel. Hue and saturation stay if all grow in proportion.
    value = tf.reduce_max(images, axis=-1, keepdims=True)
    brighter = tf.minimum(value + added, 1.0)
    return tf.where(value > 0, images * tf.math.divide_no_nan(brighter, value), brighter)


def _pixelate(images, share):
    return _along_sides(images, functools.partial(_pixelating, share=share))


_FUNCTIONS = dict(
    zip(
        CORRUPTIONS,
        (
            *(_gaussian_noise, _shot_noise, _impulse_noise, _speckle_noise, _gaussian_blur),
            *(_contrast, _brightness, _pixelate, stored_as_jpeg),
        ),
        strict=True,
    )
)


def _along_sides(images, matrix_of):
    """Multiplies the columns and then the rows of images by the matrices for their lengths."""
    height, width = images.shape[1:3]
    if height is None or width is None:
        raise ValueError(
            "`images` must have a known height and width (`tf.ensure_shape` sets them). "
            f"Received: shape {images.shape}"
        )
    rows, columns = (tf.constant(matrix_of(side), tf.float32) for side in (height, width))
    return tf.einsum("iy,nyxc,jx->nijc", rows, images, columns)


@functools.lru_cache(maxsize=32)
def _blurring(side, deviation):
    """The matrix `(side, side)` of a Gaussian blur, whose edges are repeated."""
    reach = int(_TRUNCATE * deviation + 0.5)
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-(offsets**2) / (2 * deviation**2))
    matrix = np.zeros((side, side))
    for offset, weight in zip(offsets, weights / weights.sum(), strict=True):
        places = np.clip(np.arange(side) + offset, 0, side - 1)
        np.add.at(matrix, (np.arange(side), places), weight)
    return matrix


@functools.lru_cache(maxsize=32)
def _pixelating(side, share):
    """The matrix `(side, side)` that averages to `int(share * side)` boxes, and spreads these."""
    boxes = max(1, int(side * share))
    return _box_resizing(boxes, side) @ _box_resizing(side, boxes)


def _box_resizing(old, new):
    """The matrix `(new, old)` that resizes a side as Pillow's box filter does.

    A box holds the old pixels whose centres are in it; it has the width of a pixel at least.
    """
    scale = old / new
    width, places = max(scale, 1.0), np.arange(old)
    centres = (np.arange(new)[:, None] + 0.5) * scale
    # In Pillow's order, whose rounding decides where a centre lies on an edge.
    first, last = (np.trunc(centres + side * 0.5 * width + 0.5) for side in (-1, 1))
    distances = (places - centres + 0.5) * (1 / width)
    held = (distances > -0.5) & (distances <= 0.5) & (places >= first) & (places < last)
    return held / held.sum(axis=1, keepdims=True)
