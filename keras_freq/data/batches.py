"""What every analysis asks of a data set: batches of (images, labels), checked once.

A *data set* is a `tf.data.Dataset` of `(images, labels)` batches or a pair of
arrays. Images are `(N, H, W, C)` in [0, 1]; labels are integers `(N,)`, or one-hot
`(N, K)`. Class names travel as the attribute `class_names`, as in Keras, but `map`
and `batch` lose it: `with_class_names` puts it back.
"""

import warnings

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.checks import check_element_spec, check_images, checked_arrays, integer_labels


def as_batches(dataset, *, batch_size=64):
    """Gives a `tf.data.Dataset` of `(images, labels)` batches.

    Args:
        dataset: a `tf.data.Dataset` of `(images, labels)` batches, which is returned as
            it is, or a pair of arrays: images `(N, H, W, C)` and labels `(N,)` or
            one-hot `(N, K)`. Arrays become float32 images and, unless one-hot, int64 labels.
        batch_size: int > 0, the batch size for arrays.

    Returns:
        A `tf.data.Dataset` of batches, in the order of the arrays, with the
        `class_names` of the data set if it has any.

    Raises:
        TypeError: `dataset` is neither of the two.
        ValueError: the arrays or the elements are not images and labels.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> batches = kf.data.as_batches((np.zeros((5, 8, 8, 3)), np.arange(5)), batch_size=2)
        >>> [len(labels) for _, labels in batches]
        [2, 2, 1]
    """
    if isinstance(dataset, tf.data.Dataset):
        check_element_spec(dataset.element_spec)
        return dataset
    if not isinstance(dataset, (tuple, list)) or len(dataset) != 2:
        raise TypeError(
            "`dataset` must be a `tf.data.Dataset` of (images, labels) batches or a pair of "
            f"arrays (images, labels). Received: dataset of type {type(dataset).__name__}"
        )
    images, labels = checked_arrays(*dataset)
    batch_size = checks.integer("batch_size", batch_size)
    # The tensors live on the CPU: a data set larger than an accelerator's memory still fits.
    with tf.device("CPU"):
        batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(batch_size)
        return without_autotune(batches)


def without_autotune(dataset):
    """Switches off the tuning thread that `tf.data` gives to every iterator.

    On TensorFlow 2.21 the thread makes a pass over a small data set 20 times as long (20 ms instead
    of 1 ms), and the end of an iterator at times waits for it for seconds, up to a minute for one
    that lived long. What the thread would tune gets its defaults: `num_parallel_calls=AUTOTUNE`
    then means the number of cores.

    Args:
        dataset: a `tf.data.Dataset`.

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
        dataset: a `tf.data.Dataset` of `(images, labels)` batches or a pair of arrays.
        num_classes: int, the number of classes K: labels must be in [0, K - 1]. Without
            it labels need only be >= 0.
        batch_size: int > 0, the batch size for arrays.

    Returns:
        A generator of `(images, labels)`: float32 `(N, H, W, C)` and int64 `(N,)`, of the
        same H, W and C in every batch. One-hot labels have become integers.

    Raises:
        TypeError: `dataset` is neither a `tf.data.Dataset` nor a pair of arrays.
        ValueError: what is not images and labels, as soon as it can be seen: a wrong
            rank at the call, values (NaN, 0..255, labels out of range) at their batch,
            an empty data set at the end.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> one_hot = np.eye(3)[[2, 0, 1]]
        >>> for images, labels in kf.data.checked_batches((np.zeros((3, 4, 4, 1)), one_hot)):
        ...     print(images.shape, labels)
        (3, 4, 4, 1) [2 0 1]
    """
    if num_classes is not None:
        num_classes = checks.integer("num_classes", num_classes)
    batches = as_batches(dataset, batch_size=batch_size)
    if int(batches.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise ValueError(
            "`dataset` must end, and this one repeats for ever. Remove `.repeat()`, or bound it "
            "with `.take(number_of_batches)`"
        )
    return _check_each(batches, num_classes)


def class_ids(labels):
    """Labels of a batch as integers `(N,)`: a tensor of integers or one-hot, of known rank.

    Example:
        >>> class_ids(tf.constant([[0.0, 1.0], [1.0, 0.0]])).numpy().tolist()
        [1, 0]
    """
    if labels.shape.rank == 2:
        return tf.argmax(labels, axis=1) if labels.shape[1] != 1 else tf.squeeze(labels, axis=1)
    return labels


def collected(dataset, num_classes=None):
    """A whole data set as two arrays.

    Args: those of `checked_batches`.

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
    batches = list(checked_batches(dataset, num_classes))
    return tuple(np.concatenate(arrays) for arrays in zip(*batches, strict=True))


def class_names_of(dataset, class_names=None, num_classes=None):
    """Gives the names of the classes, in the order of their labels.

    Args:
        dataset: a data set, whose attribute `class_names` is used if there is one, or None.
        class_names: sequence of K strings, which comes first if given.
        num_classes: int, the number of classes K, which the names must agree with. Without
            any names they are "0", "1", ..., "K - 1".

    Returns:
        A list of K strings.

    Raises:
        ValueError: the number of names is not `num_classes`, or nothing says what K is.

    Example:
        >>> import keras_freq as kf
        >>> kf.data.class_names_of(None, num_classes=3)
        ['0', '1', '2']
    """
    source = "class_names"
    if class_names is None:
        class_names, source = getattr(dataset, "class_names", None), "dataset.class_names"
    if class_names is None:
        if num_classes is None:
            raise ValueError(
                "`class_names` or `num_classes` must be given, since the data set names no "
                "classes. Received: class_names=None, num_classes=None"
            )
        return [str(label) for label in range(num_classes)]
    if isinstance(class_names, str):
        raise ValueError(
            "`class_names` must be a sequence of strings, one a class. "
            f"Received: class_names={class_names!r}"
        )
    names = [str(name) for name in class_names]
    if num_classes is not None and len(names) != num_classes:
        raise ValueError(
            f"`{source}` must hold one name for each of the {num_classes} classes. "
            f"Received: {len(names)} names, {names[:5]}{' ...' if len(names) > 5 else ''}"
        )
    return names


def with_class_names(dataset, class_names):
    """Attaches class names to a `tf.data.Dataset`, in place.

    Args:
        dataset: a `tf.data.Dataset`.
        class_names: sequence of strings; None leaves the data set as it is.

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


def channel_means(dataset):
    """Computes the mean of each channel over all pixels of all images, streamed.

    This is the `neutral` image for filters, and the `mean` of a model's normalisation.

    Args:
        dataset: a `tf.data.Dataset` of `(images, labels)` batches or a pair of arrays.

    Returns:
        `(C,)` float64.

    Raises:
        TypeError, ValueError: as in `checked_batches`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.full((2, 4, 4, 3), [0.25, 0.5, 1.0])
        >>> print(kf.data.channel_means((images, [0, 1])))
        [0.25 0.5  1.  ]
    """
    total, pixels = 0.0, 0
    for images, _ in checked_batches(dataset):
        total = total + images.sum(axis=(0, 1, 2), dtype=np.float64)
        pixels += images.shape[0] * images.shape[1] * images.shape[2]
    return total / pixels


def _warn_of_8_bit_values(images):
    """Warns of floats like 0.0 to 255.0, which Keras' own loaders give; filters stay far below."""
    if len(images) and images.max() > 16:
        warnings.warn(
            f"`dataset` has values up to {float(images.max()):.4g}, where images are in [0, 1]. "
            "Divide them by 255, unless the model was trained on such values",
            stacklevel=4,
        )


def _check_each(batches, num_classes):
    """Yields the checked batches; a generator, so that data sets are never held whole."""
    shape = None
    for index, (images, labels) in enumerate(batches.as_numpy_iterator()):
        where = f"batch {index} of `dataset`"
        check_images(images, where)
        labels = integer_labels(labels, num_classes, where)
        if len(labels) != len(images):
            raise ValueError(
                f"{where} must hold as many labels as images. "
                f"Received: {len(images)} images, {len(labels)} labels"
            )
        if shape is None:
            shape = images.shape[1:]
            _warn_of_8_bit_values(images)
        elif images.shape[1:] != shape:
            raise ValueError(
                "All images of `dataset` must have one size: resize them first. "
                f"Received: {shape} in batch 0 and {images.shape[1:]} in batch {index}"
            )
        if len(images):
            yield np.asarray(images, np.float32), labels
    if shape is None:
        raise ValueError("`dataset` is empty: there must be at least one batch of images")
