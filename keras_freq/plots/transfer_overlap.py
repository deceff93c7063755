"""Which dominant frequencies transferred networks share with the base networks."""

from matplotlib.lines import Line2D

from keras_freq.plots import style
from keras_freq.plots.panels import line_panels
from keras_freq.plots.treatments import (
    LOOKS,
    STEP,
    axis_of_layers,
    check_columns,
    draw_bases,
    draw_points,
)


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
    check_columns(frame, "frame", (*columns, "chance"))
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
            handles.insert(0, draw_bases(one, bases))
        there = [t for t in LOOKS if (networks["treatment"] == t).any()]
        for place, treatment in enumerate(there):
            part = networks[networks["treatment"] == treatment]
            shift = (place - (len(there) - 1) / 2) * STEP
            values = (part["n"], part["overlap"])
            handles.append(draw_points(one, *values, bases, treatment, shift, len(networks)))
        style.set_title(one, titles[reference])
        axis_of_layers(one, int(networks["n"].max()))
        one.set_ylim(0, 1.04)
    axes[0].set_ylabel("overlap of dominant-frequency maps")
    options = {"handles": handles, "labelcolor": style.INK, "handlelength": 3}
    if ax is None:
        axes[0].figure.legend(loc="outside upper left", ncols=min(3, len(handles)), **options)
    else:
        axes[-1].legend(loc="best", **options)
    return axes
