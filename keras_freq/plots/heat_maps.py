"""Fourier heat maps: how much a wave of each frequency harms a model."""

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import Normalize

from keras_freq import checks
from keras_freq.metrics.rates import percent
from keras_freq.plots import style
from keras_freq.plots.frequency_maps import draw_maps

_LABELS = {
    "error": "share of wrong answers\nwith a wave added",
    "loss": "mean loss with a wave\nadded (nats)",
    "distance": "mean distance that a wave\nmoves what {layer} gives",
}


@style.house_style
def fourier_heat_map(heat_map, *, limits=None, ax=None):
    """Draws Fourier heat maps of one or several models side by side, on one scale of colours.

    The brighter a frequency is, the more a wave of it harms the model. Above each map stands what
    the model does without a wave. In a map of a sample of the frequencies, small dots are those
    that were measured, and the colours between them are interpolated.

    Args:
        heat_map: A `FourierHeatMap` as from `keras_freq.fourier_heat_map`; a dict `{name:
            FourierHeatMap}` of several models, all of one size and measure; or an array `(H, W)`,
            centred. NaN is grey.
        limits: The values at both ends of the colours, a pair. Defaults to None: from what the
            models do without a wave (the best of them) to the largest value. Waves that do good
            have the lowest colour. Arrays, which tell no such value, go from their least value.
        ax: A matplotlib axes for each map. Defaults to a new figure.

    Returns:
        Array of axes, one for each map.

    Raises:
        TypeError: If `heat_map` is nothing of that.
        ValueError: If maps do not fit each other, or `limits` or the number of axes is wrong.

    Example:
        >>> import numpy as np
        >>> from keras_freq import plots
        >>> axes = plots.fourier_heat_map(np.random.default_rng(0).random((8, 8)))
        >>> len(axes)
        1
    """
    named = heat_map if isinstance(heat_map, Mapping) else {"": heat_map}
    results = [one for one in named.values() if hasattr(one, "base_error")]
    if results and len(results) < len(named):
        raise TypeError("`heat_map` must hold heat maps only, or arrays only. Received: both")
    maps = [getattr(one, "error", one) for one in named.values()]
    maps = [checks.real_array("heat_map", one, "(H, W)", ndim=2).astype(float) for one in maps]
    if len({one.shape for one in maps}) != 1 or len({one.measure for one in results}) > 1:
        raise ValueError(
            "`heat_map` must hold maps of one size and measure, at least one. Received: "
            + (", ".join(str(one.shape) for one in maps) or "none")
        )
    maps = np.stack(maps)
    subtitles, label = None, "harm of a wave"
    if results:
        one = results[0]
        label = _LABELS[one.measure].format(layer=one.layer)
        subtitles = [_subtitle(result) for result in results]
    low, high = _limits(limits, maps, [one.base_error for one in results])
    axes = draw_maps(
        maps,
        list(named),
        ax,
        cmap=style.SEQUENTIAL,
        norm=Normalize(low, high),
        subtitles=subtitles,
        label=label,
    )
    for ax_, result in zip(axes, results, strict=False):
        if not result.measured.all():
            rows, columns = np.nonzero(result.measured)
            height, width = result.measured.shape
            look = {"s": 1, "color": "white", "linewidths": 0, "alpha": 0.7}
            ax_.scatter(columns - width // 2, rows - height // 2, **look)
    return axes


def _subtitle(result):
    """What the model does without a wave."""
    if result.measure == "error":
        return f"without: {percent(result.base_error, 1)} wrong"
    if result.measure == "loss":
        return f"without: {result.base_error:.3g} nats"
    return f"strength {result.strength:.3g}"


def _limits(limits, maps, bases):
    """The ends of the colours."""
    if limits is not None:
        low, high = checks.interval("limits", limits, -np.inf, np.inf, "values of the maps")
        return low, high if high > low else low + 1e-9
    known = maps[np.isfinite(maps)]
    low = min([*bases] or [known.min(initial=np.inf)])
    low = low if np.isfinite(low) else 0.0
    return low, max(known.max(initial=low), low + 1e-9)
