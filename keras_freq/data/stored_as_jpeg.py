"""Images that were stored as JPEG and read again."""

import numpy as np
import tensorflow as tf

# The steps in which JPEG rounds the brightness of a block of 8 x 8 pixels at quality 50, in grey
# levels: rows are vertical frequencies.
LUMINANCE_STEPS = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)


def jpeg_steps(quality):
    """Gives the steps of a quality, as libjpeg scales the table of the standard.

    Args:
        quality: Int, 1 to 100.

    Returns:
        Int `(8, 8)`, grey levels of 255.

    Example:
        >>> jpeg_steps(90)[0]
        array([ 3,  2,  2,  3,  5,  8, 10, 12])

    Source:
        ITU-T recommendation T.81 (1992), annex K.1, for the table.
    """
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((LUMINANCE_STEPS * scale + 50) // 100, 1, 255)


def stored_as_jpeg(images, quality):
    """Stores images as JPEG, and reads them again.

    Args:
        images: Float tensor `(N, H, W, C)` of known C, 1 or 3, values in [0, 1]; others are
            clipped.
        quality: Int, 1 to 100.

    Returns:
        A float32 tensor of the same shape, in 8-bit steps.

    Raises:
        ValueError: If the images have neither 1 nor 3 channels.

    Example:
        >>> stored_as_jpeg(tf.zeros((2, 8, 8, 3)), 90).shape
        TensorShape([2, 8, 8, 3])
    """
    channels = images.shape[-1]
    if channels not in (1, 3):
        raise ValueError(
            '`images` must have 1 or 3 channels to become JPEG. Leave "jpeg" out for others. '
            f"Received: images of shape {images.shape}"
        )

    def stored(image):
        data = tf.io.encode_jpeg(image, quality=quality)
        return tf.io.decode_jpeg(data, channels=channels, dct_method="INTEGER_ACCURATE")

    in_8_bits = tf.cast(tf.round(tf.clip_by_value(images, 0.0, 1.0) * 255), tf.uint8)
    shape = tf.TensorSpec(images.shape[1:], tf.uint8)
    return tf.cast(tf.map_fn(stored, in_8_bits, fn_output_signature=shape), tf.float32) / 255
