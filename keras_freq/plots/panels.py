"""Grids of panels: maps over the frequency plane, laid out to the inch, and lines.

A map has a fixed shape, so the size of a figure follows from its panels: nothing is
squeezed, and no space is left over.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from keras_freq.plots import style

# Inches.
GAP = 0.12
LINE = 0.16  # one line of a title
LEFT, BOTTOM = 0.85, 0.52  # tick labels and the label of an axis
BAR = 0.13  # the colour bar's width
BAR_LABEL = 0.95
MARGIN = 0.08  # around the labels
LABEL = 2.4  # the length of an axis label in one line


def map_panels(names, size, ax, *, colour_bar=True, subtitles=False):
    """Titled axes for one map of `size` = (H, W) a class, and the place of the colour bar.

    The latter is what `style.colour_bar` takes: axes of its own (`cax`) in a new figure, or the
    caller's axes (`ax`), spare ones included, beside which it goes.
    """
    if ax is not None:
        axes = style.given_axes(ax, len(names))
        columns = ax.shape[1] if getattr(ax, "ndim", 1) == 2 else 1
        for index, one in enumerate(axes):
            # In a grid only the outer axes are labelled.
            if columns == 1 or index + columns >= len(names):
                one.set_xlabel("horizontal frequency\n(cycles per image)")
            if index % columns == 0:
                one.set_ylabel("vertical frequency\n(cycles per image)")
        place = {"ax": np.asarray(ax).ravel().tolist()}
    else:
        axes, place = _new_panels(names, size, colour_bar, subtitles)
    for one, name in zip(axes, names, strict=True):
        style.set_title(one, name, pad=15 if subtitles else 5)
    return axes, place


def _new_panels(names, size, colour_bar, subtitles):
    """The axes of a new figure, all panels of the same size in inches."""
    width, height, most_columns = _panel_size(*size)
    rows, columns = style.grid_shape(len(names), most_columns=most_columns)
    lines = _title_lines(names, width, columns)
    tops = [LINE * count + GAP + (0.14 if subtitles else 0) for count in lines]
    right = GAP + BAR + BAR_LABEL if colour_bar else 2 * GAP
    panels_width = columns * (width + GAP) - GAP
    panels_height = sum(tops[1:]) + rows * (height + GAP) - GAP
    # A label longer than its side of the panels is broken.
    breaks = ["\n" if side < LABEL else " " for side in (panels_width, panels_height)]
    bottom_margin = BOTTOM + (LINE if breaks[0] == "\n" else 0)
    total_width = LEFT + panels_width + right
    total_height = tops[0] + panels_height + bottom_margin
    figure = plt.figure(figsize=(total_width, total_height))

    def add_axes(left, bottom, width, height):
        """Axes at a place given in inches."""
        return figure.add_axes(
            (left / total_width, bottom / total_height, width / total_width, height / total_height)
        )

    axes = []
    for index in range(len(names)):
        row, column = divmod(index, columns)
        bottom = total_height - sum(tops[: row + 1]) - row * GAP - (row + 1) * height
        one = add_axes(LEFT + column * (width + GAP), bottom, width, height)
        one.tick_params(labelleft=column == 0, labelbottom=index + columns >= len(names))
        axes.append(one)
    size = style.STYLE["axes.labelsize"]
    figure.supxlabel(
        f"horizontal frequency{breaks[0]}(cycles per image)",
        x=(LEFT + panels_width / 2) / total_width,
        y=MARGIN / total_height,
        va="bottom",
        fontsize=size,
    )
    figure.supylabel(
        f"vertical frequency{breaks[1]}(cycles per image)",
        x=MARGIN / total_width,
        y=(bottom_margin + panels_height / 2) / total_height,
        ha="left",
        fontsize=size,
    ).set_multialignment("center")
    place = {}
    if colour_bar:
        place["cax"] = add_axes(LEFT + panels_width + GAP, bottom_margin, BAR, panels_height)
    return style.as_array(axes), place


def _panel_size(height, width):
    """Width and height in inches of a panel, and how many of them fit a page."""
    # 1.6 inches show 64 cells well; larger maps get more room, and long ones a readable short side.
    longest = 1.6 if max(height, width) <= 64 else 2.0
    longest = min(max(longest, 1.1 * max(height / width, width / height)), 4.5)
    panel_width = longest * width / max(height, width)
    panel_height = longest * height / max(height, width)
    return panel_width, panel_height, max(1, min(5, int(9 / panel_width)))


def _title_lines(names, width, columns):
    """The number of title lines that each row of panels needs."""
    characters = style.characters_in(width, style.STYLE["axes.titlesize"])
    lines = [style.wrapped(name, characters).count("\n") + 1 for name in names]
    return [max(lines[start : start + columns]) for start in range(0, len(lines), columns)]


def draw_map(ax, values, **options):
    """Draws one centred map so that each cell's centre lies at its own integer frequency."""
    height, width = values.shape
    image = ax.imshow(
        values,
        origin="upper",
        extent=frequency_extent(height, width),
        # Small maps in crisp cells; large ones may have more cells than pixels and are averaged.
        interpolation="nearest" if max(height, width) <= 128 else "auto",
        aspect="equal",
        **options,
    )
    inches = ax.get_window_extent().size / ax.figure.dpi
    # Labels stand side by side on the horizontal axis, so it has room for fewer of them.
    for axis, room in ((ax.xaxis, 3.2 * inches[0]), (ax.yaxis, 4 * inches[1])):
        most = int(np.clip(room, 2, 5))
        axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 4, 5, 8, 10], integer=True))
    if np.isnan(values).all():
        ax.text(0, 0, "undefined", ha="center", va="center", fontsize=8, color=style.INK)
    return image


def frequency_extent(height, width):
    """(left, right, bottom, top) of a centred map in cycles per image, rows running downwards."""
    left, top = -(width // 2) - 0.5, -(height // 2) - 0.5
    return left, left + width, top + height, top


def line_panels(count, ax, *, columns=None, height=2.5, right=0.0, sharey=True):
    """Axes for lines, three a row or `columns`: the caller's, or those of a new figure.

    `height` is that of a row, and `right` the width to add for a legend, in inches.
    """
    if ax is not None:
        return style.given_axes(ax, count)
    if columns is None:
        rows, columns = style.grid_shape(count, most_columns=3)
    else:
        rows = -(-count // columns)
    figure = plt.figure(
        figsize=(0.6 + 2.8 * columns + right, 0.2 + height * rows), layout="constrained"
    )
    axes = []
    for index in range(count):
        other = axes[0] if sharey and axes else None
        axes.append(figure.add_subplot(rows, columns, index + 1, sharey=other))
    return style.as_array(axes)
