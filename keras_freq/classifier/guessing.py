"""Whether a classifier does no better than guessing on images as they are, and what to do then."""

import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, entropy
from scipy.stats import t as student

from keras_freq.metrics.rates import percent

# Of fewer images nothing is said: a model that knows little more than nothing is like guessing.
LEAST_IMAGES = 100
# A result that guessing reaches more often than so is like guessing.
_LIKE_GUESSING = 0.05
# Losses below those of guessing that are no accident.
_SIGNIFICANT = 0.01
# Losses of a class, in nats, that differ so little are those of a model that sees no difference.
_SAME_LOSS = 0.05
_PACKAGE = str(Path(__file__).resolve().parents[1])
_CURE = (
    "All results are then of a model that does not know these images. In which values was it "
    "trained? `keras_freq.check_inputs(model, dataset)` finds out, and `keras_freq.adapt(model, "
    "inputs=...)` makes a model of it that takes images in [0, 1]. Else look whether its classes "
    "are in the order of the labels, and its weights the trained ones"
)


def p_value_above(values, mean):
    """Gives the one-sided p-value of Student's test that values have a higher mean than `mean`.

    Args:
        values: `(N,)`.
        mean: A number.

    Returns:
        A float; NaN if a value is not finite, or there are fewer than two.

    Example:
        >>> p_value_above(np.array([1.0, 2.0, 3.0]), 2.0)
        0.5
    """
    if not np.isfinite(values).all() or len(values) < 2:
        return np.nan
    values = values.astype(np.float64)
    error = values.std(ddof=1) / np.sqrt(len(values))
    if error == 0:  # all are the same, or so small that squares are 0
        return float(values.mean() <= mean)
    return float(student.sf((values.mean() - mean) / error, len(values) - 1))


def warn_of_guessed_answers(answers, labels, num_classes):
    """Warns if a model is right no more often than guessing may be.

    Guessing among K classes is right with the probability 1/K. A model that says the same to all
    images of several classes guesses as well, though it is right as often as its class is there.

    Args:
        answers: `(N,)`, the classes that the model says.
        labels: `(N,)`. Of fewer than 100 images, nothing is said.
        num_classes: K.
    """
    if len(labels) < LEAST_IMAGES:
        return
    right, guessing, more = int((answers == labels).sum()), 1 / num_classes, ""
    if _all_same(answers) and not _all_same(labels):
        guessing = max(guessing, right / len(labels))
        more = f": it says class {answers[0]} to all of them"
    if _like_guessing(right, len(labels), guessing):
        _warn(
            f"`model` recognises {percent(right / len(labels))} of the {len(labels)} images of "
            f"`dataset` as they are, and guessing may do as well ({percent(guessing)}){more}"
        )


def warn_of_guessed_losses(losses, labels, num_classes):
    """Warns if a model's losses are not below those of guessing.

    Guessing gives all K classes the same probability. A good model that is too sure has high
    losses, too. It is certainly right about the images whose loss is below the logarithm of 2. So
    no warning comes where these are more than guessing. A model that says the same to all images
    of several classes has losses that depend on nothing but the label. Guessing then gives each
    class its share of the images as its probability.

    Args:
        losses: `(N,)`, cross-entropies, nats. Of fewer than 100, nothing is said.
        labels: `(N,)`.
        num_classes: K.
    """
    if len(losses) < LEAST_IMAGES:
        return
    blind = _says_the_same(losses, labels)
    guessing = float(entropy(np.bincount(labels)) if blind else np.log(num_classes))
    if p_value_above(-losses, -guessing) < _SIGNIFICANT:
        return
    sure = int((losses < np.log(2)).sum())
    if blind or _like_guessing(sure, len(losses), 1 / num_classes):
        _warn(
            f"`model` has a mean loss of {losses.mean():.3g} nats on the {len(losses)} images of "
            f"`dataset` as they are, and guessing is no worse ({guessing:.3g})"
        )


def _all_same(values):
    return bool((values == values[0]).all())


def _says_the_same(losses, labels):
    """Whether the losses of each of several classes hardly differ from image to image."""
    if _all_same(labels) or not np.isfinite(losses).all():
        return False
    return max(losses[labels == label].std() for label in np.unique(labels)) < _SAME_LOSS


def _like_guessing(right, images, share):
    """Whether guessing is as often right, in more than 5 % of such trials (exact binomial test)."""
    test = binomtest(right, images, share, alternative="greater")
    return test.pvalue > _LIKE_GUESSING


def _warn(what):
    """Warns where the user called the package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(f"{what}. {_CURE}", stacklevel=level)
