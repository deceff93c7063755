"""What becomes of images when the content of maps is exchanged between them."""

import numpy as np
from matplotlib.lines import Line2D

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import given_axes

_RANDOM = {"color": style.QUIET, "lw": 1.2, "marker": "D", "ms": 4, "mfc": "white", "mew": 0.9}
_UNTOUCHED = {"color": style.INK, "marker": "|", "ms": 11, "mew": 1.8, "linestyle": "none"}
_SWAPPED = {"marker": "o", "ms": 6, "linestyle": "none"}
_SIDES = (
    ("in", "random_in_high", style.RED, "other images that are called the class"),
    ("out", "random_out_low", style.BLUE, "images of the class that are still called it"),
)


@style.house_style
def transplant_rates(transplants, *, ax=None):
    """Draws how often images change their class with the content of a map.

    Left: images of other classes get the content of the class's map from its images. Right: images
    of the class get it from images of other classes. The upright stroke is the rate of untouched
    images. The dot is the rate after the exchange, with its 95 % Wilson interval, and an arrow
    leads to it. The diamond is the mean after an exchange of random frequencies, and the line from
    it ends at their quantile: 97.5 % of them are below it on the left, and above it on the right. A
    dot is hollow where the change may be chance, beside random frequencies or beside other donors:
    `in_p_holm` or `out_p_holm` is 0.05 or more.

    Args:
        transplants: DataFrame as from `keras_freq.transplant_rates`, one row for each class.
        ax: Two matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        Array `(2,)` of axes.

    Raises:
        TypeError: If `transplants` is not a DataFrame.
        ValueError: If it has no rows or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> row = {"class_name": "cat", "random_in_high": 0.2, "random_out_low": 0.8}
        >>> for side, before, after in (("in", 0.1, 0.9), ("out", 0.95, 0.1)):
        ...     row |= {f"untouched_{side}": before, f"swapped_{side}": after,
        ...             f"swapped_{side}_low": after - 0.05, f"swapped_{side}_high": after + 0.05,
        ...             f"random_{side}": before, f"{side}_p_holm": 0.01}
        >>> axes = plots.transplant_rates(pd.DataFrame([row]))
        >>> [label.get_text() for label in axes[0].get_yticklabels()]
        ['cat']
    """
    columns = [name for side, quantile, *_ in _SIDES for name in (*_names(side), quantile)]
    checks.table("transplants", transplants, ["class_name", *columns], "kf.transplant_rates")
    if ax is None:
        import matplotlib.pyplot as plt

        size = 8.4, 1.5 + 0.36 * len(transplants)
        _, ax = plt.subplots(1, 2, figsize=size, layout="constrained")
    axes = given_axes(ax, 2)
    for one, side in zip(axes, _SIDES, strict=True):
        _draw_side(one, transplants, *side)
    for one in axes:
        style.class_ticks(one.yaxis, transplants["class_name"])
        one.set_ylim(len(transplants) - 0.5, -0.5)
    handles = [
        Line2D([], [], label="untouched", **_UNTOUCHED),
        Line2D([], [], label="content of the map exchanged", color=style.DARK, **_SWAPPED),
        Line2D([], [], label="random frequencies exchanged", **_RANDOM),
        Line2D(
            [],
            [],
            label="hollow: may be chance",
            color=style.DARK,
            mfc="white",
            **_SWAPPED,
        ),
    ]
    style.top_legend(axes[0], handles, ncols=2)
    return axes


def _names(side):
    """The columns of one side."""
    ends = [f"swapped_{side}{end}" for end in ("", "_low", "_high")]
    return [f"untouched_{side}", *ends, f"random_{side}", f"{side}_p_holm"]


def _draw_side(ax, frame, side, quantile, colour, label):
    """Draws the rates of one side."""
    values = frame[[*_names(side), quantile]].to_numpy(dtype=float)
    for place, (untouched, swapped, low, high, random, p_value, end) in enumerate(values):
        ax.plot([random, end], [place + 0.22] * 2, markevery=[0], clip_on=False, **_RANDOM)
        ax.plot([untouched, swapped], [place] * 2, color=colour, lw=1.4, alpha=0.5, clip_on=False)
        ax.plot([low, high], [place] * 2, color=colour, lw=3.5, alpha=0.25, clip_on=False)
        ax.plot(untouched, place, clip_on=False, **_UNTOUCHED)
        filled = colour if p_value < 0.05 else "white"
        ax.plot(swapped, place, color=colour, mfc=filled, clip_on=False, **_SWAPPED)
        if np.isnan(swapped):
            ax.text(0.01, place, "undefined", va="center", fontsize=7.5, color=style.QUIET)
    ax.set(xlim=(0, 1), xlabel=f"share of {label}")
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")
    ax.spines["left"].set_visible(False)
