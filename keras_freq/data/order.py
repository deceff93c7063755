"""The order of the examples, epoch by epoch."""

import tensorflow as tf

from keras_freq import checks


def in_epochs(make_epoch, batches_per_epoch, first_epoch):
    """Makes a data set of one epoch, or the endless stream of all epochs from one on.

    Args:
        make_epoch: function from an epoch's number (a scalar int64 tensor), or None, to its
            batches. None stands for a pass over the data without a number, which may reshuffle
            itself at each iteration.
        batches_per_epoch: int > 0.
        first_epoch: None for one pass, or int >= 0 for the stream.

    Returns:
        A `tf.data.Dataset` of known cardinality.
    """
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

    The order of a numbered epoch depends on `seed` and the number alone: unlike
    `Dataset.shuffle` it has no state, and the global seed has no part in it.
    """
    if not shuffle:
        return tf.data.Dataset.range(count)
    if epoch is None:
        return tf.data.Dataset.range(count).shuffle(count, seed=seed)
    key = tf.stack([tf.constant(seed, tf.int64), epoch])
    indices = tf.range(count, dtype=tf.int64)
    indices = tf.random.experimental.stateless_shuffle(indices, seed=key)
    return tf.data.Dataset.from_tensor_slices(indices)
