"""Which filter each class would miss, over the training steps."""

import numpy as np

from keras_freq.plots import style
from keras_freq.plots.panels import line_panels


@style.house_style
def filter_reliance(
    frame, *, reference="test", filters=None, class_names=None, columns=None, ax=None
):
    """Draws how much recall each class loses on every filtered probe, over the training steps.

    The loss is the recall on the untouched probe minus that on the filtered one, of the same
    network at the same step. A class leans on what a filter takes away where its loss is large; a
    class that is not yet recognised has nothing to lose.

    Args:
        frame: DataFrame as from `ClassMetricsRecorder.to_frame`: the columns `step`, `source`,
            `class_id` and `recall`. Rows of several runs (seeds) are averaged.
        reference: Name of the untouched probe.
        filters: Names of the filtered probes. Defaults to all probes but `reference`.
        class_names: Names of the classes. Defaults to "0", "1", ...
        columns: Panels in a row, int > 0. Defaults to three, or as many as fill the rows.
        ax: As many matplotlib axes as there are classes. Defaults to a new figure.

    Returns:
        Array of axes, one a class.

    Raises:
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
    missing = [c for c in ("step", "source", "class_id", "recall") if c not in frame]
    if missing:
        raise ValueError(
            "`frame` must be one of `ClassMetricsRecorder.to_frame`. Received: one without "
            f"{', '.join(missing)}"
        )
    probes = [name for name in frame["source"].unique() if name != "train"]
    if filters is None:
        filters = [name for name in probes if name != reference]
    wanted = [reference, *filters]
    if not filters or any(name not in probes for name in wanted):
        raise ValueError(
            "`reference` and `filters` must be probes of `frame`, at least one of each. Received: "
            f"{wanted}; there are {probes}"
        )
    if columns is not None and (columns != int(columns) or columns < 1):
        raise ValueError(f"`columns` must be an integer >= 1. Received: columns={columns!r}")
    names = style.checked_names(class_names, int(frame["class_id"].max()) + 1)
    # Probes are evaluated at fewer steps than there are training batches.
    rows = frame[frame["source"].isin(wanted)]
    recall = rows.groupby(["class_id", "step", "source"])["recall"].mean().unstack("source")
    loss = 100 * recall[filters].rsub(recall[reference], axis=0)
    labels = [style.wrapped(name, 24) for name in filters]
    right = 0.5 + 0.065 * max(map(len, labels))
    axes = line_panels(len(names), ax, columns=columns, right=right)
    lowest = min(-5.0, np.floor(np.nanmin(loss.to_numpy(), initial=0) / 10) * 10)
    for k, (one, name) in enumerate(zip(axes, names, strict=True)):
        own = loss[loss.index.get_level_values("class_id") == k].droplevel("class_id")
        one.axhline(0, color=style.QUIET, linewidth=0.8)
        handles = [
            one.plot(own.index, own[filter_name], **style.class_colour(number))[0]
            for number, filter_name in enumerate(filters)
        ]
        style.set_title(one, name)
        style.step_axis(one, "training step")
        one.set_ylim(lowest, 104)
        one.grid(axis="y", color=style.GRID, linewidth=0.6)
        one.set_axisbelow(True)
    for one in axes[:: _columns(axes)]:
        one.set_ylabel("recall lost (percentage points)")
    # Right of the first row, where no other panel is pushed aside.
    corner = axes[min(_columns(axes), len(axes)) - 1]
    style.literal_legend(
        corner, handles, labels, loc="upper left", bbox_to_anchor=(1.01, 1.03), borderaxespad=0
    )
    return axes


def _columns(axes):
    """How many panels stand in the first row."""
    first = axes[0].get_subplotspec()
    return len(axes) if first is None else first.get_gridspec().ncols
