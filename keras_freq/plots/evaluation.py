"""What a classifier gets right and wrong: confusion matrices and ROC curves."""

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import PercentFormatter

from keras_freq import checks
from keras_freq.metrics.rates import ratio
from keras_freq.plots import style
from keras_freq.plots.axes import draw_heat_map, single_axes

MOST_ANNOTATED = 12  # numbers in the cells of a larger matrix could not be read
# Points that the widest of several curves is wider, where none of them can be told from the others:
# they are nowhere further apart than this, in sums of both rates.
_MOST_WIDER, _ALIKE = 8, 0.02
LINE_HEIGHT = 0.12  # inches that a class name takes


@style.house_style
def confusion_matrix(matrix, *, class_names=None, title=None, ax=None):
    r"""Draws a confusion matrix: each cell has its count, and the colour of its share of the row.

    Args:
        matrix: Array `(K, K)` of counts >= 0, as from `keras_freq.confusion_matrix`; rows are true
            classes. A row without images is grey.
        class_names: `K` names. Defaults to "0", "1", ...
        title: Title of the axes. Defaults to none.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If `matrix` is not square or holds negative counts, or the number of
            names is wrong.

    Example:
        >>> from keras_freq import plots
        >>> ax = plots.confusion_matrix([[8, 2], [1, 9]], class_names=["cat", "dog"])
        >>> ax.texts[1].get_text()
        '2\n20 %'
    """
    matrix = _checked_matrix(matrix)
    if not (matrix >= 0).all():
        raise ValueError(f"`matrix` must hold counts >= 0. Received: values down to {matrix.min()}")
    totals = matrix.sum(axis=1, keepdims=True)
    percent = 100 * ratio(matrix, totals)
    texts = [
        [f"{count:.6g}\n{share:.0f} %" if total else "0" for count, share in zip(*row, strict=True)]
        for *row, total in zip(matrix, percent, totals, strict=True)
    ]
    ax, mesh = _draw_matrix(percent, texts, style.BLUES, (0, 100), class_names, title, ax)
    label = "share of the true\nclass's images"
    style.colour_bar(mesh, label, ax=ax, format=PercentFormatter(symbol=" %"))
    return ax


@style.house_style
def relative_confusion(matrix, *, class_names=None, limit=None, title=None, ax=None):
    """Draws the change of a confusion matrix in percentage points, centred at 0.

    A cell is red if the prediction became more frequent on the filtered images, and blue if it
    became rarer.

    Args:
        matrix: Array `(K, K)` in percent of each row's images, as from
            `keras_freq.relative_confusion`; rows are true classes. NaN is grey.
        class_names: `K` names. Defaults to "0", "1", ...
        limit: Percentage points > 0 at both ends of the scale. Give the same limit to matrices
            that are to be compared. Defaults to the largest change.
        title: Title of the axes, such as the name of the filter. Defaults to none.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If `matrix` is not square, the number of names is wrong, or `limit` is not
            positive.

    Example:
        >>> from keras_freq import plots
        >>> ax = plots.relative_confusion([[-30.0, 30.0], [5.0, -5.0]])
        >>> [text.get_text() for text in ax.texts]
        ['−30.0', '+30.0', '+5.0', '−5.0']
    """
    matrix = _checked_matrix(matrix).astype(float)
    if limit is not None:
        limit = checks.positive("limit", limit, "a change in percentage points")
    most = limit or np.nanmax(np.abs(matrix), initial=0) or 1.0
    texts = [["–" if np.isnan(x) else style.signed(x, digits=".1f") for x in row] for row in matrix]
    limits = (-most, most)
    ax, mesh = _draw_matrix(matrix, texts, style.DIVERGING, limits, class_names, title, ax)
    label = "change\n(percentage points)"
    style.colour_bar(mesh, label, ax=ax, format=style.signed)
    return ax


def _checked_matrix(matrix):
    """A square matrix."""
    matrix = checks.real_array("matrix", matrix, "(K, K)", ndim=2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"`matrix` must be square, (K, K). Received: shape {matrix.shape}")
    return matrix


def _draw_matrix(values, texts, cmap, limits, class_names, title, ax):
    """A square matrix of coloured cells, written in when there are few enough of them."""
    count = len(values)
    names = checks.class_names(class_names, count)
    side = min(1.6 + 0.52 * count, max(7.0, min(0.15 * count, 14.0)))
    ax = single_axes(ax, (side + 1.2, side))
    # Where there is no room for all names, every second, third, ... class has its name.
    every = -(-count // int((side - 1.6) / LINE_HEIGHT))
    names = [name if k % every == 0 else "" for k, name in enumerate(names)]
    texts = texts if count <= MOST_ANNOTATED else None
    look = {"size": 8 if count <= 6 else 6.5, "lines": 0.5 if count <= 60 else 0, "square": True}
    mesh = draw_heat_map(ax, values, names, cmap=cmap, limits=limits, texts=texts, **look)
    place = {"ha": "right", "rotation": 45} if max(map(len, names)) > 4 else {}
    if count > 40:
        place = {"ha": "right", "rotation": 90, "va": "center"}
    style.class_ticks(ax.xaxis, names, first=0.5, rotation_mode="anchor", **place)
    ax.set(xlabel="predicted class", ylabel="true class")
    if title:
        style.set_title(ax, title)
    return ax, mesh


@style.house_style
def roc_curves(labels, scores, *, class_names=None, ax=None):
    """Draws the ROC curve of each class against the rest, with its area.

    Curves that cannot be told apart lie on each other, from wide to narrow, so that all are seen.

    Args:
        labels: Integers `(N,)` in `[0, K)`.
        scores: Array `(N, K)`; a higher score speaks for the class.
        class_names: `K` names. Defaults to "0", "1", ...
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If a shape or the number of names is wrong, a score is NaN, or a class has
            none of the images or all of them.

    Example:
        >>> from keras_freq import plots
        >>> scores = [[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]]
        >>> ax = plots.roc_curves([0, 0, 1, 1], scores, class_names=["cat", "dog"])
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['cat (0.75)', 'dog (0.75)']
    """
    from sklearn.metrics import auc, roc_curve

    scores = checks.real_array("scores", scores, "(N, K)", ndim=2)
    names = checks.class_names(class_names, scores.shape[1])
    labels = checks.integer_labels("`labels`", labels, len(names))
    _check_scores(labels, scores, names)
    ax = single_axes(ax, (5.4, max(3.6, 0.6 + 0.18 * len(names))))
    ax.plot([0, 1], [0, 1], color=style.QUIET, linewidth=0.8, linestyle=(0, (2, 2)))
    curves = [roc_curve(labels == k, scores[:, k])[:2] for k in range(len(names))]
    lines = [
        style.class_line(k) | {"linewidth": width} for k, width in enumerate(_line_widths(curves))
    ]
    for curve, line in zip(curves, lines, strict=True):
        ax.plot(*curve, **line)
    entries = [f"{name} ({auc(*one):.2f})" for name, one in zip(names, curves, strict=True)]
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    ax.set(xlabel="false positive rate", ylabel="true positive rate")
    style.side_legend(ax, entries, lines.__getitem__).set_title("class (area)", prop={"size": 8})
    return ax


def _line_widths(curves):
    """A width for each curve: where curves cannot be told apart, a later one lies on wider ones."""
    # Along a ROC curve the sum of both rates rises, and their difference tells where it is.
    sums = np.linspace(0, 2, 401)
    heights = [np.interp(sums, false + true, true - false) for false, true in curves]
    widths = []
    for k, own in enumerate(heights):
        alike = [np.abs(own - other).max() < _ALIKE for other in heights]
        step = min(2.5, _MOST_WIDER / max(1, sum(alike) - 1))
        widths.append(mpl.rcParams["lines.linewidth"] + step * sum(alike[k + 1 :]))
    return widths


def _check_scores(labels, scores, names):
    """Raises unless every class has positives and negatives, and every image a score."""
    if len(labels) != len(scores):
        raise ValueError(
            "`labels` and `scores` must be of the same length. "
            f"Received: {len(labels)} labels, {len(scores)} rows of scores"
        )
    if not np.isfinite(scores).all():
        raise ValueError("`scores` must be finite. Received: NaN or inf")
    for k, name in enumerate(names):
        count = (labels == k).sum()
        if count in (0, len(labels)):
            raise ValueError(
                "`labels` must hold images of every class and of others. "
                f"Received: {count} of {len(labels)} for class {name!r}"
            )
