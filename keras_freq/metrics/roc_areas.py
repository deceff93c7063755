"""Areas under ROC curves, of one class or of all."""

import numpy as np

from keras_freq import checks


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
