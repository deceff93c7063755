"""A data set as two arrays in memory, for analyses in which images need each other."""

import tensorflow as tf

from keras_freq.data.batches import checked_dataset, collected

_BATCH = 64


def held_arrays(dataset):
    """Reads a data set into memory; arrays are not copied.

    Args:
        dataset: As in `checked_batches`.

    Returns:
        Images `(N, H, W, C)` float32 and labels `(N,)` int64.

    Raises:
        TypeError, ValueError: As in `checked_batches`.

    Example:
        >>> import numpy as np
        >>> images, labels = held_arrays((np.zeros((2, 4, 4, 1)), [[1, 0], [0, 1]]))
        >>> images.dtype, labels.tolist()
        (dtype('float32'), [0, 1])
    """
    if not isinstance(dataset, tuple | list):
        return collected(dataset)
    images, labels = checked_dataset(dataset)
    return images, labels.argmax(axis=1) if labels.ndim == 2 else labels


def array_batches(images, labels):
    """Gives held arrays as a data set, which copies one batch at a time."""

    def batches():
        for first in range(0, len(images), _BATCH):
            yield images[first : first + _BATCH], labels[first : first + _BATCH]

    signature = (
        tf.TensorSpec((None, *images.shape[1:]), tf.float32),
        tf.TensorSpec((None,), tf.int64),
    )
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    number = -(-len(images) // _BATCH)
    return dataset.apply(tf.data.experimental.assert_cardinality(number))
