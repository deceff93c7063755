"""Logits of any classifier, and their cross-entropy without loss of digits."""

import dataclasses
import warnings

import keras
import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.classifier.model_check import check_model, check_scores


@dataclasses.dataclass(frozen=True)
class Logits:
    """A classifier as a function from images to logits.

    Attributes:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        num_classes: The number of classes K.
        take_log: Whether the scores are probabilities. Their logarithm is then used as the logits.
            Defaults to False.
    """

    model: keras.Model
    num_classes: int
    take_log: bool = False

    def __call__(self, images):
        """Gives the logits `(N, K)` of images, in float32."""
        scores = self.model(images, training=False)
        check_scores(scores, self.num_classes)
        scores = tf.cast(scores, tf.float32)
        if self.take_log:
            scores = tf.math.log(tf.maximum(scores, np.finfo(np.float32).tiny))
        return scores


def logits_of(model, images, num_classes, *, from_logits=None):
    """Reads the logits of a classifier, and takes a final softmax off.

    A softmax at the end of the model is left out: an `Activation` or `Softmax` layer, or the
    activation of the last layer. The weights are shared, except that a last layer with its own
    softmax is copied. A model that ends otherwise is judged by its outputs on `images`. Rows that
    are nonnegative and sum to 1 are probabilities. If any output is outside [0, 1], they are
    logits.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        images: A few images `(N, H, W, C)` to try the model on.
        num_classes: The number of classes.
        from_logits: Whether the model's outputs are logits. Defaults to None: find out as above.

    Returns:
        A `Logits`.

    Raises:
        TypeError: If `model` is not a `keras.Model`.
        ValueError: If the model does not take these images, if it does not give `num_classes`
            finite scores, or if nothing tells what its outputs are.

    Warns:
        UserWarning: If the outputs are probabilities whose softmax cannot be taken off.

    Example:
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
        >>> model = keras.Sequential([*layers, keras.layers.Softmax()])
        >>> images = np.ones((2, 4, 4, 1), "float32")
        >>> logits = logits_of(model, images, 3)
        >>> bool(np.allclose(tf.nn.softmax(logits(images)), model(images)))
        True
    """
    checks.choice("from_logits", from_logits, (None, True, False))
    scores = check_model(model, images, num_classes)
    stripped = without_softmax(model)
    if from_logits and stripped is not None:
        raise ValueError(
            "`from_logits=True` says that the outputs of `model` are logits, but `model` ends in a "
            "softmax. Leave `from_logits` out: the softmax is then taken off"
        )
    if stripped is not None:
        return Logits(stripped, num_classes)
    if from_logits or (from_logits is None and _ends_linearly(model)):
        return Logits(model, num_classes)
    sums = scores.sum(axis=1)
    sums = f"rows that sum to {sums.min():.4g} to {sums.max():.4g}"
    if from_logits is None and not _are_probabilities(scores):
        if scores.min() < -1e-6 or scores.max() > 1 + 1e-3:
            return Logits(model, num_classes)
        raise ValueError(
            "`from_logits` must be given, as True or False: nothing tells whether the outputs of "
            "`model` are logits or probabilities. It does not end in a softmax. "
            f"Received: outputs in [0, 1], {sums}"
        )
    if from_logits is False and not _are_probabilities(scores):
        raise ValueError(
            "`from_logits=False` says that the rows of the model's outputs are probabilities. "
            f"Received: outputs from {scores.min():.4g} to {scores.max():.4g}, {sums}"
        )
    warnings.warn(
        "The softmax of `model` cannot be taken off, since it is not its last layer. So the "
        "logarithm of the probabilities is used. Where these are rounded or clipped, changes of "
        "the loss below 1e-6 nats are lost. Build the model with an activation layer at its end, "
        "or return logits and pass from_logits=True",
        stacklevel=3,
    )
    return Logits(model, num_classes, take_log=True)


def outputs_are_logits(model, images, num_classes, *, from_logits=None):
    """Tells whether the outputs of a classifier, as it is, are logits. Its loss must know.

    Args:
        model: As in `logits_of`.
        images: As in `logits_of`.
        num_classes: As in `logits_of`.
        from_logits: As in `logits_of`.

    Returns:
        A bool; False for probabilities.
    """
    logits = logits_of(model, images, num_classes, from_logits=from_logits)
    return logits.model is model and not logits.take_log


def without_softmax(model):
    """Builds the same model without the softmax at its end.

    Args:
        model: A `keras.Model`.

    Returns:
        A `keras.Model` that shares the weights and gives logits. None if there is no softmax that
        can be taken off, as in a subclassed model, or where it is not the last operation.

    Example:
        >>> layers = [keras.Input((5,)), keras.layers.Dense(3, activation="softmax")]
        >>> logits = without_softmax(keras.Sequential(layers))
        >>> bool(np.allclose(logits(np.zeros((1, 5))), 0))
        True
    """
    operation, before = _last_operation(model)
    if operation is None:
        return None
    inputs = model.inputs[0] if len(model.inputs) == 1 else model.inputs
    if _is_softmax(operation):
        return keras.Model(inputs, before)
    if isinstance(operation, keras.Model):
        inner = without_softmax(operation)
        return None if inner is None else keras.Model(inputs, inner(before))
    if getattr(operation, "activation", None) is not keras.activations.softmax:
        return None
    config = {**operation.get_config(), "activation": "linear"}
    linear = type(operation).from_config(config)
    logits = linear(before)
    linear.set_weights(operation.get_weights())
    return keras.Model(inputs, logits)


def cross_entropy(logits, labels):
    """Gives the cross-entropy of logits, exact even where the classifier is very sure.

    It is `log(1 + sum over j != y of exp(z_j - z_y))` in float64. The usual form is
    `log sum exp z - z_y` in float32. That is off by 1 % at a margin of 12, and from 18 on it is 0,
    so that the losses of well-learned images would all tie.

    Args:
        logits: `(..., K)` of any float type.
        labels: `(...)` integers in [0, K - 1].

    Returns:
        A float64 tensor `(...)`, nats, >= 0.

    Example:
        >>> cross_entropy([[0.0, 0.0], [30.0, 0.0]], [0, 0]).numpy()
        array([6.93147181e-01, 9.35762297e-14])
    """
    logits = tf.cast(logits, tf.float64)
    own = tf.one_hot(labels, tf.shape(logits)[-1], on_value=True, off_value=False, dtype=tf.bool)
    of_label = tf.gather(logits, labels, axis=-1, batch_dims=logits.shape.rank - 1)
    others = tf.where(own, tf.constant(-np.inf, tf.float64), logits - of_label[..., None])
    rest = tf.reduce_logsumexp(others, axis=-1)
    # log(1 + exp(rest)), in the form whose exponential is small.
    return tf.maximum(rest, 0.0) + tf.math.log1p(tf.exp(-tf.abs(rest)))


def _are_probabilities(scores):
    """Tells whether rows are nonnegative and sum to 1, up to the rounding of bfloat16."""
    return scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=1e-2)


def _ends_linearly(model):
    """Tells whether the model's last layer says that it has no activation."""
    operation, _ = _last_operation(model)
    if isinstance(operation, keras.Model):
        return _ends_linearly(operation)
    return getattr(operation, "activation", None) is keras.activations.linear


def _last_operation(model):
    """Finds the operation that makes the output of a model, and the tensor that it takes.

    Both are None where there is no graph, or where that operation takes several tensors.
    """
    outputs = getattr(model, "outputs", None) or []
    tensors = outputs
    while len(tensors) == 1 and (history := getattr(tensors[0], "_keras_history", None)):
        tensors = history.operation._inbound_nodes[history.node_index].input_tensors
        if not _changes_nothing(history.operation):
            return (history.operation, tensors[0]) if len(tensors) == 1 else (None, None)
    return None, None


def _changes_nothing(operation):
    """Tells whether the output of an operation is its input.

    `Activation("linear", dtype="float32")` is the usual end of models in mixed precision.
    """
    if isinstance(operation, keras.layers.Activation):
        return operation.activation is keras.activations.linear
    return isinstance(operation, keras.layers.Identity)


def _is_softmax(operation):
    """Tells whether an operation is a softmax over the last axis and nothing else."""
    if isinstance(operation, keras.layers.Activation):
        return operation.activation is keras.activations.softmax
    # `keras.layers.Softmax` and the operation behind `keras.ops.softmax` share this name.
    if type(operation).__name__ != "Softmax":
        return False
    return operation.axis in (-1, len(operation.output.shape) - 1)
