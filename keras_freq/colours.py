"""Colours and scales of maps, the same in figures and in what notebooks show."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap, SymLogNorm

UNDEFINED = "#c8c8c8"  # NaN; far from all colours of the colour maps below


def colour_map(path):
    """A colour map through hexadecimal colours, with NaN in grey.

    Args:
        path: Six digits for each colour, with spaces between.

    Returns:
        A matplotlib colour map.

    Example:
        >>> colour_map("000000 ffffff")(1.0) == (1.0, 1.0, 1.0, 1.0)
        True
    """
    colours = [f"#{colour}" for colour in path.split()]
    return LinearSegmentedColormap.from_list("blend", colours).with_extremes(bad=UNDEFINED)


SEQUENTIAL = colormaps["viridis"].with_extremes(bad=UNDEFINED)
# ColorBrewer's Blues and RdBu, which keep their order under colour vision deficiencies, in equal
# steps of CIELAB: equal differences look equal.
BLUES = colour_map(
    "f7fbff ddeaf7 c3daee a4cce3 88bedc 6cafd6 529dcc 3c8cc3 2b7bba 1c6bb0 0f5aa3 08498f 083877"
)
DIVERGING = colour_map(
    "144e8a 2166ac 307ab6 408fc1 61a6cd 86bdda acd2e6 d3e6f0 f7f7f7 "
    "fbe2d3 fac9b0 f6af8f eb9173 dd7059 cd4d44 b61f2f 940e26"
)


def largest_change(values):
    """The value furthest from 0, with its sign; 0 where all are undefined."""
    values = values[np.isfinite(values)]
    return float(values[np.abs(values).argmax()]) if values.size else 0.0


def symmetric_norm(values, largest):
    """A scale around 0 up to `largest`, linear for most of the values and logarithmic above.

    Args:
        values: An array; NaN is left out.
        largest: Where the scale ends, of either sign.

    Returns:
        A matplotlib `SymLogNorm`.

    Example:
        >>> float(symmetric_norm(np.array([-2.0, 0.0, 1.0]), -2.0)(2.0))
        1.0
    """
    sizes = np.abs(values[np.isfinite(values)])
    most = abs(largest) or 1.0
    linear = np.quantile(sizes, 0.95) if sizes.size else most
    # Below a thousandth of the largest change the logarithm would only magnify noise.
    linear = np.clip(linear, most / 1000, most)
    return SymLogNorm(linthresh=linear, linscale=1, vmin=-most, vmax=most)
