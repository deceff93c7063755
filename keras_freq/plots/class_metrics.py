"""A metric of each class: over the training steps, and in several settings."""

import numpy as np
import seaborn as sns

from keras_freq import checks
from keras_freq.metrics import rates_from_counts
from keras_freq.plots import style
from keras_freq.plots.axes import draw_heat_map, line_panels, single_axes

METRICS = {"f1": "F1", "precision": "precision", "recall": "recall"}
RECORDED = (
    "recorder.to_frame()` after `model.compile(metrics=[recorder.batch_counts])` and "
    "`model.fit(callbacks=[recorder])"
)


@style.house_style
def class_metric_heatmap(frame, *, metric="f1", source="train", class_names=None, ax=None):
    """Draws a metric of every class (rows) at every recorded step (columns).

    All columns are of the same width, also where the recorded steps are not evenly spaced.

    Args:
        frame: DataFrame as from `ClassMetricsRecorder.to_frame`, with the columns `step`,
            `source`, `class_id` and `metric`. A cell is grey if the metric is undefined (a
            denominator of 0), or if there is no row for the class at this step.
        metric: "f1", "precision" or "recall".
        source: "train", or the name of a probe.
        class_names: Names of the classes. Defaults to the column `class_name` of `frame`, and
            without one to "0", "1", ...
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `frame` is not a DataFrame.
        ValueError: If a column, the metric or the source is unknown, or the number of names is
            wrong.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"step": [1, 1, 2, 2], "source": "train",
        ...                       "class_id": [0, 1, 0, 1], "f1": [0.1, 0.2, 0.5, None]})
        >>> ax = plots.class_metric_heatmap(frame, class_names=["cat", "dog"])
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['cat', 'dog']

    Source: figures 6 and 7 of the replication of Wang et al. (ICCV 2023) in ReScience C,
        which draw training batches. Here probes on fixed data are drawn in the same way.
    """
    checks.choice("metric", metric, METRICS)
    checks.table("frame", frame, ["step", "source", "class_id", metric], RECORDED)
    names = _names_of(frame, class_names)
    values = _step_by_class(frame, "source", source, metric, len(names)).T
    ax = single_axes(ax, (7.2, 1.45 + 0.3 * len(names)))
    mesh = draw_heat_map(
        ax, values, names, cmap=style.SEQUENTIAL, limits=(0, 1), lines=0, rasterized=True
    )
    ax.hlines(range(1, len(names)), *ax.get_xlim(), color="white", linewidth=0.8)
    # The ticks stand at round steps; if few of the recorded steps are round, at any of them.
    steps = values.columns
    ticks = [t for t in style.whole_ticks().tick_values(steps[0], steps[-1]) if t in steps]
    ticks = ticks if len(ticks) > 3 else steps[:: -(-len(steps) // 8)]
    ax.set_xticks(steps.get_indexer(ticks) + 0.5, labels=[f"{tick:g}" for tick in ticks])
    ax.set(xlabel="training step", ylabel="class")
    style.set_title(ax, "training batches" if source == "train" else source)
    style.colour_bar(mesh, METRICS[metric], ax=ax)
    if values.isna().to_numpy().any():
        style.remark(ax, "grey: undefined", above=False)
    return ax


@style.house_style
def class_metric_curves(frame, *, metric="f1", sources=None, window=15, class_names=None, ax=None):
    """Draws a metric of each class as a line over the steps, one panel for each source.

    Args:
        frame: DataFrame as from `ClassMetricsRecorder.to_frame`: the columns `step`,
            `source`, `class_id`, `tp`, `fp` and `fn`.
        metric: "f1", "precision" or "recall".
        sources: Names of the sources to draw. Defaults to all, "train" first.
        window: Odd number of training batches. A batch holds few images of a class. For "train"
            the counts of the `window` batches around each step are therefore added, and the
            metric is computed from the sums. With 1, every batch is drawn as it is. Probes are
            always drawn as they were measured.
        class_names: Names of the classes. Defaults to the column `class_name` of `frame`, and
            without one to "0", "1", ...
        ax: One matplotlib axes for each source. Defaults to a new figure.

    Returns:
        Array of axes, one for each source.

    Raises:
        TypeError: If `frame` is not a DataFrame.
        ValueError: If a column, the metric or a source is unknown, `window` is not odd, or the
            number of names or of axes is wrong.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame({"step": [1, 2, 3], "source": "train", "class_id": 0,
        ...                       "tp": [0, 1, 2], "fp": [2, 1, 0], "fn": [2, 1, 0]})
        >>> (ax,) = plots.class_metric_curves(frame, metric="recall", window=1)
        >>> [round(float(y), 2) for y in ax.lines[0].get_ydata()]
        [0.0, 0.5, 1.0]
    """
    checks.choice("metric", metric, METRICS)
    counted = ["tp", "fp", "fn"]
    checks.table("frame", frame, ["step", "source", "class_id", *counted], RECORDED)
    if checks.integer("window", window) % 2 == 0:
        raise ValueError(f"`window` must be an odd number of batches. Received: window={window}")
    if sources is None:
        sources = sorted(frame["source"].unique(), key=lambda name: name != "train")
    sources = checks.distinct("sources", sources)
    names = _names_of(frame, class_names)
    parts = [
        [_step_by_class(frame, "sources", source, column, len(names)) for column in counted]
        for source in sources
    ]
    axes = line_panels(len(parts), ax, "training step", legend=names)
    # Thin lines are easier to tell apart where there are many.
    width = 1.4 if len(names) <= 6 else 1.0
    for one, source, counts in zip(axes, sources, parts, strict=True):
        pooled = source == "train" and window > 1
        if pooled:
            around = {"window": window, "center": True, "min_periods": 1}
            counts = [count.fillna(0).rolling(**around).sum() for count in counts]
        values = rates_from_counts(*counts, tn=0)[metric]
        # Not `seaborn.lineplot`, which joins the points on both sides of an undefined value.
        for k, curve in enumerate(values.T):
            one.plot(counts[0].index, curve, linewidth=width, **style.class_line(k))
        style.set_title(one, f"{source} ({window} batches together)" if pooled else source)
        one.set_ylim(-0.02, 1.02)
    axes[0].set_ylabel(METRICS[metric])
    style.side_legend(axes[-1], names)
    return axes


def _names_of(frame, class_names):
    """The names of the classes: those that are given, or else those of the table."""
    if class_names is None and "class_name" in frame:
        named = frame.drop_duplicates("class_id").set_index("class_id")["class_name"]
        class_names = [named.get(k, str(k)) for k in range(int(frame["class_id"].max()) + 1)]
    return checks.class_names(class_names, int(frame["class_id"].max()) + 1)


def _step_by_class(frame, argument, source, column, num_classes):
    """A column of one source as DataFrame (steps, K); NaN where there is no row."""
    checks.choice(argument, source, frame["source"].unique())
    rows = frame[frame["source"] == source]
    if rows.duplicated(["step", "class_id"]).any():
        raise ValueError(
            f"`frame` must hold one row for each step and class of {source!r}. Received: several"
        )
    table = rows.pivot(index="step", columns="class_id", values=column)
    return table.reindex(columns=range(num_classes)).astype(float)


@style.house_style
def class_comparison(frame, *, value, label=None, ax=None):
    """Draws a number of each class in several settings.

    A dark dot is a run. The coloured marker is the mean of the runs of a setting, and its line
    goes from the least to the largest of them.

    Args:
        frame: DataFrame with the columns `setting`, `class_name` and `value`, and one row for each
            run (seed) and class.
        value: Name of the column that is drawn.
        label: Label of the vertical axis. Defaults to `value`.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `frame` is not a DataFrame.
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
    columns = ["setting", "class_name"]
    checks.table("frame", frame, columns, "pandas.read_csv")
    numeric = frame.select_dtypes("number").columns
    checks.choice("value", value, [name for name in numeric if name not in columns])
    settings, names = list(frame["setting"].unique()), list(frame["class_name"].unique())
    width = 2.8 + max(0.55, 0.13 * len(names)) * len(settings)
    ax = single_axes(ax, (width, max(3.0, 0.5 + 0.19 * len(names))))
    looks = [style.class_marker(k) for k in range(len(names))]
    both = {"data": frame, "x": "setting", "y": value, "hue": "class_name", "ax": ax}
    both |= {"order": settings, "hue_order": names, "legend": False}
    sns.pointplot(
        **both,
        dodge=0.8 - 0.8 / len(names),
        palette=[look["color"] for look in looks],
        markers=[look["marker"] for look in looks],
        linestyle="none",
        markersize=5,
        errorbar=("pi", 100),
        err_kws={"linewidth": 1},
    )
    dots = {"palette": [style.INK] * len(names), "size": 2.5, "alpha": 0.8}
    sns.stripplot(**both, dodge=True, jitter=False, zorder=3, **dots)
    style.class_ticks(ax.xaxis, settings, characters=14)
    ax.tick_params(axis="x", length=0)
    for border in np.arange(len(settings) - 1) + 0.5:
        ax.axvline(border, color=style.GRID, linewidth=0.8)
    if frame[value].dropna().between(0, 1).all():  # rates: the same scale in every figure
        ax.set_ylim(-0.03, 1.03)
    ax.set(xlim=(-0.5, len(settings) - 0.5), xlabel="", ylabel=value if label is None else label)
    ax.grid(True, axis="y")
    style.side_legend(ax, names, style.class_marker)
    return ax
