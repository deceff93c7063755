"""Per-class counts, every rate derived from them, and areas under ROC curves.

A rate whose denominator is 0 is NaN: a class without images has no recall, a class that is
never predicted has no precision.
"""

from statistics import NormalDist

import numpy as np

from keras_freq import checks

__all__ = [
    "average_rates",
    "class_auc",
    "class_counts",
    "class_rates",
    "multiclass_auc",
    "rates_from_counts",
    "wilson_interval",
]


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


def class_auc(labels, scores):
    """Computes the area under the ROC curve of each class against all others.

    Args:
        labels: `(N,)` integers in [0, K).
        scores: `(N, K)` class probabilities; each row sums to 1.

    Returns:
        `(K,)` float64 in [0, 1]: the probability that an image of the class has a higher
        probability of it than an image of another class, ties counting half.

    Raises:
        ValueError: If `scores` are not probabilities, a label is out of range, or a class has no
            images.

    Source:
        K. Shah, "Paper review: ImageNet classification with deep convolutional neural
        networks", equation 8. There S_p is called a number of samples; it is the sum of the ranks
        of the positive samples.

    Example:
        >>> scores = [[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.6, 0.4]]
        >>> class_auc([0, 0, 1, 1], scores).tolist()
        [0.75, 0.75]
    """
    pairwise, sizes = _pairwise_auc(*_checked_scores(labels, scores))
    # The diagonal compares a class with itself; `others` gives it no weight.
    others = sizes * (1.0 - np.eye(len(sizes)))
    return (pairwise * others).sum(axis=1) / others.sum(axis=1)


def multiclass_auc(labels, scores, *, average="hand_till"):
    """Computes the area under the ROC curve of a classifier of more than two classes.

    Args:
        labels: `(N,)` integers in [0, K).
        scores: `(N, K)` class probabilities; each row sums to 1 up to rounding and is divided by
            its sum in float64.
        average: `"hand_till"`, the plain mean over all pairs of classes, which does not depend on
            the class sizes, or `"provost_domingos"`, the mean of each class against the rest,
            weighted by class size.

    Returns:
        A float in [0, 1]; 0.5 is chance, and 1 a perfect ranking.

    Raises:
        ValueError: If `scores` are not probabilities, a label is out of range, a class has no
            images, or `average` is unknown.

    Source:
        D. Hand and R. Till, "A simple generalisation of the area under the ROC curve for
        multiple class classification problems", Machine Learning 45 (2001), equation 7; F. Provost
        and P. Domingos, "Well-trained PETs: improving probability estimation trees", CDER working
        paper 00-04-IS (2001). Both come from one table of class pairs, which costs
        O(K N log N).

    Example:
        >>> scores = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.3, 0.5, 0.2]]
        >>> round(multiclass_auc([0, 1, 2, 2], scores), 4)
        1.0
    """
    checks.choice("average", average, ("hand_till", "provost_domingos"))
    labels, scores = _checked_scores(labels, scores)
    if average == "provost_domingos":
        sizes = np.bincount(labels, minlength=scores.shape[1])
        return float(np.average(class_auc(labels, scores), weights=sizes))
    pairwise, _ = _pairwise_auc(labels, scores)
    return float(pairwise[~np.eye(len(pairwise), dtype=bool)].mean())


def wilson_interval(successes, trials, confidence=0.95):
    """Computes the Wilson score interval of a proportion.

    Unlike `p +- z sqrt(p (1 - p) / n)` it stays in [0, 1] and has a width where the proportion is 0
    or 1.

    Args:
        successes: Counts, any shape, 0 <= successes <= trials.
        trials: Counts, of a shape that broadcasts with `successes`.
        confidence: Coverage, between 0 and 1.

    Returns:
        `(low, high)`, float64 arrays of the broadcast shape, in [0, 1]; NaN where `trials` is 0.

    Raises:
        ValueError: If the counts or `confidence` are out of range.

    Source:
        E. Wilson, "Probable inference, the law of succession, and statistical inference", JASA
        22 (1927).

    Example:
        >>> low, high = wilson_interval([0, 50], [10, 100])
        >>> low.round(3).tolist(), high.round(3).tolist()
        ([0.0, 0.404], [0.278, 0.596])
    """
    confidence = checks.confidence(confidence)
    successes, trials = checks.counts(successes=successes, trials=trials)
    wrong = successes > trials
    if wrong.any():
        raise ValueError(
            "`successes` must be counts with 0 <= successes <= trials. "
            f"Received: successes={successes[wrong][0]}, trials={trials[wrong][0]}"
        )
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    scale = trials + z**2
    centre = (successes + z**2 / 2) / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z / scale * np.sqrt(successes * (trials - successes) / trials + z**2 / 4)
    # Exactly 0 and 1 at the ends, where the formula leaves rounding noise.
    low = np.where(successes == 0, 0.0, centre - half)
    high = np.where(successes == trials, 1.0, centre + half)
    empty = trials == 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def ratio(numerator, denominator):
    """Divides elementwise in float64, with NaN where the denominator is 0."""
    numerator, denominator = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    quotient = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    return np.divide(numerator, denominator, out=quotient, where=denominator != 0)


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


def _checked_scores(labels, scores):
    """Returns int64 labels and float64 probabilities, or says what is wrong with them."""
    labels = checks.plain_array("labels", labels, "(N,)")
    scores = checks.real_array("scores", scores, "(N, K)", ndim=range(33)).astype(np.float64)
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ValueError(
            "`scores` must be (N, K) class probabilities with K >= 2; for one probability p of the "
            f"second class, give np.stack([1 - p, p], axis=1). Received: shape {scores.shape}"
        )
    if labels.shape != scores.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"`labels` must be (N,) integers, one for each of the {len(scores)} rows of `scores`. "
            f"Received: shape {labels.shape}, dtype {labels.dtype}"
        )
    num_classes = scores.shape[1]
    if len(labels) and not 0 <= labels.min() <= labels.max() < num_classes:
        raise ValueError(
            f"`labels` must be in [0, {num_classes}), the columns of `scores`. "
            f"Received: labels from {labels.min()} to {labels.max()}"
        )
    absent = np.setdiff1d(np.arange(num_classes), labels)
    if len(absent):
        raise ValueError(
            "`labels` must hold every class: a class without images has no AUC; add images of it, "
            f"or leave its column out of `scores`. Received: no label of class {absent.tolist()}"
        )
    sums = scores.sum(axis=1)
    # Rounding in float16 reaches about 1e-3 for a hundred classes; logits miss by far more.
    if not (np.isfinite(scores).all() and (scores >= 0).all() and (abs(sums - 1) < 0.01).all()):
        raise ValueError(
            "`scores` must be probabilities, finite and >= 0, that sum to 1 in each row; turn "
            f"logits into them with a softmax. Received: {scores.min()} to {scores.max()}, "
            f"row sums from {sums.min()} to {sums.max()}"
        )
    # Dividing by a sum that is 1 up to rounding would break ties between rows at random.
    sums[abs(sums - 1) < 1e-12] = 1.0
    return labels.astype(np.int64), scores / sums[:, None]


def _pairwise_auc(labels, scores):
    """Returns `(K, K)` A[i, j] = P(score i of an image of i > that of one of j), and class sizes.

    Ties count half. Each image not of class i is located among the sorted scores of class i, once
    for all j.
    """
    num_classes = scores.shape[1]
    sizes = np.bincount(labels, minlength=num_classes)
    pairwise = np.empty((num_classes, num_classes))
    for i, column in enumerate(scores.T):
        own = np.sort(column[labels == i])
        below = (np.searchsorted(own, column, "left") + np.searchsorted(own, column, "right")) / 2
        wins = np.bincount(labels, weights=len(own) - below, minlength=num_classes)
        pairwise[i] = wins / (len(own) * sizes)
    return pairwise, sizes
