"""Margins of a classifier's other classes over the labelled one, and their gradients.

The margin of class j is `d_j = z_j - z_y`, where y is the label. The cross-entropy is
`log(1 + sum over j of exp(d_j))`.
"""

import tensorflow as tf

# Each margin takes a backward pass, and 1000 classes would take 999. With more margins than this,
# the strongest classes have one each, and the others share the last: their log-sum-exp.
MOST_MARGINS = 9


def num_margins(num_classes):
    """Counts the margins of an image, each of which takes a backward pass."""
    return min(num_classes - 1, MOST_MARGINS)


def strongest_margins(logits, labels):
    """Gives the margins of the other classes over the labelled one, the strongest first.

    Args:
        logits: `(N, K)`, K >= 2.
        labels: `(N,)`.

    Returns:
        A tensor `(N, num_margins(K))` of the logits' type. `log(1 + sum(exp(margins)))` is the
        cross-entropy, whether the last margin stands for one class or for many.

    Example:
        >>> strongest_margins(tf.constant([[1.0, 5.0, 3.0]]), [2]).numpy()
        array([[ 2., -2.]], dtype=float32)
    """
    num_classes = logits.shape[-1]
    own = tf.one_hot(labels, num_classes, on_value=True, off_value=False, dtype=tf.bool)
    lowest = tf.constant(logits.dtype.min, logits.dtype)
    of_label = tf.gather(logits, labels, axis=1, batch_dims=1)[:, None]
    ranked = tf.sort(tf.where(own, lowest, logits), axis=1, direction="DESCENDING")[:, :-1]
    margins = ranked - of_label
    if num_classes - 1 <= MOST_MARGINS:
        return margins
    rest = tf.reduce_logsumexp(margins[:, MOST_MARGINS - 1 :], axis=1, keepdims=True)
    return tf.concat([margins[:, : MOST_MARGINS - 1], rest], axis=1)


def margins_and_gradients(logits, images, labels):
    """Gives the margins of images, and the gradient of each with respect to the images.

    Args:
        logits: A `Logits`.
        images: `(N, H, W, C)` float32 tensor.
        labels: `(N,)`.

    Returns:
        Margins `(N, M)` and gradients `(N, M, H, W, C)`, float32.
    """
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(images)
        margins = strongest_margins(logits(images), labels)
        columns = tf.unstack(margins, num_margins(logits.num_classes), axis=1)
    gradients = [tape.gradient(column, images) for column in columns]
    return margins, tf.stack(gradients, axis=1)
