"""Which frequencies, in which part of one image, a model's answer hangs on."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from keras_freq.fourier.grid import ring_name
from keras_freq.plots import style
from keras_freq.plots.axes import given_axes


@style.house_style
def scale_occlusion(occlusion, *, class_names=None, ax=None):
    """Draws what each band of an image is worth where, and how well the order of its pieces does.

    One panel for each band: the image in grey, and over it the margin that is lost when the band is
    removed there. Red speaks for the class, blue against it. Between the centres of windows the
    values are mixed as the windows are. The last panel has the probability of the class while
    pieces are removed, the most important first (it should fall fast), and while they are put into
    an empty image (it should rise fast). Pale lines: random orders.

    Args:
        occlusion: A `ScaleOcclusion` of `keras_freq.scale_occlusion`.
        class_names: Names of the model's classes, for the last panel. Defaults to None: numbers.
        ax: Matplotlib axes, one for each band and one more. Defaults to a new figure.

    Returns:
        Array of axes.

    Raises:
        TypeError: If `occlusion` is no `ScaleOcclusion`.
        ValueError: If there are too few axes.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> image = np.random.default_rng(0).uniform(size=(8, 8, 1))
        >>> found = kf.scale_occlusion(keras.Sequential(layers), image, 0, bands=2, windows=3)
        >>> len(kf.plots.scale_occlusion(found))
        3
    """
    if not hasattr(occlusion, "margin_lost"):
        raise TypeError(
            "`occlusion` must be a ScaleOcclusion as from `keras_freq.scale_occlusion`. "
            f"Received: {type(occlusion).__name__}"
        )
    lost, image = occlusion.margin_lost, occlusion.image
    height, width = image.shape[:2]
    if ax is None:
        figure = plt.figure(
            figsize=(1.75 * len(lost) + 4.4, 1.75 * height / width + 0.9), layout="constrained"
        )
        ratios = [1] * len(lost) + [1.35]
        ax = figure.subplots(1, len(lost) + 1, width_ratios=ratios)
    axes = given_axes(ax, len(lost) + 1)
    grey = np.clip(image.mean(axis=-1), 0, 1)
    maps = np.tensordot(lost, occlusion.windows, axes=2)
    most = np.abs(maps).max() or 1.0
    for one, values, (low, high), band in zip(
        axes, maps, pairwise(occlusion.edges), occlusion.band_lost, strict=False
    ):
        # Pale greys, and no colour where nothing is lost: colours are what is seen first.
        one.imshow(grey, cmap="gray", vmin=-1, vmax=1)
        strength = 0.8 * np.abs(values) / most
        drawn = one.imshow(
            values, cmap=style.DIVERGING, vmin=-most, vmax=most, alpha=strength, zorder=2
        )
        one.set(xticks=[], yticks=[])
        style.set_title(one, ring_name(low, high))
        one.set_xlabel(f"whole band: {style.signed(band)}", fontsize=7.5)
    label = "margin lost without\nthe band, here"
    style.colour_bar(drawn, label, ax=list(axes[:-1]), format=style.signed)
    _draw_curves(axes[-1], occlusion, class_names)
    return axes


def _draw_curves(ax, occlusion, class_names):
    """Draws the probability of the class while pieces go, and while they come."""
    looks = {"deletion": (style.RED, "removed"), "insertion": (style.BLUE, "put in")}
    for curve, (colour, name) in looks.items():
        for values in getattr(occlusion, f"random_{curve}"):
            ax.plot(occlusion.removed, values, color=colour, alpha=0.15, linewidth=0.7)
        look = {"color": colour, "linewidth": 1.8, "label": name}
        ax.plot(occlusion.removed, getattr(occlusion, curve), **look)
    name = occlusion.label if class_names is None else class_names[occlusion.label]
    ax.set_ylim(-0.02, 1.02)
    style.set_title(ax, f"probability of {name}")
    ax.set_xlabel("share of pieces")
    ax.legend(loc="center right")
