"""Cosines over an image as outer products of rows and columns, which need no inverse FFT.

The cosine `Re(c exp(2 pi i (u y / H + v x / W)))` is the product of two rows and two columns.
"""

import numpy as np
import tensorflow as tf


def wave_table(size):
    """Cosine and sine of every frequency along one side: `(size, 2, size)` float32."""
    # The product modulo the size keeps the phases exact.
    phase = 2 * np.pi * (np.outer(np.arange(size), np.arange(size)) % size) / size
    return tf.constant(np.stack([np.cos(phase), np.sin(phase)], axis=1), tf.float32)


def wave_numbers(pairs, size):
    """Row and column frequency of each pair, modulo the size: two int32 arrays `(P,)`."""
    rows, columns = np.divmod(pairs[:, 0], size[1])
    rows, columns = (rows - size[0] // 2) % size[0], (columns - size[1] // 2) % size[1]
    return rows.astype(np.int32), columns.astype(np.int32)


def filled_up(images):
    """Adds black images to `(N, H, W, C)`, up to a multiple of 8.

    A fused loop is compiled for each number of images, and multiples of 8 make few of them.
    """
    fill = np.zeros((-len(images) % 8, *images.shape[1:]), np.float32)
    return tf.constant(np.concatenate([images, fill]))


def without_cosines(images, which, rows, columns, u, v, cosines):
    """Subtracts one cosine from each of the chosen images.

    Args:
        images: `(M, H, W, C)` float32.
        which: `(B,)` int32, the image of each item.
        rows: `wave_table(H)`.
        columns: `wave_table(W)`.
        u: `(B,)` int32 in [0, H - 1], row frequency of each item.
        v: `(B,)` int32 in [0, W - 1], column frequency.
        cosines: `(B, 2, C)` float32, real and imaginary part of `w c`.

    Returns:
        A float32 tensor `(B, H, W, C)`.
    """
    row, column = tf.gather(rows, u), tf.gather(columns, v)
    real, imaginary = cosines[:, None, 0], cosines[:, None, 1]
    cosine, sine = column[:, 0, :, None], column[:, 1, :, None]
    # Re(c e^{ib} e^{ia}) = cos a Re(c e^{ib}) - sin a Im(c e^{ib})
    along = (cosine * real - sine * imaginary)[:, None]
    across = (sine * real + cosine * imaginary)[:, None]
    wave = row[:, 0, :, None, None] * along - row[:, 1, :, None, None] * across
    return tf.gather(images, which) - wave
