"""Per-class counts, and every rate derived from them.

A rate whose denominator is 0 is NaN: a class without images has no recall, a class that is never
predicted has no precision.
"""

import numpy as np

from keras_freq import checks


def class_counts(confusion):
    """Counts the true and false positives and negatives of each class against all others.

    Args:
        confusion: `(K, K)` counts of images, rows are true classes and columns predictions.

    Returns:
        A dict of `(K,)` int64 arrays: `tp`, `fp`, `fn`, `tn`.

    Raises:
        ValueError: If `confusion` is not a square matrix of counts.

    Example:
        >>> counts = class_counts([[8, 2], [1, 9]])
        >>> counts["fp"].tolist(), counts["fn"].tolist()
        ([1, 2], [2, 1])
    """
    confusion = checked_confusion(confusion)
    tp = np.diag(confusion)
    fp = confusion.sum(axis=0) - tp
    fn = confusion.sum(axis=1) - tp
    return {"tp": tp, "fp": fp, "fn": fn, "tn": confusion.sum() - tp - fp - fn}


def rates_from_counts(tp, fp, fn, tn):
    """Turns counts into rates, elementwise.

    Args:
        tp: True positives, any shape, non-negative.
        fp: False positives, of a shape that broadcasts with `tp`.
        fn: False negatives, likewise.
        tn: True negatives, likewise.

    Returns:
        A dict of float64 arrays: `accuracy`, `precision`, `recall`, `specificity`, `f1`, `youden_j`
        (recall + specificity - 1, in [-1, 1]) and `fpr` (1 - specificity); all others in [0, 1].
        Where the denominator is 0 the rate is NaN.

    Source:
        K. Shah, "Paper review: ImageNet classification with deep convolutional neural
        networks", equations 1 to 7. F1 is written `2 tp / (2 tp + fp + fn)`, which equals the
        harmonic mean of precision and recall where both exist, is 0 when no image is right, and NaN
        only for a class that is neither present nor predicted.

    Raises:
        ValueError: If the counts are no numbers >= 0, or their shapes do not broadcast.

    Example:
        >>> rates = rates_from_counts(tp=[8, 0], fp=[2, 0], fn=[0, 5], tn=[10, 15])
        >>> rates["precision"].tolist(), rates["f1"].round(3).tolist()
        ([0.8, nan], [0.889, 0.0])
    """
    tp, fp, fn, tn = checks.counts(tp=tp, fp=fp, fn=fn, tn=tn)
    recall = ratio(tp, tp + fn)
    specificity = ratio(tn, tn + fp)
    return {
        "accuracy": ratio(tp + tn, tp + tn + fp + fn),
        "precision": ratio(tp, tp + fp),
        "recall": recall,
        "specificity": specificity,
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "youden_j": recall + specificity - 1,
        "fpr": ratio(fp, tn + fp),
    }


def class_rates(confusion):
    """Computes the rates of each class against all others.

    Args:
        confusion: `(K, K)` counts of images, rows are true classes and columns predictions
            (see `keras_freq.confusion_matrix`).

    Returns:
        A dict of `(K,)` float64 arrays: `accuracy`, `precision`, `recall`, `specificity`, `f1`,
        `youden_j`, `fpr`, as in `rates_from_counts`. `accuracy` is that of the question "is it this
        class?"; that of the whole classifier is the `"recall"` of
        `average_rates(confusion, average="weighted")`.

    Raises:
        ValueError: If `confusion` is not a square matrix of counts.

    Source:
        As in `rates_from_counts`.

    Example:
        >>> rates = class_rates([[8, 2], [1, 9]])
        >>> rates["recall"].tolist(), rates["fpr"].tolist()
        ([0.8, 0.9], [0.1, 0.2])
    """
    return rates_from_counts(**class_counts(confusion))


def average_rates(confusion, *, average="macro"):
    """Averages the rates of the classes.

    Args:
        confusion: `(K, K)` counts of images, rows are true classes and columns predictions.
        average: `"macro"`, every class counts the same, or `"weighted"`, each counts by its number
            of images.

    Returns:
        A dict of floats, with the keys of `class_rates`. A class whose rate is NaN is left out of
        that rate's average; an average over no class is NaN.

    Raises:
        ValueError: If `confusion` is not a square matrix of counts, or `average` is unknown.

    Example:
        >>> rates = average_rates([[8, 2, 0], [1, 9, 0], [0, 0, 0]], average="macro")
        >>> round(rates["recall"], 3)
        0.85
    """
    checks.choice("average", average, ("macro", "weighted"))
    confusion = checked_confusion(confusion)
    support = confusion.sum(axis=1) if average == "weighted" else np.ones(len(confusion))
    averages = {}
    for name, rate in class_rates(confusion).items():
        weight = np.where(np.isnan(rate), 0.0, support)
        averages[name] = float(ratio(np.nansum(rate * weight), weight.sum()))
    return averages


def ratio(numerator, denominator):
    """Divides elementwise in float64, with NaN where the denominator is 0."""
    numerator, denominator = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    quotient = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    return np.divide(numerator, denominator, out=quotient, where=denominator != 0)


def percent(share, digits=0):
    """Writes a share in per cent, as pages, figures and messages do.

    Example:
        >>> percent(0.123), percent(0.123, 1), percent(float("nan"))
        ('12 %', '12.3 %', 'unknown')
    """
    return "unknown" if np.isnan(share) else f"{100 * share:.{digits}f} %"


def checked_confusion(confusion, name="confusion"):
    """Returns the confusion matrix as int64, or says what is wrong with the argument `name`."""
    confusion = checks.plain_array(name, confusion, "(K, K)")
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1] or not confusion.size:
        raise ValueError(
            f"`{name}` must be a (K, K) matrix, rows are true classes and columns predictions. "
            f"Received: shape {confusion.shape}"
        )
    counts = confusion.astype(np.int64) if np.isfinite(confusion).all() else None
    if counts is None or (counts != confusion).any() or (counts < 0).any():
        raise ValueError(
            f"`{name}` must hold counts of images: whole numbers >= 0, not percentages. "
            f"Received: {confusion}"
        )
    return counts
