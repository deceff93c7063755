"""Maps over the frequency plane: ADCS, class spectra and frequency importance.

All of them are centred. Horizontal frequency runs to the right and vertical
frequency downwards, as the columns and rows of an image do. The direction of a point
seen from the centre is therefore the direction in which its wave varies in the image.
"""

import numpy as np
from matplotlib.colors import BoundaryNorm, LogNorm
from matplotlib.ticker import LogLocator, MaxNLocator

from keras_freq import checks
from keras_freq.colours import largest_change, symmetric_norm
from keras_freq.plots import style
from keras_freq.plots.axes import map_panels

PALE = 0.5


@style.house_style
def adcs_maps(adcs, *, class_names=None, ax=None):
    """Draws one ADCS map a class, in discrete levels around 0.

    A frequency is red if the class has more energy there than most other classes, and blue if
    it has less. The levels are the integers from `1 - K` to `K - 1`, in every panel.

    Args:
        adcs: Array `(K, H, W)` of integers in `[1 - K, K - 1]`, centred, as from
            `keras_freq.adcs`. NaN is grey.
        class_names: `K` names. Defaults to "0", "1", ...
        ax: `K` or more matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        Array `(K,)` of axes, in the order of the classes.

    Raises:
        ValueError: If the shape or the range of `adcs`, the number of names or
            the number of axes is wrong.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> adcs = np.sign(np.arange(-32, 32)).reshape(2, 1, 32).repeat(32, axis=1)
        >>> axes = plots.adcs_maps(adcs, class_names=["cat", "dog"])
        >>> axes[1].get_title()
        'dog'
    """
    adcs = checks.real_array("adcs", adcs, "(K, H, W)", ndim=3)
    most = len(adcs) - 1
    if most < 1:
        raise ValueError("`adcs` must hold the maps of at least 2 classes. Received: 1")
    if np.nanmax(np.abs(adcs), initial=0) > most:
        raise ValueError(
            f"`adcs` of {len(adcs)} classes must lie in [{-most}, {most}]. "
            f"Received: values from {np.nanmin(adcs)} to {np.nanmax(adcs)}"
        )
    levels = np.arange(-most, most + 2) - 0.5
    colours = style.DIVERGING.resampled(max(style.DIVERGING.N, len(levels)))
    scale = {"cmap": colours, "norm": BoundaryNorm(levels, colours.N)}
    label = "ADCS: other classes with less\nenergy, minus those with more"
    bar = {"ticks": _level_ticks(most), "format": style.signed}
    return draw_maps(adcs, class_names, ax, **scale, label=label, **bar)


def _level_ticks(most):
    """Both ends, 0, and at most three evenly spaced levels between on either side."""
    every = -(-most // 4)
    sides = [*range(every, most - every + 1, every), most]
    return [*(-level for level in reversed(sides)), 0, *sides]


@style.house_style
def class_spectra(spectra, *, class_names=None, ax=None):
    """Draws the mean amplitude spectrum of each class on one logarithmic scale.

    Args:
        spectra: Array `(K, H, W, C)`, or `(K, H, W)`, of amplitudes >= 0, centred, as
            from `keras_freq.class_spectra`. Channels are averaged, and NaN is grey. The
            scale begins at the 0.5 % quantile or, if that is higher, two decades below the
            90 % quantile. It ends at the largest amplitude beside DC. Amplitudes outside
            have the colour of the nearer end.
        class_names: `K` names. Defaults to "0", "1", ...
        ax: `K` or more matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        Array `(K,)` of axes, in the order of the classes.

    Raises:
        ValueError: If `spectra` has a wrong shape or negative amplitudes, or the number
            of names or of axes is wrong.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> amplitudes = np.random.default_rng(0).exponential(size=(2, 16, 16, 3))
        >>> axes = plots.class_spectra(amplitudes, class_names=["cat", "dog"])
        >>> len(axes)
        2
    """
    spectra = checks.real_array("spectra", spectra, "(K, H, W, C) or (K, H, W)", ndim=(3, 4))
    if np.nanmin(spectra, initial=0) < 0:
        raise ValueError(
            f"`spectra` must hold amplitudes >= 0. Received: values down to {np.nanmin(spectra)}"
        )
    amplitudes = spectra.mean(axis=-1) if spectra.ndim == 4 else spectra
    low, high = _amplitude_range(amplitudes)
    scale = {"cmap": style.SEQUENTIAL, "norm": LogNorm(low, high, clip=True)}
    label = "mean amplitude\n(unnormalised FFT)"
    ticks = LogLocator(subs=(1, 2, 5) if high / low < 200 else (1,))
    bar = {"ticks": ticks, "format": lambda amplitude, _: f"{amplitude:g}"}
    return draw_maps(amplitudes, class_names, ax, **scale, label=label, **bar)


def _amplitude_range(amplitudes):
    """Ends of the logarithmic scale: DC and emptied frequencies would take most of it."""
    height, width = amplitudes.shape[1:]
    beside = amplitudes.astype(float)
    beside[:, height // 2, width // 2] = np.nan
    positive = beside[beside > 0]
    if not positive.size:
        return 0.1, 1.0
    lowest, upper = np.quantile(positive, (0.005, 0.9))
    low, high = max(lowest, upper / 100), positive.max()
    return (low, high) if high > low else (high / 10, high)


@style.house_style
def importance_maps(loss_change, *, class_names=None, shared_scale=False, ax=None):
    """Draws how much the loss of each class changes when a frequency is removed.

    Red: the class needs the frequency. Blue: the class is better off without it. The
    scale is symmetric around 0. It is linear up to the 95 % quantile of the changes, and
    logarithmic above, since a few frequencies often matter a hundred times more than
    the rest. A class whose largest change is below a millionth of a nat has a blank map: such
    changes are rounding.

    A screened search evaluates some frequencies and predicts the others. The predicted ones are
    pale. The scale is that of the evaluated ones, and a larger prediction has the colour of its
    end. A screened search of all images together evaluates each frequency on some images: those
    that are not two standard errors from 0 are pale.

    Args:
        loss_change: A `FrequencyImportance`, or an array `(K, H, W)` in nats, centred. In an array,
            nothing tells what was predicted. NaN is grey.
        class_names: `K` names. Defaults to those of the importance, or "0", "1", ...
        shared_scale: Whether all classes share one scale in nats. By default each map is drawn
            relative to its own largest change, which is written above it. The changes of a
            well learned class can be a thousand times smaller than those of another class,
            and its map would be blank on a shared scale.
        ax: `K` or more matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        Array `(K,)` of axes, in the order of the classes.

    Raises:
        ValueError: If `loss_change` has a wrong shape, or the number of names or of axes
            is wrong.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> change = np.random.default_rng(0).normal(size=(2, 16, 16)).round(2)
        >>> axes = plots.importance_maps(change, class_names=["cat", "dog"])
        >>> axes[0].get_title(), axes[0].texts[0].get_text()
        ('cat', 'largest: −3.11 nats')
    """
    predicted, pale, largest_of = None, "predicted", "class's largest"
    if hasattr(loss_change, "search_stderr"):
        importance, loss_change = loss_change, loss_change.loss_change
        if -1 in importance.class_ids:  # all classes together
            largest_of = "the largest"
        class_names = importance.class_names if class_names is None else class_names
        predicted = importance.search_stderr > 0
        if -1 in importance.class_ids and predicted.any():  # means over some of the images
            pale = "within 2 errors of 0"
            predicted &= np.abs(loss_change) <= 2 * importance.search_stderr
    loss_change = checks.real_array("loss_change", loss_change, "(K, H, W)", ndim=3)
    if predicted is not None and not predicted.any():
        predicted = None
    known = loss_change
    if predicted is not None:
        shown = predicted & ~predicted.all(axis=(1, 2), keepdims=True)
        known = np.where(shown, np.nan, loss_change)
    largest = np.array([largest_change(values) for values in known])
    if shared_scale:
        units, label = 1, "change of loss without\nthe frequency (nats)"
    else:
        from keras_freq.importance.dominant_maps import NEGLIGIBLE

        negligible = np.abs(largest) < NEGLIGIBLE
        loss_change, known = (
            np.where(negligible[:, None, None] & np.isfinite(values), 0.0, values)
            for values in (loss_change, known)
        )
        units = np.where(negligible, 1, np.abs(largest))[:, None, None]
        label = f"change of loss without the\nfrequency (1 = {largest_of})"
    if predicted is not None:
        unit = "nats" if shared_scale else f"1 = {largest_of}"
        label = f"change of loss ({unit};\npale: {pale})"
    drawn = loss_change / units
    norm = symmetric_norm(drawn, largest_change(known / units))
    scale = {"cmap": style.DIVERGING, "norm": norm, "pale": predicted}
    subtitles = [f"largest: {style.signed(value)} nats" for value in largest]
    bar = {"ticks": _symmetric_ticks(norm.linthresh, norm.vmax), "format": style.signed}
    return draw_maps(drawn, class_names, ax, **scale, subtitles=subtitles, label=label, **bar)


def _symmetric_ticks(linear, most):
    """0, the round numbers from about the end of the linear part on, and their negatives."""
    decades = 10.0 ** np.arange(np.floor(np.log10(linear)), np.ceil(np.log10(most)) + 1)
    steps = (1,) if len(decades) > 3 else (1, 3)
    sides = [s * d for d in decades for s in steps if linear / 3.4 <= s * d <= most]
    return [*(-x for x in reversed(sides)), 0, *sides]


def draw_maps(
    maps, class_names, ax, *, cmap, norm, pale=None, subtitles=None, label=None, **colour_bar
):
    """Draws a map for each class, all on one scale.

    Args:
        maps: Array `(K, H, W)`.
        class_names: `K` names, or None.
        ax: The caller's axes, or None.
        cmap: Colour map.
        norm: The scale of its colours.
        pale: Boolean array `(K, H, W)`, the cells to draw in pale colours. Defaults to none.
        subtitles: A remark for each map, below its title. Defaults to none.
        label: Of the colour bar. Defaults to no colour bar.
        **colour_bar: Its other options.

    Returns:
        Array `(K,)` of axes.
    """
    names = checks.class_names(class_names, len(maps))
    panels = {"colour_bar": label is not None, "subtitles": subtitles is not None}
    axes, place = map_panels(names, maps.shape[1:], ax, **panels)
    for k, (one, values) in enumerate(zip(axes, maps, strict=True)):
        alpha = None if pale is None else np.where(pale[k], PALE, 1.0)
        image = _draw_map(one, values, cmap=cmap, norm=norm, alpha=alpha)
        if np.isnan(values).all():
            one.text(0, 0, "undefined", ha="center", va="center", fontsize=8)
        elif subtitles is not None:
            style.remark(one, subtitles[k], above=True)
    if label is not None:
        style.colour_bar(image, label, **place, **colour_bar)
    return axes


def _draw_map(ax, values, **options):
    """Draws one centred map so that each cell's centre lies at its own integer frequency."""
    height, width = values.shape
    # Not `seaborn.heatmap`, which drops cells where there are more cells than pixels. Here large
    # maps are averaged, and the cells of small maps are crisp.
    image = ax.imshow(
        values,
        extent=frequency_extent(height, width),
        interpolation="nearest" if max(height, width) <= 128 else "auto",
        **options,
    )
    inches = ax.get_window_extent().size / ax.figure.dpi
    # Labels stand side by side on the horizontal axis, so it has room for fewer of them.
    for axis, room in ((ax.xaxis, 3.2 * inches[0]), (ax.yaxis, 4 * inches[1])):
        most = int(np.clip(room, 2, 5))
        axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 4, 5, 8, 10], integer=True))
    return image


def frequency_extent(height, width):
    """(left, right, bottom, top) of a centred map in cycles per image, rows running downwards."""
    left, top = -(width // 2) - 0.5, -(height // 2) - 0.5
    return left, left + width, top + height, top
