"""The axes that a plot draws into, and the heat map that matrices are drawn as.

Maps over the frequency plane have a fixed shape. So the size of their figure is computed from
the size of its panels: nothing is squeezed, and no space is left over.
"""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from keras_freq.plots import style

# Inches.
GAP = 0.12
LINE = 0.16  # one line of a title
LEFT, BOTTOM = 0.85, 0.68  # tick labels and the label of an axis
BAR = 0.13  # the colour bar's width
BAR_LABEL = 0.95
MARGIN = 0.08  # around the labels
X_LABEL = "horizontal frequency\n(cycles per image)"
Y_LABEL = "vertical frequency\n(cycles per image)"


def single_axes(ax, figsize):
    """The caller's axes in the house style, or the axes of a new figure of `figsize` inches."""
    if ax is None:
        return plt.figure(figsize=figsize, layout="constrained").add_subplot()
    axes = given_axes(ax, 1)
    if np.size(ax) > 1:
        raise TypeError(f"`ax` must be one matplotlib Axes. Received: {np.size(ax)} of them")
    return axes[0]


def given_axes(ax, count):
    """The caller's axes as a flat array of `count`; those left over are switched off."""
    axes = np.ravel(np.asarray(ax, dtype=object))
    if not all(isinstance(one, Axes) for one in axes):
        raise TypeError(
            "`ax` must be None or matplotlib Axes, such as `plt.subplots(2, 5)[1]`. "
            f"Received: ax of type {type(ax).__name__}"
        )
    if len(axes) < count:
        raise ValueError(
            f"`ax` must hold at least {count} axes, one for each panel. Received: {len(axes)}"
        )
    for spare in axes[count:]:
        spare.set_axis_off()
    for one in axes[:count]:
        style.restyled(one)
    return axes[:count]


def grid_shape(count, *, most_columns=5):
    """Rows and columns of a balanced grid: 4 panels make 1 x 4, 6 make 2 x 3, 10 make 2 x 5."""
    rows = -(-count // most_columns)
    return rows, -(-count // rows)


def line_panels(count, ax, xlabel, *, columns=None, size=(2.8, 2.5), legend=(), sharey=True):
    """Axes for lines: the caller's, or those of a new figure.

    Args:
        count: Number of axes.
        ax: The caller's axes, or None.
        xlabel: Label of the horizontal axis, which has ticks at whole numbers.
        columns: Panels in a row. Defaults to three, or as many as fill the rows.
        size: Width and height in inches of a panel. A high legend makes it higher.
        legend: Names for which there is room to the right of the panels.
        sharey: Whether the panels have one vertical axis.

    Returns:
        Array `(count,)` of axes.
    """
    if ax is not None:
        axes = given_axes(ax, count)
    else:
        columns = columns or grid_shape(count, most_columns=3)[1]
        rows = -(-count // columns)
        lines = "\n".join(style.wrapped(name, style.LEGEND_WIDTH) for name in legend).split("\n")
        width = columns * size[0] + 0.6 + (0.5 + 0.065 * max(map(len, lines)) if legend else 0)
        height = rows * max(size[1], 0.3 + 0.165 * len(lines)) + 0.2
        figure = plt.figure(figsize=(width, height), layout="constrained")
        axes = np.empty(count, dtype=object)
        for index in range(count):
            other = axes[0] if sharey else None
            axes[index] = figure.add_subplot(rows, columns, index + 1, sharey=other)
    for one in axes:
        one.xaxis.set_major_locator(style.whole_ticks())
        one.set_xlabel(xlabel)
        one.grid(True, axis="y")
    return axes


def map_panels(names, size, ax, *, colour_bar=True, subtitles=False):
    """Titled axes for a map of `size` = (H, W) for each name, and the place of the colour bar.

    The place is an argument of `style.colour_bar`. In a new figure the bar has axes of its own
    (`cax`). Otherwise it stands beside all of the caller's axes (`ax`).
    """
    if ax is not None:
        axes, place = _given_panels(ax, len(names))
    else:
        axes, place = _new_panels(names, size, colour_bar, subtitles)
    for one, name in zip(axes, names, strict=True):
        style.set_title(one, name, pad=15 if subtitles else 5)
    return axes, place


def _given_panels(ax, count):
    """The caller's axes, of which only the outer ones of a grid are labelled."""
    axes = given_axes(ax, count)
    columns = np.shape(ax)[1] if np.ndim(ax) == 2 else 1
    for index, one in enumerate(axes):
        if columns == 1 or index + columns >= count:
            one.set_xlabel(X_LABEL)
        if index % columns == 0:
            one.set_ylabel(Y_LABEL)
    return axes, {"ax": np.ravel(ax).tolist()}


def _new_panels(names, size, colour_bar, subtitles):
    """The axes of a new figure, all panels of the same size in inches."""
    width, height, most_columns = _panel_size(*size)
    rows, columns = grid_shape(len(names), most_columns=most_columns)
    characters = style.characters_in(width, style.STYLE["axes.titlesize"])
    lines = 1 + max(style.wrapped(name, characters).count("\n") for name in names)
    top = GAP + LINE * lines + (0.14 if subtitles else 0)
    panels_width = columns * (width + GAP) - GAP
    panels_height = rows * (height + top + GAP) - top - GAP
    total_width = LEFT + panels_width + (GAP + BAR + BAR_LABEL if colour_bar else 2 * GAP)
    total_height = top + panels_height + BOTTOM
    figure = plt.figure(figsize=(total_width, total_height))
    grid = figure.add_gridspec(
        rows,
        columns,
        left=LEFT / total_width,
        right=(LEFT + panels_width) / total_width,
        bottom=BOTTOM / total_height,
        top=1 - top / total_height,
        wspace=GAP / width,
        hspace=(top + GAP) / height,
    )
    axes = [figure.add_subplot(grid[divmod(index, columns)]) for index in range(len(names))]
    for index, one in enumerate(axes):
        one.tick_params(labelleft=index % columns == 0, labelbottom=index + columns >= len(names))
    look = {"fontsize": style.STYLE["axes.labelsize"], "multialignment": "center"}
    middle = (LEFT + panels_width / 2) / total_width, (BOTTOM + panels_height / 2) / total_height
    figure.supxlabel(X_LABEL, x=middle[0], y=MARGIN / total_height, va="bottom", **look)
    figure.supylabel(Y_LABEL, x=MARGIN / total_width, y=middle[1], ha="left", **look)
    place = {}
    if colour_bar:
        corner = ((LEFT + panels_width + GAP) / total_width, BOTTOM / total_height)
        extent = (BAR / total_width, panels_height / total_height)
        place["cax"] = figure.add_axes((*corner, *extent))
    return np.array(axes, dtype=object), place


def _panel_size(height, width):
    """Width and height in inches of a panel, and how many of them fit a page."""
    # 1.6 inches show 64 cells well. Larger maps get more room, and long maps a short side that can
    # still be read.
    longest = 1.6 if max(height, width) <= 64 else 2.0
    longest = min(max(longest, 1.1 * max(height / width, width / height)), 4.5)
    panel_width, panel_height = (longest * side / max(height, width) for side in (width, height))
    return panel_width, panel_height, max(1, min(5, int(9 / panel_width)))


def draw_heat_map(
    ax,
    values,
    names,
    *,
    cmap,
    limits,
    texts=None,
    size=8,
    lines=0.5,
    square=False,
    rasterized=False,
):
    """Draws the cells of a matrix, and the names of its rows as literal text.

    Args:
        ax: Axes.
        values: Array `(rows, columns)`. NaN is grey.
        names: The names of the rows.
        cmap: Colour map.
        limits: The values at both ends of the colour map.
        texts: What is written into each cell. Defaults to nothing.
        size: Size of these texts, in points.
        lines: Width of the white lines between cells, in points.
        square: Whether cells are squares.
        rasterized: Whether the cells are pixels in a vector graphic.

    Returns:
        The mesh of cells, for a colour bar.
    """
    # As `seaborn.heatmap`, which would draw the whole figure once, to see whether labels overlap.
    values = np.asarray(values, float)
    (low, high), (rows, columns) = limits, values.shape
    sns.despine(ax=ax, left=True, bottom=True)
    cells = {"cmap": cmap, "vmin": low, "vmax": high, "rasterized": rasterized}
    cells |= {"linewidths": lines, "edgecolor": "white"}
    mesh = ax.pcolormesh(np.ma.masked_invalid(values), **cells)
    ax.set(xlim=(0, columns), ylim=(rows, 0), xticks=[], yticks=[])
    if square:
        ax.set_aspect("equal")
    style.class_ticks(ax.yaxis, names, first=0.5)
    ax.tick_params(length=0)
    if texts is not None:
        # seaborn's own texts leave out grey cells, and are white on colours that are too light.
        colours = mesh.to_rgba(np.ma.masked_invalid(values))
        place = {"ha": "center", "va": "center", "fontsize": size}
        for row, column in np.ndindex(values.shape):
            ink = style.readable_on(colours[row, column])
            ax.text(column + 0.5, row + 0.5, texts[row][column], color=ink, **place)
    return mesh
