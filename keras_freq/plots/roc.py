"""Receiver operating characteristics."""

import numpy as np

from keras_freq.plots import style


@style.house_style
def roc_curves(labels, scores, *, class_names=None, ax=None):
    """Draws the ROC curve of each class against the rest, with its area.

    Args:
        labels: Integers `(N,)` in `[0, K)`.
        scores: Array `(N, K)`; a higher score speaks for the class.
        class_names: `K` names. Defaults to "0", "1", ...
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If a shape or the number of names is wrong, a score is NaN, or a class has no
            images or all of them.

    Example:
        >>> from keras_freq import plots
        >>> scores = [[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]]
        >>> ax = plots.roc_curves([0, 0, 1, 1], scores, class_names=["cat", "dog"])
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['cat (0.75)', 'dog (0.75)']
    """
    from sklearn.metrics import auc, roc_curve

    scores = style.checked_array(scores, "scores", "(N, K)", ndim=2)
    labels = style.checked_array(labels, "labels", "(N,)", ndim=1)
    names = style.checked_names(class_names, scores.shape[1])
    _check_labels(labels, scores, names)
    ax = style.single_axes(ax, (5.4, max(3.6, 0.6 + 0.18 * len(names))))
    ax.plot([0, 1], [0, 1], color=style.QUIET, linewidth=0.8, linestyle=(0, (2, 2)))
    handles, entries = [], []
    for k, name in enumerate(names):
        false_positive, true_positive, _ = roc_curve(labels == k, scores[:, k])
        handles += ax.plot(false_positive, true_positive, **style.class_colour(k))
        entries.append(f"{style.wrapped(name, 24)} ({auc(false_positive, true_positive):.2f})")
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.01)
    ax.set_aspect("equal")
    ax.set_xlabel("false positive rate")
    ax.set_ylabel("true positive rate")
    legend = style.literal_legend(
        ax, handles, entries, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0
    )
    legend.set_title("class (area)", prop={"size": 8})
    return ax


def _check_labels(labels, scores, names):
    """Raises unless every class has positives and negatives, and every image a score."""
    if len(labels) != len(scores):
        raise ValueError(
            "`labels` and `scores` must be of the same length. "
            f"Received: {len(labels)} labels, {len(scores)} rows of scores"
        )
    if not np.isin(labels, range(len(names))).all():
        raise ValueError(f"`labels` must be integers in [0, {len(names)}). Received: {labels}")
    if not np.isfinite(scores).all():
        raise ValueError("`scores` must be finite. Received: NaN or inf")
    for k, name in enumerate(names):
        if (labels == k).all() or not (labels == k).any():
            raise ValueError(
                "`labels` must hold images of every class and of others. "
                f"Received: {(labels == k).sum()} of {len(labels)} for class {name!r}"
            )
