"""Several runs side by side: classes over settings, and what filters change."""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.ticker import FuncFormatter

from keras_freq.plots import style


@style.house_style
def class_comparison(frame, *, value, label=None, ax=None):
    """Draws a number of each class in several settings: a point a run, and a bar at their mean.

    Args:
        frame: DataFrame with the columns `setting`, `class_name` and `value`, one row a run and
            class. Runs of one setting (seeds) stand above each other.
        value: Name of the column that is drawn.
        label: Label of the vertical axis. Defaults to `value`.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If a column is missing or there are no rows.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"setting": ["B1", "B1", "B2", "B2"],
        ...                       "class_name": ["C0", "C1", "C0", "C1"],
        ...                       "mean_f1": [0.8, 0.5, 0.9, 0.4]})
        >>> ax = plots.class_comparison(frame, value="mean_f1")
        >>> [label.get_text() for label in ax.get_xticklabels()]
        ['B1', 'B2']
    """
    _check_columns(frame, ["setting", "class_name", value])
    settings, names = list(frame["setting"].unique()), list(frame["class_name"].unique())
    ax = style.single_axes(ax, (1.6 + max(0.55, 0.13 * len(names)) * len(settings) + 1.2, 3.0))
    handles = []
    for k, name in enumerate(names):
        offset = 0.7 * ((k + 0.5) / len(names) - 0.5)
        own = frame[frame["class_name"] == name]
        place = own["setting"].map(settings.index).to_numpy() + offset
        look = style.class_colour(k)
        handles += ax.plot(
            place,
            own[value],
            style.class_marker(k),
            markersize=3.5,
            alpha=0.75,
            markeredgewidth=0,
            color=look["color"],
        )
        means = own.groupby("setting", sort=False)[value].mean()
        centre = means.index.map(settings.index).to_numpy() + offset
        half = 0.3 / len(names)
        ax.hlines(means, centre - half, centre + half, linewidth=1.6, color=look["color"])
    style.class_ticks(ax.xaxis, settings, characters=14)
    ax.tick_params(axis="x", length=0)
    for border in np.arange(len(settings) - 1) + 0.5:
        ax.axvline(border, color=style.GRID, linewidth=0.8)
    ax.set_xlim(-0.5, len(settings) - 0.5)
    if frame[value].between(0, 1).all():  # rates: the same scale in every figure
        ax.set_ylim(-0.03, 1.03)
    ax.grid(axis="y", color=style.GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_ylabel(value if label is None else label)
    style.literal_legend(
        ax, handles, names, loc="upper left", bbox_to_anchor=(1.01, 1.03), borderaxespad=0
    )
    return ax


@style.house_style
def filter_changes(frame, *, ax=None):
    """Draws how filters change the recall of each class: classes of settings as rows.

    Args:
        frame: DataFrame with the columns `setting`, `class_name`, `filter` and `recall_change`
            (percentage points), one row a run, class and filter. Runs of one setting are averaged.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If a column is missing or there are no rows.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"setting": "B1", "class_name": ["C0", "C1"], "filter": "low-pass",
        ...                       "recall_change": [-80.0, 3.0]})
        >>> [text.get_text() for text in plots.filter_changes(frame).texts]
        ['−80', '+3', 'B1']
    """
    _check_columns(frame, ["setting", "class_name", "filter", "recall_change"])
    filters = list(frame["filter"].unique())
    means = frame.groupby(["setting", "class_name", "filter"], sort=False)["recall_change"].mean()
    table = means.unstack("filter")[filters]
    values = table.to_numpy()
    ax = style.single_axes(ax, (2.6 + 0.52 * len(filters), 1.5 + 0.24 * len(table)))
    norm = Normalize(-100, 100)
    image = ax.imshow(np.ma.masked_invalid(values), cmap=style.DIVERGING, norm=norm, aspect="auto")
    style.class_ticks(ax.yaxis, [name for _, name in table.index])
    style.class_ticks(ax.xaxis, filters, rotation=40, ha="right", rotation_mode="anchor")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    colours = style.DIVERGING(norm(np.ma.masked_invalid(values)))
    for row, column in np.ndindex(values.shape):
        text = "–" if np.isnan(values[row, column]) else style.signed(round(values[row, column]))
        ink = style.readable_on(colours[row, column])
        ax.text(column, row, text, ha="center", va="center", fontsize=7, color=ink)
    settings = [setting for setting, _ in table.index]
    first = [row for row, setting in enumerate(settings) if setting not in settings[:row]]
    for row in range(1, len(table)):
        ax.axhline(row - 0.5, color="white", linewidth=3 if row in first else 0.6)
    for row, end in zip(first, [*first[1:], len(table)], strict=True):
        # Beside the last column, in the middle of the setting's rows.
        style.literal(
            ax.text(len(filters) - 0.3, (row + end - 1) / 2, settings[row], va="center", fontsize=8)
        )
    style.colour_bar(
        image,
        "change of recall (percentage points)",
        ax=ax,
        format=FuncFormatter(style.signed),
        pad=0.03 + 0.011 * max(map(len, map(str, settings))),
    )
    return ax


def _check_columns(frame, columns):
    """Raises unless the frame has rows and the columns."""
    missing = [column for column in columns if column not in getattr(frame, "columns", [])]
    if missing or not len(frame):
        raise ValueError(
            f"`frame` must be a DataFrame with rows and the columns {', '.join(columns)}. "
            "Received: " + (f"one without {', '.join(missing)}" if missing else "no rows")
        )
