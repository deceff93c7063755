"""Crops, flips and resizing."""

import functools
import math

import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.batches_and_draws import (
    happens,
    split_seed,
    takes_batches,
    uniform,
    within,
)
from keras_freq.fourier import height_width
from keras_freq.fourier.filters import sides


@takes_batches
def resize_short_side(images, size):
    """Resizes images so that their shorter side is `size`, keeping the proportions.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`. The size need not be known while
            tracing.
        size: Int >= 1, in pixels.

    Returns:
        Float32 `(N, size, W', C)` or `(N, H', size, C)`, bilinear and antialiased. W' and H' are
        rounded to whole pixels.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If `size` is no positive int.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.resize_short_side(np.zeros((30, 45, 3)), 20).shape
        TensorShape([20, 30, 3])
    """
    size = checks.integer("size", size)
    shape = images.shape[1:3].as_list()
    if None in shape:
        lengths = tf.cast(tf.shape(images)[1:3], tf.float64)
        target = tf.cast(tf.round(lengths * (size / tf.reduce_min(lengths))), tf.int32)
    else:
        target = [round(side * size / min(shape)) for side in shape]
    return within(tf.image.resize(images, target, "bilinear", antialias=True), images)


@takes_batches
def random_crop(images, size, *, seed, padding=0, fill=0.0):
    """Cuts a window of a given size out of each image, at a place of its own.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        size: Int or `(height, width)` of the window, in pixels.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: Int >= 0, pixels first added on all four sides; 4 is usual for CIFAR. Defaults to
            0.
        fill: The value of the added pixels, one number or one for each channel. Defaults to 0.

    Returns:
        Float32 `(N, height, width, C)`. The pixels of the image are unchanged.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If the window is larger than the padded images.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> image = np.arange(12.0).reshape(3, 4, 1)
        >>> kf.augment.random_crop(image, (2, 3), seed=(0, 1))[..., 0].numpy()
        array([[0., 1., 2.],
               [4., 5., 6.]], dtype=float32)

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1: 224 of 256 pixels. He et al. (2016),
        section 4.2: 32 of 32 with a padding of 4.
    """
    window = height_width(size)
    images = _padded(images, padding, fill)
    known = " x ".join(str(side or "?") for side in images.shape[1:3])
    message = (
        f"`size` must not be larger than the images, here {known} with the padding. Resize the "
        f"images, or pad them. Received: size={size!r}"
    )
    count = tf.shape(images)[0]
    for axis, one_seed in enumerate(split_seed(seed, 2), start=1):
        side, wanted = sides(images)[axis - 1], window[axis - 1]
        if tf.is_tensor(side):
            with tf.control_dependencies([tf.debugging.assert_less_equal(wanted, side, message)]):
                side = tf.identity(side)
        elif side < wanted:
            raise ValueError(message)
        room = side - wanted
        first = tf.cast(tf.cast(room + 1, tf.float32) * uniform(one_seed, count), tf.int32)
        # float32 may round up to the place behind the last.
        first = tf.minimum(first, room)
        images = _taken(images, first[:, None] + tf.range(wanted), axis)
    return images


@takes_batches
def random_flip(images, *, seed, probability=0.5):
    """Mirrors images, left to right.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        probability: How likely an image is mirrored, from 0 to 1. Defaults to 0.5.

    Returns:
        Float32 tensor of the images' shape.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If `probability` is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> image = np.arange(3.0).reshape(1, 3, 1)
        >>> kf.augment.random_flip(image, seed=(0, 1), probability=1)[0, :, 0].numpy()
        array([2., 1., 0.], dtype=float32)
    """
    probability = checks.number("probability", probability, 0, 1, "a probability")
    (flip_seed,) = split_seed(seed, 1)
    count = tf.shape(images)[0]
    flipped = tf.cast(happens(flip_seed, count, probability), tf.int32)
    # In two parts, put together again: several times as fast as a choice between two batches.
    places = tf.dynamic_partition(tf.range(count), flipped, 2)
    kept, turned = tf.dynamic_partition(images, flipped, 2)
    result = tf.dynamic_stitch(places, [kept, tf.reverse(turned, axis=[2])])
    return tf.ensure_shape(result, images.shape)


@takes_batches
def random_resized_crop(
    images, size, *, seed, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), padding=0, fill=0.0
):
    """Cuts a window of random area and proportions out of each image, and resizes it.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        size: Int or `(height, width)` of the output, in pixels.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        scale: (least, most) area of the window, as a share of the padded image's, in (0, 1].
            Defaults to (0.08, 1).
        ratio: (least, most) width over height of the window, drawn evenly in its logarithm.
            Defaults to (3/4, 4/3).
        padding: Int >= 0, pixels first added on all four sides. Defaults to 0.
        fill: The value of the added pixels, one number or one for each channel. Defaults to 0.

    Returns:
        Float32 `(N, height, width, C)`, bilinear. It is antialiased where the window shrinks, since
        its high frequencies would otherwise be folded onto the low ones.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If `scale` or `ratio` is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 40, 50, 3))
        >>> kf.augment.random_resized_crop(images, 32, seed=(0, 1)).shape
        TensorShape([2, 32, 32, 3])

    Source:
        Szegedy et al. (2015), "Going deeper with convolutions", section 6. As in torchvision, the
        first of ten draws that fits is taken, else the largest central window of an allowed ratio.
    """
    target = height_width(size)
    scale = checks.interval("scale", scale, 1e-6, 1, "areas, as shares of the image's")
    ratio = checks.interval("ratio", ratio, 1e-3, 1e3, "widths over heights")
    resized = images = _padded(images, padding, fill)
    height, width = (tf.cast(side, tf.float32) for side in sides(images))
    windows = draw_windows(split_seed(seed, 4), tf.shape(images)[0], height, width, scale, ratio)
    for axis, wanted in enumerate(target, start=1):
        resized = resample_axis(resized, windows[:, axis - 1], windows[:, axis + 1], wanted, axis)
    return within(resized, images)


def _padded(images, padding, fill):
    """Adds a border of `padding` pixels of one colour."""
    padding = checks.integer("padding", padding, least=0)
    fill = checks.per_channel("fill", fill, images.shape[-1] or 1)
    if not padding:
        return images
    border = [[0, 0], [padding, padding], [padding, padding], [0, 0]]
    if (fill == fill[0]).all():
        return tf.pad(images, border, constant_values=fill[0])
    added = tf.pad(tf.zeros_like(images), border, constant_values=1)
    return tf.pad(images, border) + added * tf.cast(fill, images.dtype)


def _taken(images, indices, axis):
    """Takes rows (axis 1) or columns (axis 2), others for each image."""
    if axis == 1:
        return tf.gather(images, indices, axis=1, batch_dims=1)
    # Columns row by row, which copies pixel by pixel without moving the rows.
    shape = tf.shape(images)
    rows = tf.reshape(images, tf.concat([[shape[0] * shape[1]], shape[2:]], axis=0))
    rows = tf.gather(rows, tf.repeat(indices, shape[1], axis=0), axis=1, batch_dims=1)
    taken = tf.reshape(rows, [shape[0], shape[1], indices.shape[1], shape[3]])
    return tf.ensure_shape(taken, [*images.shape[:2], indices.shape[1], images.shape[3]])


def draw_windows(seeds, count, height, width, scale, ratio):
    """Draws windows (top, left, height, width) of whole pixels: float32 `(N, 4)`."""
    attempts = 10
    draw = functools.partial(tf.random.stateless_uniform, [count, attempts])
    area = height * width * draw(seeds[0], *scale)
    form = tf.exp(draw(seeds[1], *(math.log(value) for value in ratio)))
    columns, rows = (
        tf.maximum(tf.round(tf.sqrt(side)), 1.0) for side in (area * form, area / form)
    )
    fits = (columns <= width) & (rows <= height)
    first = tf.argmax(tf.cast(fits, tf.int32), axis=1, output_type=tf.int32)
    rows, columns = (tf.gather(side, first, axis=1, batch_dims=1) for side in (rows, columns))
    # If none fits: the largest window of an allowed ratio, in the middle.
    whole = width / height
    best_columns = tf.round(tf.minimum(width, height * ratio[1]))
    best_rows = tf.round(tf.minimum(height, width / ratio[0]))
    best_columns = tf.where(whole < ratio[0], width, tf.maximum(best_columns, 1.0))
    best_rows = tf.where(whole > ratio[1], height, tf.maximum(best_rows, 1.0))
    found = tf.reduce_any(fits, axis=1)
    rows = tf.where(found, rows, best_rows)
    columns = tf.where(found, columns, best_columns)
    top, left = (
        tf.where(
            found,
            tf.minimum(tf.floor(uniform(seed, count) * (side - part + 1.0)), side - part),
            tf.floor((side - part) / 2.0),
        )
        for seed, side, part in zip(seeds[2:], (height, width), (rows, columns), strict=True)
    )
    return tf.stack([top, left, rows, columns], axis=1)


def resample_axis(images, first, length, wanted, axis):
    """Resizes `length` rows or columns from `first` on to `wanted`, others for each image."""
    if axis == 2:
        images = tf.transpose(images, [0, 2, 1, 3])
    side = sides(images)[0]
    places = tf.range(tf.cast(side, tf.float32))[None, None]
    stride = (length / wanted)[:, None, None]
    first, length = first[:, None, None], length[:, None, None]
    centres = first + (tf.range(float(wanted))[None, :, None] + 0.5) * stride - 0.5
    # A triangle as wide as a pixel of the output, or of the input if that is wider.
    weights = tf.maximum(0.0, 1.0 - tf.abs(places - centres) / tf.maximum(stride, 1.0))
    inside = (places >= first) & (places < first + length)
    weights = tf.where(inside, weights, 0.0)
    weights /= tf.reduce_sum(weights, axis=-1, keepdims=True)
    shape = tf.shape(images)
    rows = tf.reshape(images, [shape[0], shape[1], shape[2] * shape[3]])
    resized = tf.reshape(tf.matmul(weights, rows), [shape[0], wanted, shape[2], shape[3]])
    resized = tf.ensure_shape(resized, [images.shape[0], wanted, *images.shape[2:]])
    return tf.transpose(resized, [0, 2, 1, 3]) if axis == 2 else resized
