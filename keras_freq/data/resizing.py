"""Images of any size to one size."""

import tensorflow as tf


def crop_and_resize(image, size):
    """Crops the centre of an image to the aspect ratio asked for, and resizes it.

    As `keras.utils.image_dataset_from_directory(crop_to_aspect_ratio=True)`, but antialiased:
    without it, shrinking an image folds its high frequencies onto the low ones.

    Args:
        image: `(H, W, C)` tensor of any size, of integers or floats.
        size: `(height, width)` in pixels.

    Returns:
        float32 tensor `(height, width, C)`, on the scale of the input; an image that has the
        size already is returned unchanged.
    """
    height, width = size
    image = tf.cast(image, tf.float32)
    rows, columns = tf.shape(image)[0], tf.shape(image)[1]
    # The largest window of the wanted ratio that fits, in whole pixels.
    crop_rows = tf.minimum(rows, tf.maximum(1, columns * height // width))
    crop_columns = tf.minimum(columns, tf.maximum(1, rows * width // height))
    image = tf.image.crop_to_bounding_box(
        image,
        (rows - crop_rows) // 2,
        (columns - crop_columns) // 2,
        crop_rows,
        crop_columns,
    )
    resized = tf.image.resize(image, [height, width], method="bilinear", antialias=True)
    # The kernel averages, but its weights add up to 1 only up to rounding.
    return tf.clip_by_value(resized, tf.reduce_min(image), tf.reduce_max(image))


def checked_size(image_size):
    """Reads `image_size`, an int or (height, width), as a pair of ints, or raises."""
    pair = image_size if isinstance(image_size, (tuple, list)) else (image_size, image_size)
    valid = len(pair) == 2 and all(
        hasattr(side, "__index__") and not isinstance(side, bool) and int(side) > 0 for side in pair
    )
    if not valid:
        raise ValueError(
            "`image_size` must be an integer >= 1 or a pair (height, width), in pixels. "
            f"Received: image_size={image_size!r}"
        )
    return int(pair[0]), int(pair[1])
