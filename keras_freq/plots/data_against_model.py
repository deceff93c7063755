"""What the frequencies of the data would tell, above what a model uses of them."""

import numpy as np

from keras_freq import checks
from keras_freq.fourier.grid import ring_name
from keras_freq.plots import style
from keras_freq.plots.axes import line_panels

_COLUMNS = [
    *("class_id", "class_name", "low", "high", "available", "available_low", "available_high"),
    *("null", "used", "used_low", "used_high"),
]


@style.house_style
def available_and_used(table, *, class_id=-1, ax=None):
    """Draws what is available in each band of the data, and what a model uses of it.

    Left: the share of images, or of those of a class, that a linear classifier gets right by the
    power of this band alone. The dashes are what it would get right if power told nothing. Right:
    what the band is worth to the model. Both have 95 % intervals.

    Args:
        table: DataFrame as from `keras_freq.available_and_used`.
        class_id: The class to draw. Defaults to -1: all images.
        ax: Two matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        Array of both axes.

    Raises:
        TypeError: If `table` is no DataFrame.
        ValueError: If columns are missing, or it has no such class.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> table = pd.DataFrame(
        ...     {
        ...         "class_id": -1, "class_name": "all", "low": [0, 4], "high": [4, np.inf],
        ...         "available": [0.6, 0.4], "available_low": [0.5, 0.3],
        ...         "available_high": [0.7, 0.5], "null": 0.25, "used": [0.1, 0.9],
        ...         "used_low": [0, 0.8], "used_high": [0.2, 1],
        ...     }
        ... )
        >>> [ax.get_ylabel() for ax in plots.available_and_used(table)]
        ['share of images that are right', 'worth (nats)']
    """
    checks.table("table", table, _COLUMNS, "keras_freq.available_and_used")
    checks.choice("class_id", class_id, table["class_id"].unique().tolist())
    own = table[table["class_id"] == class_id]
    radii = own[["low", "high"]].to_numpy(float)
    names = [ring_name(low, high) for low, high in radii]
    axes = line_panels(
        2, ax, "band (radii in cycles per image)", size=(1.2 + 0.26 * len(own), 2.9), sharey=False
    )
    titles = "available in the data", "used by the model"
    look = {"fmt": "o", "markersize": 4.5}
    places = np.arange(len(own))
    for one, name, title, colour in zip(
        axes, ("available", "used"), titles, (style.BLUE, style.INK), strict=True
    ):
        value = own[name].to_numpy(float)
        errors = np.abs(own[[f"{name}_low", f"{name}_high"]].to_numpy(float).T - value)
        one.errorbar(places, value, errors, color=colour, **look)
        who = "" if class_id == -1 else f", {own['class_name'].iloc[0]}"
        style.set_title(one, title + who)
        one.set_xlim(-0.5, len(own) - 0.5)
        style.class_ticks(one.xaxis, names, rotation=45, ha="right", rotation_mode="anchor")
    null = own["null"].to_numpy(float)
    axes[0].hlines(null, places - 0.4, places + 0.4, color=style.QUIET, linestyle=(0, (3, 2)))
    axes[0].set_ylim(0, 1.02 if np.nanmax(own["available_high"]) > 0.8 else None)
    axes[0].set_ylabel("share of images that are right")
    axes[1].axhline(0, color=style.QUIET, linewidth=0.7, zorder=0)
    axes[1].set_ylabel("worth (nats)")
    return axes
