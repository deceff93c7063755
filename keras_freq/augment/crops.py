"""Crops, flips and resizing."""

import functools
import math

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.arguments import (
    as_batch,
    checked_interval,
    checked_number,
    happens,
    sides,
    split,
    unbatched,
    uniform,
    within,
)
from keras_freq.fourier import height_width


def resize_short_side(images, size):
    """Resizes images so that their shorter side is `size`, keeping the proportions.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`, also of a size unknown in tracing.
        size: int > 0, in pixels.

    Returns:
        float32 `(N, size, W', C)` or `(N, H', size, C)`, bilinear and antialiased; W' and H' are
        rounded to whole pixels.

    Raises:
        TypeError: the images are not floats.
        ValueError: `size` is no positive int.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.resize_short_side(np.zeros((30, 45, 3)), 20).shape
        TensorShape([20, 30, 3])
    """
    batch, single = as_batch(images)
    size = checks.integer("size", size)
    shape = batch.shape[1:3].as_list()
    if None in shape:
        lengths = tf.cast(tf.shape(batch)[1:3], tf.float64)
        target = tf.cast(tf.round(lengths * (size / tf.reduce_min(lengths))), tf.int32)
    else:
        target = [round(side * size / min(shape)) for side in shape]
    resized = tf.image.resize(batch, target, "bilinear", antialias=True)
    return unbatched(within(resized, batch), single)


def random_crop(images, size, *, seed, padding=0, fill=0.0):
    """Cuts a window of a given size out of each image, at a place of its own.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        size: int or `(height, width)` of the window, in pixels.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: int >= 0, pixels added on all four sides before; 4 is usual for CIFAR.
        fill: the value of the added pixels, one number or one a channel.

    Returns:
        float32 `(N, height, width, C)`, pixels of the image unchanged.

    Raises:
        TypeError: the images are not floats.
        ValueError: the window is larger than the padded images.

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
    batch, single = as_batch(images)
    height, width = height_width(size)
    batch = _padded(batch, padding, fill)
    if any(
        side is not None and side < wanted
        for side, wanted in zip(batch.shape[1:3], (height, width), strict=True)
    ):
        raise ValueError(
            f"`size` must not be larger than the images, here {batch.shape[1]} x {batch.shape[2]} "
            f"with the padding. Resize the images, or pad them. Received: size={size!r}"
        )
    count = tf.shape(batch)[0]
    for axis, (wanted, one_seed) in enumerate(
        zip((height, width), split(seed, 2), strict=True), start=1
    ):
        room = sides(batch)[axis - 1] - wanted
        if tf.is_tensor(room):
            message = f"`size` must not be larger than the images. Received: size={size!r}"
            with tf.control_dependencies([tf.debugging.assert_non_negative(room, message)]):
                room = tf.identity(room)
        first = tf.cast(tf.cast(room + 1, tf.float32) * uniform(one_seed, count), tf.int32)
        # float32 may round up to the place behind the last.
        first = tf.minimum(first, room)
        window = first[:, None] + tf.range(wanted)
        batch = _taken(batch, window, axis)
    return unbatched(batch, single)


def random_flip(images, *, seed, probability=0.5):
    """Mirrors images, left to right.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        probability: of being mirrored, from 0 to 1.

    Returns:
        float32 of the images' shape.

    Raises:
        TypeError: the images are not floats.
        ValueError: `probability` is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> image = np.arange(3.0).reshape(1, 3, 1)
        >>> kf.augment.random_flip(image, seed=(0, 1), probability=1)[0, :, 0].numpy()
        array([2., 1., 0.], dtype=float32)
    """
    batch, single = as_batch(images)
    probability = checked_number("probability", probability, 0, 1, "a probability")
    (flip_seed,) = split(seed, 1)
    flipped = tf.cast(happens(flip_seed, tf.shape(batch)[0], probability), tf.int32)
    # In two parts, put together again: several times as fast as a choice between two batches.
    places = tf.dynamic_partition(tf.range(tf.shape(batch)[0]), flipped, 2)
    kept, turned = tf.dynamic_partition(batch, flipped, 2)
    result = tf.dynamic_stitch(places, [kept, tf.reverse(turned, axis=[2])])
    return unbatched(tf.ensure_shape(result, batch.shape), single)


def random_resized_crop(
    images, size, *, seed, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), padding=0, fill=0.0
):
    """Cuts a window of random area and proportions out of each image, and resizes it.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        size: int or `(height, width)` of the output, in pixels.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        scale: (least, most) area of the window, as a share of the padded image's, in (0, 1].
        ratio: (least, most) width over height of the window, drawn evenly in its logarithm.
        padding: int >= 0, pixels added on all four sides before.
        fill: the value of the added pixels, one number or one a channel.

    Returns:
        float32 `(N, height, width, C)`, bilinear and, where the window shrinks, antialiased:
        otherwise its high frequencies would be folded onto the low ones.

    Raises:
        TypeError: the images are not floats.
        ValueError: `scale` or `ratio` is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 40, 50, 3))
        >>> kf.augment.random_resized_crop(images, 32, seed=(0, 1)).shape
        TensorShape([2, 32, 32, 3])

    Source:
        Szegedy et al. (2015), "Going deeper with convolutions", section 6, as in torchvision: the
        first of ten draws that fits, else the largest central window of an allowed ratio.
    """
    batch, single = as_batch(images)
    target = height_width(size)
    scale = checked_interval("scale", scale, 1e-6, 1, "areas, as shares of the image's")
    ratio = checked_interval("ratio", ratio, 1e-3, 1e3, "widths over heights")
    batch = _padded(batch, padding, fill)
    height, width = (tf.cast(side, tf.float32) for side in sides(batch))
    boxes = _windows(split(seed, 4), tf.shape(batch)[0], height, width, scale, ratio)
    resized = batch
    for axis, wanted in enumerate(target, start=1):
        resized = _resampled(resized, boxes[:, axis - 1], boxes[:, axis + 1], wanted, axis)
    return unbatched(within(resized, batch), single)


def _padded(batch, padding, fill):
    """Adds a border of `padding` pixels of one value."""
    padding = checks.integer("padding", padding, least=0)
    if not padding:
        return batch
    fill = np.asarray(fill, "float32")
    if fill.shape not in ((), (1,), (batch.shape[-1],)) or not np.isfinite(fill).all():
        raise ValueError(
            "`fill` must be one number, or one for each of the "
            f"{batch.shape[-1]} channels. Received: fill={fill.tolist()}"
        )
    border = [[0, 0], [padding, padding], [padding, padding], [0, 0]]
    if fill.size == 1:
        return tf.pad(batch, border, constant_values=fill.item())
    added = tf.pad(tf.zeros_like(batch), border, constant_values=1)
    return tf.pad(batch, border) + added * tf.cast(fill, batch.dtype)


def _taken(batch, indices, axis):
    """Takes rows (axis 1) or columns (axis 2), others for each image."""
    if axis == 1:
        return tf.gather(batch, indices, axis=1, batch_dims=1)
    # Columns row by row, which copies pixel by pixel without moving the rows.
    shape = tf.shape(batch)
    rows = tf.reshape(batch, tf.concat([[shape[0] * shape[1]], shape[2:]], axis=0))
    rows = tf.gather(rows, tf.repeat(indices, shape[1], axis=0), axis=1, batch_dims=1)
    taken = tf.reshape(rows, [shape[0], shape[1], indices.shape[1], shape[3]])
    return tf.ensure_shape(taken, [*batch.shape[:2], indices.shape[1], batch.shape[3]])


def _windows(seeds, count, height, width, scale, ratio):
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
    # None fits: the largest window of an allowed ratio, in the middle.
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


def _resampled(batch, first, length, wanted, axis):
    """Resizes `length` rows or columns from `first` on to `wanted`, others for each image."""
    if axis == 2:
        batch = tf.transpose(batch, [0, 2, 1, 3])
    side = sides(batch)[0]
    places = tf.range(tf.cast(side, tf.float32))[None, None]
    stride = (length / wanted)[:, None, None]
    first, length = first[:, None, None], length[:, None, None]
    centres = first + (tf.range(float(wanted))[None, :, None] + 0.5) * stride - 0.5
    # A triangle as wide as a pixel of the output, or of the input if that is wider.
    weights = tf.maximum(0.0, 1.0 - tf.abs(places - centres) / tf.maximum(stride, 1.0))
    inside = (places >= first) & (places < first + length)
    weights = tf.where(inside, weights, 0.0)
    weights /= tf.reduce_sum(weights, axis=-1, keepdims=True)
    shape = tf.shape(batch)
    rows = tf.reshape(batch, [shape[0], shape[1], shape[2] * shape[3]])
    resized = tf.reshape(tf.matmul(weights, rows), [shape[0], wanted, shape[2], shape[3]])
    resized = tf.ensure_shape(resized, [batch.shape[0], wanted, *batch.shape[2:]])
    return tf.transpose(resized, [0, 2, 1, 3]) if axis == 2 else resized
