"""Affine warps, one for each image of a batch.

A warp says for every pixel (x, y) of the output where in the input it comes from:
`x_in = a0 x + a1 y + a2`, `y_in = b0 x + b1 y + b2`, with x to the right and y down, in pixels, and
the centre of the first pixel at (0, 0). Warps are float32 `(N, 3, 3)` matrices.
"""

import math

import tensorflow as tf

FILL_MODES = ("constant", "nearest", "reflect", "wrap")
INTERPOLATIONS = ("nearest", "bilinear")


def warp(images, matrices, *, fill_mode, fill=0.0, interpolation="bilinear"):
    """Warps every image by its own matrix.

    Args:
        images: `(N, H, W, C)`.
        matrices: `(N, 3, 3)`, from output to input pixels.
        fill_mode: what lies beyond the image: "constant" (`fill`), "nearest" (the outermost
            pixel), "reflect" (`dcba|abcd|dcba`) or "wrap" (`abcd|abcd|abcd`).
        fill: the value for "constant".
        interpolation: "nearest" or "bilinear".

    Returns:
        `(N, H, W, C)`.
    """
    rows = tf.reshape(matrices, [-1, 9])[:, :8]
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=rows,
        output_shape=tf.shape(images)[1:3],
        fill_value=tf.cast(fill, tf.float32),
        interpolation=interpolation.upper(),
        fill_mode=fill_mode.upper(),
    )
    return tf.ensure_shape(warped, images.shape)


def linear(a0, a1, b0, b1):
    """Warps without shift, from four numbers or tensors `(N,)`."""
    a0, a1, b0, b1 = (tf.convert_to_tensor(value, tf.float32) for value in (a0, a1, b0, b1))
    zero = tf.zeros_like(a0 + a1 + b0 + b1)
    a0, a1, b0, b1 = (value + zero for value in (a0, a1, b0, b1))
    rows = [[a0, a1, zero], [b0, b1, zero], [zero, zero, zero + 1.0]]
    return tf.stack([tf.stack(row, axis=-1) for row in rows], axis=-2)


def shift(x, y):
    """Warps that take the pixel (x, y) further to the right and down: the picture moves back."""
    x, y = tf.convert_to_tensor(x, tf.float32), tf.convert_to_tensor(y, tf.float32)
    zero = tf.zeros_like(x + y)
    rows = [[zero + 1.0, zero, x + zero], [zero, zero + 1.0, y + zero], [zero, zero, zero + 1.0]]
    return tf.stack([tf.stack(row, axis=-1) for row in rows], axis=-2)


def rotation(degrees):
    """Rotates about the origin; positive is counter-clockwise to the eye, as in Pillow."""
    angle = degrees * (math.pi / 180.0)
    return linear(tf.cos(angle), -tf.sin(angle), tf.sin(angle), tf.cos(angle))


def about(matrices, x, y):
    """The same warps with (x, y) as their origin."""
    x, y = tf.cast(x, tf.float32), tf.cast(y, tf.float32)
    return shift(x, y) @ matrices @ shift(-x, -y)


def about_centre(matrices, height, width):
    """The same warps with the middle of the image as their origin."""
    height, width = tf.cast(height, tf.float32), tf.cast(width, tf.float32)
    return about(matrices, (width - 1.0) / 2.0, (height - 1.0) / 2.0)
