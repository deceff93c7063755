"""Augmentations one after the other, and over a data set with a seed for each batch."""

import functools
import inspect

import keras
import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.batches_and_draws import split_seed
from keras_freq.data.batches import as_batches, with_class_names

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
