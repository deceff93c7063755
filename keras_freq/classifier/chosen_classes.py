"""Which outputs of a classifier are which class, and the logits of classes that join several."""

from collections.abc import Mapping

import keras
import numpy as np

from keras_freq import checks
from keras_freq.data.wordnet_ids import imagenet_wordnet_ids

# Added to a logit it makes its probability 0, and unlike infinity it is written to JSON.
_NOTHING = -1e30


def read_classes(classes, num_outputs):
    """Reads which outputs make each class.

    Args:
        classes: A sequence of outputs, one a class, or a mapping from names to an output or a
            sequence of them. An output is its index or, with the 1000 outputs of ImageNet (or 1001,
            of which the first is the background), a WordNet id.
        num_outputs: The number of outputs of the model.

    Returns:
        A list of lists of indices, one a class.

    Raises:
        TypeError, ValueError: If there is no such output, an output is in two classes, or there
            are fewer than two classes.

    Example:
        >>> read_classes({"zebra": "n02391049", "crane": ["n02012849", "n03126707"]}, 1000)
        [[340], [134, 517]]
    """
    if isinstance(classes, str) or not hasattr(classes, "__iter__"):
        raise TypeError(
            "`classes` must be a sequence of output indices, or a mapping from class names to one "
            f"or several of them. Received: classes={classes!r}"
        )
    named = isinstance(classes, Mapping)
    values = classes.values() if named else classes
    groups = [_outputs(value, num_outputs, joined=named) for value in values]
    listed = [index for group in groups for index in group]
    if len(groups) < 2 or not all(groups):
        raise ValueError(
            "`classes` must give at least two classes, each of at least one output. "
            f"Received: {len(groups)} classes, {classes!r}"
        )
    twice = sorted({index for index in listed if listed.count(index) > 1})
    if twice:
        raise ValueError(
            "`classes` must name each output of the model once, since a class is one answer. "
            f"Received: output {twice[0]} more than once"
        )
    return groups


def _outputs(value, num_outputs, joined):
    """Reads the outputs of one class."""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return [_output(value, num_outputs)]
    if joined:
        return [_output(one, num_outputs) for one in value]
    raise TypeError(
        "`classes` must be a sequence of single outputs. To join several in a class, give a "
        f'mapping such as {{"crane": [134, 517]}}. Received: the entry {value!r}'
    )


def _output(value, num_outputs):
    """Reads one output: its index, or the WordNet id of its class."""
    if isinstance(value, str):
        ids = imagenet_wordnet_ids()
        if num_outputs not in (1000, 1001):
            raise ValueError(
                "`classes` must be output indices, since names are known of ImageNet's 1000 "
                f"outputs only, by WordNet id. Received: {value!r}, of {num_outputs} outputs"
            )
        if value not in ids:
            raise ValueError(
                "`classes` must be output indices, or WordNet ids of ImageNet's 1000 classes such "
                f"as 'n02391049' (zebra). Received: {value!r}.{checks.did_you_mean(value, ids)}"
            )
        return ids.index(value) + num_outputs - 1000
    try:
        index = checks.integer("classes", value, least=0)
    except ValueError:
        index = num_outputs
    if index >= num_outputs:
        raise ValueError(
            f"`classes` must hold outputs of the model, integers from 0 to {num_outputs - 1}. "
            f"Received: {value!r}"
        )
    return index


def logits_of_classes(logits, groups):
    """Gives the logits of classes, whose softmax is the classes' share of the probability.

    The probability of a class is the mean of those of its outputs, divided by the sum over classes.
    The logarithm of the mean is `logsumexp(z) - log(n)` of the outputs' logits z. What they lack,
    the log-normaliser over all outputs, is the same for each class, and no softmax changes by it.

    Args:
        logits: `(N, outputs)`, a Keras tensor or an array.
        groups: As from `read_classes`.

    Returns:
        `(N, K)`.

    Example:
        >>> logits = np.log([[0.1, 0.2, 0.3, 0.4]]).astype("float32")
        >>> np.exp(logits_of_classes(logits, [[3], [0, 2]])).round(3)
        array([[0.4, 0.2]], dtype=float32)
    """
    indices, sizes = _padded(groups)
    if indices.shape[1] == 1:
        return keras.ops.take(logits, indices[:, 0], axis=-1)
    shift = np.where(
        np.arange(indices.shape[1]) < sizes[:, None], -np.log(sizes)[:, None], _NOTHING
    )
    each = keras.ops.take(logits, indices, axis=-1)
    return keras.ops.logsumexp(keras.ops.add(each, shift.astype("float32")), axis=-1)


def shares_of_classes(probabilities, groups):
    """Gives the same as probabilities, for a model whose logits nothing shows.

    Args:
        probabilities: `(N, outputs)`, a Keras tensor or an array.
        groups: As from `read_classes`.

    Returns:
        `(N, K)`, rows that sum to 1.
    """
    indices, sizes = _padded(groups)
    weights = np.where(np.arange(indices.shape[1]) < sizes[:, None], 1 / sizes[:, None], 0)
    each = keras.ops.take(probabilities, indices, axis=-1)
    means = keras.ops.sum(keras.ops.multiply(each, weights.astype("float32")), axis=-1)
    if len(groups) == probabilities.shape[-1]:
        return means  # nothing is left out, and dividing by 1 would only round
    return keras.ops.divide(means, keras.ops.sum(means, axis=-1, keepdims=True))


def _padded(groups):
    """Gives indices `(K, most)`, padded by the first of each class, and sizes `(K,)`."""
    most = max(map(len, groups))
    indices = np.array([group + group[:1] * (most - len(group)) for group in groups], "int32")
    return indices, np.array([len(group) for group in groups])
