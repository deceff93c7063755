"""How well the layers of a network transfer, and which frequencies come with them."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from keras_freq.plots import style
from keras_freq.plots.panels import line_panels

# Colour, marker, whether filled, and the place beside n. Fine-tuned networks are open and dashed.
_LOOKS = {
    "BnB": ("#0072b2", "o", True),
    "BnB+": ("#56b4e9", "o", False),
    "AnB": ("#d55e00", "D", True),
    "AnB+": ("#e69f00", "D", False),
    "random": ("#444444", "s", True),
}
_DISSIMILAR = ("#cc79a7", "h", True)
_NAMES = {
    "BnB": "BnB: own layers, frozen",
    "BnB+": "BnB+: own layers, fine-tuned",
    "AnB": "AnB: transferred layers, frozen",
    "AnB+": "AnB+: transferred layers, fine-tuned",
    "random": "random layers, frozen",
}
_STEP = 0.09  # points of different treatments stand side by side


@style.house_style
def transfer_curves(frame, *, chance=None, minus_base=False, ax=None):
    """Draws the accuracy of every network over the number of copied layers.

    A point is a network, a line joins the means of a treatment. At layer 0 stand the base
    networks, and the dotted line is their mean. The rows are drawn as they are: select one
    `direction` where the two tasks are unlike, and both are pooled otherwise.

    Args:
        frame: DataFrame as `TransferResult.frame`. Frames of several splits of the classes can be
            joined, with a column `split` that tells them apart.
        chance: Accuracy of guessing, drawn as a thin line; None: not drawn.
        minus_base: Whether to draw the accuracy minus that of the base network of the same task
            and seed, which takes out that one task is harder than another.
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
    _check_frame(frame, "frame")
    if minus_base:
        frame, chance = _minus_base(frame), None
    ax = style.single_axes(ax, (6.8, 3.6))
    base = frame.loc[frame["treatment"] == "base", "accuracy"].to_numpy(float)
    handles = []
    if len(base):
        handles.append(_draw_bases(ax, base))
    if chance is not None:
        ax.axhline(chance, color=style.QUIET, linewidth=0.8, zorder=1)
        style.literal(
            ax.annotate(
                "chance",
                (0, chance),
                xycoords=("axes fraction", "data"),
                xytext=(3, 2),
                textcoords="offset points",
                fontsize=7.5,
                color=style.QUIET,
            )
        )
    there = [treatment for treatment in _LOOKS if (frame["treatment"] == treatment).any()]
    for place, treatment in enumerate(there):
        rows = frame[frame["treatment"] == treatment]
        shift = (place - (len(there) - 1) / 2) * _STEP
        handles.append(
            _draw_points(ax, rows["n"], rows["accuracy"], base, treatment, shift, len(frame))
        )
    if minus_base:
        _axis_of_changes(ax)
    else:
        ax.set_ylabel("accuracy on the test images")
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    _finish(ax, int(frame["n"].max()), handles)
    return ax


@style.house_style
def transfer_degradation(similar, dissimilar=None, *, random=None, ax=None):
    """Draws what frozen layers of another task cost, against random ones.

    Accuracy minus that of the base network of the same task and seed, over the number of frozen
    layers: layers transferred between similar tasks, between dissimilar ones, and random layers. A
    point is a network, a line joins the means.

    Args:
        similar: DataFrame as `TransferResult.frame`, of tasks that are alike (random halves).
        dissimilar: Likewise, of unlike tasks (man-made and natural). None: not drawn.
        random: Likewise; its rows "random" are drawn. None: those of `similar`, or of `dissimilar`
            if it has none.
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
    _check_frame(similar, "similar")
    frames = [("similar", similar, "AnB")]
    if dissimilar is not None:
        _check_frame(dissimilar, "dissimilar")
        frames.append(("dissimilar", dissimilar, "AnB"))
    if random is not None:
        _check_frame(random, "random")
    candidates = [f for f in (random, similar, dissimilar) if f is not None]
    candidates = candidates[:1] if random is not None else candidates
    for frame in candidates:
        if (frame["treatment"] == "random").any():
            frames.append(("random", frame, "random"))
            break
    names = {
        "similar": "layers of a similar task" if dissimilar is not None else "transferred layers",
        "dissimilar": "layers of a dissimilar task",
        "random": "random layers",
    }
    ax = style.single_axes(ax, (6.4, 3.4))
    ax.axhline(0, color=style.INK, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    drawn, last = [], 1
    for place, (kind, frame, treatment) in enumerate(frames):
        change = _over_base(frame, treatment, kind)
        shift = (place - (len(frames) - 1) / 2) * _STEP
        values = (change["n"], change["boost"])
        look = _DISSIMILAR if kind == "dissimilar" else _LOOKS[treatment]
        drawn.append(
            _draw_points(ax, *values, [0], treatment, shift, len(change), look, names[kind])
        )
        last = max(last, int(change["n"].max()))
    _axis_of_changes(ax)
    _finish(ax, last, drawn)
    ax.set_xlabel("number of frozen lower layers n")
    return ax


@style.house_style
def transfer_map_overlap(frame, *, ax=None):
    """Draws how far networks share dominant frequencies with the base networks, over n.

    One panel a reference: the base network of the target task, compared class by class, and that
    of the source task, compared by mean importance. A point is a network (the mean over classes in
    the first panel), a line joins the means, and the thin line below is chance. At 0 stand the base
    networks of the target: in the first panel what those of different seeds share with each
    other, and in the second what the tasks share without any transfer.

    Args:
        frame: DataFrame as from `keras_freq.transfer_map_overlap`, of one fraction. Frames of
            several splits of the classes can be joined, with a column `split` that tells them
            apart.
        ax: One matplotlib axes for each reference. Defaults to a new figure.

    Returns:
        Array of axes, one a reference.

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
    columns = ("treatment", "n", "seed", "direction", "reference", "class_name", "overlap")
    _check_columns(frame, "frame", (*columns, "chance"))
    titles = {
        "target": "with the target's base network",
        "source": "with the source's base network",
    }
    references = [name for name in titles if (frame["reference"] == name).any()]
    axes = line_panels(len(references), ax, height=3.6, right=0.7 * len(references))
    for one, reference in zip(axes, references, strict=True):
        rows = frame[frame["reference"] == reference]
        if reference == "target" and (rows["class_name"] != "all").any():
            rows = rows[rows["class_name"] != "all"]
        keys = ["treatment", "n", "seed", "direction"]
        keys += ["split"] * ("split" in rows.columns)
        networks = rows.groupby(keys, sort=False)[["overlap", "chance"]].mean().reset_index()
        chance = networks.groupby("n")["chance"].mean().dropna()
        one.plot(chance.index, chance, color=style.QUIET, linewidth=0.8, zorder=1)
        handles = [Line2D([], [], color=style.QUIET, linewidth=0.8, label="random maps (chance)")]
        bases = networks.loc[networks["treatment"] == "base", "overlap"].dropna().to_numpy(float)
        if len(bases):
            handles.insert(0, _draw_bases(one, bases))
        there = [t for t in _LOOKS if (networks["treatment"] == t).any()]
        for place, treatment in enumerate(there):
            part = networks[networks["treatment"] == treatment]
            shift = (place - (len(there) - 1) / 2) * _STEP
            values = (part["n"], part["overlap"])
            handles.append(_draw_points(one, *values, bases, treatment, shift, len(networks)))
        style.set_title(one, titles[reference])
        _axis_of_layers(one, int(networks["n"].max()))
        one.set_ylim(0, 1.04)
    axes[0].set_ylabel("overlap of dominant-frequency maps")
    options = {"handles": handles, "labelcolor": style.INK, "handlelength": 3}
    if ax is None:
        axes[0].figure.legend(loc="outside upper left", ncols=min(3, len(handles)), **options)
    else:
        axes[-1].legend(loc="best", **options)
    return axes


def _draw_bases(ax, accuracies):
    """The base networks at 0 and their mean as a dotted line; returns a legend's handle."""
    dotted = {"color": style.INK, "linewidth": 0.9, "linestyle": (0, (1, 2))}
    ring = {"marker": "o", "markersize": 6, "markerfacecolor": "white"}
    ring |= {"markeredgecolor": style.INK, "markeredgewidth": 1.0}
    ax.axhline(accuracies.mean(), zorder=1, **dotted)
    ax.plot(np.zeros(len(accuracies)), accuracies, linestyle="none", zorder=4, **ring)
    return Line2D([], [], label="base networks", **dotted, **ring)


def _draw_points(ax, n, values, base, treatment, shift, count, look=None, label=None):
    """The networks of a treatment, and the line through their means; returns a legend's handle."""
    colour, marker, filled = look or _LOOKS[treatment]
    n, values = np.asarray(n), np.asarray(values, float)
    look = {
        "color": colour,
        "marker": marker,
        "markersize": 4.5 if count < 300 else 3,
        "markerfacecolor": colour if filled else "white",
        "markeredgecolor": colour,
        "markeredgewidth": 1.0,
    }
    line = {"linewidth": 1.4, "linestyle": "-" if filled else (0, (4, 1.5))}
    ax.plot(n + shift, values, alpha=0.75, zorder=3, **{**look, "linestyle": "none"})
    places = np.unique(n)
    means = [values[n == place].mean() for place in places]
    if len(base):
        places, means = [0, *places], [np.mean(base), *means]
    else:
        places = list(places)
    shifts = [0 if place == 0 else shift for place in places]
    ax.plot(np.add(places, shifts), means, color=colour, zorder=2, label=treatment, **line)
    return Line2D([], [], label=label or _NAMES[treatment], **{**look, **line})


def _finish(ax, last, handles):
    """Axis of layers, grid and legend."""
    _axis_of_layers(ax, last)
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=2 if len(handles) > 3 else len(handles),
        labelcolor=style.INK,
        handlelength=3,
        columnspacing=1.6,
    )


def _axis_of_changes(ax):
    """Axis of changes of accuracy in percentage points."""
    ax.set_ylabel("accuracy minus base (% points)")
    ax.yaxis.set_major_formatter(lambda value, _: style.signed(round(100 * value, 6)))


def _axis_of_layers(ax, last):
    """Axis of layers and grid."""
    ax.set_xlabel("number of copied lower layers n")
    ax.set_xlim(-0.4, last + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=12, steps=[1, 2, 5, 10], integer=True))
    ax.grid(axis="y", color=style.GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def _minus_base(frame):
    """The networks that have a base, with the change against it as their accuracy."""
    import pandas as pd

    from keras_freq.transfer.boost import boost_over

    parts = [boost_over(frame, treatment, "base") for treatment in frame["treatment"].unique()]
    changes = pd.concat(parts, ignore_index=True)
    if not len(changes):
        raise ValueError(
            "`frame` must hold the base networks with `minus_base=True`. Received: treatments "
            f"{', '.join(map(repr, frame['treatment'].unique()))}"
        )
    return changes.assign(accuracy=changes["boost"])


def _over_base(frame, treatment, name):
    """Changes of accuracy against the base networks."""
    from keras_freq.transfer.boost import boost_over

    change = boost_over(frame, treatment, "base")
    if not len(change):
        raise ValueError(
            f"`{name}` must hold networks {treatment!r} and the base networks of their seed and "
            f"direction. Received: treatments {', '.join(map(repr, frame['treatment'].unique()))}"
        )
    return change


def _check_frame(frame, name):
    """Raises unless a frame is one of a transfer experiment."""
    _check_columns(frame, name, ("treatment", "n", "seed", "direction", "accuracy"))


def _check_columns(frame, name, columns):
    """Raises unless a frame has rows and columns."""
    from keras_freq.transfer.boost import check_columns

    check_columns(frame, name, columns)
