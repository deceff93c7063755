"""The shortcut zoo: marks that one class of any data set can bear, at frequencies that are known.

They are what collections of pictures really have: a class came from another site, camera or
archive. Plant one, train a network, and look for it. `shortcut_masks` marks the answer.

- `"watermark"`: a faint grid of dots, always in the same place, 4 pixels apart.
- `"jpeg"`: the class was stored as JPEG, the others were not. Fine and faint waves are lost.
- `"resized"`: the class was enlarged from smaller pictures. Fine detail is lost.
- `"moire"`: the class was photographed from a screen, whose rows and columns of coloured points
  meet the pixels of the camera in slow stripes, elsewhere in each image.
"""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.data.batches import as_batches, checked_dataset, with_class_names
from keras_freq.data.label_tensors import integer_label_tensor
from keras_freq.data.stored_as_jpeg import jpeg_steps, stored_as_jpeg
from keras_freq.fourier import conjugate
from keras_freq.fourier.grid import height_width

# Severities 1 to 5: amplitudes of the waves, qualities, and shares of the side that are left.
SEVERITIES = {
    "watermark": (0.005, 0.01, 0.02, 0.03, 0.05),
    "jpeg": (90, 80, 70, 60, 50),
    "resized": (0.85, 0.75, 0.65, 0.5, 0.35),
    "moire": (0.01, 0.02, 0.03, 0.05, 0.08),
}
SHORTCUTS = tuple(SEVERITIES)
SMALLEST_SIZE = 8
# JPEG loses waves that are fainter than an eighth of a step. From this step on they are counted as
# lost: fainter than 2.5 grey levels of 255.
_LARGE_STEP = 20
# The number of places that a moire can have, a prime.
_PLACES = 65_521


def plant_shortcut(dataset, shortcut, class_id, *, severity=3):
    """Puts a shortcut of the zoo into all images of one class.

    The images of the other classes keep their bits. Nothing is drawn: the same image gets the same
    mark in any order and batch, eager and in `tf.data`.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, of known size, or a pair of
            arrays. Images are float in [0, 1], 8 x 8 pixels at least; labels are integers or
            one-hot.
        shortcut: One of `keras_freq.data.SHORTCUTS`.

            - "watermark": waves of 4 pixels, upright and across and both together, are added.
            - "jpeg": stored as JPEG and read; the images have 1 or 3 channels. All others keep
              their precision. Values outside [0, 1] are clipped.
            - "resized": made smaller and enlarged again, both by cubic interpolation.
            - "moire": two waves are added. Their place is another in each image; it depends on the
              pixels of the image. The first has the colours of a screen, if there are 3 channels:
              red, green and blue are a third of a wave apart.
        class_id: Int, the class.
        severity: 1 (faint) to 5 (plain). Defaults to 3.

    Returns:
        The same kind of data set: a `tf.data.Dataset` with its `class_names`, or a pair of arrays,
        float32 images and the labels. With "watermark" and "moire" images may leave [0, 1], and
        they are not clipped, or the mark would have other frequencies.

    Raises:
        TypeError: If `dataset` is no data set.
        ValueError: If an argument is out of range, or no image has the class.

    Example:
        >>> import keras_freq as kf
        >>> images, labels = kf.data.frequency_bands(1, per_class=2)
        >>> planted, _ = kf.data.plant_shortcut((images, labels), "watermark", class_id=3)
        >>> (planted == images).all(axis=(1, 2, 3))
        array([ True,  True,  True, False,  True,  True,  True, False])

    See Also:
        `shortcut_masks`: the frequencies of the mark; `keras_freq.mark_maps`, which compares an
        answer with them.

    Source:
        Ours. Such marks in real collections: Lapuschkin et al., "Unmasking Clever Hans predictors",
        Nature Communications 10 (2019), for watermarks.
    """
    checks.choice("shortcut", shortcut, SHORTCUTS)
    amount = _amount(shortcut, severity)
    class_id = checks.integer("class_id", class_id, least=0)
    given = checked_dataset(dataset)
    in_arrays = not isinstance(given, tf.data.Dataset)
    if in_arrays:
        _check_present(class_id, given[1])
    batches = as_batches(given)
    shape = batches.element_spec[0].shape
    if None in shape[1:]:
        raise ValueError(
            "`dataset` must have images of known size and channels (`tf.ensure_shape` sets them). "
            f"Received: shape {tuple(shape)}"
        )
    _checked_size(tuple(shape[1:3]), "dataset")
    change = _MARKS[shortcut](shape[1:], amount)

    @tf.autograph.experimental.do_not_convert
    def plant(images, labels):
        images = tf.cast(images, tf.float32)
        is_class = integer_label_tensor(labels) == class_id
        return tf.where(is_class[:, None, None, None], change(images), images), labels

    planted = batches.map(plant, num_parallel_calls=tf.data.AUTOTUNE)
    if in_arrays:
        return np.concatenate([np.asarray(images) for images, _ in planted]), given[1]
    planted = planted.prefetch(tf.data.AUTOTUNE)
    return with_class_names(planted, getattr(batches, "class_names", None))


def shortcut_masks(shortcut, size, class_id, num_classes, *, severity=3):
    """Gives the frequencies of a shortcut of the zoo: the answer to a hunt.

    - "watermark": the 8 cells of its waves. Nothing else of the image is changed.
    - "moire": the 4 cells of its waves. Nothing else of the image is changed.
    - "jpeg": where JPEG rounds the brightness in steps of 20 grey levels or more, so that waves
      fainter than 2.5 levels are lost. Others are rounded, too, but mostly kept.
    - "resized": what a picture of the smaller size cannot hold. Frequencies just below
      are weaker than before, too.

    Args:
        shortcut: As in `plant_shortcut`.
        size: The side of the images in pixels, an int or `(H, W)`, 8 at least.
        class_id: Int, the class that bears the shortcut.
        num_classes: Int, the number of classes K.
        severity: 1 to 5, as in `plant_shortcut`. Defaults to 3.

    Returns:
        Bool `(K, H, W)`, centred and symmetric. Only the map of `class_id` has any cells.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_freq as kf
        >>> masks = kf.data.shortcut_masks("watermark", 32, class_id=2, num_classes=3)
        >>> masks.sum(axis=(1, 2)).tolist()
        [0, 0, 8]
        >>> float(kf.data.shortcut_masks("resized", 32, 0, 1, severity=4).mean().round(2))
        0.78

    See Also:
        `plant_shortcut`.
    """
    checks.choice("shortcut", shortcut, SHORTCUTS)
    amount = _amount(shortcut, severity)
    size = _checked_size(size, "size")
    num_classes = checks.num_classes(num_classes)
    class_id = checks.choice(
        "class_id", checks.integer("class_id", class_id, least=0), range(num_classes)
    )
    masks = np.zeros((num_classes, *size), bool)
    masks[class_id] = _MASKS[shortcut](size, amount)
    return masks


def _amount(shortcut, severity):
    """The strength of a shortcut at a severity."""
    severity = checks.integer("severity", severity)
    if severity > 5:
        raise ValueError(
            f"`severity` must be an integer from 1 to 5. Received: severity={severity}"
        )
    return SEVERITIES[shortcut][severity - 1]


def _checked_size(size, name):
    """Reads a size that is large enough for every shortcut."""
    height, width = height_width(size, name)
    if min(height, width) < SMALLEST_SIZE:
        raise ValueError(
            f"`{name}` must have sides of at least {SMALLEST_SIZE} pixels. "
            f"Received: {height} x {width}"
        )
    return height, width


def _check_present(class_id, labels):
    """Raises unless some image has the class."""
    integers = labels.argmax(axis=1) if labels.ndim == 2 else labels
    if not (integers == class_id).any():
        raise ValueError(
            "`class_id` must be a class with images. "
            f"Received: class_id={class_id}, and the labels {np.unique(integers).tolist()}"
        )


def _watermark_waves(size):
    """The waves `(u, v)` of a grid of dots that are 4 pixels apart."""
    u, v = (round(side / 4) for side in size)
    return [(u, 0), (0, v), (u, v), (u, -v)]


def _moire_waves(size):
    """The slow waves of a screen: its columns, and its rows.

    Columns that are 1.25 pixels of the camera apart are 4/5 of the width in cycles, which pixels
    show as 1/5. Rows are 1.2 pixels apart, and show as 1/6. Both lean a little.
    """
    height, width = size
    return [(round(height / 16), round(width / 5)), (round(height / 6), -round(width / 10))]


def _wave_angles(size, waves):
    """The angle of each wave at each pixel, in radians: `(waves, H, W)` float64."""
    y, x = np.indices(size)
    return np.stack([2 * np.pi * (u * y / size[0] + v * x / size[1]) for u, v in waves])


def _wave_mask(size, waves):
    """The cells of waves and of their conjugates."""
    mask = np.zeros(size, bool)
    for u, v in waves:
        mask[(size[0] // 2 + u) % size[0], (size[1] // 2 + v) % size[1]] = True
    return mask | conjugate(mask)


def _watermark(shape, amplitude):
    """Adds dots: (1 + cos) (1 + cos) less its mean, the sum of the waves of a grid."""
    height, width, _ = shape
    upright, across = np.cos(_wave_angles((height, width), _watermark_waves((height, width))[:2]))
    dots = (1 + upright) * (1 + across) - 1
    dots = tf.constant(amplitude * dots[..., None], tf.float32)
    return lambda images: images + dots


def _moire(shape, amplitude):
    """Adds the waves of a screen, whose places depend on the image."""
    height, width, channels = shape
    angles = _wave_angles((height, width), _moire_waves((height, width)))[..., None]
    # The points of a screen are red, green and blue from left to right.
    colours = 2 * np.pi / 3 * np.arange(channels) * (channels == 3)
    angles = np.stack([angles[0] + colours, angles[1] + 0 * colours])
    cosines, sines = (tf.constant(amplitude * f(angles), tf.float32) for f in (np.cos, np.sin))
    numbers = np.arange(height * width * channels, dtype=np.int64)
    weights = tf.constant(np.stack([numbers * 40_503 + 1, numbers * 25_717 + 1]) % _PLACES)

    def change(images):
        # In integers, so that the order of a sum does not matter.
        levels = tf.cast(tf.round(images * 255), tf.int64)
        levels = tf.reshape(levels, [-1, 1, height * width * channels])
        place = tf.reduce_sum(levels * weights, axis=2) % _PLACES
        phase = tf.cast(place, tf.float32) * (2 * np.pi / _PLACES)
        for wave in range(2):
            turn = phase[:, wave, None, None, None]
            images += cosines[wave] * tf.cos(turn) - sines[wave] * tf.sin(turn)
        return images

    return change


def _jpeg(shape, quality):
    """Stores as JPEG."""
    if shape[-1] not in (1, 3):
        raise ValueError(
            '`dataset` must have images of 1 or 3 channels for shortcut="jpeg". '
            f"Received: images of shape {tuple(shape)}"
        )
    return lambda images: stored_as_jpeg(images, quality)


def _jpeg_mask(size, quality):
    """Where JPEG's steps are large. Number i of 8 has i / 16 cycles a pixel."""
    large = jpeg_steps(quality) >= _LARGE_STEP
    rows, columns = (
        np.minimum(np.rint(16 * abs(np.arange(side) - side // 2) / side).astype(int), 7)
        for side in size
    )
    return large[rows[:, None], columns]


def _smaller(size, share):
    """The size of the smaller picture."""
    return tuple(max(1, round(side * share)) for side in size)


def _resized(shape, share):
    """Makes images smaller, and enlarges them."""
    size = tuple(shape[:2])

    def change(images):
        small = tf.image.resize(images, _smaller(size, share), "bicubic", antialias=True)
        return tf.ensure_shape(tf.image.resize(small, size, "bicubic"), images.shape)

    return change


def _resized_mask(size, share):
    """What the smaller picture cannot hold: frequencies at half of its side and beyond."""
    rows, columns = (
        abs(np.arange(side) - side // 2) >= small / 2
        for side, small in zip(size, _smaller(size, share), strict=True)
    )
    return rows[:, None] | columns


_MARKS = {"watermark": _watermark, "jpeg": _jpeg, "resized": _resized, "moire": _moire}
_MASKS = {
    "watermark": lambda size, _: _wave_mask(size, _watermark_waves(size)),
    "jpeg": _jpeg_mask,
    "resized": _resized_mask,
    "moire": lambda size, _: _wave_mask(size, _moire_waves(size)),
}
