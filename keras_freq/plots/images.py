"""Images beside their filtered versions."""

import matplotlib.pyplot as plt
import numpy as np

from keras_freq.plots import style


@style.house_style
def filtered_images(image_rows, column_titles=None, *, row_titles=None, ax=None):
    """Draws a grid of images: examples down, filters across.

    Values are clipped to [0, 1] for display only. Images filtered around the data's
    mean (`neutral=` of `keras_freq.filter_images`) look right in every column; around 0
    a high-pass image is half black.

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
        if titles is not None and (isinstance(titles, str) or len(titles) != expected):
            raise ValueError(f"`{name}` must hold {expected} titles. Received: {titles!r}")
    axes = _image_axes(count, columns, rows[0][0].shape, row_titles is not None, ax)
    # Small images in crisp pixels; large ones are averaged, since dropping pixels would fold high
    # frequencies into low ones.
    interpolation = "nearest" if max(rows[0][0].shape[:2]) <= 64 else "auto"
    for (row, column), one in np.ndenumerate(axes):
        image = np.clip(rows[row][column], 0, 1)
        one.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation=interpolation)
        one.set_xticks([])
        one.set_yticks([])
        one.spines[:].set_visible(False)
        if row == 0 and column_titles is not None:
            style.set_title(one, str(column_titles[column]))
        if column == 0 and row_titles is not None:
            label = one.set_ylabel(
                style.wrapped(str(row_titles[row]), 18), rotation=0, ha="right", va="center"
            )
            style.literal(label)
    return axes


def _checked_rows(image_rows):
    """Rows of NumPy images, all of equal length; one channel is drawn as grey."""
    shape = getattr(image_rows, "shape", ())
    if len(shape) == 4 and shape[-1] in (1, 3):
        raise ValueError(
            "`image_rows` must hold rows of images. Received: one batch of images, shape "
            f"{tuple(shape)}: give it as a list, `[images]`, to draw them in one row"
        )
    try:
        rows = [[np.asarray(image, dtype=float) for image in row] for row in image_rows]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`image_rows` must hold rows of images (H, W, C). Received: {error}"
        ) from error
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        raise ValueError(
            "`image_rows` must hold at least one row, all of the same number of images. "
            f"Received: rows of {[len(row) for row in rows]} images"
        )
    for image in (image for row in rows for image in row):
        if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[-1] not in (1, 3)):
            raise ValueError(
                "`image_rows` must hold images of shape (H, W), (H, W, 1) or (H, W, 3). "
                f"Received: an image of shape {image.shape}"
            )
        if not np.isfinite(image).all():
            raise ValueError("`image_rows` must hold finite values. Received: NaN or inf")
    return [[i[..., 0] if i.shape[-1] == 1 and i.ndim == 3 else i for i in row] for row in rows]


def _image_axes(count, columns, shape, row_titles, ax):
    """A (rows, columns) array of axes: the caller's, or those of a new figure."""
    if ax is not None:
        return style.given_axes(ax, count * columns).reshape(count, columns)
    width = min(1.5, 7.0 / columns)
    height = width * shape[0] / shape[1]
    figure = plt.figure(
        figsize=(
            columns * (width + 0.06) + (1.1 if row_titles else 0.1),
            count * (height + 0.06) + 0.45,
        ),
        layout="compressed",
    )
    return figure.subplots(count, columns, squeeze=False)
