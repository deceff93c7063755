"""Operations on brightness and colour, on the levels 0 to 255 for which Pillow defines them.

All take a float32 batch `(N, H, W, C)` of levels in [0, 255] and, where they have a strength, one
for each image `(N,)`, and give levels in [0, 255]. Unlike Pillow they do not round the result to
whole levels, so they differ from it by less than one level; what depends on a level (a bin of a
histogram, the bits of a number) takes the nearest whole one.
"""

import tensorflow as tf

from keras_freq.augment.arguments import per_image

WHITE = 255.0


def to_levels(images, value_range):
    """Maps `value_range` to [0, 255]; values beyond it become black or white."""
    low, high = value_range
    return tf.clip_by_value((images - low) * (WHITE / (high - low)), 0.0, WHITE)


def from_levels(levels, value_range):
    """Undoes `to_levels`."""
    low, high = value_range
    return tf.clip_by_value(levels * ((high - low) / WHITE) + low, low, high)


def invert(levels):
    """Black becomes white."""
    return WHITE - levels


def posterize(levels, bits):
    """Keeps the highest 0 to 8 bits of every level."""
    step = per_image(tf.pow(2.0, 8.0 - bits))
    return tf.floor(tf.round(levels) / step) * step


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
    # Too few pixels to spread: the image stays.
    table = tf.where(step > 0, table, tf.range(256)[None])
    return tf.gather(tf.reshape(tf.cast(table, tf.float32), [-1]), cell)


def brightness(levels, factor):
    """0 is black, 1 the image, 2 twice as bright."""
    return tf.clip_by_value(levels * per_image(factor), 0.0, WHITE)


def color(levels, factor):
    """0 is grey, 1 the image, 2 twice as colourful; a grey image stays."""
    return _blend(_luma(levels), levels, factor)


def contrast(levels, factor):
    """0 is the image's mean grey, 1 the image, 2 twice the contrast."""
    mean = tf.reduce_mean(tf.round(_luma(levels)), axis=[1, 2, 3], keepdims=True)
    return _blend(tf.floor(mean + 0.5), levels, factor)


def sharpness(levels, factor):
    """0 is smoothed by 3x3 pixels, 1 the image, 2 sharpened; the outermost pixels stay."""
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
            "`images` must have a known number of channels: RGB is weighted, others are not. Set "
            f"it with `tf.ensure_shape`. Received: shape {levels.shape}"
        )
    if levels.shape[-1] != 3:
        return tf.reduce_mean(levels, axis=-1, keepdims=True)
    weights = tf.constant([[19595.0], [38470.0], [7471.0]]) / 65536.0
    # A product of matrices, four times as fast as a sum over the channels.
    luma = tf.matmul(tf.reshape(levels, [-1, 3]), weights)
    return tf.reshape(luma, tf.concat([tf.shape(levels)[:3], [1]], axis=0))


def _blend(degenerate, levels, factor):
    """From the degenerate image (0) to the image (1) and beyond."""
    factor = per_image(factor)
    return tf.clip_by_value(degenerate * (1.0 - factor) + levels * factor, 0.0, WHITE)
