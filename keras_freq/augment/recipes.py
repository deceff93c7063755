"""Augmentations put together: one after the other, over a data set, and in published recipes."""

import functools
import inspect

import keras
import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.affine import random_affine
from keras_freq.augment.batches_and_draws import split_seed
from keras_freq.augment.colour import pca_colour
from keras_freq.augment.crops import random_crop, random_flip, random_resized_crop
from keras_freq.data.batches import as_batches, with_class_names
from keras_freq.fourier.filters import as_float_images

# The number of batches that we assume in a pass over a data set that does not know its length.
_UNKNOWN_LENGTH = 2**32


def compose(*augments):
    """Makes one augmentation of several.

    Each of them gets the result of the one before, and a seed of its own.

    Args:
        *augments: Functions `augment(images, *, seed)`, or `augment(images, labels, *, seed)`. They
            get the labels if they have a parameter `labels`. `functools.partial` sets options.

    Returns:
        A function `(images, labels=None, *, seed)`.

    Raises:
        TypeError: If one of them is no such function.

    Example:
        >>> import functools
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> crop = functools.partial(kf.augment.random_crop, size=6)
        >>> augment = kf.augment.compose(crop, kf.augment.random_flip)
        >>> augment(np.zeros((2, 8, 8, 3)), seed=(0, 1)).shape
        TensorShape([2, 6, 6, 3])
    """
    if not augments:
        raise TypeError("`augments` must hold at least one function. Received: none")
    wants_labels = [_wants_labels(augment, "augments") for augment in augments]

    def composed(images, labels=None, *, seed):
        if labels is None and any(wants_labels):
            first = augments[wants_labels.index(True)]
            raise ValueError(f"`labels` must be given, since {first!r} needs them")
        seeds = split_seed(seed, len(augments))
        for augment, wanted, one_seed in zip(augments, wants_labels, seeds, strict=True):
            given = {"labels": labels} if wanted else {}
            images = augment(images, **given, seed=one_seed)
        return images

    composed.parts = augments
    return composed


def augmented(dataset, augment, *, seed=0, first_batch=0):
    """Augments all images of a data set, every batch with a seed of its own.

    The seed of a batch is `(seed, number)`. The `number` counts all batches that the data set ever
    gave, from `first_batch` on:

    - An endless data set (`keras_freq.data.arrays(..., first_epoch=0)`, `.repeat()`) goes on
      counting over the epochs of `model.fit(steps_per_epoch=...)`. Every new iterator starts at
      `first_batch`. To resume after n batches, give `first_batch=n`: the batches are, bit for bit,
      those that an uninterrupted training would have seen.
    - A finite data set counts on where the pass before ended, or should have ended. So every epoch
      of `model.fit` has new draws, the same as those of the endless one. A pass is whatever takes
      an iterator, even if it looks at one batch only. `model.fit` under a `tf.distribute` strategy
      takes one more before the first epoch. A new process counts from `first_batch`.

    Nothing else decides the draws: neither the global seed, nor the order in which threads work.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays.
        augment: A function `augment(images, *, seed)`, or `augment(images, labels, *, seed)`, that
            gives the new images. It gets the labels if it has a parameter `labels`.
        seed: Int >= 0. Defaults to 0.
        first_batch: Int >= 0, the number of the first batch. Defaults to 0.

    Returns:
        A `tf.data.Dataset` of the same batches with other images, with the `class_names` of the
        data set.

    Raises:
        TypeError: If `dataset` is no data set, or `augment` no such function.
        ValueError: If `seed` or `first_batch` is negative.

    Example:
        >>> import keras_freq as kf
        >>> images, labels = kf.data.frequency_bands(4, per_class=2)
        >>> train = kf.data.arrays(images, labels, batch_size=4)
        >>> train = kf.augment.augmented(train, kf.augment.pad_crop_flip)
        >>> [images.shape[0] for images, _ in train]
        [4, 4]
    """
    batches = as_batches(dataset)
    wants_labels = _wants_labels(augment, "augment")
    seed = checks.integer("seed", seed, least=0)
    first_batch = checks.integer("first_batch", first_batch, least=0)

    def change(number, batch):
        images, labels = batch
        given = {"labels": labels} if wants_labels else {}
        batch_seed = tf.stack([tf.constant(seed, tf.int64), number])
        return augment(images, **given, seed=batch_seed), labels

    if _is_ours(augment):
        change = tf.autograph.experimental.do_not_convert(change)
    length = int(batches.cardinality())
    numbered = tf.data.Dataset.zip(_numbers(first_batch, length), batches)
    if length >= 0:
        numbered = numbered.apply(tf.data.experimental.assert_cardinality(length))
    result = numbered.map(change, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    return with_class_names(result, getattr(batches, "class_names", None))


def _numbers(first, length):
    """The numbers of the batches of a pass; they go on without an end."""
    if length == tf.data.INFINITE_CARDINALITY:
        return tf.data.Dataset.range(first, tf.int64.max)
    stride = length if length >= 0 else _UNKNOWN_LENGTH
    with tf.device("CPU"):
        passes = tf.Variable(0, dtype=tf.int64, trainable=False, name="passes")

    def start(_):
        return first + stride * (passes.assign_add(1) - 1)

    as_it_is = tf.autograph.experimental.do_not_convert
    starts = tf.data.Dataset.range(1).map(as_it_is(start))
    return starts.flat_map(as_it_is(lambda number: tf.data.Dataset.range(number, tf.int64.max)))


def _is_ours(augment):
    """Tells whether a function is made of this package's, in which AutoGraph converts nothing."""
    while isinstance(augment, functools.partial):
        augment = augment.func
    parts = getattr(augment, "parts", ())
    module = getattr(augment, "__module__", None) or ""
    return module.startswith("keras_freq.") and all(map(_is_ours, parts))


def _wants_labels(augment, name):
    """Whether a function takes labels; raises if it takes no seed."""
    if isinstance(augment, keras.Layer):
        raise TypeError(
            f"`{name}` must be a function with a `seed`. A layer of Keras has a state instead: use "
            "`dataset.map(lambda images, labels: (layer(images, training=True), labels))`. "
            f"Received: the layer {augment.name!r}"
        )
    try:
        parameters = inspect.signature(augment).parameters
    except (TypeError, ValueError):
        parameters = {}
    any_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if not callable(augment) or not ("seed" in parameters or any_keyword):
        raise TypeError(
            f"`{name}` must be a function `(images, *, seed)` or `(images, labels, *, seed)`, such "
            "as `keras_freq.augment.random_flip`. Set options with `functools.partial`. "
            f"Received: {augment!r}"
        )
    return "labels" in parameters


def alexnet_recipe(images, *, seed, pca=None, size=224, value_range=(0, 1)):
    """The training recipe of 2012: a random window, mirrored or not, in a shifted colour.

    Give it images with a shorter side of 256 pixels. `resize_short_side` makes them. The paper cuts
    them to a square, as `keras_freq.data.image_folder(path, image_size=256)` does. At test time use
    `keras_freq.predict_ten_crop` instead of the recipe.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        pca: What `fit_pca_colour` gave for the training set. Defaults to None, which leaves the
            colours.
        size: Side of the window, in pixels. Defaults to 224.
        value_range: (black, white) of the images. Defaults to (0, 1).

    Returns:
        Float32 `(N, size, size, C)`. Shifted colours may leave `value_range`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.alexnet_recipe(np.zeros((2, 256, 256, 3)), seed=(0, 1)).shape
        TensorShape([2, 224, 224, 3])

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1.
    """
    crop_seed, flip_seed, colour_seed = split_seed(seed, 3)
    images = random_crop(images, size, seed=crop_seed)
    images = random_flip(images, seed=flip_seed)
    if pca is None:
        return images
    return pca_colour(images, pca, seed=colour_seed, value_range=value_range)


def flowers_recipe(images, *, seed):
    """Rotation by up to 15 degrees, shear by 0.2 degrees, zoom and shifts by 0.2, mirror.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.

    Returns:
        Float32 tensor of the images' shape. Beyond the image its outermost pixels go on.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.flowers_recipe(np.zeros((2, 8, 8, 3)), seed=(0, 1)).shape
        TensorShape([2, 8, 8, 3])

    Source:
        "Replicating and extending AlexNet for image classification": ImageDataGenerator with
        `shear_range=0.2, zoom_range=0.2, horizontal_flip=True, rotation_range=15,
        width_shift_range=0.2, height_shift_range=0.2`. Its shear of 0.2 degrees cannot be seen. If
        20 % was meant, use `random_affine` with `shear_degrees=11.5`.
    """
    options = {"rotation_degrees": 15.0, "shift": 0.2, "shear_degrees": 0.2, "zoom": 0.2}
    return random_affine(images, seed=seed, flip=True, **options)


def pad_crop_flip(images, *, seed, padding=4, fill=0.0):
    """Adds a border to each image, cuts out a window of the image's own size, and mirrors half.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`, of known size.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: Int >= 0, width of the border in pixels. Defaults to 4.
        fill: Value of the border, one number or one for each channel. Defaults to 0.

    Returns:
        Float32 tensor of the images' shape.

    Raises:
        ValueError: If the size of the images is not known, as may be the case in `tf.data`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.pad_crop_flip(np.zeros((2, 32, 32, 3)), seed=(0, 1)).shape
        TensorShape([2, 32, 32, 3])

    Source:
        He et al. (2016), section 4.2. There the border is 0 after the mean was subtracted. Give the
        mean as `fill` to do the same.
    """
    crop_seed, flip_seed = split_seed(seed, 2)
    images = as_float_images(images)
    size = tuple(images.shape[-3:-1])
    if None in size:
        raise ValueError(
            "`images` must have a known height and width (`tf.ensure_shape` sets them). "
            f"Received: shape {images.shape}"
        )
    images = random_crop(images, size, seed=crop_seed, padding=padding, fill=fill)
    return random_flip(images, seed=flip_seed)


def resized_crop_flip(
    images, size, *, seed, padding=0, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), fill=0.0
):
    """Cuts a window of random size and proportions out of each image, resizes it, mirrors half.

    The frequency study trains with this and a border of 4 pixels, on CIFAR-10, its synthetic bands
    and ImageNet-10 alike.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        size: Int or `(height, width)` of the output, in pixels.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: Int >= 0, pixels first added on all four sides. Defaults to 0.
        scale: (least, most) area of the window, as a share of the (padded) image's. Defaults to
            (0.08, 1).
        ratio: (least, most) width over height of the window. Defaults to (3/4, 4/3).
        fill: Value of the added pixels, one number or one for each channel. Defaults to 0.

    Returns:
        Float32 `(N, height, width, C)`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.zeros((2, 32, 32, 3))
        >>> kf.augment.resized_crop_flip(images, 32, seed=(0, 1), padding=4).shape
        TensorShape([2, 32, 32, 3])

    Source:
        Szegedy et al. (2015), section 6. The code of Wang et al. (2023), "What do neural networks
        learn in image classification? A frequency shortcut perspective", pads, mirrors and crops.
    """
    crop_seed, flip_seed = split_seed(seed, 2)
    images = random_resized_crop(
        images, size, seed=crop_seed, scale=scale, ratio=ratio, padding=padding, fill=fill
    )
    return random_flip(images, seed=flip_seed)
