"""Labels as tensors, also in a graph whose values are not known yet."""

import tensorflow as tf

from keras_freq import checks


def integer_label_tensor(labels, num_classes=None, what="`labels`"):
    """Reads a tensor of labels as integers, also while a graph is traced.

    The rules are those of `checks.integer_labels`, with two differences. A graph that is traced has
    no values, so what names no class becomes -1 and the caller refuses it: a fraction, or a row
    `(N, K)` such as `[1, 1, 0]`. Labels that are mixed or smoothed for training are allowed: the
    entries of a row are >= 0 and sum to 1 (to 0.01, the rounding of bfloat16), and the largest
    entry is the class.

    Args:
        labels: Tensor of integers `(N,)` or `(N, 1)`, or of rows `(N, K)` that sum to 1, of known
            rank.
        num_classes: The number of classes K. Defaults to None: then any K is right.
        what: The subject of the error message. Defaults to "`labels`".

    Returns:
        Int64 tensor `(N,)`. Integers out of range stay as they are.

    Raises:
        ValueError: If the shape is none of these.

    Example:
        >>> integer_label_tensor(tf.constant([[0.1, 0.9], [1.0, 0.0], [1.0, 1.0]])).numpy().tolist()
        [1, 0, -1]
    """
    labels = tf.convert_to_tensor(labels)
    if checks.label_form(what, labels.shape, num_classes) == "one-hot":
        rows = tf.cast(labels, tf.float32)
        sums_to_1 = tf.abs(tf.reduce_sum(rows, axis=1) - 1) <= 0.01
        one_class = sums_to_1 & tf.reduce_all(rows >= 0, axis=1)
        return tf.where(one_class, tf.argmax(labels, axis=1), tf.constant(-1, tf.int64))
    labels = tf.reshape(labels, [-1])
    integers = tf.cast(labels, tf.int64)
    if not labels.dtype.is_floating:
        return integers
    return tf.where(tf.cast(integers, labels.dtype) == labels, integers, -1)
