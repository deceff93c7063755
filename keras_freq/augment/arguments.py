"""What all augmentations ask of their arguments, and how they draw."""

import math
import numbers

import tensorflow as tf

from keras_freq.fourier.filters import as_float_images


def as_batch(images):
    """Reads images as a float32 batch.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.

    Returns:
        The batch `(N, H, W, C)`, and whether it is one image that became a batch of 1.
    """
    images = as_float_images(images)
    single = images.shape.rank == 3
    return (images[None] if single else images), single


def unbatched(images, single):
    """Undoes `as_batch`."""
    return images[0] if single else images


def sides(images):
    """Height and width of `(N, H, W, C)`: ints where they are known, else scalar tensors."""
    dynamic = tf.shape(images)
    return [images.shape[axis] or dynamic[axis] for axis in (1, 2)]


def checked_seed(seed):
    """Reads a stateless seed as an int64 tensor `(2,)`, or raises."""
    try:
        key = tf.convert_to_tensor(seed)
        key = tf.cast(key, tf.int64) if key.dtype.is_integer else None
    except (TypeError, ValueError):
        key = None
    if key is None or key.shape.as_list() != [2]:
        raise ValueError(
            "`seed` must be a stateless seed, a pair of ints such as (0, 1) or an int tensor of "
            f"shape (2,); `tf.random.split` makes several of one. Received: seed={seed!r}"
        )
    return key


def split(seed, count):
    """Makes `count` independent seeds of one."""
    return tf.unstack(tf.random.split(checked_seed(seed), count))


def checked_value_range(value_range):
    """Reads `value_range` as two floats, or raises."""
    try:
        low, high = (float(value) for value in value_range)
        valid = math.isfinite(low) and math.isfinite(high) and low < high
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            "`value_range` must be the (low, high) that black and white have, with low < high, "
            f"such as (0, 1) or (0, 255). Received: value_range={value_range!r}"
        )
    return low, high


def checked_number(name, value, low, high, what):
    """Reads a number in [low, high], or raises; `what` says what it is, with its unit."""
    valid = isinstance(value, numbers.Real) and not isinstance(value, bool) and low <= value <= high
    if not valid:
        raise ValueError(
            f"`{name}` must be {what}, from {low:g} to {high:g}. Received: {name}={value!r}"
        )
    return float(value)


def checked_interval(name, value, low, high, what):
    """Reads a pair `low <= first <= second <= high`, or raises."""
    try:
        first, second = (float(one) for one in value)
        valid = low <= first <= second <= high
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            f"`{name}` must be a pair (least, most) of {what}, from {low:g} to {high:g}. "
            f"Received: {name}={value!r}"
        )
    return first, second


def checked_choice(name, value, choices):
    """Raises unless `value` is one of the choices."""
    if value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {listed}. Received: {name}={value!r}")
    return value


def uniform(seed, count, low=0.0, high=1.0):
    """One draw for each image, uniform in [low, high).

    The draws of a short batch are the first ones of a longer batch.
    """
    return tf.random.stateless_uniform([count], seed, low, high)


def happens(seed, count, probability):
    """Draws for each image whether something happens, as booleans `(N,)`."""
    return uniform(seed, count) < probability


def signs(seed, count):
    """Draws -1 or 1 for each image."""
    return tf.where(happens(seed, count, 0.5), -1.0, 1.0)


def per_image(values):
    """Makes `(N,)` fit `(N, H, W, C)`."""
    return tf.reshape(values, [-1, 1, 1, 1])


def within(result, images):
    """Takes off what rounding put beyond the values that an image has."""
    least = tf.reduce_min(images, axis=[1, 2, 3], keepdims=True)
    return tf.clip_by_value(result, least, tf.reduce_max(images, axis=[1, 2, 3], keepdims=True))
