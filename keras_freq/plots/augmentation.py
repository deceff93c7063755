"""Images above their augmented versions."""

from collections.abc import Mapping

from keras_freq.plots.images import filtered_images
from keras_freq.plots.style import house_style


@house_style
def augmentation_grid(images, views, *, column_titles=None, ax=None):
    """Draws images, and below each what augmentations made of it: augmentations down.

    Values are clipped to [0, 1] for display only.

    Args:
        images: Array `(N, H, W, C)` or a list of N images `(H, W, C)`, values nominally in
            [0, 1]; C is 1 or 3. They make the first row.
        views: Dictionary from the name of an augmentation, or of a draw, to its N images, which
            may have another size: one row each.
        column_titles: One title for each image, such as its class. Defaults to none.
        ax: `(1 + len(views)) * N` or more matplotlib axes. Defaults to a new figure.

    Returns:
        Array `(1 + len(views), N)` of axes.

    Raises:
        TypeError: If `views` is no dictionary.
        ValueError: If it is empty or holds not as many images, an image has a wrong shape or is
            NaN, or the number of titles or of axes is wrong.

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
    counts = {name: len(view) for name, view in views.items()}
    if not views or any(count != len(images) for count in counts.values()):
        raise ValueError(
            f"`views` must hold {len(images)} images under each name, one for each of `images`. "
            f"Received: {counts or 'an empty dictionary'}"
        )
    return filtered_images(
        [images, *views.values()], column_titles, row_titles=["original", *views], ax=ax
    )
