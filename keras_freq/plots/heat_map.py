"""A matrix as coloured cells: seaborn's heat map in the house style."""

import numpy as np
import seaborn as sns

from keras_freq.plots import style


def draw_heat_map(ax, values, names, *, cmap, limits, texts=None, size=8, lines=0.5, **options):
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
        **options: For `seaborn.heatmap`.

    Returns:
        The mesh of cells, for a colour bar.
    """
    options |= {"cbar": False, "xticklabels": False, "yticklabels": False}
    low, high = limits
    sns.heatmap(values, cmap=cmap, vmin=low, vmax=high, linewidths=lines, ax=ax, **options)
    (mesh,) = ax.collections[-1:]
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
