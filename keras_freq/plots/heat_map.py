"""A matrix as coloured cells with literal names: seaborn's heat map in the house style."""

import numpy as np
import seaborn as sns

from keras_freq.plots import style


def draw_heat_map(ax, values, names, *, cmap, limits, texts=None, size=8, lines=0.5, **options):
    """Draws the cells of a matrix, and the names of its rows.

    Args:
        ax: Axes.
        values: Array `(rows, columns)`. NaN is grey.
        names: One for each row.
        cmap: Colour map.
        limits: The values at both ends of the colour map.
        texts: What is written into each cell. Defaults to nothing.
        size: Of these texts, in points.
        lines: Width of the white lines between cells, in points.
        **options: For `seaborn.heatmap`.

    Returns:
        The mesh of cells, for a colour bar.
    """
    sns.heatmap(
        values,
        cmap=cmap,
        vmin=limits[0],
        vmax=limits[1],
        linewidths=lines,
        cbar=False,
        xticklabels=False,
        yticklabels=False,
        ax=ax,
        **options,
    )
    (mesh,) = ax.collections[-1:]
    style.class_ticks(ax.yaxis, names, first=0.5)
    ax.tick_params(length=0)
    if texts is not None:
        # Not seaborn's, which leaves out grey cells, and is white on colours that are too light.
        colours = mesh.to_rgba(np.ma.masked_invalid(values))
        for row, column in np.ndindex(values.shape):
            ax.text(
                column + 0.5,
                row + 0.5,
                texts[row][column],
                ha="center",
                va="center",
                fontsize=size,
                color=style.readable_on(colours[row, column]),
            )
    return mesh
