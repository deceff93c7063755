"""The operations of AutoAugment, RandAugment and AugMix, each image of a batch with its own.

A batch is parted by operation, each part is changed at once, and the parts are put together again.
So an image costs what its own operation costs. The five geometric operations are one part, since
each of them is a warp.
"""

import tensorflow as tf

from keras_freq import checks
from keras_freq.augment import affine, colour
from keras_freq.augment.batches_and_draws import per_image_strength, takes_batches
from keras_freq.fourier.filters import sides

WARPS = ("shear_x", "shear_y", "translate_x", "translate_y", "rotate")
_OTHERS = {
    "identity": lambda levels, strength: levels,
    "brightness": colour.brightness,
    "color": colour.color,
    "contrast": colour.contrast,
    "sharpness": colour.sharpness,
    "posterize": colour.posterize,
    "solarize": colour.solarize,
    "autocontrast": lambda levels, strength: colour.autocontrast(levels),
    "equalize": lambda levels, strength: colour.equalize(levels),
    "invert": lambda levels, strength: colour.invert(levels),
}
OPERATIONS = (*WARPS, *_OTHERS)
IDENTITY = OPERATIONS.index("identity")
MAGNITUDES = ("torchvision", "authors")


@takes_batches
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
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        operation: One of these names.
        strength: A number, or one for each image `(N,)`. Defaults to 0.
        fill: What a warp shows beyond the image, in the units of `value_range`. Defaults to None,
            its low end, black.
        interpolation: "bilinear" or "nearest", for warps. Defaults to "bilinear".
        value_range: (black, white). Values beyond are clipped. Defaults to (0, 1).

    Returns:
        Float32 tensor of the images' shape, within `value_range`.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If an argument is none of the above.

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
    checks.choice("operation", operation, OPERATIONS)
    strength = per_image_strength(strength, images)
    count = tf.shape(images)[0]
    levels = apply_choices(
        colour.to_levels(images, value_range),
        tf.fill([count], OPERATIONS.index(operation)),
        tf.broadcast_to(strength, [count]),
        among=(operation,),
        fill=colour.fill_level(fill, value_range),
        interpolation=interpolation,
    )
    return colour.from_levels(levels, value_range)


def draw_operations(seed, count, among):
    """Draws one of the named operations for each image, as indices into `OPERATIONS`."""
    indices = [OPERATIONS.index(name) for name in among]
    return tf.gather(indices, tf.random.stateless_uniform([count], seed, 0, len(indices), tf.int32))


@tf.autograph.experimental.do_not_convert
def strengths_of(choice, share, sign, magnitudes, largest_shift=150 / 331):
    """Turns magnitudes into the strengths of `apply_operation`.

    Args:
        choice: Int32 `(N,)`, indices into `OPERATIONS`.
        share: Float32 `(N,)`, the magnitude as a share of the largest, in [0, 1].
        sign: Float32 `(N,)`, -1 or 1, for what goes both ways.
        magnitudes: "torchvision" or "authors", as in `auto_augment`.
        largest_shift: The shift of the largest magnitude, as a fraction of the side.

    Returns:
        Float32 `(N,)`, 0 for operations without a strength.
    """
    if checks.choice("magnitudes", magnitudes, MAGNITUDES) == "torchvision":
        factor = 1.0 + sign * 0.9 * share
        bits = 8.0 - tf.round(4.0 * share)
        threshold = 255.0 * (1.0 - share)
        degrees = sign * 30.0 * share
    else:
        factor = 0.1 + 1.8 * share
        bits = 4.0 - _floor(4.0 * share)
        threshold = 256.0 - _floor(256.0 * share)
        degrees = sign * _floor(30.0 * share)
    strengths = {"rotate": degrees, "posterize": bits, "solarize": threshold}
    strengths |= dict.fromkeys(("shear_x", "shear_y"), sign * 0.3 * share)
    strengths |= dict.fromkeys(("translate_x", "translate_y"), sign * largest_shift * share)
    strengths |= dict.fromkeys(("brightness", "color", "contrast", "sharpness"), factor)
    nothing = tf.zeros_like(share)
    every = tf.stack([strengths.get(name, nothing) for name in OPERATIONS], axis=1)
    return tf.gather(every, choice, axis=1, batch_dims=1)


# Autograph has nothing to convert here, and would take seconds.
@tf.autograph.experimental.do_not_convert
def apply_choices(levels, choice, strength, *, among=OPERATIONS, fill=0.0, interpolation):
    """Applies to each image the operation that was chosen for it.

    Args:
        levels: Float32 `(N, H, W, C)` in [0, 255].
        choice: Int32 `(N,)`, indices into `OPERATIONS`.
        strength: Float32 `(N,)`, as in `apply_operation`.
        among: Names of the operations that `choice` may hold; the identity always may.
        fill: The level beyond the image, for warps.
        interpolation: "nearest" or "bilinear", for warps.

    Returns:
        Float32 `(N, H, W, C)` in [0, 255].
    """
    checks.choice("interpolation", interpolation, affine.INTERPOLATIONS)
    others = [name for name in _OTHERS if name in among or name == "identity"]
    # Part 0 holds all warps, part 1 the identity and what is not among the names.
    part_of = [0 if name in WARPS else 1 + others.index(name) if name in others else 1
               for name in OPERATIONS]  # fmt: skip
    part = tf.gather(tf.constant(part_of), choice)
    count = 1 + len(others)
    places = tf.dynamic_partition(tf.range(tf.shape(levels)[0]), part, count)
    images = tf.dynamic_partition(levels, part, count)
    amounts = tf.dynamic_partition(strength, part, count)
    if any(name in among for name in WARPS):
        matrices = _warps(tf.gather(choice, places[0]), amounts[0], among, *sides(levels))
        images[0] = affine.warp(
            images[0], matrices, fill_mode="constant", fill=fill, interpolation=interpolation
        )
    for index, name in enumerate(others, start=1):
        images[index] = _OTHERS[name](images[index], amounts[index])
    return tf.ensure_shape(tf.dynamic_stitch(places, images), levels.shape)


def _warps(choice, strength, among, height, width):
    """The warp of each image: `(N, 3, 3)`."""
    rows, columns = affine.as_float(height), affine.as_float(width)
    zero = tf.zeros_like(strength)
    corner = (-0.5, -0.5)  # of the first pixel, about which Pillow shears
    each = {
        "shear_x": lambda: affine.about(affine.linear(1.0, strength, 0.0, 1.0), *corner),
        "shear_y": lambda: affine.about(affine.linear(1.0, 0.0, strength, 1.0), *corner),
        "translate_x": lambda: affine.shifted(-_towards_0(strength * columns), zero),
        "translate_y": lambda: affine.shifted(zero, -_towards_0(strength * rows)),
        "rotate": lambda: affine.about_centre(affine.rotated(strength), rows, columns),
    }
    made = {name: each[name]() for name in WARPS if name in among}
    # In the place of what is not among the names stands anything: nobody chooses it.
    every = tf.stack([made.get(name, next(iter(made.values()))) for name in WARPS], axis=1)
    return tf.gather(every, tf.minimum(choice, len(WARPS) - 1), axis=1, batch_dims=1)


def _floor(values):
    """Drops the fraction of values >= 0, forgiving what float32 loses of a whole number."""
    return tf.floor(values + 1e-3)


def _towards_0(pixels):
    """Rounds towards 0, forgiving what float32 loses of a whole number."""
    return tf.sign(pixels) * _floor(tf.abs(pixels))
