"""How well the layers of a network transfer."""

from keras_freq.plots import style
from keras_freq.plots.treatments import (
    LOOKS,
    STEP,
    axis_of_layers,
    check_frame,
    draw_bases,
    draw_points,
)

_DISSIMILAR = ("#cc79a7", "h", True)  # as in `LOOKS`


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
    check_frame(frame, "frame")
    if minus_base:
        frame, chance = _minus_base(frame), None
    ax = style.single_axes(ax, (6.8, 3.6))
    base = frame.loc[frame["treatment"] == "base", "accuracy"].to_numpy(float)
    handles = []
    if len(base):
        handles.append(draw_bases(ax, base))
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
    there = [treatment for treatment in LOOKS if (frame["treatment"] == treatment).any()]
    for place, treatment in enumerate(there):
        rows = frame[frame["treatment"] == treatment]
        shift = (place - (len(there) - 1) / 2) * STEP
        handles.append(
            draw_points(ax, rows["n"], rows["accuracy"], base, treatment, shift, len(frame))
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
    check_frame(similar, "similar")
    frames = [("similar", similar, "AnB")]
    if dissimilar is not None:
        check_frame(dissimilar, "dissimilar")
        frames.append(("dissimilar", dissimilar, "AnB"))
    if random is not None:
        check_frame(random, "random")
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
        shift = (place - (len(frames) - 1) / 2) * STEP
        values = (change["n"], change["boost"])
        look = _DISSIMILAR if kind == "dissimilar" else LOOKS[treatment]
        drawn.append(
            draw_points(ax, *values, [0], treatment, shift, len(change), look, names[kind])
        )
        last = max(last, int(change["n"].max()))
    _axis_of_changes(ax)
    _finish(ax, last, drawn)
    ax.set_xlabel("number of frozen lower layers n")
    return ax


def _finish(ax, last, handles):
    """Axis of layers, grid and legend."""
    axis_of_layers(ax, last)
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
