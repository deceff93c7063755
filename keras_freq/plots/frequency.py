"""Maps over the frequency plane: ADCS, class spectra and frequency importance.

All of them are centred. Horizontal frequency runs to the right and vertical
frequency downwards, as the columns and rows of an image do, so the direction of a
point seen from the centre is the direction in which its wave varies in the image.
"""

import numpy as np
from matplotlib.colors import BoundaryNorm, LogNorm, SymLogNorm
from matplotlib.ticker import FuncFormatter, LogLocator

from keras_freq.plots import style
from keras_freq.plots.panels import draw_map, map_panels


@style.house_style
def adcs_maps(adcs, *, class_names=None, ax=None):
    """Draws one ADCS map a class, in discrete levels around 0.

    Red where a class has more energy than most other classes, blue where it has
    less. The levels are the integers from `1 - K` to `K - 1`, in every panel.

    Args:
        adcs: Array `(K, H, W)` of integers in `[1 - K, K - 1]`, centred, as from
            `keras_freq.adcs`. Shown as grey where NaN.
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
    adcs = style.checked_array(adcs, "adcs", "(K, H, W)", ndim=3)
    most = len(adcs) - 1
    if most < 1:
        raise ValueError("`adcs` must hold the maps of at least 2 classes. Received: 1")
    if np.nanmax(np.abs(adcs), initial=0) > most:
        raise ValueError(
            f"`adcs` of {len(adcs)} classes must lie in [{-most}, {most}]. "
            f"Received: values from {np.nanmin(adcs)} to {np.nanmax(adcs)}"
        )
    names = style.checked_names(class_names, len(adcs))
    levels = np.arange(-most, most + 2) - 0.5
    colours = style.DIVERGING.resampled(max(style.DIVERGING.N, len(levels)))
    norm = BoundaryNorm(levels, colours.N)
    axes, place = map_panels(names, adcs.shape[1:], ax)
    for one, values in zip(axes, adcs, strict=True):
        image = draw_map(one, values, cmap=colours, norm=norm)
    bar = style.colour_bar(
        image,
        "ADCS: other classes with less\nenergy, minus those with more",
        **place,
        ticks=_level_ticks(most),
        format=FuncFormatter(style.signed),
    )
    bar.ax.minorticks_off()
    return axes


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
            from `keras_freq.class_spectra`. Channels are averaged. Shown as grey
            where NaN. The scale ends at the largest amplitude beside DC, and begins at the
            0.5 % quantile or, if that is higher, two decades below the 90 % quantile; what
            lies outside has the colour of the nearer end.
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
    spectra = style.checked_array(spectra, "spectra", "(K, H, W, C) or (K, H, W)", ndim=(3, 4))
    if np.nanmin(spectra, initial=0) < 0:
        raise ValueError(
            f"`spectra` must hold amplitudes >= 0. Received: values down to {np.nanmin(spectra)}"
        )
    names = style.checked_names(class_names, len(spectra))
    amplitudes = spectra.mean(axis=-1) if spectra.ndim == 4 else spectra
    norm = LogNorm(*_amplitude_range(amplitudes), clip=True)
    axes, place = map_panels(names, amplitudes.shape[1:], ax)
    for one, values in zip(axes, amplitudes, strict=True):
        image = draw_map(one, values, cmap=style.SEQUENTIAL, norm=norm)
    bar = style.colour_bar(image, "mean amplitude\n(unnormalised FFT)", **place)
    decades = np.log10(norm.vmax / norm.vmin)
    bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.3 else (1,)))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    bar.ax.minorticks_off()
    return axes


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
    scale is symmetric around 0: linear up to the 95 % quantile of the changes and
    logarithmic above, since a few frequencies often matter a hundred times more than
    the rest.

    Args:
        loss_change: Array `(K, H, W)` in nats, centred, such as
            `FrequencyImportance.loss_change`. Shown as grey where NaN.
        class_names: `K` names. Defaults to "0", "1", ...
        shared_scale: Whether one scale in nats holds for all classes. By default each map is
            drawn relative to its own largest change, which is written above it: a class
            that is learned well has changes a thousand times smaller than another, and
            would be blank on a shared scale.
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
    if hasattr(loss_change, "loss_change"):
        raise TypeError(
            "`loss_change` must be an array (K, H, W). Received: an importance. "
            "Give its array, `importance.loss_change`"
        )
    loss_change = style.checked_array(loss_change, "loss_change", "(K, H, W)", ndim=3)
    names = style.checked_names(class_names, len(loss_change))
    largest = [_largest(values) for values in loss_change]
    if shared_scale:
        drawn, label = loss_change, "change of loss without\nthe frequency (nats)"
    else:
        units = np.array([abs(value) or 1.0 for value in largest])
        drawn = loss_change / units[:, None, None]
        label = "change of loss without the\nfrequency (1 = class's largest)"
    norm = _symmetric_norm(drawn)
    axes, place = map_panels(names, loss_change.shape[1:], ax, subtitles=True)
    for one, values, value in zip(axes, drawn, largest, strict=True):
        image = draw_map(one, values, cmap=style.DIVERGING, norm=norm)
        if not np.isnan(values).all():
            style.subtitle(one, f"largest: {style.signed(value)} nats")
    bar = style.colour_bar(
        image,
        label,
        **place,
        ticks=_symmetric_ticks(norm.linthresh, norm.vmax),
        format=FuncFormatter(style.signed),
    )
    bar.ax.minorticks_off()
    return axes


def _largest(values):
    """The change furthest from 0, with its sign; 0 where all are undefined."""
    values = values[np.isfinite(values)]
    return float(values[np.abs(values).argmax()]) if values.size else 0.0


def _symmetric_norm(values):
    """A scale around 0, linear for most of the values and logarithmic for the few largest."""
    sizes = np.abs(values[np.isfinite(values)])
    most = float(sizes.max(initial=0)) or 1.0
    linear = np.quantile(sizes, 0.95) if sizes.size else most
    # Below a thousandth of the largest change the logarithm would only magnify noise.
    return SymLogNorm(linthresh=max(linear, most / 1000), linscale=1, vmin=-most, vmax=most)


def _symmetric_ticks(linear, most):
    """0, the round numbers from about the end of the linear part on, and their negatives."""
    decades = 10.0 ** np.arange(np.floor(np.log10(linear)), np.ceil(np.log10(most)) + 1)
    steps = (1,) if len(decades) > 3 else (1, 3)
    sides = [s * d for d in decades for s in steps if linear / 3.4 <= s * d <= most]
    return [*(-x for x in reversed(sides)), 0, *sides]
