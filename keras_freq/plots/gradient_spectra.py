"""Spectra of the gradient of the loss, against those of white noise."""

from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import line_panels
from keras_freq.plots.recall_lines import classes_to_draw, line_of_all

_COLUMNS = ["part", "low", "high", "class_id", "class_name", "share", "share_low", "share_high"]
_COLUMNS += ["flat"]
# The least power that is drawn, over that of white noise.
_LEAST = 1e-3
# Greys: the colours are those of classes and models.
_PARTS = {"low": "#4d4d4d", "middle": "#969696", "high": "#d0d0d0"}


@style.house_style
def gradient_spectrum(spectrum, *, by_class=True, ax=None):
    """Draws how the gradient of the loss is spread over frequencies.

    Left: the power of the gradient at a radius, over that of white noise of the same power. Above
    the dashed line, the loss is steeper in these frequencies than on average. The thick line is the
    mean over all images, with its 95 % interval. Thin lines are up to ten classes. Right: the
    shares of low, middle and high frequencies. Black ticks are those of white noise.

    Args:
        spectrum: DataFrame as from `keras_freq.gradient_spectrum`. Or a dict `{name: DataFrame}` of
            several models, of which only all images are drawn.
        by_class: Whether to draw classes; more than ten never are. Defaults to True.
        ax: Two matplotlib axes. Defaults to a new figure.

    Returns:
        Array of two axes.

    Raises:
        TypeError: If `spectrum` is not a DataFrame, or a dict of them.
        ValueError: If columns are missing, or there is nothing to draw.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> spectrum = pd.DataFrame(
        ...     {
        ...         "part": ["low", "high", "ring", "ring"], "low": [0, 2, 0.5, 1.5],
        ...         "high": [2, 9, 1.5, 2.5], "class_id": -1, "class_name": "all",
        ...         "share": [0.7, 0.3, 0.6, 0.2], "share_low": [0.6, 0.2, 0.5, 0.1],
        ...         "share_high": [0.8, 0.4, 0.7, 0.3], "flat": [0.2, 0.8, 0.2, 0.3],
        ...     }
        ... )
        >>> len(plots.gradient_spectrum(spectrum))
        2
    """
    spectra = spectrum if isinstance(spectrum, Mapping) else {"all": spectrum}
    for one in spectra.values():
        checks.table("spectrum", one, _COLUMNS, "keras_freq.gradient_spectrum")
    if not spectra:
        raise ValueError("`spectrum` must hold at least one DataFrame. Received: none")
    classes = classes_to_draw(spectra) if by_class else {}
    names = [*classes.values()] if classes else [*spectra] if len(spectra) > 1 else []
    axes = line_panels(2, ax, "", size=(3.3, 2.9), legend=names, sharey=False)
    _draw_rings(axes[0], spectra, classes)
    bars = {name: one[one["class_id"] == -1] for name, one in spectra.items()}
    if classes:
        (one,) = spectra.values()
        bars |= {name: one[one["class_id"] == k] for k, name in classes.items()}
    _draw_parts(axes[1], bars)
    if names:
        style.side_legend(axes[1], names)
    return axes


def _draw_rings(ax, spectra, classes):
    """Draws the power at each radius over that of white noise."""
    for number, spectrum in enumerate(spectra.values()):
        rings = spectrum[spectrum["part"] == "ring"]
        for class_id in classes:
            own = rings[rings["class_id"] == class_id]
            ax.plot(_middle(own), own["share"] / own["flat"], **style.class_line(class_id), lw=1)
        own = rings[rings["class_id"] == -1]
        look = line_of_all(number, spectra)
        ax.plot(_middle(own), own["share"] / own["flat"], **look, linewidth=2.2)
        band = (own[side] / own["flat"] for side in ("share_low", "share_high"))
        ax.fill_between(_middle(own), *band, color=look["color"], alpha=0.15, linewidth=0)
    ax.axhline(1, color=style.QUIET, linewidth=1, linestyle=(0, (4, 2)))
    ax.set_yscale("log")
    # Where a gradient has no power there is its rounding, many decades below.
    ax.set_ylim(bottom=max(ax.get_ylim()[0], _LEAST))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.2g}")
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_ylabel("power over that of white noise")
    ax.set_xlabel("radius (cycles per image)")
    style.set_title(ax, "power of the gradient")


def _middle(rings):
    """The radius in the middle of each ring."""
    return (rings["low"] + rings["high"]).to_numpy(float) / 2


def _draw_parts(ax, bars):
    """Draws the shares of low, middle and high frequencies, a bar in each row."""
    places = np.arange(len(bars))
    for place, rows in zip(places, bars.values(), strict=True):
        parts = rows[rows["part"] != "ring"]
        starts = np.concatenate([[0], np.cumsum(parts["share"])[:-1]])
        for start, row in zip(starts, parts.itertuples(), strict=True):
            ax.barh(place, row.share, left=start, height=0.7, color=_PARTS[row.part], lw=0)
        for flat in np.cumsum(parts["flat"])[:-1]:
            ax.plot([flat, flat], [place - 0.42, place + 0.42], color=style.INK, linewidth=1.2)
    ax.grid(False)
    ax.set_xlim(0, 1)
    ax.set_ylim(max(len(bars), 2) - 0.4, -0.6)
    ax.set_xlabel("share of the power\n(low, middle, high frequencies)")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    style.class_ticks(ax.yaxis, list(bars), characters=14)
    style.set_title(ax, "in three parts")
