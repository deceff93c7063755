"""The geometry of a Keras ImageDataGenerator, as one warp."""

import math

import tensorflow as tf

from keras_freq.augment import warps
from keras_freq.augment.arguments import (
    as_batch,
    checked_choice,
    checked_number,
    happens,
    sides,
    split,
    unbatched,
    uniform,
    within,
)


def random_affine(
    images,
    *,
    seed,
    rotation_degrees=0.0,
    shift=0.0,
    shear_degrees=0.0,
    zoom=0.0,
    flip=False,
    fill_mode="nearest",
    fill=0.0,
    interpolation="bilinear",
):
    """Zooms, shears, shifts, rotates and mirrors each image, all in one warp.

    One warp interpolates once: every further one would take away more of the high frequencies.
    With the defaults nothing happens; `flowers_recipe` has the values of a published recipe.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        rotation_degrees: largest angle, in degrees: uniform in both directions.
        shift: largest shift, as a fraction of the side, < 1: uniform in both directions, on both
            axes independently.
        shear_degrees: largest angle of shear, in degrees: uniform in both directions. This is
            ImageDataGenerator's `shear_range`, which was radians before Keras 2.1.3: its users'
            0.2 is next to nothing in degrees, and 11.5 degrees in radians.
        zoom: z >= 0, < 1: the field of view is uniform from 1 - z to 1 + z of the image's, on both
            axes independently; less than 1 makes the picture larger.
        flip: whether to mirror half of the images, left to right.
        fill_mode: what lies beyond the image: "nearest" (the outermost pixel goes on, the default
            of ImageDataGenerator), "constant" (`fill`), "reflect" or "wrap".
        fill: the value for "constant".
        interpolation: "bilinear", as ImageDataGenerator has it, or "nearest".

    Returns:
        float32 of the images' shape.

    Raises:
        TypeError: the images are not floats.
        ValueError: an argument is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 8, 8, 3)).astype("float32")
        >>> bool((kf.augment.random_affine(images, seed=(0, 1)) == images).numpy().all())
        True
        >>> kf.augment.random_affine(images, seed=(0, 1), rotation_degrees=15, zoom=0.2).shape
        TensorShape([2, 8, 8, 3])

    Source:
        Keras, `ImageDataGenerator.get_random_transform`: the same matrices in the same order about
        the middle of the image, then the mirror. There, images that are not square are turned about
        a point off their middle, and the ranges of the two shifts are exchanged; not here.
    """
    batch, single = as_batch(images)
    rotation = checked_number("rotation_degrees", rotation_degrees, 0, 180, "an angle in degrees")
    shear = checked_number("shear_degrees", shear_degrees, 0, 89, "an angle in degrees")
    shift = checked_number("shift", shift, 0, 0.999, "a fraction of the side")
    zoom = checked_number("zoom", zoom, 0, 0.999, "a change of the field of view")
    checked_choice("fill_mode", fill_mode, warps.FILL_MODES)
    checked_choice("interpolation", interpolation, warps.INTERPOLATIONS)
    count = tf.shape(batch)[0]
    seeds = split(seed, 7)

    def around(index, centre, reach):
        return uniform(seeds[index], count, centre - reach, centre + reach)

    height, width = (tf.cast(side, tf.float32) for side in sides(batch))
    mirrored = happens(seeds[6], count, 0.5) if flip else tf.zeros([count], tf.bool)
    matrices = inverse_matrices(
        around(0, 0.0, rotation),
        around(1, 0.0, shift) * width,
        around(2, 0.0, shift) * height,
        around(3, 0.0, shear),
        around(4, 1.0, zoom),
        around(5, 1.0, zoom),
        mirrored,
    )
    warped = warps.warp(
        batch,
        warps.about_centre(matrices, height, width),
        fill_mode=fill_mode,
        fill=fill,
        interpolation=interpolation,
    )
    return unbatched(warped if fill_mode == "constant" else within(warped, batch), single)


def inverse_matrices(rotation, shift_x, shift_y, shear, zoom_x, zoom_y, mirrored):
    """From where each pixel comes, about the middle of the image.

    Args:
        rotation: float32 `(N,)`, degrees, positive turns the picture counter-clockwise.
        shift_x: float32 `(N,)`, pixels, before the rotation.
        shift_y: float32 `(N,)`, pixels.
        shear: float32 `(N,)`, degrees.
        zoom_x: float32 `(N,)`, field of view.
        zoom_y: float32 `(N,)`, field of view.
        mirrored: bool `(N,)`.

    Returns:
        float32 `(N, 3, 3)`.
    """
    angle = shear * (math.pi / 180.0)
    zero = tf.zeros_like(angle)
    sheared = warps.linear(zero + 1.0, -tf.sin(angle), zero, tf.cos(angle))
    zoomed = warps.linear(zoom_x, zero, zero, zoom_y)
    flipped = warps.linear(tf.where(mirrored, -1.0, 1.0), zero, zero, zero + 1.0)
    shifted = warps.shift(shift_x, shift_y)
    return warps.rotation(rotation) @ shifted @ sheared @ zoomed @ flipped
