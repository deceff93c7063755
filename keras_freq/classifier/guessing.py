"""Whether a classifier does no better than guessing on images as they are, and what to do then."""

import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import binomtest
from scipy.stats import t as student

from keras_freq.metrics.rates import percent

# Of fewer images nothing is said: a model that knows little more than nothing is like guessing.
LEAST_IMAGES = 100
# A result that guessing reaches more often than so is like guessing.
_LIKE_GUESSING = 0.05
# Losses below those of guessing that are no accident.
_SIGNIFICANT = 0.01
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


def warn_of_guessed_answers(right, images, num_classes):
    """Warns if a model is right no more often than guessing among its classes may be.

    Args:
        right: How many images it is right about.
        images: Their number. Of fewer than 100, nothing is said.
        num_classes: K. Guessing is right with the probability 1/K.
    """
    if images < LEAST_IMAGES or not _like_guessing(right, images, num_classes):
        return
    _warn(
        f"`model` recognises {percent(right / images)} of the {images} images of `dataset` as they "
        f"are, and guessing may do as well ({percent(1 / num_classes)})"
    )


def warn_of_guessed_losses(losses, num_classes):
    """Warns if a model's losses are not below those of equal scores for all classes.

    A good model that is too sure has high losses, too. It is certainly right about the images whose
    loss is below the logarithm of 2, so that no warning comes where these are more than guessing.

    Args:
        losses: `(N,)`, cross-entropies, nats. Of fewer than 100, nothing is said.
        num_classes: K.
    """
    if len(losses) < LEAST_IMAGES:
        return
    sure, guessing = int((losses < np.log(2)).sum()), np.log(num_classes)
    if p_value_above(-losses, -guessing) < _SIGNIFICANT:
        return
    if _like_guessing(sure, len(losses), num_classes):
        _warn(
            f"`model` has a mean loss of {losses.mean():.3g} nats on the {len(losses)} images of "
            f"`dataset` as they are, and guessing is no worse ({guessing:.3g})"
        )


def _like_guessing(right, images, num_classes):
    """Whether guessing is as often right, in more than 5 % of such trials (exact binomial test)."""
    test = binomtest(int(right), int(images), 1 / num_classes, alternative="greater")
    return test.pvalue > _LIKE_GUESSING


def _warn(what):
    """Warns where the user called the package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(f"{what}. {_CURE}", stacklevel=level)
