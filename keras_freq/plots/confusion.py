"""Confusion matrices, and the change of one between two data sets."""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.ticker import FuncFormatter, PercentFormatter

from keras_freq.plots import style

MOST_ANNOTATED = 12  # numbers in the cells of a larger matrix could not be read
LINE_HEIGHT = 0.12  # inches that a class name takes


@style.house_style
def confusion_matrix(matrix, *, class_names=None, title=None, ax=None):
    r"""Draws a confusion matrix: coloured by the share of each row, with the counts.

    Args:
        matrix: Array `(K, K)` of counts >= 0, rows are true classes, as from
            `keras_freq.confusion_matrix`. A row without images is grey.
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
    percent = np.full(matrix.shape, np.nan)
    np.divide(100.0 * matrix, totals, out=percent, where=totals > 0)
    texts = [
        [f"{count:.6g}\n{share:.0f} %" if total else "0" for count, share in zip(*row, strict=True)]
        for *row, total in zip(matrix, percent, totals, strict=True)
    ]
    return _draw(
        percent,
        texts,
        cmap=style.BLUES,
        norm=Normalize(0, 100),
        label="share of the true class's images",
        bar_format=PercentFormatter(symbol=" %"),
        class_names=class_names,
        title=title,
        ax=ax,
    )


@style.house_style
def relative_confusion(matrix, *, class_names=None, limit=None, title=None, ax=None):
    """Draws the change of a confusion matrix in percentage points, centred at 0.

    Red where a prediction became more frequent on the filtered images, blue where it
    became rarer.

    Args:
        matrix: Array `(K, K)` in percent of each row's images, rows are true classes, as
            from `keras_freq.relative_confusion`. Grey where NaN.
        class_names: `K` names. Defaults to "0", "1", ...
        limit: Percentage points > 0 at both ends of the scale. Give several matrices that are
            compared the same one. Defaults to the largest change.
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
    if limit is not None and not limit > 0:
        raise ValueError(f"`limit` must be > 0 percentage points. Received: limit={limit!r}")
    most = limit or np.nanmax(np.abs(matrix), initial=0) or 1.0
    texts = [["–" if np.isnan(x) else _points(x) for x in row] for row in matrix]
    return _draw(
        matrix,
        texts,
        cmap=style.DIVERGING,
        norm=Normalize(-most, most),
        label="change (percentage points)",
        bar_format=FuncFormatter(style.signed),
        class_names=class_names,
        title=title,
        ax=ax,
    )


def _points(value):
    """A change with its sign and one decimal; '0' when it rounds to none."""
    text = f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")
    return "0" if float(text[1:]) == 0 else text


def _checked_matrix(matrix):
    """A square matrix."""
    matrix = style.checked_array(matrix, "matrix", "(K, K)", ndim=2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"`matrix` must be square, (K, K). Received: shape {matrix.shape}")
    return matrix


def _draw(values, texts, *, cmap, norm, label, bar_format, class_names, title, ax):
    """A square matrix of coloured cells, written in when there are few enough of them."""
    names = style.checked_names(class_names, len(values))
    side = min(1.6 + 0.52 * len(values), max(7.0, min(0.15 * len(values), 14.0)))
    ax = style.single_axes(ax, (side + 1.2, side))
    image = ax.imshow(values, cmap=cmap, norm=norm, interpolation="nearest")
    # Of more classes than there is room for names, every second, third, ... has its name.
    every = -(-len(names) // int((side - 1.6) / LINE_HEIGHT))
    names = [name if k % every == 0 else "" for k, name in enumerate(names)]
    style.class_ticks(ax.yaxis, names)
    if len(names) > 40:
        place = {"rotation": 90, "ha": "right", "va": "center"}
    elif max(map(len, names)) > 4:
        place = {"rotation": 45, "ha": "right"}
    else:
        place = {}
    style.class_ticks(ax.xaxis, names, rotation_mode="anchor", **place)
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    # White lines keep neighbouring cells apart.
    for cut in np.arange(len(values) - 1) + 0.5:
        ax.axhline(cut, color="white", linewidth=0.8)
        ax.axvline(cut, color="white", linewidth=0.8)
    if len(values) <= MOST_ANNOTATED:
        size = 8 if len(values) <= 6 else 6.5
        colours = cmap(norm(np.ma.masked_invalid(values)))
        for row, column in np.ndindex(values.shape):
            ax.text(
                column,
                row,
                texts[row][column],
                ha="center",
                va="center",
                fontsize=size,
                color=style.readable_on(colours[row, column]),
            )
    if title:
        style.set_title(ax, title)
    style.colour_bar(image, label, ax=ax, format=bar_format)
    return ax
