"""What filters change: the recall that each class loses, over training and in several settings."""

import numpy as np

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import draw_heat_map, line_panels, single_axes


@style.house_style
def filter_reliance(
    frame, *, reference="test", filters=None, class_names=None, columns=None, ax=None
):
    """Draws how much recall each class loses on every filtered probe, over the training steps.

    The loss is the recall on the untouched probe minus the recall on the filtered one, of the same
    network at the same step. Where the loss is large, the class relies on what the filter takes
    away. A class that the network does not recognise yet has nothing to lose.

    Args:
        frame: DataFrame as from `ClassMetricsRecorder.to_frame`: the columns `step`, `source`,
            `class_id` and `recall`. The rows of several runs (seeds) are averaged.
        reference: Name of the untouched probe.
        filters: Names of the filtered probes. Defaults to all probes but `reference`.
        class_names: Names of the classes. Defaults to "0", "1", ...
        columns: Number of panels in a row, int > 0. Defaults to at most three, in even rows.
        ax: One matplotlib axes for each class. Defaults to a new figure.

    Returns:
        Array of axes, one for each class.

    Raises:
        TypeError: If `frame` is not a DataFrame.
        ValueError: If a column or a probe is missing, or the number of names, columns or axes is
            wrong.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"step": [10, 20] * 2, "class_id": 0,
        ...                       "recall": [0.5, 0.9, 0.4, 0.2],
        ...                       "source": ["test", "test", "low-pass", "low-pass"]})
        >>> (ax,) = plots.filter_reliance(frame, class_names=["cat"])
        >>> [round(float(y)) for y in ax.lines[-1].get_ydata()]
        [10, 70]
    """
    recorded = ["step", "source", "class_id", "recall"]
    checks.table("frame", frame, recorded, "ClassMetricsRecorder.to_frame")
    probes = [name for name in frame["source"].unique() if name != "train"]
    checks.choice("reference", reference, probes)
    others = [name for name in probes if name != reference]
    filters = checks.distinct("filters", others if filters is None else filters)
    for name in filters:
        checks.choice("filters", name, probes)
    if columns is not None:
        columns = checks.integer("columns", columns)
    names = checks.class_names(class_names, int(frame["class_id"].max()) + 1)
    # Without the training batches, whose steps are other ones.
    rows = frame[frame["source"].isin([reference, *filters])]
    recall = rows.groupby(["class_id", "step", "source"])["recall"].mean().unstack("source")
    loss = 100 * recall[filters].rsub(recall[reference], axis=0)
    lowest = min(-5.0, np.floor(np.nanmin(loss.to_numpy(), initial=0) / 10) * 10)
    axes = line_panels(len(names), ax, "training step", columns=columns, legend=filters)
    for k, (one, name) in enumerate(zip(axes, names, strict=True)):
        own = loss[loss.index.get_level_values("class_id") == k].droplevel("class_id")
        one.axhline(0, color=style.QUIET, linewidth=0.8)
        for number, curve in enumerate(filters):
            one.plot(own.index, own[curve], **style.class_line(number))
        style.set_title(one, name)
        one.set_ylim(lowest, 104)
    spec = axes[0].get_subplotspec()
    in_a_row = spec.get_gridspec().ncols if spec else len(axes)
    for one in axes[::in_a_row]:
        one.set_ylabel("recall lost (percentage points)")
    # Right of the first row, where no other panel is pushed aside.
    style.side_legend(axes[min(in_a_row, len(axes)) - 1], filters)
    return axes


@style.house_style
def filter_changes(frame, *, ax=None):
    """Draws how filters change the recall of each class.

    Each column is a filter. Each row is a class; the rows of a setting stand together.

    Args:
        frame: DataFrame with the columns `setting`, `class_name`, `filter` and `recall_change`
            (percentage points), and one row for each run, class and filter. The runs of a setting
            are averaged.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `frame` is not a DataFrame.
        ValueError: If a column is missing or there are no rows.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"setting": "B1", "class_name": ["C0", "C1"], "filter": "low-pass",
        ...                       "recall_change": [-80.0, 3.0]})
        >>> [text.get_text() for text in plots.filter_changes(frame).texts]
        ['−80', '+3', 'B1']
    """
    needed = ["setting", "class_name", "filter", "recall_change"]
    checks.table("frame", frame, needed, "pandas.read_csv")
    filters = list(frame["filter"].unique())
    means = frame.groupby(needed[:3], sort=False)["recall_change"].mean()
    table = means.unstack("filter")[filters]
    texts = [["–" if np.isnan(x) else style.signed(round(x)) for x in row] for row in table.values]
    settings = table.index.get_level_values("setting")
    ax = single_axes(ax, (2.6 + 0.52 * len(filters), max(2.6, 1.5 + 0.24 * len(table))))
    names = table.index.get_level_values("class_name")
    look = {"cmap": style.DIVERGING, "limits": (-100, 100), "size": 7}
    mesh = draw_heat_map(ax, table.to_numpy(), names, texts=texts, **look)
    place = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    style.class_ticks(ax.xaxis, filters, first=0.5, **place)
    for setting in settings.unique():
        first, last = np.flatnonzero(settings == setting)[[0, -1]]
        ax.axhline(first, color="white", linewidth=3)
        # Beside the last column, in the middle of the setting's rows.
        place = (len(filters) + 0.2, (first + last + 1) / 2)
        style.literal(ax.text(*place, str(setting), va="center", fontsize=8))
    pad = 0.03 + 0.011 * max(map(len, settings.astype(str)))
    label = "change of recall\n(percentage points)"
    style.colour_bar(mesh, label, ax=ax, format=style.signed, pad=pad)
    return ax
