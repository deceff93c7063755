"""Dominant-frequency maps, and what a model sees through them and without them.

Bars and intervals are drawn by matplotlib: `seaborn.barplot` would average the rows of classes
with the same name, and draw intervals that it estimates itself in place of those of the table.
"""

import numpy as np
from matplotlib.colors import ListedColormap, Normalize, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import single_axes
from keras_freq.plots.frequency_maps import draw_maps

KEPT, LEFT_OUT = "#08519c", "#eef2f6"
RATES = (("tpr", "true positive rate", style.BLUE), ("fpr", "false positive rate", style.RED))
RANDOM = {"color": style.QUIET, "lw": 1.2, "marker": "D", "ms": 4, "mfc": "white", "mew": 0.9}
WITHOUT = style.BLUE
UNTOUCHED = {"color": style.INK, "marker": "|", "ms": 11, "mew": 1.8, "linestyle": "none"}
END = {"marker": "o", "ms": 6, "mew": 1.2, "mec": WITHOUT, "mfc": "white", "linestyle": "none"}


@style.house_style
def dominant_frequency_maps(maps, *, fraction=None, class_names=None, bands=False, ax=None):
    """Draws the frequencies that each class depends on most as dark cells.

    Args:
        maps: Boolean array `(K, H, W)`, centred, as from
            `keras_freq.dominant_frequency_maps`. Or a `FrequencyImportance`, which gives the maps.
        fraction: Share of the spectrum's cells in the maps of an importance, in (0, 1]. Defaults to
            the smallest of its `fractions`. It has no meaning for an array.
        class_names: `K` names. Defaults to those of the importance, or "0", "1", ...
        bands: Whether to draw the borders of the four standard bands as rings. Defaults to False.
        ax: `K` or more matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        Array `(K,)` of axes, in the order of the classes.

    Raises:
        ValueError: If `maps` is not boolean or not of shape `(K, H, W)`, if an array comes with a
            `fraction`, or the number of names or of axes is wrong.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> maps = np.zeros((2, 16, 16), dtype=bool)
        >>> maps[:, 6:11, 6:11] = True
        >>> axes = plots.dominant_frequency_maps(maps, class_names=["cat", "dog"], bands=True)
        >>> axes[0].texts[0].get_text()
        '25 cells (9.8 %)'
    """
    if hasattr(maps, "fractions"):
        from keras_freq import importance

        class_names = maps.class_names if class_names is None else class_names
        fraction = maps.fractions[0] if fraction is None else fraction
        maps = importance.dominant_frequency_maps(maps, fraction)
    elif fraction is not None:
        raise ValueError(
            "`fraction` must be None where `maps` is an array, which is drawn as it is. Give a "
            f"`FrequencyImportance`, or no `fraction`. Received: fraction={fraction!r}"
        )
    maps = checks.real_array("maps", maps, "(K, H, W)", ndim=3)
    if maps.dtype != bool:
        raise ValueError(f"`maps` must be boolean, True = kept. Received: dtype {maps.dtype}")
    axes = draw_maps(
        maps,
        class_names,
        ax,
        cmap=ListedColormap([LEFT_OUT, KEPT]),
        norm=Normalize(0, 1),
        subtitles=[f"{kept.sum()} cells ({100 * kept.mean():.1f} %)" for kept in maps],
    )
    if bands:
        _draw_rings(axes, maps.shape[1:])
    return axes


def _draw_rings(axes, size):
    """Rings at the inner borders of the four standard bands."""
    from keras_freq.fourier import band_edges

    look = {"fill": False, "edgecolor": style.ORANGE, "linewidth": 0.8}
    for one in axes:
        for radius in band_edges(size)[1:-1]:
            one.add_patch(Circle((0, 0), radius, **look))


@style.house_style
def rates_under_maps(rates, *, ax=None):
    """Draws each class's true and false positive rate on images filtered by its map.

    Each rate has a bar with its 95 % Wilson interval. The diamond below the bar is the mean
    over random maps of the same size, and the line from it ends at their 97.5 % quantile.
    A bar that is not above chance is pale. A rate that is NaN reads "undefined".

    Args:
        rates: DataFrame as from `keras_freq.rates_under_maps`, one row for each class: the
            columns `class_name`, `tpr`, `tpr_low`, `tpr_high`, `random_tpr`,
            `random_tpr_high`, `tpr_above_chance`, and the same for `fpr`.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `rates` is not a DataFrame.
        ValueError: If it has no rows or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> row = {"class_name": "cat"}
        >>> for rate, value in (("tpr", 0.8), ("fpr", 0.1)):
        ...     row |= {rate: value, f"{rate}_low": value - 0.1, f"{rate}_high": value + 0.1,
        ...             f"random_{rate}": 0.2, f"random_{rate}_high": 0.4,
        ...             f"{rate}_above_chance": value > 0.5}
        >>> ax = plots.rates_under_maps(pd.DataFrame([row]))
        >>> [round(float(bar.get_width()), 2) for bar in ax.patches]
        [0.8, 0.1]
    """
    columns = {
        rate: [rate, f"{rate}_low", f"{rate}_high", f"random_{rate}", f"random_{rate}_high"]
        for rate, _, _ in RATES
    }
    needed = [name for rate in columns for name in (*columns[rate], f"{rate}_above_chance")]
    checks.table("rates", rates, ["class_name", *needed], "keras_freq.rates_under_maps")
    ax = single_axes(ax, (6.4, 1.3 + 0.56 * len(rates)))
    for (rate, _, colour), offset in zip(RATES, (-0.24, 0.18), strict=True):
        strong = rates[f"{rate}_above_chance"]
        _draw_bars(ax, rates[columns[rate]], strong, colour, np.arange(len(rates)) + offset)
    handles = [Patch(facecolor=colour, label=label) for _, label, colour in RATES]
    handles += [
        Patch(facecolor="#dddddd", label="pale: not above chance"),
        Line2D([], [], label="random maps: mean to 97.5 % quantile", **RANDOM),
    ]
    _dress(ax, rates, "rate on images filtered by the class's map (with 95 % Wilson interval)")
    style.top_legend(ax, handles, ncols=2)
    return ax


@style.house_style
def recall_without_maps(recalls, *, ax=None):
    """Draws what each class loses without the frequencies of its map.

    The bar with its 95 % Wilson interval is the recall without the frequencies of the map, and
    the upright stroke is the recall with all frequencies. The diamond below the bar is the mean
    recall without as many other frequencies, and the line from it ends at their 2.5 % quantile.
    A class that needs its map has a full bar that ends in a filled dot. Where this is not shown,
    the bar is pale and the dot is hollow. A recall that is NaN reads "undefined".

    Args:
        recalls: DataFrame as from `keras_freq.recall_without_maps`, one row for each class: the
            columns `class_name`, `recall`, `recall_without`, `recall_without_low`,
            `recall_without_high`, `random_recall`, `random_recall_low` and `is_needed`.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `recalls` is not a DataFrame.
        ValueError: If it has no rows or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> row = {"class_name": "cat", "recall": 0.9, "recall_without": 0.2,
        ...        "recall_without_low": 0.1, "recall_without_high": 0.3,
        ...        "random_recall": 0.8, "random_recall_low": 0.7, "is_needed": True}
        >>> ax = plots.recall_without_maps(pd.DataFrame([row]))
        >>> [round(float(bar.get_width()), 2) for bar in ax.patches]
        [0.2]
    """
    columns = [f"recall_without{end}" for end in ("", "_low", "_high")]
    columns += ["random_recall", "random_recall_low"]
    needed = ["class_name", "recall", *columns, "is_needed"]
    checks.table("recalls", recalls, needed, "keras_freq.recall_without_maps")
    ax = single_axes(ax, (6.4, 1.3 + 0.42 * len(recalls)))
    y = np.arange(len(recalls)) - 0.1
    _draw_bars(ax, recalls[columns], recalls["is_needed"], WITHOUT, y)
    ax.plot(recalls["recall"], y, clip_on=False, **UNTOUCHED)
    # The dot also tells of a bar whose length is 0.
    for position, row in zip(y, recalls.itertuples(), strict=True):
        (end,) = ax.plot(row.recall_without, position, clip_on=False, **END)
        if row.is_needed:
            end.set_markerfacecolor(WITHOUT)
    handles = [
        Patch(facecolor=WITHOUT, label="without the frequencies of its map"),
        Line2D([], [], label="hollow: not clearly below others", **END),
        Line2D([], [], label="with all frequencies", **UNTOUCHED),
        Line2D([], [], label="without as many others: mean to 2.5 % quantile", **RANDOM),
    ]
    _dress(ax, recalls, "recall of the class (with 95 % Wilson interval)")
    style.top_legend(ax, handles, ncols=2)
    return ax


def _draw_bars(ax, columns, strong, colour, y):
    """Draws bars with their intervals, and below each bar the range of random maps.

    Args:
        ax: Axes.
        columns: DataFrame of five columns: the value, both ends of its interval, and the mean and a
            quantile of random maps.
        strong: Series of bool; other bars are pale.
        colour: Colour of the bars.
        y: Their vertical positions.
    """
    value, low, high, random, quantile = columns.to_numpy(dtype=float).T
    colours = [to_rgba(colour, 1.0 if is_strong else 0.35) for is_strong in strong.eq(True)]
    ax.barh(y, value, height=0.24, color=colours, linewidth=0)
    reach = np.maximum([value - low, high - value], 0)
    look = {"fmt": "none", "ecolor": style.INK, "elinewidth": 1.0, "capsize": 2.5}
    ax.errorbar(value, y, xerr=reach, **look)
    for position, *ends in zip(y + 0.18, random, quantile, strict=True):
        ax.plot(ends, [position] * 2, markevery=[0], clip_on=False, **RANDOM)
    for position in y[np.isnan(value)]:
        ax.text(0.008, position, "undefined", va="center", fontsize=7.5, color=style.QUIET)


def _dress(ax, frame, label):
    """Names of the classes, from top to bottom, and an axis of shares."""
    style.class_ticks(ax.yaxis, frame["class_name"])
    ax.set(xlim=(0, 1), ylim=(len(frame) - 0.5, -0.5), xlabel=label)
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")
    ax.spines["left"].set_visible(False)
