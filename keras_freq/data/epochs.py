"""The order of the examples, epoch by epoch; and arrays as a data set to train on."""

import math

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.data.batches import checked_dataset, with_class_names, without_autotune


def arrays(
    images,
    labels,
    *,
    batch_size=32,
    shuffle=False,
    seed=0,
    class_names=None,
    first_epoch=None,
):
    """Makes a data set of two arrays.

    Args:
        images: Floats `(N, H, W, C)` in [0, 1].
        labels: Integers `(N,)` or `(N, 1)`, or one-hot `(N, K)`, which stay one-hot.
        batch_size: Int >= 1; the last batch of an epoch may be smaller. Defaults to 32.
        shuffle: False keeps the order of the arrays, True gives each epoch an order of its own.
            Defaults to False.
        seed: Int >= 0, decides the orders. Defaults to 0.
        class_names: Sequence of K strings. Defaults to None.
        first_epoch: None, the default, gives a data set of one epoch. An int e >= 0 gives the
            endless stream of the epochs e, e + 1, ... When shuffled, the order of an epoch depends
            on `seed` and its number alone. So a training resumed at epoch e sees what an
            uninterrupted one would have seen.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches: float32 `(N, H, W, C)` and int64 `(N,)`.
        Its attribute `class_names` is set if the argument is.

    Raises:
        ValueError: If the arrays are not images and labels, or disagree with `class_names`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images, labels = np.zeros((5, 8, 8, 3)), [0, 1, 0, 1, 1]
        >>> dataset = kf.data.arrays(images, labels, batch_size=3, class_names=["cat", "dog"])
        >>> [len(labels) for _, labels in dataset], dataset.class_names
        ([3, 2], ['cat', 'dog'])
    """
    images, labels = checked_dataset((images, labels))
    batch_size = checks.integer("batch_size", batch_size)
    seed = checks.integer("seed", seed, least=0)
    if class_names is not None:
        class_names = checks.class_names(class_names, labels.shape[1] if labels.ndim == 2 else None)
        if labels.ndim == 1 and labels.max() >= len(class_names):
            raise ValueError(
                f"`class_names` must name every class. Received: {len(class_names)} names, and "
                f"{labels.max()} as the largest of `labels`"
            )
    # On the CPU, so that arrays larger than an accelerator's memory still fit.
    with tf.device("CPU"):
        images, labels = tf.constant(images), tf.constant(np.ascontiguousarray(labels))

    def make_epoch(epoch):
        order = index_order(len(images), shuffle, seed, epoch)
        return order.batch(batch_size).map(
            lambda index: (tf.gather(images, index), tf.gather(labels, index)),
            num_parallel_calls=tf.data.AUTOTUNE,
        )

    dataset = in_epochs(make_epoch, math.ceil(len(images) / batch_size), first_epoch)
    return with_class_names(without_autotune(dataset), class_names)


def in_epochs(make_epoch, batches_per_epoch, first_epoch):
    """Makes a data set of one epoch, or the endless stream of all epochs from one on.

    Args:
        make_epoch: Function from an epoch's number (a scalar int64 tensor), or None, to its
            batches. None stands for a pass over the data without a number, which may reshuffle
            itself at each iteration.
        batches_per_epoch: Int >= 1.
        first_epoch: None for one pass, or an int >= 0 for the stream.

    Returns:
        A `tf.data.Dataset` of known cardinality.
    """
    # AutoGraph has nothing to convert in it, nor in the functions that it maps.
    make_epoch = tf.autograph.experimental.do_not_convert(make_epoch)
    if first_epoch is None:
        batches, cardinality = make_epoch(None), batches_per_epoch
    else:
        first_epoch = checks.integer("first_epoch", first_epoch, least=0)
        batches = tf.data.Dataset.range(first_epoch, tf.int64.max).flat_map(make_epoch)
        cardinality = tf.data.INFINITE_CARDINALITY
    batches = batches.apply(tf.data.experimental.assert_cardinality(cardinality))
    return batches.prefetch(tf.data.AUTOTUNE)


def index_order(count, shuffle, seed, epoch):
    """Gives the indices 0 .. count - 1 of one epoch as a data set.

    The order of a numbered epoch depends on `seed` and the number alone. Unlike `Dataset.shuffle`
    it has no state, and the global seed has no part in it.
    """
    if not shuffle:
        return tf.data.Dataset.range(count)
    if epoch is None:
        return tf.data.Dataset.range(count).shuffle(count, seed=seed)
    key = tf.stack([tf.constant(seed, tf.int64), epoch])
    indices = tf.range(count, dtype=tf.int64)
    indices = tf.random.experimental.stateless_shuffle(indices, seed=key)
    return tf.data.Dataset.from_tensor_slices(indices)
