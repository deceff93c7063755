"""The operations of AutoAugment, RandAugment and AugMix, each image of a batch with its own.

A batch is parted by operation, each part is changed at once, and the parts are put together again:
an image costs what its own operation costs. The five geometric operations are one part, since each
is a warp.
"""

import tensorflow as tf

from keras_freq.augment import levels as on_levels
from keras_freq.augment import warps
from keras_freq.augment.arguments import (
    as_batch,
    checked_choice,
    checked_value_range,
    sides,
    unbatched,
)

WARPS = ("shear_x", "shear_y", "translate_x", "translate_y", "rotate")
_OTHERS = {
    "identity": lambda levels, strength: levels,
    "brightness": on_levels.brightness,
    "color": on_levels.color,
    "contrast": on_levels.contrast,
    "sharpness": on_levels.sharpness,
    "posterize": on_levels.posterize,
    "solarize": on_levels.solarize,
    "autocontrast": lambda levels, strength: on_levels.autocontrast(levels),
    "equalize": lambda levels, strength: on_levels.equalize(levels),
    "invert": lambda levels, strength: on_levels.invert(levels),
}
OPERATIONS = (*WARPS, *_OTHERS)
IDENTITY = OPERATIONS.index("identity")


def apply_operation(
    images, operation, strength=0.0, *, fill=None, interpolation="bilinear", value_range=(0, 1)
):
    """Applies one of the operations that AutoAugment is made of.

    What the strength of each operation is:

    - "shear_x", "shear_y": pixels of shift per pixel from the upper left corner. "shear_x" moves
      the lower rows to the left, "shear_y" the right columns up; negative ones the other way.
    - "translate_x", "translate_y": shift as a fraction of the side, positive to the right and
      down, rounded towards 0 to whole pixels.
    - "rotate": degrees, positive is counter-clockwise.
    - "brightness", "color", "contrast", "sharpness": a factor >= 0. 1 is the image; 0 is black,
      grey, flat, smooth.
    - "posterize": how many of the 8 bits are kept.
    - "solarize": the level, of 256, from which on levels are inverted.
    - "autocontrast", "equalize", "invert", "identity": none.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        operation: one of these names.
        strength: a number, or one for each image `(N,)`.
        fill: what a warp shows beyond the image, in the units of `value_range`. None is its low
            end, black.
        interpolation: "bilinear" or "nearest", for warps.
        value_range: (black, white). Values beyond are clipped.

    Returns:
        float32 of the images' shape, within `value_range`.

    Raises:
        TypeError: the images are not floats.
        ValueError: an argument is none of the above.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> image = np.arange(6.0).reshape(1, 6, 1) / 10
        >>> kf.augment.apply_operation(image, "translate_x", 2 / 6)[0, :, 0].numpy().round(1)
        array([0. , 0. , 0. , 0.1, 0.2, 0.3], dtype=float32)
        >>> kf.augment.apply_operation(image, "solarize", 64)[0, :, 0].numpy().round(1)
        array([0. , 0.1, 0.2, 0.7, 0.6, 0.5], dtype=float32)

    Source:
        Cubuk et al. (2019), "AutoAugment", table 6. The operations are Pillow's, without its
        rounding to whole levels after each.
    """
    checked_choice("operation", operation, OPERATIONS)
    batch, single = as_batch(images)
    value_range = checked_value_range(value_range)
    count = tf.shape(batch)[0]
    strength = tf.convert_to_tensor(strength, tf.float32)
    if strength.shape.rank not in (0, 1):
        raise ValueError(
            "`strength` must be a number, or one for each image (N,). "
            f"Received: shape {strength.shape}"
        )
    strength = tf.broadcast_to(strength, [count])
    choice = tf.fill([count], OPERATIONS.index(operation))
    levels = on_levels.to_levels(batch, value_range)
    levels = apply_choices(
        levels,
        choice,
        strength,
        among=(operation,),
        fill=fill_level(fill, value_range),
        interpolation=checked_choice("interpolation", interpolation, warps.INTERPOLATIONS),
    )
    return unbatched(on_levels.from_levels(levels, value_range), single)


# Autograph has nothing to convert here, and would take seconds.
@tf.autograph.experimental.do_not_convert
def apply_choices(levels, choice, strength, *, among=OPERATIONS, fill=0.0, interpolation):
    """Applies to each image the operation that was chosen for it.

    Args:
        levels: float32 `(N, H, W, C)` in [0, 255].
        choice: int32 `(N,)`, indices into `OPERATIONS`.
        strength: float32 `(N,)`, as in `apply_operation`.
        among: names of the operations that `choice` may hold; the identity always may.
        fill: the level beyond the image, for warps.
        interpolation: "nearest" or "bilinear", for warps.

    Returns:
        float32 `(N, H, W, C)` in [0, 255].
    """
    others = [name for name in _OTHERS if name in among or name == "identity"]
    warped = [name for name in WARPS if name in among]
    # Part 0 holds all warps.
    part_of = [0 if name in WARPS else 1 + others.index(name) if name in others else 1
               for name in OPERATIONS]  # fmt: skip
    part = tf.gather(tf.constant(part_of), choice)
    count = 1 + len(others)
    places = tf.dynamic_partition(tf.range(tf.shape(levels)[0]), part, count)
    images = tf.dynamic_partition(levels, part, count)
    amounts = tf.dynamic_partition(strength, part, count)
    changed = [images[0]]
    if warped:
        matrices = _matrices(tf.gather(choice, places[0]), amounts[0], *sides(levels))
        changed = [
            warps.warp(
                images[0], matrices, fill_mode="constant", fill=fill, interpolation=interpolation
            )
        ]
    for name, image, amount in zip(others, images[1:], amounts[1:], strict=True):
        changed.append(_OTHERS[name](image, amount))
    return tf.ensure_shape(tf.dynamic_stitch(places, changed), levels.shape)


def fill_level(fill, value_range):
    """Reads `fill`, a value in the units of `value_range` or None, as a level."""
    low, high = value_range
    fill = low if fill is None else fill
    if isinstance(fill, bool) or not isinstance(fill, (int, float)) or not low <= fill <= high:
        raise ValueError(
            "`fill` must be a number within `value_range`, or None for its low end. "
            f"Received: fill={fill!r}, value_range={value_range}"
        )
    return (fill - low) / (high - low) * on_levels.WHITE


def _matrices(choice, strength, height, width):
    """The warp of each image: `(N, 3, 3)`."""
    rows, columns = tf.cast(height, tf.float32), tf.cast(width, tf.float32)
    zero = tf.zeros_like(strength)
    corner = (-0.5, -0.5)  # of the first pixel, about which Pillow shears
    each = {
        "shear_x": warps.about(warps.linear(1.0, strength, 0.0, 1.0), *corner),
        "shear_y": warps.about(warps.linear(1.0, 0.0, strength, 1.0), *corner),
        "translate_x": warps.shift(-_whole(strength * columns), zero),
        "translate_y": warps.shift(zero, -_whole(strength * rows)),
        "rotate": warps.about_centre(warps.rotation(strength), rows, columns),
    }
    every = tf.stack([each[name] for name in WARPS], axis=1)
    return tf.gather(every, tf.minimum(choice, len(WARPS) - 1), axis=1, batch_dims=1)


def _whole(pixels):
    """Rounds towards 0, forgiving what float32 loses of a whole number."""
    return tf.sign(pixels) * tf.floor(tf.abs(pixels) + 1e-3)
