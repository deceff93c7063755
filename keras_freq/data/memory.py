"""NumPy arrays as a data set to train on."""

import math

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.checks import checked_arrays
from keras_freq.data.batches import class_names_of, with_class_names, without_autotune
from keras_freq.data.order import in_epochs, index_order


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
        images: `(N, H, W, C)` floats in [0, 1].
        labels: integers `(N,)` or `(N, 1)`, or one-hot `(N, K)`, which stays one-hot.
        batch_size: int > 0; the last batch of an epoch may be smaller.
        shuffle: False keeps the order of the arrays, True gives each epoch an order of its own.
        seed: int >= 0, decides the orders.
        class_names: sequence of K strings.
        first_epoch: None gives a data set of one epoch. An int e >= 0 gives the endless stream
            of the epochs e, e + 1, ...: when shuffled, the order of an epoch depends on
            `seed` and its number alone, so that a training resumed at epoch e sees what an
            uninterrupted one would have seen.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches: float32 `(N, H, W, C)` and int64
        `(N,)`. Its attribute `class_names` is set if the argument is.

    Raises:
        ValueError: the arrays are not images and labels, or disagree with `class_names`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images, labels = np.zeros((5, 8, 8, 3)), [0, 1, 0, 1, 1]
        >>> dataset = kf.data.arrays(images, labels, batch_size=3, class_names=["cat", "dog"])
        >>> [len(labels) for _, labels in dataset], dataset.class_names
        ([3, 2], ['cat', 'dog'])
    """
    images, labels = checked_arrays(images, labels)
    batch_size = checks.integer("batch_size", batch_size)
    seed = checks.integer("seed", seed, least=0)
    if class_names is not None:
        num_classes = labels.shape[1] if labels.ndim == 2 else int(labels.max()) + 1
        class_names = class_names_of(None, class_names)
        if len(class_names) < num_classes or (labels.ndim == 2 and len(class_names) > num_classes):
            raise ValueError(
                "`class_names` must name every class. Received: "
                f"{len(class_names)} names for {num_classes} classes in `labels`"
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
