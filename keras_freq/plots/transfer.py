"""How well the layers of a network transfer: accuracies, their changes and shared maps."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.lines import Line2D

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import line_panels, single_axes

# Colour, marker and name. Fine-tuned networks ("+") are open and dashed.
LOOKS = {
    "BnB": (style.BLUE, "o", "BnB: own layers, frozen"),
    "BnB+": (style.SKY, "o", "BnB+: own layers, fine-tuned"),
    "AnB": (style.RED, "D", "AnB: transferred layers, frozen"),
    "AnB+": (style.ORANGE, "D", "AnB+: transferred layers, fine-tuned"),
    "dissimilar": (style.PINK, "h", "layers of a dissimilar task"),
    "random": (style.DARK, "s", "random layers, frozen"),
}
STEP = 0.09  # points of different treatments stand side by side
EXPERIMENT = ["treatment", "n", "seed", "direction", "accuracy"]
DOTTED = {"color": style.INK, "linewidth": 0.9, "linestyle": (0, (1, 2))}
RING = {"marker": "o", "ms": 6, "mfc": "white", "mec": style.INK}


@style.house_style
def transfer_curves(frame, *, chance=None, minus_base=False, ax=None):
    """Draws the accuracy of every network over the number of copied layers.

    A point is a network, and a line joins the means of a treatment. The base networks stand at
    layer 0, and the dotted line is their mean. All rows are drawn together. If the two tasks are
    unlike, select the rows of one `direction` first.

    Args:
        frame: DataFrame as `TransferResult.frame`. Frames of several splits of the classes can be
            joined, with a column `split` that tells them apart.
        chance: Accuracy of guessing, in [0, 1], drawn as a thin line. Defaults to no line.
        minus_base: Whether to draw the accuracy minus that of the base network of the same task
            and seed. This takes out that one task is harder than the other.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `frame` is not a DataFrame.
        ValueError: If it has no rows or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> rows = [("base", 0, 0.6), ("AnB", 1, 0.6), ("AnB", 2, 0.5), ("AnB", 2, 0.4)]
        >>> frame = pd.DataFrame(rows, columns=["treatment", "n", "accuracy"])
        >>> ax = plots.transfer_curves(frame.assign(seed=0, direction="A->B"))
        >>> [round(float(y), 2) for y in ax.lines[-1].get_ydata()]
        [0.6, 0.6, 0.45]

    Source:
        Yosinski et al. (2014), figure 2.
    """
    checks.table("frame", frame, EXPERIMENT, "TransferResult.frame")
    value = "boost" if minus_base else "accuracy"
    if minus_base:
        frame, chance = _minus_base(frame, frame["treatment"].unique(), "frame"), None
    ax = single_axes(ax, (6.8, 3.6))
    handles, start = _draw_bases(ax, frame, value)
    handles += _draw_networks(ax, frame, value, start)
    if chance is not None:
        chance = checks.number("chance", chance, 0, 1, "the accuracy of guessing")
        ax.axhline(chance, color=style.QUIET, linewidth=0.8, zorder=1)
        place = {"transform": ax.get_yaxis_transform(), "va": "bottom"}
        ax.text(0.01, chance, "chance", fontsize=7.5, color=style.QUIET, **place)
    if minus_base:
        _axis_of_changes(ax)
    else:
        ax.set_ylabel("accuracy on the test images")
        ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.4g} %")
    ax.set_xlabel("number of copied lower layers n")
    style.top_legend(ax, handles, ncols=2 if len(handles) > 3 else len(handles))
    return ax


@style.house_style
def transfer_degradation(similar, dissimilar=None, *, random=None, ax=None):
    """Draws what frozen layers of another task cost, against random ones.

    The vertical axis is the accuracy minus that of the base network of the same task and seed, the
    horizontal axis the number of frozen layers. The layers come from a similar task, from a
    dissimilar task, or are random. A point is a network, and a line joins the means.

    Args:
        similar: DataFrame as `TransferResult.frame`, of tasks that are alike (random halves).
        dissimilar: Likewise, of unlike tasks (man-made and natural). Defaults to none.
        random: Likewise; only its rows "random" are drawn. Defaults to those rows of `similar`, or
            of `dissimilar` if `similar` has none.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If an argument is not a DataFrame.
        ValueError: If one lacks rows or a column, or networks have no base.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> rows = [("base", 0, 0.6), ("AnB", 1, 0.6), ("AnB", 2, 0.5), ("random", 1, 0.3)]
        >>> frame = pd.DataFrame(rows, columns=["treatment", "n", "accuracy"])
        >>> ax = plots.transfer_degradation(frame.assign(seed=0, direction="A->B"))
        >>> [round(float(y), 2) for y in ax.lines[-1].get_ydata()]
        [0.0, -0.3]

    Source:
        Yosinski et al. (2014), figure 3, bottom.
    """
    frames = {"similar": similar, "dissimilar": dissimilar, "random": random}
    for name, frame in frames.items():
        if frame is not None or name == "similar":
            checks.table(name, frame, EXPERIMENT, "TransferResult.frame")
    parts = [_minus_base(similar, ["AnB"], "similar")]
    names = {"AnB": "transferred layers", "random": "random layers"}
    if dissimilar is not None:
        names["AnB"] = "layers of a similar task"
        unlike = _minus_base(dissimilar, ["AnB"], "dissimilar")
        parts.append(unlike.assign(treatment="dissimilar"))
    for frame in [random] if random is not None else [similar, dissimilar]:
        if frame is not None and (frame["treatment"] == "random").any():
            parts.append(_minus_base(frame, ["random"], "random"))
            break
    ax = single_axes(ax, (6.4, 3.4))
    ax.axhline(0, zorder=1, **DOTTED)
    handles = _draw_networks(ax, pd.concat(parts), "boost", 0, names)
    _axis_of_changes(ax)
    ax.set_xlabel("number of frozen lower layers n")
    style.top_legend(ax, handles, ncols=len(handles))
    return ax


@style.house_style
def transfer_map_overlap(frame, *, ax=None):
    """Draws how far networks share dominant frequencies with the base networks, over n.

    There is a panel for each reference. The first compares with the base network of the target
    task, class by class, and the second with that of the source task, by mean importance. A point
    is a network (in the first panel, its mean over classes), a line joins the means, and the thin
    line is chance. The base networks of the target stand at 0. In the first panel they show what
    networks of different seeds share, and in the second what the tasks share without any transfer.

    Args:
        frame: DataFrame as from `keras_freq.transfer_map_overlap`, of one fraction. Frames of
            several splits of the classes can be joined, with a column `split` that tells them
            apart.
        ax: One matplotlib axes for each reference. Defaults to a new figure.

    Returns:
        Array of axes, one for each reference.

    Raises:
        TypeError: If `frame` is not a DataFrame.
        ValueError: If it has no rows or lacks a column, or there are too few axes.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> rows = [("base", 0, 1.0), ("AnB", 1, 0.8)]
        >>> frame = pd.DataFrame(rows, columns=["treatment", "n", "overlap"]).assign(
        ...     seed=0, direction="A->B", reference="target", class_name="cat", chance=0.1
        ... )
        >>> (ax,) = plots.transfer_map_overlap(frame)
        >>> ax.get_title()
        "with the target's base network"
    """
    columns = ["treatment", "n", "seed", "direction", "reference", "class_name", "overlap"]
    checks.table("frame", frame, [*columns, "chance"], "keras_freq.transfer_map_overlap")
    references = [name for name in ("target", "source") if (frame["reference"] == name).any()]
    xlabel = "number of copied lower layers n"
    axes = line_panels(len(references), ax, xlabel, size=(3.5, 3.6))
    thin = {"color": style.QUIET, "linewidth": 0.8}
    for one, reference in zip(axes, references, strict=True):
        rows = frame[frame["reference"] == reference]
        if reference == "target" and (rows["class_name"] != "all").any():
            rows = rows[rows["class_name"] != "all"]
        keys = [key for key in (*columns[:4], "split") if key in rows]
        networks = rows.groupby(keys, sort=False)[["overlap", "chance"]].mean().reset_index()
        sns.lineplot(networks, x="n", y="chance", errorbar=None, zorder=1, ax=one, **thin)
        handles, start = _draw_bases(one, networks.dropna(subset="overlap"), "overlap")
        handles.append(Line2D([], [], label="random maps (chance)", **thin))
        handles += _draw_networks(one, networks, "overlap", start)
        style.set_title(one, f"with the {reference}'s base network")
        one.set(ylim=(0, 1.04), ylabel="")
    axes[0].set_ylabel("overlap of dominant-frequency maps")
    if ax is None:
        place = {"loc": "outside upper left", "ncols": min(3, len(handles))}
        axes[0].figure.legend(handles=handles, **place)
    else:
        axes[-1].legend(handles=handles, loc="best")
    return axes


def _draw_bases(ax, frame, value):
    """Draws the base networks at n = 0, and a line at their mean.

    Returns:
        The handles of a legend, and the mean; NaN if there are no base networks.
    """
    values = frame.loc[frame["treatment"] == "base", value].to_numpy(float)
    if not len(values):
        return [], np.nan
    ax.axhline(values.mean(), zorder=1, **DOTTED)
    ax.plot(np.zeros(len(values)), values, **{**RING, "linestyle": "none", "zorder": 4})
    return [Line2D([], [], label="base networks", **DOTTED, **RING)], values.mean()


def _draw_networks(ax, frame, value, start, names=None):
    """Draws a point for each network, and a line through the means of each treatment.

    Args:
        ax: Axes.
        frame: DataFrame with the columns `treatment`, `n` and `value`.
        value: Name of the column that is drawn.
        start: Value at n = 0, where all lines start. With NaN they start at their first mean.
        names: Dictionary of names for the legend. Defaults to those of `LOOKS`.

    Returns:
        The handles of a legend.
    """
    there = [treatment for treatment in LOOKS if (frame["treatment"] == treatment).any()]
    handles = []
    for place, treatment in enumerate(there):
        colour, marker, name = LOOKS[treatment]
        tuned = treatment.endswith("+")
        face, size = "white" if tuned else colour, 4.5 if len(frame) < 300 else 3
        line = {"color": colour, "linestyle": (0, (4, 1.5)) if tuned else "-"}
        point = {"marker": marker, "ms": size, "mfc": face, "mec": colour}
        rows = frame[frame["treatment"] == treatment]
        x = rows["n"] + (place - (len(there) - 1) / 2) * STEP
        ax.plot(x, rows[value], **point, linestyle="none", alpha=0.75, zorder=3)
        means = {"x": [0, *x], "y": [start, *rows[value]], "errorbar": None}
        sns.lineplot(**means, **line, label=treatment, legend=False, zorder=2, ax=ax)
        handles.append(Line2D([], [], label=(names or {}).get(treatment, name), **line, **point))
    ax.set_xlim(-0.4, frame["n"].max() + 0.5)
    ax.xaxis.set_major_locator(style.whole_ticks(12))
    ax.grid(True, axis="y")
    return handles


def _axis_of_changes(ax):
    """Axis of changes of accuracy in percentage points."""
    ax.set_ylabel("accuracy minus base (% points)")
    ax.yaxis.set_major_formatter(lambda value, _: style.signed(round(100 * value, 6)))


def _minus_base(frame, treatments, name):
    """The networks of some treatments, with their accuracy minus that of their base as `boost`."""
    # Imported here, since the module imports TensorFlow.
    from keras_freq.transfer.accuracy_boosts import boost_over

    parts = [boost_over(frame, treatment, "base") for treatment in treatments]
    changes = pd.concat(parts, ignore_index=True)
    if not len(changes):
        raise ValueError(
            f"`{name}` must hold networks {', '.join(map(repr, treatments))} and the base networks "
            "of their seed and direction. "
            f"Received: treatments {', '.join(map(repr, frame['treatment'].unique()))}"
        )
    return changes
