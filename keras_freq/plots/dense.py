"""A class's map of scores over the picture that it belongs to."""

import numpy as np
from matplotlib.patches import Rectangle

from keras_freq.plots import style


@style.house_style
def score_map(image, scores, *, geometry=None, class_name=None, limits=None, ax=None):
    """Draws one class's scores over the picture, each cell at the centre of its window.

    The window with the highest score is outlined.

    Args:
        image: Array `(H, W, C)` or `(H, W)`, values nominally in [0, 1]; C is 1 or 3.
        scores: Array `(rows, columns)`: one class of one image from a model that
            `keras_freq.convolutionize` made.
        geometry: `(window, stride)` in pixels, as `keras_freq.dense.map_geometry` gives them.
            Defaults to cells spread evenly over the whole picture, without an outline.
        class_name: For the title. Defaults to none.
        limits: `(lowest, highest)` score of the colours, such as (0, 1) for probabilities.
            Defaults to the scores' own.
        ax: Matplotlib axes. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: If an array has a wrong shape, or the map does not fit into the picture.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> image = np.random.default_rng(0).random((60, 80, 3))
        >>> scores = np.random.default_rng(1).random((5, 10))
        >>> axes = plots.score_map(image, scores, geometry=(28, 4), class_name="tulip")
        >>> axes.get_title()
        'tulip'
    """
    image = style.checked_array(image, "image", "(H, W, C) or (H, W)", ndim=(2, 3))
    if image.ndim == 3 and image.shape[-1] not in (1, 3):
        raise ValueError(f"`image` must have 1 or 3 channels. Received: shape {image.shape}")
    scores = style.checked_array(scores, "scores", "(rows, columns)", ndim=2)
    height, width = image.shape[:2]
    top, left, cell_height, cell_width = _placed(scores.shape, (height, width), geometry)

    ax = style.single_axes(ax, (5.0, 4.2 * height / width + 0.4))
    # In grey, so that colour is the score's alone.
    grey = np.clip(image.reshape(height, width, -1).mean(axis=-1), 0, 1)
    ax.imshow(grey, cmap="gray", vmin=0, vmax=1)
    low, high = limits if limits is not None else (None, None)
    extent = (left, left + cell_width * scores.shape[1], top + cell_height * scores.shape[0], top)
    drawn = ax.imshow(
        scores, cmap=style.SEQUENTIAL, vmin=low, vmax=high, alpha=0.6, extent=extent, zorder=2
    )
    if geometry is not None and np.isfinite(scores).any():
        window, stride = geometry
        row, column = np.unravel_index(np.nanargmax(scores), scores.shape)
        corner = (column * stride - 0.5, row * stride - 0.5)
        ax.add_patch(
            Rectangle(
                corner, window, window, fill=False, edgecolor="white", linewidth=2.5, zorder=3
            )
        )
        ax.add_patch(
            Rectangle(
                corner, window, window, fill=False, edgecolor=style.INK, linewidth=1, zorder=4
            )
        )
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(height - 0.5, -0.5)
    ax.set_xlabel("column (pixels)")
    ax.set_ylabel("row (pixels)")
    bar = style.colour_bar(drawn, "score", ax=ax)
    bar.solids.set_alpha(1)
    if class_name is not None:
        style.set_title(ax, str(class_name))
    return ax


def _placed(shape, size, geometry):
    """Upper left corner of the map and the height and width of a cell, in pixels."""
    if geometry is None:
        return -0.5, -0.5, size[0] / shape[0], size[1] / shape[1]
    window, stride = geometry
    for cells, side in zip(shape, size, strict=True):
        if (cells - 1) * stride + window > side:
            raise ValueError(
                f"`scores` must fit into the picture: {cells} windows of {window} pixels, {stride} "
                f"apart, do not fit into {side} pixels"
            )
    margin = (window - stride) / 2 - 0.5
    return margin, margin, stride, stride
