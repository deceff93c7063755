"""How every augmentation reads its images and its seed, and how each image draws for itself."""

import functools
import math

import tensorflow as tf

from keras_freq import checks
from keras_freq.fourier.filters import as_float_images

# AutoGraph has nothing to convert in this package. On Python 3.13 it warns hundreds of times if it
# is given a function that a user's `map` calls.
no_autograph = tf.autograph.experimental.do_not_convert


def takes_batches(augment):
    """Makes a function of a float32 batch `(N, H, W, C)` take one image `(H, W, C)` as well.

    The function gets the image as a batch of 1, and the caller gets one image back.
    """

    @no_autograph
    @functools.wraps(augment)
    def of_batch_or_image(images, *args, **kwargs):
        images = as_float_images(images)
        if images.shape.rank == 3:
            return augment(images[None], *args, **kwargs)[0]
        return augment(images, *args, **kwargs)

    return of_batch_or_image


def split_seed(seed, count):
    """Makes `count` independent seeds out of one, or raises if it is no stateless seed."""
    return tf.unstack(tf.random.split(checks.stateless_seed(seed), count))


def per_image_strength(strength, images):
    """Reads `strength`, a number or one for each image, as a float32 tensor `()` or `(N,)`."""
    try:
        read = tf.convert_to_tensor(strength, tf.float32)
        valid = read.shape.is_compatible_with([]) or read.shape.is_compatible_with(images.shape[:1])
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            "`strength` must be a number, or one for each image (N,). "
            f"Received: strength={strength!r}"
        )
    return read


def checked_value_range(value_range):
    """Reads `value_range` as two floats, or raises."""
    try:
        low, high = (float(value) for value in value_range)
        valid = not isinstance(value_range, str) and -math.inf < low < high < math.inf
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            "`value_range` must be the pair (black, white), with black < white, such as (0, 1) or "
            f"(0, 255). Received: value_range={value_range!r}"
        )
    return low, high


def in_value_range(images, value_range):
    """Looks whether images can have the range of values that the caller says.

    They cannot if a value lies far beyond it, as 255 is beyond (0, 1); if a quarter of the values
    lie beyond it, as in images from -1 to 1 or normalised ones; or if the range is (0, 255) or the
    like, and all values lie in [0, 1]. Black images pass.

    Args:
        images: Float32 tensor `(N, H, W, C)`, also while a graph is traced. The graph then looks.
        value_range: (black, white), or anything else, which is refused.

    Returns:
        The images.

    Raises:
        ValueError: If they cannot. A graph raises `tf.errors.InvalidArgumentError`, with the same
            words.
    """
    low, high = checked_value_range(value_range)
    span = high - low
    least, most = tf.reduce_min(images), tf.reduce_max(images)
    beyond = tf.abs(images - (low + high) / 2) > 0.55 * span
    wrong = (most > high + 15 * span) | (least < low - 15 * span)
    wrong |= tf.reduce_mean(tf.cast(beyond, tf.float32)) > 0.25
    if low == 0 and high > 16:
        wrong |= (least >= 0) & (most > 0) & (most <= 1)
    message = (
        "`images` must have the values of `value_range`, from black to white. Give the range that "
        "they have, such as value_range=(0, 255), or augment before you normalise them. "
        f"Received: value_range={value_range}, and values from, to"
    )
    if not tf.executing_eagerly():
        with tf.control_dependencies([tf.debugging.Assert(~wrong, [message, least, most])]):
            return tf.identity(images)
    if wrong:
        raise ValueError(f"{message} {float(least):.4g}, {float(most):.4g}")
    return images


def uniform(seed, count, low=0.0, high=1.0):
    """Draws one number for each image, uniform in [low, high).

    A short batch gets the first draws of a longer one.
    """
    return tf.random.stateless_uniform([count], seed, low, high)


def happens(seed, count, probability):
    """Draws for each image whether something happens, as booleans `(N,)`."""
    return uniform(seed, count) < probability


def signs(seed, count):
    """Draws -1 or 1 for each image."""
    return tf.where(happens(seed, count, 0.5), -1.0, 1.0)


def per_image(values):
    """Reshapes `(N,)` to `(N, 1, 1, 1)`, which fits `(N, H, W, C)`."""
    return tf.reshape(values, [-1, 1, 1, 1])


def within(result, images):
    """Clips each result to the values that its image has: rounding may have gone beyond them."""
    least = tf.reduce_min(images, axis=[1, 2, 3], keepdims=True)
    return tf.clip_by_value(result, least, tf.reduce_max(images, axis=[1, 2, 3], keepdims=True))
