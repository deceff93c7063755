"""Critical bands: accuracy with noise of each octave, and the channel that is fitted to it."""

from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import NullLocator

from keras_freq.lenses.channel_fit import gaussian
from keras_freq.plots import style
from keras_freq.plots.axes import draw_heat_map, line_panels
from keras_freq.plots.recall_lines import line_of_all

_HUMAN_OCTAVES = 1.0


@style.house_style
def critical_bands(bands, *, ax=None):
    """Draws which octaves of noise harm a model, and its channel beside that of people.

    Each cell is the accuracy with noise of one octave at one strength. The orange line is the
    threshold, the strength that brings accuracy down to the level. In the last panel, the points
    are 1 over the thresholds: the higher, the less noise it takes. Triangles are bands in which
    even the strongest noise does not. The curve is the fitted channel, and the dotted one of the
    same peak is one octave wide, as that of people.

    Args:
        bands: A `CriticalBands` as from `keras_freq.critical_bands`. Or a dict `{name:
            CriticalBands}` of several models.
        ax: A matplotlib axes for each model, and one more. Defaults to a new figure.

    Returns:
        Array of axes: one for each model, and that of the channels.

    Raises:
        TypeError: If `bands` is not a `CriticalBands`, or a dict of them.
        ValueError: If there is nothing to draw.

    Example:
        >>> import keras, numpy as np
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), np.arange(6) % 2
        >>> bands = kf.critical_bands(keras.Sequential(layers), data, 2)
        >>> len(kf.plots.critical_bands(bands))
        2
    """
    named = bands if isinstance(bands, Mapping) else {"": bands}
    for one in named.values():
        if not hasattr(one, "thresholds"):
            raise TypeError(
                "`bands` must be a CriticalBands as from `keras_freq.critical_bands`, or a dict of "
                f"them. Received: {type(one).__name__}"
            )
    if not named:
        raise ValueError("`bands` must hold at least one result. Received: none")
    names = [*named] if len(named) > 1 else []
    axes = line_panels(len(named) + 1, ax, "", size=(3.2, 2.9), legend=names, sharey=False)
    for one, (name, found) in zip(axes[:-1], named.items(), strict=True):
        _draw_accuracy(one, name, found)
    for number, found in enumerate(named.values()):
        _draw_channel(axes[-1], found, line_of_all(number, named)["color"])
    _label_channels(axes[-1], named)
    if names:
        style.side_legend(axes[-1], names)
    return axes


def _draw_accuracy(ax, name, found):
    """Draws accuracy over bands and strengths, the strongest noise above."""
    share = found.accuracy.T[::-1]
    texts = [[f"{100 * value:.0f}" for value in row] for row in share]
    strengths = [f"{strength:.3g}" for strength in found.strengths[::-1]]
    look = {"cmap": style.BLUES, "limits": (0, 1), "texts": texts}
    draw_heat_map(ax, share, strengths, **look)
    ax.grid(False)
    ax.set_xticks(np.arange(len(found.centres)) + 0.5, [f"{one:.3g}" for one in found.centres])
    logs = np.log2(np.clip(found.thresholds, found.strengths[0] / 2, 2 * found.strengths[-1]))
    known = np.log2(found.strengths)
    # Beyond the strengths that were tried, the line runs along the edge.
    ends = [known[0] - 0.5, *known, known[-1] + 0.5]
    rows = [len(known), *(np.arange(len(known), 0, -1) - 0.5), 0]
    bands = np.arange(len(logs))
    ax.hlines(np.interp(logs, ends, rows), bands, bands + 1, color=style.ORANGE, linewidth=2.5)
    ax.set_xlabel("centre of the noise\n(cycles per image)")
    ax.set_ylabel("strength of the noise")
    style.set_title(ax, name or "accuracy with noise (%)", pad=15)
    style.remark(ax, f"{100 * found.base_accuracy:.0f} % without noise", above=True)


def _draw_channel(ax, found, colour):
    """Draws the sensitivity of each band, and the fitted channel."""
    strongest = found.strengths[-1]
    reached = np.isfinite(found.thresholds)
    with np.errstate(divide="ignore"):
        sensitivity = np.clip(1 / found.thresholds, 1 / strongest, 4 / found.strengths[0])
    point = {"color": colour, "linestyle": "none", "markersize": 5}
    ax.plot(found.centres[reached], sensitivity[reached], marker="o", **point)
    ax.plot(found.centres[~reached], sensitivity[~reached], marker="v", fillstyle="none", **point)
    if found.finding:
        return
    places = np.linspace(np.log2(found.centres[0]) - 0.5, np.log2(found.centres[-1]) + 0.5, 200)
    octaves = np.log2(found.sensitivity * strongest)
    for width, line in ((found.bandwidth, "-"), (_HUMAN_OCTAVES, (0, (1, 1.5)))):
        spread = width / (2 * np.sqrt(np.log(4)))
        curve = gaussian(places, octaves, np.log2(found.centre), spread)
        ax.plot(2**places, 2**curve / strongest, color=colour, linestyle=line, linewidth=1.6)


def _label_channels(ax, named):
    """Axes of the channels, and their widths in words."""
    ax.set_xscale("log", base=2)
    ax.set_yscale("log", base=2)
    centres = next(iter(named.values())).centres
    ax.set_xticks(centres, [f"{one:.3g}" for one in centres])
    ticks = sorted({1 / one for found in named.values() for one in found.strengths})
    ax.set_yticks(ticks, [f"{one:.3g}" for one in ticks])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    fitted = not all(found.finding for found in named.values())
    dotted = "\ndotted: one octave, as in people" if fitted else ""
    ax.set_xlabel(f"frequency (cycles per image){dotted}")
    ax.set_ylabel("sensitivity (1 / threshold)")
    style.set_title(ax, "channel", pad=15)
    if len(named) == 1:
        (found,) = named.values()
        low, high = found.bandwidth_interval
        told = f"{found.bandwidth:.2g} octaves wide"
        if np.isfinite(low):
            told += f" ({low:.2g} to {high:.2g})"
        style.remark(ax, "cannot tell" if found.finding else told, above=True)
