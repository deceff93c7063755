"""Spectra of layers, and the kernels of the first one."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import given_axes, line_panels

_COLUMNS = ["layer", "depth", "nyquist_share", "log_amplitude"]


@style.house_style
def layer_spectra(table, *, ax=None):
    """Draws the log amplitude of feature maps over the radius, a line for each layer.

    Dark lines are of early layers, bright ones of late ones. The dashed line is that of the images
    themselves.

    Args:
        table: DataFrame as from `keras_freq.layer_spectra`. Or a dict `{name: DataFrame}` of
            several models, which get a panel each.
        ax: One matplotlib axes for each model. Defaults to a new figure.

    Returns:
        Array of axes, one for each model.

    Raises:
        TypeError: If `table` is not a DataFrame, or a dict of them.
        ValueError: If columns are missing.

    Example:
        >>> import keras, numpy as np
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.AveragePooling2D(2, name="blur")]
        >>> model = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> len(kf.plots.layer_spectra({"small": kf.layer_spectra(model, data)}))
        1
    """
    tables = table if isinstance(table, Mapping) and table else {None: table}
    for one in tables.values():
        checks.table("table", one, _COLUMNS, "keras_freq.layer_spectra")
    label = "radius (share of the layer's Nyquist frequency)"
    axes = line_panels(len(tables), ax, label, size=(4.2, 3.2))
    for one, (name, own) in zip(axes, tables.items(), strict=True):
        one.xaxis.set_major_locator(plt.MultipleLocator(0.25))
        if name is not None:
            style.set_title(one, name)
        depth = max(1, int(own["depth"].max()))
        norm = BoundaryNorm(np.arange(depth + 1) + 0.5, depth) if depth > 1 else None
        colours = plt.get_cmap("viridis", max(depth, 2))
        for (_, layer), rows in own.groupby(["depth", "layer"], sort=False):
            look = {"color": style.INK, "linestyle": (0, (4, 2)), "linewidth": 1.2}
            if layer != "images":
                place = (rows["depth"].iloc[0] - 1) / max(depth - 1, 1)
                look = {"color": colours(place * 0.93), "linewidth": 1.3}
            one.plot(rows["nyquist_share"], rows["log_amplitude"], **look)
        if norm is not None:
            scale = ScalarMappable(norm=norm, cmap=colours)
            bar = style.colour_bar(_scale_in(scale, one), "depth of the layer", ax=one)
            bar.set_ticks(np.unique(np.linspace(1, depth, min(depth, 5)).round()))
    axes[0].set_ylabel("log amplitude, less that of DC")
    return axes


@style.house_style
def first_layer_kernels(kernels, *, size=64, ax=None):
    """Draws kernels of a first layer as small images, and beside them their amplitudes.

    Grey is 0, and all kernels have one scale. Kernels of one or three channels have their colours;
    of others the mean over channels is drawn. The amplitudes are on a linear scale from 0 (dark) to
    the largest of each kernel, with DC in the middle. The strongest kernels come first.

    Args:
        kernels: `(F, height, width, C)`, as from `keras_freq.first_layer_kernels`.
        size: The side of the images over which the kernels are moved, as in
            `keras_freq.kernel_spectra`. Defaults to 64.
        ax: Two matplotlib axes. Defaults to a new figure.

    Returns:
        Array `(2,)` of axes.

    Raises:
        ValueError: If `kernels` has another shape, or `size` is less than theirs.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> kernels = np.random.default_rng(0).normal(size=(6, 5, 5, 3))
        >>> [ax.get_title() for ax in plots.first_layer_kernels(kernels)]
        ['kernels', 'their amplitudes']
    """
    from keras_freq.lenses import kernel_spectra

    kernels = checks.real_array("kernels", kernels, "(F, height, width, C)", ndim=4).astype(float)
    amplitudes = kernel_spectra(kernels, size)
    order = np.argsort(-np.abs(kernels).sum(axis=(1, 2, 3)), kind="stable")
    most = np.abs(kernels).max() or 1.0
    tiles = 0.5 + kernels[order] / (2 * most)
    if tiles.shape[-1] not in (1, 3):
        tiles = tiles.mean(axis=-1, keepdims=True)
    peaks = amplitudes[order].max(axis=(1, 2), keepdims=True)
    spectra = np.divide(amplitudes[order], peaks, where=peaks > 0, out=np.zeros_like(amplitudes))
    if ax is None:
        ax = plt.figure(figsize=(7.2, 3.7), layout="constrained").subplots(1, 2)
    axes = given_axes(ax, 2)
    for one, images, title in zip(
        axes, (tiles, spectra[..., None]), ("kernels", "their amplitudes"), strict=True
    ):
        picture = _mosaic(images)
        one.imshow(picture.squeeze(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        one.set(xticks=[], yticks=[])
        one.spines[:].set_visible(False)
        style.set_title(one, title)
    return axes


def _mosaic(images):
    """Images `(N, h, w, C)` in a grid that is nearly square, with white lines between them."""
    number, height, width, channels = images.shape
    columns = int(np.ceil(np.sqrt(number)))
    rows = -(-number // columns)
    line = max(1, round(max(height, width) / 12))
    picture = np.ones((rows * (height + line) - line, columns * (width + line) - line, channels))
    for index, image in enumerate(images):
        top, left = (
            place * step
            for place, step in zip(
                divmod(index, columns), (height + line, width + line), strict=True
            )
        )
        picture[top : top + height, left : left + width] = image
    return picture


def _scale_in(scale, ax):
    """A colour scale that knows its figure, as `style.colour_bar` needs it."""
    scale.figure = ax.figure
    return scale
