"""Data sets of (images, labels) batches: made of arrays, checked, read and named.

A *data set* is a `tf.data.Dataset` or a `keras.utils.PyDataset` of `(images, labels)` batches, or
a pair of arrays. Images are `(N, H, W, C)` in [0, 1]. Labels are integers `(N,)`, or one-hot
`(N, K)`. The class names are the attribute `class_names`, as in Keras. `map` and `batch` lose it;
`with_class_names` puts it back.
"""

import os

import keras
import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.data.passes import (
    RepeatedPasses,
    check_each,
    check_finite_length,
    has_known_length,
)
from keras_freq.data.py_datasets import batches_of_py_dataset

# Arrays of a data set of unknown length may take so much of the machine's memory. Joining them
# takes as much again.
_MEMORY_SHARE = 0.4


def as_batches(dataset, *, batch_size=64):
    """Gives a `tf.data.Dataset` of `(images, labels)` batches.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, which is returned as it is; a
            `keras.utils.PyDataset`, which is read in its order; or a pair of arrays: images
            `(N, H, W, C)` and labels `(N,)` or one-hot `(N, K)`. Arrays become float32 images and,
            unless one-hot, int64 labels.
        batch_size: Int >= 1, the batch size for arrays. Defaults to 64.

    Returns:
        A `tf.data.Dataset` of batches, in the order of the arrays, with the `class_names` of the
        data set if it has any.

    Raises:
        TypeError: If `dataset` is none of these.
        ValueError: If the arrays or the elements are not images and labels.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> batches = kf.data.as_batches((np.zeros((5, 8, 8, 3)), np.arange(5)), batch_size=2)
        >>> [len(labels) for _, labels in batches]
        [2, 2, 1]
    """
    dataset = checked_dataset(dataset)
    if isinstance(dataset, tf.data.Dataset):
        return dataset
    batch_size = checks.integer("batch_size", batch_size)
    # The tensors live on the CPU: a data set larger than an accelerator's memory still fits.
    with tf.device("CPU"):
        return without_autotune(tf.data.Dataset.from_tensor_slices(dataset).batch(batch_size))


def checked_dataset(dataset, name="dataset"):
    """Reads a data set, without looking at the values of a `tf.data.Dataset`.

    Args:
        dataset: A `tf.data.Dataset` or a `keras.utils.PyDataset` of `(images, labels)` batches, or
            a pair of arrays.
        name: The argument's name, for messages.

    Returns:
        A `tf.data.Dataset`, or the arrays as `(images, labels)`: float32 images, and int64 labels
        `(N,)` or one-hot ones as they are.

    Raises:
        TypeError: If `dataset` is none of these.
        ValueError: If the arrays or the elements are not images and labels.
    """
    if isinstance(dataset, tf.data.Dataset):
        checks.element_spec(name, dataset.element_spec)
        return dataset
    if isinstance(dataset, keras.utils.PyDataset):
        batches = batches_of_py_dataset(dataset, name)
        return with_class_names(batches, getattr(dataset, "class_names", None))
    images, labels = checks.pair_of_arrays(name, dataset)
    checks.images(f"The images of `{name}`", images)
    if labels.ndim == 0 or len(images) != len(labels):
        raise ValueError(
            f"`{name}` must hold as many labels as images. "
            f"Received: images of shape {images.shape}, labels of shape {labels.shape}"
        )
    if len(images) == 0:
        raise ValueError(f"`{name}` is empty: there must be at least one image")
    if labels.ndim != 2 or labels.shape[1] == 1:
        labels = checks.integer_labels(f"The labels of `{name}`", labels)
    return np.asarray(images, np.float32), labels


def without_autotune(dataset):
    """Switches off the tuning thread that `tf.data` gives to every iterator.

    On TensorFlow 2.21 the thread makes a pass over a small data set 20 times as long (20 ms instead
    of 1 ms). The end of an iterator sometimes waits for the thread for seconds, up to a minute for
    one that lived long. What the thread would tune gets its defaults: `num_parallel_calls=AUTOTUNE`
    then means the number of cores.

    Args:
        dataset: A `tf.data.Dataset`.

    Returns:
        The same data set with that option, and its `class_names` if it has any.

    Example:
        >>> import tensorflow as tf
        >>> without_autotune(tf.data.Dataset.range(2)).options().autotune.enabled
        False
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return with_class_names(dataset.with_options(options), getattr(dataset, "class_names", None))


def checked_batches(dataset, num_classes=None, *, batch_size=64):
    """Iterates over a data set once, as validated NumPy batches.

    Args:
        dataset: A `tf.data.Dataset` or a `keras.utils.PyDataset` of `(images, labels)` batches, or
            a pair of arrays.
        num_classes: Int >= 1, the number of classes K: labels must be in [0, K - 1]. Defaults to
            None: then labels need only be >= 0.
        batch_size: Int >= 1, the batch size for arrays. Defaults to 64.

    Returns:
        A generator of `(images, labels)`: float32 `(N, H, W, C)` and int64 `(N,)`, of the same H, W
        and C in every batch. One-hot labels have become integers.

    Raises:
        TypeError: If `dataset` is none of these.
        ValueError: If something is not images and labels. This is raised as soon as it can be seen:
            a wrong rank at the call, values (NaN, 0..255, labels out of range) at their batch, an
            empty data set at the end. A data set of unknown length is taken to be endless after
            50,000 batches, or if its first 10,000 images are 1,000 different ones at most.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> one_hot = np.eye(3)[[2, 0, 1]]
        >>> for images, labels in kf.data.checked_batches((np.zeros((3, 4, 4, 1)), one_hot)):
        ...     print(images.shape, labels)
        (3, 4, 4, 1) [2 0 1]
    """
    if num_classes is not None:
        num_classes = checks.num_classes(num_classes)
    if isinstance(dataset, RepeatedPasses):
        return dataset.read(num_classes)
    batches = as_batches(dataset, batch_size=batch_size)
    check_finite_length(batches)
    return check_each(batches.as_numpy_iterator(), num_classes, batches, _owner(dataset))


def repeated(dataset):
    """Makes a data set that may be read several times, and is compared each time.

    An analysis that reads a data set more than once puts this in its place.

    Args:
        dataset: As in `checked_batches`.

    Returns:
        A `RepeatedPasses`, which `checked_batches` takes.

    Raises:
        TypeError, ValueError: As in `checked_batches`.

    Example:
        >>> passes = repeated((np.zeros((3, 4, 4, 1)), [0, 1, 1]))
        >>> [sum(len(labels) for _, labels in checked_batches(passes)) for _ in range(2)]
        [3, 3]
    """
    if isinstance(dataset, RepeatedPasses):
        return dataset
    return RepeatedPasses(as_batches(dataset), _owner(dataset))


def collected(dataset, num_classes=None):
    """Reads a whole data set into two arrays.

    Args:
        dataset: As in `checked_batches`.
        num_classes: As in `checked_batches`.

    Returns:
        `(images, labels)`, as `checked_batches` gives them: `(N, H, W, C)` and `(N,)`.

    Raises:
        TypeError, ValueError: As in `checked_batches`.

    Example:
        >>> batches = tf.data.Dataset.from_tensors((np.ones((2, 4, 4, 1), "float32"), [0, 1]))
        >>> images, labels = collected(batches.repeat(2))
        >>> images.shape, labels.tolist()
        ((4, 4, 4, 1), [0, 1, 0, 1])
    """
    batches, size = [], 0
    for batch in checked_batches(dataset, num_classes):
        batches.append(batch)
        size += batch[0].nbytes
        check_size(dataset, size)
    return tuple(np.concatenate(arrays) for arrays in zip(*batches, strict=True))


def check_size(dataset, size):
    """Raises if a data set of unknown length has given more bytes than should be held."""
    batches = dataset.batches if isinstance(dataset, RepeatedPasses) else dataset
    known = not isinstance(batches, tf.data.Dataset) or has_known_length(batches)
    if not known and size > _MEMORY_SHARE * _memory():
        raise ValueError(
            "`dataset` must fit in memory, and one of unknown length has given "
            f"{size / 2**30:.1f} GiB of images. If it has no end, bound it with "
            "`dataset.take(number_of_batches)`"
        )


def class_names_of(dataset, class_names=None, num_classes=None):
    """Gives the names of the classes, in the order of their labels.

    Args:
        dataset: A data set, whose attribute `class_names` is used if there is one, or None.
        class_names: Sequence of K strings, which comes first if given.
        num_classes: Int, the number of classes K, which the names must agree with. Without any
            names they are "0", "1", ..., "K - 1".

    Returns:
        A list of K strings.

    Raises:
        ValueError: If the number of names is not `num_classes`, or nothing says what K is.

    Example:
        >>> import keras_freq as kf
        >>> kf.data.class_names_of(None, num_classes=3)
        ['0', '1', '2']
    """
    source = "class_names"
    if class_names is None:
        class_names, source = getattr(dataset, "class_names", None), "dataset.class_names"
    if class_names is None and num_classes is None:
        raise ValueError(
            "`class_names` or `num_classes` must be given, since the data set names no classes. "
            "Received: class_names=None, num_classes=None"
        )
    return checks.class_names(class_names, num_classes, source)


def with_class_names(dataset, class_names):
    """Attaches class names to a `tf.data.Dataset`, in place.

    Args:
        dataset: A `tf.data.Dataset`.
        class_names: Sequence of strings; None leaves the data set as it is.

    Returns:
        The same data set.

    Example:
        >>> import tensorflow as tf
        >>> import keras_freq as kf
        >>> kf.data.with_class_names(tf.data.Dataset.range(2), ["cat", "dog"]).class_names
        ['cat', 'dog']
    """
    if class_names is not None:
        dataset.class_names = [str(name) for name in class_names]
    return dataset


def _owner(dataset):
    """What tells one data set of the user's from another: itself, or its images."""
    return dataset[0] if isinstance(dataset, tuple | list) else dataset


def _memory():
    """Bytes of memory of this machine; infinity where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return np.inf
