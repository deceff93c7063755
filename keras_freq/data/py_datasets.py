"""Data sets of Keras' own kind, as Keras 2's image generators are, too."""

import numpy as np
import tensorflow as tf

from keras_freq import checks


def batches_of_py_dataset(dataset, name):
    """Makes a `tf.data.Dataset` of a `keras.utils.PyDataset`.

    Each batch is read once in a pass, in order. `on_epoch_end`, which shuffles, is not called.

    Args:
        dataset: A `keras.utils.PyDataset` of `(images, labels)` batches.
        name: The argument's name, for messages.

    Returns:
        A `tf.data.Dataset` of known length.

    Raises:
        ValueError: If the data set has no end or no batch, or its batches are not of arrays.
    """
    try:
        length = dataset.num_batches
    except NotImplementedError:
        length = None
    if length is None:
        raise ValueError(
            f"`{name}` must end: a `PyDataset` must say by `num_batches` how many batches it has. "
            "Received: one that does not"
        )
    if length < 1:
        raise ValueError(f"`{name}` is empty: there must be at least one batch of images")

    def read(index):
        batch = dataset[index]
        pair = isinstance(batch, tuple | list) and len(batch) == 2
        if not pair or any(isinstance(part, dict | tuple | list) for part in batch):
            checks.element_spec(name, batch)
        return tuple(np.asarray(part) for part in batch)

    first = [read(0)]
    images, labels = first[0]
    # The first batch has been read: the first pass begins with it.
    batches = tf.data.Dataset.from_generator(
        lambda: (first.pop() if index == 0 and first else read(index) for index in range(length)),
        output_signature=tuple(
            tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in (images, labels)
        ),
    )
    checks.element_spec(name, batches.element_spec)
    return batches.apply(tf.data.experimental.assert_cardinality(length))
