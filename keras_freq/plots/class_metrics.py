"""What was learned when: a metric of each class over the training steps."""

import numpy as np
from matplotlib.colors import Normalize

from keras_freq.metrics import rates_from_counts
from keras_freq.plots import style
from keras_freq.plots.panels import line_panels

METRICS = {"f1": "F1", "precision": "precision", "recall": "recall"}


@style.house_style
def class_metric_heatmap(frame, *, metric="f1", source="train", class_names=None, ax=None):
    """Draws a metric of every class (rows) at every recorded step (columns).

    Args:
        frame: DataFrame as from `ClassMetricsRecorder.to_frame`, with the columns `step`,
            `source`, `class_id` and `metric`. A rate with denominator 0, or
            of a class that has no row at a step, is grey, not 0.
        metric: "f1", "precision" or "recall".
        source: "train", or the name of a probe.
        class_names: Names of the classes. Defaults to "0", "1", ...
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If a column, the metric or the source is unknown, or the number of
            names is wrong.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"step": [1, 1, 2, 2], "source": "train",
        ...                       "class_id": [0, 1, 0, 1], "f1": [0.1, 0.2, 0.5, None]})
        >>> ax = plots.class_metric_heatmap(frame, class_names=["cat", "dog"])
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['cat', 'dog']

    Source: figures 6 and 7 of the replication of Wang et al. (ICCV 2023) in ReScience C,
        which draw training batches; probes on fixed data are drawn the same way here.
    """
    _check_frame(frame, metric, (metric,))
    rows = _rows_of(frame, source, "source")
    names = style.checked_names(class_names, int(frame["class_id"].max()) + 1)
    steps = np.sort(rows["step"].unique())
    values = _class_by_step(rows, metric, steps, len(names))
    ax = style.single_axes(ax, (7.2, 1.45 + 0.3 * len(names)))
    image = ax.pcolormesh(
        _edges(steps),
        np.arange(len(names) + 1) - 0.5,
        np.ma.masked_invalid(values),
        cmap=style.SEQUENTIAL,
        norm=Normalize(0, 1),
        rasterized=True,
    )
    for cut in np.arange(len(names) - 1) + 0.5:
        ax.axhline(cut, color="white", linewidth=0.8)
    style.class_ticks(ax.yaxis, names)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    style.step_axis(ax, "training step")
    ax.set_ylabel("class")
    style.set_title(ax, "training batches" if source == "train" else source)
    style.colour_bar(image, METRICS[metric], ax=ax)
    if np.isnan(values).any():
        style.note(ax, "grey: undefined")
    return ax


@style.house_style
def class_metric_curves(frame, *, metric="f1", sources=None, window=15, class_names=None, ax=None):
    """Draws a metric of each class as a line over the steps, one panel a source.

    Args:
        frame: DataFrame as from `ClassMetricsRecorder.to_frame`: the columns `step`,
            `source`, `class_id`, `tp`, `fp` and `fn`.
        metric: "f1", "precision" or "recall".
        sources: Names of the sources to draw. Defaults to all, "train" first.
        window: Odd number of training batches. Batches hold few images of a class, so
            for "train" the metric is that of the counts of the `window` batches around
            each step, taken together; 1 draws every batch as it is. Probes are always drawn
            as they were measured.
        class_names: Names of the classes. Defaults to "0", "1", ...
        ax: As many matplotlib axes as there are sources. Defaults to a new figure.

    Returns:
        Array of axes, one a source.

    Raises:
        ValueError: If a column, the metric or a source is unknown, `window` is not odd, or
            the number of names or of axes is wrong.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"step": [1, 2, 3], "source": "train", "class_id": 0,
        ...                       "tp": [0, 1, 2], "fp": [2, 1, 0], "fn": [2, 1, 0]})
        >>> (ax,) = plots.class_metric_curves(frame, metric="recall", window=1)
        >>> [round(float(y), 2) for y in ax.lines[0].get_ydata()]
        [0.0, 0.5, 1.0]
    """
    _check_frame(frame, metric, ("tp", "fp", "fn"))
    if window != int(window) or window < 1 or window % 2 == 0:
        raise ValueError(f"`window` must be an odd number of batches >= 1. Received: {window!r}")
    if sources is None:
        sources = sorted(frame["source"].unique(), key=lambda name: name != "train")
    elif isinstance(sources, str):
        sources = [sources]
    names = style.checked_names(class_names, int(frame["class_id"].max()) + 1)
    parts = [_rows_of(frame, source, "sources") for source in sources]
    labels = [style.wrapped(name, 24) for name in names]
    lines = [line for label in labels for line in label.split("\n")]
    axes = line_panels(
        len(parts),
        ax,
        height=max(2.5, 0.3 + 0.165 * len(lines)),
        right=0.5 + 0.065 * max(map(len, lines)),
    )
    # Many lines are told apart more easily when they are thin.
    width = 1.4 if len(names) <= 6 else 1.0
    for one, source, rows in zip(axes, sources, parts, strict=True):
        steps = np.sort(rows["step"].unique())
        counts = [_class_by_step(rows, column, steps, len(names)) for column in ("tp", "fp", "fn")]
        if source == "train":
            counts = [_moving_sum(count, int(window)) for count in counts]
        values = rates_from_counts(*counts, tn=0)[metric]
        handles = [
            one.plot(steps, values[k], linewidth=width, **style.class_colour(k))[0]
            for k in range(len(names))
        ]
        pooled = source == "train" and window > 1
        style.set_title(one, f"{source} ({window} batches together)" if pooled else source)
        style.step_axis(one, "training step")
        one.set_ylim(-0.02, 1.02)
        one.grid(axis="y", color=style.GRID, linewidth=0.6)
        one.set_axisbelow(True)
    axes[0].set_ylabel(METRICS[metric])
    style.literal_legend(
        axes[-1], handles, labels, loc="upper left", bbox_to_anchor=(1.01, 1.03), borderaxespad=0
    )
    return axes


def _check_frame(frame, metric, needed):
    """Raises unless the frame has what a metric plot needs."""
    if metric not in METRICS:
        raise ValueError(f"`metric` must be one of {', '.join(METRICS)}. Received: {metric!r}")
    if not hasattr(frame, "columns"):
        raise TypeError(
            "`frame` must be a DataFrame as from `ClassMetricsRecorder.to_frame`. "
            f"Received: {type(frame).__name__}"
        )
    missing = [c for c in ("step", "source", "class_id", *needed) if c not in frame.columns]
    if missing:
        raise ValueError(
            f"`frame` must have the columns step, source, class_id, {', '.join(needed)}. "
            f"Received: a frame without {', '.join(missing)}"
        )
    if not len(frame):
        raise ValueError(
            "`frame` must have rows. Received: none. Nothing was recorded: put the recorder into "
            "`model.compile(metrics=[recorder.batch_counts])` and "
            "`model.fit(callbacks=[recorder])`"
        )


def _rows_of(frame, source, argument):
    """The rows of one source."""
    rows = frame[frame["source"] == source]
    if not len(rows):
        there = ", ".join(map(repr, frame["source"].unique()))
        raise ValueError(f"`{argument}` must be among {there}. Received: {source!r}")
    if rows.duplicated(["step", "class_id"]).any():
        raise ValueError(
            f"`frame` must hold one row for each step and class of {source!r}. Received: several"
        )
    return rows


def _class_by_step(rows, column, steps, num_classes):
    """Array (K, steps) of a column; NaN where there is no row."""
    values = np.full((num_classes, len(steps)), np.nan)
    at = np.searchsorted(steps, rows["step"].to_numpy())
    values[rows["class_id"].to_numpy(), at] = rows[column].to_numpy(dtype=float)
    return values


def _moving_sum(counts, window):
    """Sums over the `window` columns around each; fewer at both ends."""
    padded = np.pad(np.nan_to_num(counts), ((0, 0), (window // 2, window // 2)))
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1)
    return sums[:, window:] - sums[:, :-window]


def _edges(steps):
    """Cell borders half-way between the steps; the outer cells are as wide as their neighbours."""
    if len(steps) == 1:
        return np.array([steps[0] - 0.5, steps[0] + 0.5])
    middle = (steps[1:] + steps[:-1]) / 2
    return np.array([2 * steps[0] - middle[0], *middle, 2 * steps[-1] - middle[-1]])
