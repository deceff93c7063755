"""Logits of any classifier, and their cross-entropy without loss of digits."""

import dataclasses
import warnings

import keras
import numpy as np
import tensorflow as tf
from scipy.special import expit, softmax

from keras_freq import checks
from keras_freq.classifier.final_activation import (
    ends_in_sigmoids,
    ends_linearly,
    without_activation,
    without_sigmoids,
)
from keras_freq.classifier.model_check import check_finite, check_model, check_scores, float64
from keras_freq.classifier.rounded_probabilities import MOST_OFF, loss_errors
from keras_freq.metrics.rates import percent

# The relative error of a loss that is computed from probabilities of a type.
_DIGITS = {"float64": "1e-6", "float32": "1e-6", "float16": "1e-3", "bfloat16": "1e-2"}
WITHOUT_SIGMOIDS = (
    "Build the model without them, as by `model.layers[-1].activation = "
    "keras.activations.linear`, and give from_logits=True"
)
_SIGMOIDS = (
    "`from_logits` {}: `model` ends in one sigmoid a class, whose outputs are not probabilities of "
    f"classes that exclude each other. {WITHOUT_SIGMOIDS}. Received: outputs in [0, 1], "
)


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


def logits_of(model, images, num_classes, *, labels=None, from_logits=None):
    """Reads the logits of a classifier, and takes a final softmax off.

    A softmax that the graph shows at the end of the model is left out, and a sigmoid p whose scores
    are `1 - p` and `p` (see `without_activation`). The weights are shared, except that a last layer
    with its own activation is copied. A model that ends otherwise is judged by its outputs on
    `images`. Rows that are nonnegative and sum to 1 are probabilities. If any output is outside
    [0, 1], they are logits.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        images: The images `(N, H, W, C)` of the analysis. The model is tried on two of them; it is
            run on all only where its graph does not show what its outputs are.
        num_classes: The number of classes.
        labels: Their classes `(N,)`. Defaults to None: those of the highest scores. They tell
            whose loss it is that rounded probabilities make wrong.
        from_logits: Whether the model's outputs are logits. Defaults to None: find out as above.

    Returns:
        A `Logits`.

    Raises:
        TypeError: If `model` is not a `keras.Model`.
        ValueError: If the model cannot be used (see `check_model`), if nothing tells what its
            outputs are, if these are separate sigmoids, or if more than 1 % of the images have
            probabilities that are too rounded for their losses.

    Warns:
        UserWarning: If the outputs are probabilities whose softmax cannot be taken off. It says how
            many images have losses that are off, and how far.

    Example:
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
        >>> model = keras.Sequential([*layers, keras.layers.Softmax()])
        >>> images = np.ones((2, 4, 4, 1), "float32")
        >>> logits = logits_of(model, images, 3)
        >>> bool(np.allclose(tf.nn.softmax(logits(images)), model(images)))
        True
    """
    logits, scores, dtype = _read(model, images, num_classes, from_logits)
    if logits.take_log:
        _check_rounding(scores, labels, dtype)
    elif from_logits and ends_in_sigmoids(model):
        _check_saturation(_all_scores(model, images)[0])
    return logits


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
    logits, _, _ = _read(model, images, num_classes, from_logits)
    return logits.model is model and not logits.take_log


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


def _read(model, images, num_classes, from_logits):
    """Reads a model's logits; if they are the log of scores, also gives these, and their type."""
    checks.choice("from_logits", from_logits, (None, True, False))
    trial = np.asarray(images[:2], np.float32)
    scores = check_model(model, trial, num_classes)
    stripped = stripped_model(model, trial, scores, from_logits)
    if stripped is not None:
        return Logits(stripped, num_classes), None, None
    if from_logits or (from_logits is None and ends_linearly(model)):
        return Logits(model, num_classes), None, None
    scores, dtype = _all_scores(model, images)
    sums = scores.sum(axis=1)
    sums = f"rows that sum to {sums.min():.4g} to {sums.max():.4g}"
    sigmoids = ends_in_sigmoids(model)
    if from_logits is None and (sigmoids or not are_probabilities(scores)):
        if scores.min() < -1e-6 or scores.max() > 1 + 1e-3:
            return Logits(model, num_classes), None, None
        if sigmoids:
            raise ValueError(_SIGMOIDS.format("must be given, as True for logits") + sums)
        raise ValueError(
            "`from_logits` must be given, as True or False: nothing tells whether the outputs of "
            "`model` are logits or probabilities. Its graph shows no softmax at the end. If they "
            "are separate sigmoids, build the model without them, and give from_logits=True. "
            f"Received: outputs in [0, 1], {sums}"
        )
    if from_logits is False and not are_probabilities(scores):
        if sigmoids:
            raise ValueError(_SIGMOIDS.format("must not be from_logits=False") + sums)
        raise ValueError(
            "`from_logits=False` says that the rows of the model's outputs are probabilities. "
            f"Received: outputs from {scores.min():.4g} to {scores.max():.4g}, {sums}"
        )
    return Logits(model, num_classes, take_log=True), scores, dtype


def stripped_model(model, images, scores, from_logits, *, unit=False):
    """Takes the softmax, or of one unit the sigmoid, off a model.

    Args:
        model: A `keras.Model`.
        images: Some images that it takes.
        scores: Its scores of them, `(N, K)` float64.
        from_logits: What the user says of its outputs, as in `logits_of`.
        unit: Whether the model ends in one unit.

    Returns:
        A `keras.Model` that gives the logits. None if its graph does not show the activation.

    Raises:
        ValueError: If the user says that there is none.
    """
    stripped = (without_sigmoids if unit else without_activation)(model)
    if stripped is None:
        return None
    with keras.StatelessScope():
        logits = float64(stripped(images, training=False))
    # A layer of somebody's own may do more after its activation.
    if not np.allclose(expit(logits) if unit else softmax(logits, axis=1), scores, atol=0.02):
        return None
    if from_logits:
        raise ValueError(
            "`from_logits=True` says that the outputs of `model` are logits, but `model` ends in a "
            f"{'sigmoid' if unit else 'softmax or sigmoid'}. Leave `from_logits` out: it is then "
            "taken off"
        )
    return stripped


def _all_scores(model, images):
    """Runs a model on all images. Gives the scores, float64 `(N, K)`, and the model's type."""
    # As many images at a time as have 4 million values.
    size = max(1, 2**22 // int(np.prod(images.shape[1:])))
    parts = []
    for start in range(0, len(images), size):
        with keras.StatelessScope():
            part = model(np.asarray(images[start : start + size], np.float32), training=False)
        parts.append(tf.cast(part, tf.float64).numpy())
    scores = np.concatenate(parts)
    check_finite(np.isfinite(scores).all(axis=1))
    return scores, keras.backend.standardize_dtype(part.dtype)


def _check_rounding(scores, labels, dtype):
    """Warns how far the log of probabilities may be from the logits, and raises if too far."""
    labels = scores.argmax(axis=1) if labels is None else np.asarray(labels)
    off, error = loss_errors(scores, labels, dtype)
    why = (
        "The softmax of `model` cannot be taken off, since its graph does not show it at the end. "
        "So the logarithm of the probabilities is used. "
    )
    cure = (
        "Build the model with an activation layer at its end, or return logits and pass "
        "from_logits=True"
    )
    if not off.any():
        what = (
            f"None of {len(off)} images has rounded or clipped ones: changes of a loss below "
            f"{_DIGITS[dtype]} of it are lost"
        )
    else:
        most = error[off].max()
        amount = f"by {most:.2g} nats or more" if np.isfinite(most) else "by any amount"
        what = (
            f"{off.sum()} of {len(off)} images have rounded or clipped ones: their losses may be "
            f"off {amount}"
        )
    if off.mean() > MOST_OFF:
        raise ValueError(
            f"`model` must give logits, or probabilities that tell the losses of at least "
            f"{percent(1 - MOST_OFF)} of the images. {why}Received: {what}. {cure}"
        )
    warnings.warn(f"{why}{what}. {cure}", stacklevel=4)


def _check_saturation(scores):
    """Raises if sigmoids that are taken as logits are all 0 or 1, for too many images."""
    off = ((scores == 0) | (scores == 1)).all(axis=1)
    if off.mean() > MOST_OFF:
        raise ValueError(
            "`model` must give logits, since from_logits=True says so, but it ends in separate "
            f"sigmoids, which are rounded to 0 and 1. Received: {off.sum()} of {len(off)} images "
            f"with such scores only. {WITHOUT_SIGMOIDS}"
        )


def are_probabilities(scores):
    """Tells whether rows are nonnegative and sum to 1, up to the rounding of bfloat16."""
    return scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=1e-2)
