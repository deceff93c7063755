"""Affine warps, one for each image of a batch; and the geometry of a Keras ImageDataGenerator.

A warp says for every pixel (x, y) of the output from which place of the input it comes:
`x_in = a0 x + a1 y + a2`, `y_in = b0 x + b1 y + b2`. Here x points to the right and y down, in
pixels, and the centre of the first pixel is (0, 0). Warps are float32 `(N, 3, 3)` matrices.
"""

import math

import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.batches_and_draws import (
    happens,
    split_seed,
    takes_batches,
    uniform,
    within,
)
from keras_freq.fourier.filters import sides

FILL_MODES = ("constant", "nearest", "reflect", "wrap")
INTERPOLATIONS = ("nearest", "bilinear")


@takes_batches
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

    One warp interpolates once. Every further one would take away more of the high frequencies. With
    the defaults nothing happens; `flowers_recipe` has the values of a published recipe.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        rotation_degrees: Largest angle, in degrees from 0 to 180: uniform in both directions.
            Defaults to 0.
        shift: Largest shift, as a fraction of the side, in [0, 1): uniform in both directions, and
            independent on the two axes. Defaults to 0.
        shear_degrees: Largest angle of shear, in degrees from 0 to 89: uniform in both directions.
            This is ImageDataGenerator's `shear_range`, which was in radians before Keras 2.1.3. A
            value of 0.2 from that time means 11.5 degrees; as degrees it can hardly be seen.
            Defaults to 0.
        zoom: z in [0, 1): the field of view is uniform from 1 - z to 1 + z of the image's, and
            independent on the two axes. A smaller field of view makes the picture larger. Defaults
            to 0.
        flip: Whether to mirror half of the images, left to right. Defaults to False.
        fill_mode: What lies beyond the image: "nearest" (the outermost pixel goes on, as
            ImageDataGenerator does by default), "constant" (`fill`), "reflect" or "wrap". Defaults
            to "nearest".
        fill: The value for "constant". Defaults to 0.
        interpolation: "bilinear", as ImageDataGenerator has it, or "nearest". Defaults to
            "bilinear".

    Returns:
        Float32 tensor of the images' shape.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If an argument is out of range.

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
        the middle of the image, then the mirror. We differ in two points. Keras turns images that
        are not square about a point beside their middle, and it exchanges the ranges of the two
        shifts.
    """
    rotation = checks.number("rotation_degrees", rotation_degrees, 0, 180, "an angle in degrees")
    shear = checks.number("shear_degrees", shear_degrees, 0, 89, "an angle in degrees")
    shift = checks.number("shift", shift, 0, 0.999, "a fraction of the side")
    zoom = checks.number("zoom", zoom, 0, 0.999, "a change of the field of view")
    checks.choice("fill_mode", fill_mode, FILL_MODES)
    checks.choice("interpolation", interpolation, INTERPOLATIONS)
    checks.per_channel("fill", fill, 1)
    count = tf.shape(images)[0]
    seeds = split_seed(seed, 7)

    def around(index, centre, reach):
        return uniform(seeds[index], count, centre - reach, centre + reach)

    height, width = (as_float(side) for side in sides(images))
    mirrored = happens(seeds[6], count, 0.5) if flip else tf.zeros([count], tf.bool)
    about_middle = zoomed_sheared_shifted_rotated(
        around(0, 0.0, rotation),
        around(1, 0.0, shift) * width,
        around(2, 0.0, shift) * height,
        around(3, 0.0, shear),
        around(4, 1.0, zoom),
        around(5, 1.0, zoom),
        mirrored,
    )
    matrices = about_centre(about_middle, height, width)
    warped = warp(images, matrices, fill_mode=fill_mode, fill=fill, interpolation=interpolation)
    return warped if fill_mode == "constant" else within(warped, images)


def zoomed_sheared_shifted_rotated(rotation, shift_x, shift_y, shear, zoom_x, zoom_y, mirrored):
    """The warps of `random_affine`, about the middle of the image.

    Args:
        rotation: Float32 `(N,)`, degrees; positive turns the picture counter-clockwise.
        shift_x: Float32 `(N,)`, pixels, before the rotation.
        shift_y: Float32 `(N,)`, pixels.
        shear: Float32 `(N,)`, degrees.
        zoom_x: Float32 `(N,)`, field of view.
        zoom_y: Float32 `(N,)`, field of view.
        mirrored: Bool `(N,)`.

    Returns:
        Float32 `(N, 3, 3)`.
    """
    angle = shear * (math.pi / 180.0)
    sheared = linear(1.0, -tf.sin(angle), 0.0, tf.cos(angle))
    zoomed = linear(zoom_x, 0.0, 0.0, zoom_y)
    flipped = linear(tf.where(mirrored, -1.0, 1.0), 0.0, 0.0, 1.0)
    return rotated(rotation) @ shifted(shift_x, shift_y) @ sheared @ zoomed @ flipped


def warp(images, matrices, *, fill_mode, fill=0.0, interpolation="bilinear"):
    """Warps every image by its own matrix.

    Args:
        images: `(N, H, W, C)`.
        matrices: `(N, 3, 3)`, from output to input pixels.
        fill_mode: What lies beyond the image: "constant" (`fill`), "nearest" (the outermost
            pixel), "reflect" (`dcba|abcd|dcba`) or "wrap" (`abcd|abcd|abcd`).
        fill: The value for "constant".
        interpolation: "nearest" or "bilinear".

    Returns:
        `(N, H, W, C)`.
    """
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.reshape(matrices, [-1, 9])[:, :8],
        output_shape=tf.shape(images)[1:3],
        fill_value=tf.cast(fill, tf.float32),
        interpolation=interpolation.upper(),
        fill_mode=fill_mode.upper(),
    )
    return tf.ensure_shape(warped, images.shape)


def linear(a0, a1, b0, b1):
    """Warps without a shift, from four numbers or tensors `(N,)`."""
    return _matrices(a0, a1, 0.0, b0, b1, 0.0)


def shifted(x, y):
    """Warps that read each pixel x further to the right and y further down.

    The picture moves to the left and up.
    """
    return _matrices(1.0, 0.0, x, 0.0, 1.0, y)


def rotated(degrees):
    """Rotations about the origin; positive is counter-clockwise to the eye, as in Pillow."""
    angle = degrees * (math.pi / 180.0)
    return linear(tf.cos(angle), -tf.sin(angle), tf.sin(angle), tf.cos(angle))


def about(matrices, x, y):
    """The same warps with (x, y) as their origin."""
    x, y = tf.cast(x, tf.float32), tf.cast(y, tf.float32)
    return shifted(x, y) @ matrices @ shifted(-x, -y)


def about_centre(matrices, height, width):
    """The same warps with the middle of the image as their origin."""
    return about(matrices, (as_float(width) - 1.0) / 2.0, (as_float(height) - 1.0) / 2.0)


def as_float(side):
    """A side of an image as a float: a number if it is known, else a float32 tensor."""
    return tf.cast(side, tf.float32) if tf.is_tensor(side) else float(side)


def _matrices(a0, a1, a2, b0, b1, b2):
    """Warps `(N, 3, 3)` from six numbers or tensors `(N,)`; N is 1 if all are numbers."""
    entries = (a0, a1, a2, b0, b1, b2, 0.0, 0.0, 1.0)
    tensors = [entry for entry in entries if tf.is_tensor(entry)]
    if not tensors:
        return tf.constant(entries, tf.float32, [1, 3, 3])
    # A number becomes a tensor once: several warps have hundreds of operations less for it.
    zeros = tf.zeros_like(tensors[0])
    numbers = {entry: zeros + entry for entry in entries if not tf.is_tensor(entry)}
    stacked = [entry if tf.is_tensor(entry) else numbers[entry] for entry in entries]
    return tf.reshape(tf.stack(stacked, axis=-1), [-1, 3, 3])
