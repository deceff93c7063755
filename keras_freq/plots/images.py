"""Images: filtered, augmented, and under a map of scores."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import given_axes, single_axes


@style.house_style
def filtered_images(image_rows, column_titles=None, *, row_titles=None, ax=None):
    """Draws a grid of images: examples down, filters across.

    Values are clipped to [0, 1] for display only. Images filtered around the data's
    mean (`neutral=` of `keras_freq.filter_images`) look right in every column. Filtered
    around 0, a high-pass image is half black.

    Args:
        image_rows: Array `(rows, columns, H, W, C)`, or a list of rows of images
            `(H, W, C)` or `(H, W)`, values nominally in [0, 1]; C is 1 or 3.
        column_titles: One title for each column, such as "original" or "low-pass, r < 8".
            Defaults to none.
        row_titles: One title for each row, such as its class. Defaults to none.
        ax: `rows * columns` or more matplotlib axes. Defaults to a new figure.

    Returns:
        Array `(rows, columns)` of axes.

    Raises:
        ValueError: If the rows differ in length, an image has a wrong shape or is NaN, or
            the number of titles or of axes is wrong.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> rows = np.random.default_rng(0).random((2, 3, 8, 8, 3))
        >>> axes = plots.filtered_images(rows, ["original", "low-pass", "high-pass"])
        >>> axes.shape
        (2, 3)
    """
    rows = _checked_rows(image_rows)
    count, columns = len(rows), len(rows[0])
    for name, titles, expected in (
        ("column_titles", column_titles, columns),
        ("row_titles", row_titles, count),
    ):
        listed = [] if isinstance(titles, str) or not np.iterable(titles) else list(titles)
        texts = [one for one in listed if isinstance(one, str | int | float)]
        if titles is not None and not len(texts) == len(listed) == expected:
            raise ValueError(f"`{name}` must hold {expected} titles. Received: {titles!r}")
    if ax is None:
        width = min(1.5, 7.0 / columns)
        height = width * rows[0][0].shape[0] / rows[0][0].shape[1]
        side = 0.1 if row_titles is None else 1.1
        figsize = columns * (width + 0.06) + side, count * (height + 0.06) + 0.45
        ax = plt.figure(figsize=figsize, layout="compressed").subplots(count, columns)
    axes = given_axes(ax, count * columns).reshape(count, columns)
    # The pixels of small images are crisp. Large images are averaged, since dropping pixels would
    # fold high frequencies into low ones.
    interpolation = "nearest" if max(rows[0][0].shape[:2]) <= 64 else "auto"
    for (row, column), one in np.ndenumerate(axes):
        image = np.clip(rows[row][column], 0, 1)
        one.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation=interpolation)
        one.set(xticks=[], yticks=[])
        one.spines[:].set_visible(False)
        if row == 0 and column_titles is not None:
            style.set_title(one, column_titles[column])
        if column == 0 and row_titles is not None:
            name, place = style.wrapped(row_titles[row], 18), {"ha": "right", "va": "center"}
            style.literal(one.set_ylabel(name, rotation=0, **place))
    return axes


@style.house_style
def augmentation_grid(images, views, *, column_titles=None, ax=None):
    """Draws images, and below each image what augmentations made of it.

    Each column is an image and each row an augmentation. Values are clipped to [0, 1] for
    display only.

    Args:
        images: Array `(N, H, W, C)` or a list of N images `(H, W, C)`, values nominally in
            [0, 1]; C is 1 or 3. They make the first row.
        views: Dictionary from the name of an augmentation (or of a draw) to its N images, which
            may have another size. Each entry makes one row.
        column_titles: One title for each image, such as its class. Defaults to none.
        ax: `(1 + len(views)) * N` or more matplotlib axes. Defaults to a new figure.

    Returns:
        Array `(1 + len(views), N)` of axes.

    Raises:
        TypeError: If `views` is not a dictionary.
        ValueError: If `views` is empty or an entry does not have N images, an image has a wrong
            shape or is NaN, or the number of titles or of axes is wrong.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((3, 16, 16, 3))
        >>> draws = {f"draw {n}": kf.augment.augmix(images, seed=(0, n)) for n in (1, 2)}
        >>> kf.plots.augmentation_grid(images, draws).shape
        (3, 3)
    """
    if not isinstance(views, Mapping):
        raise TypeError(
            "`views` must be a dictionary from names to images, such as "
            f'{{"AugMix": augmented}}. Received: views of type {type(views).__name__}'
        )
    if not np.iterable(images):
        raise TypeError(f"`images` must be images (N, H, W, C). Received: {type(images).__name__}")
    counts = {name: len(view) if np.iterable(view) else 0 for name, view in views.items()}
    if not views or any(count != len(images) for count in counts.values()):
        raise ValueError(
            f"`views` must hold {len(images)} images under each name, one for each of `images`. "
            f"Received: {counts or 'an empty dictionary'}"
        )
    return filtered_images(
        [images, *views.values()], column_titles, row_titles=["original", *views], ax=ax
    )


def _checked_rows(image_rows):
    """Rows of NumPy images, all of equal length; one channel is drawn as grey."""
    shape = getattr(image_rows, "shape", ())
    if len(shape) == 4 and shape[-1] in (1, 3):
        raise ValueError(
            "`image_rows` must hold rows of images. Received: one batch of images, shape "
            f"{tuple(shape)}: give it as a list, `[images]`, to draw them in one row"
        )
    rows = image_rows if np.iterable(image_rows) else []
    counts = [len(row) if np.iterable(row) else 0 for row in rows]
    if len(set(counts)) != 1 or not counts[0]:
        raise ValueError(
            "`image_rows` must hold rows of images: at least one row, all of the same number of "
            f"images. Received: rows of {counts} images"
        )
    return [[_checked_image("image_rows", image) for image in row] for row in rows]


def _checked_image(name, image):
    """An image as array `(H, W)` or `(H, W, 3)` of floats."""
    shape = "(H, W), (H, W, 1) or (H, W, 3)"
    image = checks.real_array(name, image, shape, ndim=(2, 3)).astype(float)
    if image.ndim == 3 and image.shape[-1] not in (1, 3):
        raise ValueError(f"`{name}` must have 1 or 3 channels, {shape}. Received: {image.shape}")
    if not np.isfinite(image).all():
        raise ValueError(f"`{name}` must hold finite values. Received: NaN or inf")
    return image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image


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
        ax: matplotlib axes to draw into. Defaults to a new figure.

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
    image = _checked_image("image", image)
    scores = checks.real_array("scores", scores, "(rows, columns)", ndim=2)
    height, width = image.shape[:2]
    if limits is not None:
        limits = checks.interval("limits", limits, -np.inf, np.inf, "scores")
    top, left, cell_height, cell_width = _placed(scores.shape, (height, width), geometry)

    ax = single_axes(ax, (5.0, 4.2 * height / width + 0.4))
    # In grey, so that all colour comes from the scores.
    grey = np.clip(image.reshape(height, width, -1).mean(axis=-1), 0, 1)
    ax.imshow(grey, cmap="gray", vmin=0, vmax=1)
    extent = (left, left + cell_width * scores.shape[1], top + cell_height * scores.shape[0], top)
    drawn = ax.imshow(scores, cmap=style.SEQUENTIAL, alpha=0.6, extent=extent, zorder=2)
    drawn.set_clim(limits)
    if geometry is not None and np.isfinite(scores).any():
        window, stride = geometry
        row, column = np.unravel_index(np.nanargmax(scores), scores.shape)
        corner = (column * stride - 0.5, row * stride - 0.5)
        for colour, line in (("white", 2.5), (style.INK, 1)):
            look = {"fill": False, "edgecolor": colour, "linewidth": line, "zorder": 3}
            ax.add_patch(Rectangle(corner, window, window, **look))
    ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    ax.set(xlabel="column (pixels)", ylabel="row (pixels)")
    bar = style.colour_bar(drawn, "score", ax=ax)
    bar.solids.set_alpha(1)
    if class_name is not None:
        style.set_title(ax, class_name)
    return ax


def _window_and_stride(geometry):
    """Reads `geometry`, a pair of integers."""
    if not np.iterable(geometry) or len(geometry) != 2:
        raise ValueError(
            "`geometry` must be (window, stride) in pixels, as from "
            f"`keras_freq.dense.map_geometry`. Received: geometry={geometry!r}"
        )
    return tuple(checks.integer("geometry", number) for number in geometry)


def _placed(shape, size, geometry):
    """Upper left corner of the map and the height and width of a cell, in pixels."""
    if geometry is None:
        return -0.5, -0.5, size[0] / shape[0], size[1] / shape[1]
    window, stride = _window_and_stride(geometry)
    for cells, side in zip(shape, size, strict=True):
        if (cells - 1) * stride + window > side:
            raise ValueError(
                f"`scores` must fit into the picture: {cells} windows of {window} pixels, {stride} "
                f"apart, do not fit into {side} pixels"
            )
    margin = (window - stride) / 2 - 0.5
    return margin, margin, stride, stride
