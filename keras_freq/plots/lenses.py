"""What the lenses of `keras_freq.lenses` show."""

import functools
from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import FuncFormatter, NullLocator

from keras_freq import checks
from keras_freq.fourier.grid import ring_name
from keras_freq.plots import style
from keras_freq.plots.axes import line_panels
from keras_freq.plots.recall_lines import classes_to_draw, draw_recalls, line_of_all

_COLUMNS = ["kind", "low", "high", "class_id", "class_name", "recall", "recall_low", "recall_high"]
_TITLES = {
    "low-pass": ("low-pass", "kept: frequencies below a radius"),
    "high-pass": ("high-pass", "kept: frequencies from a radius on"),
    "band-stop": ("band-stop", "removed: the ring of radii"),
    "band-pass": ("band-pass", "kept: the ring of radii"),
    "gaussian low-pass": ("Gaussian low-pass", "half is kept at a radius, less above"),
    "gaussian high-pass": ("Gaussian high-pass", "half is kept at a radius, less below"),
}


@style.house_style
def filter_sweep(sweep, *, by_class=True, image_size=None, ax=None):
    """Draws accuracy and recalls against the radius of each kind of filter.

    The thick line is the share of all images that are right, with its 95 % Wilson interval. Thin
    lines are the recalls of up to ten classes. The dashed line is the accuracy on untouched images.

    Args:
        sweep: DataFrame as from `keras_freq.filter_sweep`. Or a dict `{name: DataFrame}` of
            several models, of which only the thick lines are drawn.
        by_class: Whether to draw classes; more than ten never are. Defaults to True.
        image_size: The shorter side of the images, in pixels. If given, a second axis above tells
            the length of a wave in pixels. Defaults to None.
        ax: One matplotlib axes for each kind of filter. Defaults to a new figure.

    Returns:
        Array of axes, one for each kind of filter.

    Raises:
        TypeError: If `sweep` is not a DataFrame, or a dict of them.
        ValueError: If columns are missing, or there is nothing to draw.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from keras_freq import plots
        >>> sweep = pd.DataFrame(
        ...     {
        ...         "kind": ["untouched", "low-pass", "low-pass"], "low": 0.0,
        ...         "high": [np.inf, 2, 8], "class_id": -1, "class_name": "all",
        ...         "recall": [0.9, 0.3, 0.8], "recall_low": [0.8, 0.2, 0.7],
        ...         "recall_high": [0.95, 0.4, 0.9],
        ...     }
        ... )
        >>> plots.filter_sweep(sweep)[0].get_title()
        'low-pass'
    """
    sweeps = sweep if isinstance(sweep, Mapping) else {None: sweep}
    for one in sweeps.values():
        checks.table("sweep", one, _COLUMNS, "keras_freq.filter_sweep")
    kinds = [
        kind for kind in _TITLES if any((one["kind"] == kind).any() for one in sweeps.values())
    ]
    if not kinds:
        raise ValueError(
            f"`sweep` must hold a filter: {', '.join(map(repr, _TITLES))}. Received: none of them"
        )
    classes = classes_to_draw(sweeps) if by_class else {}
    names = [*classes.values()] if classes else [name for name in sweeps if name is not None]
    axes = line_panels(len(kinds), ax, "", size=(3.1, 2.9), legend=names)
    for one, kind in zip(axes, kinds, strict=True):
        _draw_kind(one, kind, sweeps, classes, image_size)
    if names:
        style.side_legend(axes[-1], names)
    axes[0].set_ylabel("share of images that are right")
    return axes


def _draw_kind(ax, kind, sweeps, classes, image_size):
    """Draws the lines of one kind of filter."""
    title, label = _TITLES[kind]
    style.set_title(ax, title)
    ax.set_xlabel(f"{label}\n(cycles per image)")
    filtered = {
        name: sweep[sweep["kind"] == kind].sort_values(["low", "high"])
        for name, sweep in sweeps.items()
    }
    draw_recalls(ax, filtered, classes, functools.partial(_places, kind))
    for number, sweep in enumerate(sweeps.values()):
        untouched = sweep[(sweep["kind"] == "untouched") & (sweep["class_id"] == -1)]
        colour = line_of_all(number, sweeps)["color"]
        for accuracy in untouched["recall"]:
            ax.axhline(accuracy, color=colour, linewidth=1, linestyle=(0, (4, 2)))
    rows = next(iter(filtered.values()))
    _label_radii(ax, kind, rows[rows["class_id"] == -1], image_size)


def _places(kind, rows):
    """Where the points of a filter stand: at its radius, or ring beside ring."""
    if kind.endswith("low-pass"):
        return rows["high"].to_numpy(float)
    if kind.endswith("high-pass"):
        return rows["low"].to_numpy(float)
    return np.arange(len(rows))


def _label_radii(ax, kind, rows, image_size):
    """Ticks at the radii of a sweep, and the length of a wave in pixels above them."""
    if kind in ("band-stop", "band-pass"):
        ax.set_xticks(np.arange(len(rows)), _ring_names(rows), rotation=45, ha="right")
        return
    radii = _places(kind, rows)
    ax.set_xscale("log", base=2)
    ax.set_xticks(radii, [f"{radius:.3g}" for radius in radii])
    ax.xaxis.set_minor_locator(NullLocator())
    if image_size is not None:
        above = ax.secondary_xaxis("top", functions=(_inverse(image_size), _inverse(image_size)))
        above.set_xticks(image_size / radii)
        above.xaxis.set_major_formatter(FuncFormatter(lambda pixels, _: f"{pixels:.3g}"))
        above.xaxis.set_minor_locator(NullLocator())
        above.set_xlabel("length of the wave (pixels)", fontsize=style.STYLE["axes.labelsize"])
        above.tick_params(labelsize=style.STYLE["xtick.labelsize"])


def _ring_names(rows):
    """The radii between which each ring lies, as text."""
    return [ring_name(low, high) for low, high in rows[["low", "high"]].to_numpy(float)]


def _inverse(image_size):
    """The function between cycles per image and pixels per cycle; it is its own inverse."""
    return lambda values: image_size / np.maximum(np.asarray(values, float), 1e-9)
