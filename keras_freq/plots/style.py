"""The house style: colours, panels, literal names and colour bars.

Everything is applied locally. `house_style` sets matplotlib's parameters for the
duration of one call, so importing or calling a plot function changes nothing for
the figures drawn before or after it.
"""

import functools
import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

INK = "#262626"
QUIET = "#767676"
GRID = "#e6e6e6"
UNDEFINED = "#c8c8c8"  # NaN; neither an end nor the middle of any colour map used here

# Colour maps in equal steps of CIELAB: equal differences look equal. The latter two follow
# ColorBrewer's paths (Blues, RdBu), which keep their order under colour vision deficiencies.
_BLUES = """
    f7fbff ddeaf7 c3daee a4cce3 88bedc 6cafd6 529dcc 3c8cc3 2b7bba 1c6bb0 0f5aa3 08498f 083877
"""
_BLUE_TO_RED = """
    144e8a 2166ac 307ab6 408fc1 61a6cd 86bdda acd2e6 d3e6f0 f7f7f7
    fbe2d3 fac9b0 f6af8f eb9173 dd7059 cd4d44 b61f2f 940e26
"""


def _colour_map(name, colours):
    """A colour map through hexadecimal colours, with NaN in grey."""
    colours = [f"#{colour}" for colour in colours.split()]
    return LinearSegmentedColormap.from_list(name, colours).with_extremes(bad=UNDEFINED)


SEQUENTIAL = mpl.colormaps["viridis"].with_extremes(bad=UNDEFINED)
BLUES = _colour_map("even_blues", _BLUES)
DIVERGING = _colour_map("even_blue_red", _BLUE_TO_RED)

# Okabe and Ito's colours, which stay apart under all common colour vision deficiencies, without the
# yellow, which is lost on white. From the eighth class on the line style or marker changes as well.
LINE_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#444444")
LINE_STYLES = ("-", (0, (4, 1.5)), (0, (1, 1)))
MARKERS = ("o", "D", "s", "^", "v", "P", "X")

STYLE = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": "#9a9a9a",
    "axes.linewidth": 0.6,
    "axes.grid": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelcolor": INK,
    "text.color": INK,
    "text.usetex": False,
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlepad": 5,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.color": "#9a9a9a",
    "ytick.color": "#9a9a9a",
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.4,
}


def house_style(plot):
    """Runs a plot function under the house style, and restores matplotlib's parameters."""

    @functools.wraps(plot)
    def styled(*args, **kwargs):
        # Not `rc_context`, which puts back everything: a notebook's backend turns "interactive" on
        # with the first figure, and were that undone, no later figure would be shown.
        before = {key: mpl.rcParams[key] for key in STYLE}
        mpl.rcParams.update(STYLE)
        try:
            return plot(*args, **kwargs)
        finally:
            mpl.rcParams.update(before)

    return styled


def checked_array(value, name, shape, *, ndim):
    """`value` as a NumPy array of one of the allowed numbers of dimensions, none of them empty."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(
            f"`{name}` must be an array of shape {shape}. Received: {error}"
        ) from error
    allowed = ndim if isinstance(ndim, tuple) else (ndim,)
    numeric = array.dtype == bool or np.issubdtype(array.dtype, np.number)
    if array.ndim not in allowed or array.size == 0 or not numeric or np.iscomplexobj(array):
        raise ValueError(
            f"`{name}` must be an array of real numbers of shape {shape}, not empty. "
            f"Received: shape {array.shape}, dtype {array.dtype}"
        )
    return array


def checked_names(class_names, num_classes):
    """One string for each class: the names given, or "0", "1", ..."""
    if class_names is None:
        return [str(k) for k in range(num_classes)]
    names = [str(name) for name in class_names]
    if isinstance(class_names, str) or len(names) != num_classes:
        raise ValueError(
            f"`class_names` must be a list of {num_classes} names, one for each class. "
            f"Received: class_names={class_names!r}"
        )
    return names


def single_axes(ax, figsize):
    """The caller's axes in the house style, or the axes of a new figure of `figsize` inches."""
    if ax is None:
        return plt.figure(figsize=figsize, layout="constrained").add_subplot()
    if isinstance(ax, np.ndarray) and ax.size == 1:
        ax = ax.item()
    if not isinstance(ax, Axes):
        raise TypeError(
            f"`ax` must be a matplotlib Axes or None. Received: ax of type {type(ax).__name__}"
        )
    return restyled(ax)


def given_axes(ax, count):
    """The caller's axes as a flat array of `count`; those left over are switched off."""
    axes = [ax] if isinstance(ax, Axes) else list(np.asarray(ax, dtype=object).flat)
    if not all(isinstance(one, Axes) for one in axes):
        raise TypeError(
            "`ax` must be None or an array of matplotlib Axes, such as `plt.subplots(2, 5)[1]`. "
            f"Received: ax of type {type(ax).__name__}"
        )
    if len(axes) < count:
        raise ValueError(
            f"`ax` must hold at least {count} axes, one for each panel. Received: {len(axes)}"
        )
    for spare in axes[count:]:
        spare.set_axis_off()
    return as_array([restyled(one) for one in axes[:count]])


def as_array(axes):
    """A one-dimensional object array of axes."""
    array = np.empty(len(axes), dtype=object)
    array[:] = axes
    return array


def restyled(ax):
    """Gives the frame and ticks of axes that were made elsewhere the house style."""
    for side, spine in ax.spines.items():
        spine.set_edgecolor(STYLE["axes.edgecolor"])
        spine.set_linewidth(STYLE["axes.linewidth"])
        if side in ("top", "right"):
            spine.set_visible(False)
    ax.tick_params(
        color=STYLE["xtick.color"], labelcolor=INK, labelsize=STYLE["xtick.labelsize"], width=0.6
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(color=INK, fontsize=STYLE["axes.labelsize"])
    ax.grid(False)
    return ax


def grid_shape(count, *, most_columns=5):
    """Rows and columns of a balanced grid: 4 panels make 1 x 4, 6 make 2 x 3, 10 make 2 x 5."""
    rows = -(-count // most_columns)
    return rows, -(-count // rows)


def literal(text):
    """Draws a text as it is: a class name with `$` or `_` is no formula."""
    text.set_parse_math(False)
    text.set_usetex(False)
    return text


def set_title(ax, name, **options):
    """A literal title, broken into lines that fit the width of the axes."""
    size = STYLE["axes.titlesize"]
    inches = ax.get_window_extent().width / ax.figure.dpi
    lines = wrapped(name, characters_in(inches, size))
    return literal(ax.set_title(lines, fontsize=size, color=INK, **options))


def characters_in(inches, size):
    """How many characters of a font of `size` points fit into a line."""
    return max(10, int(inches * 72 / (0.56 * size)))


def wrapped(name, characters):
    """Breaks a long name after a space, `_`, `-`, `/` or `.`; where there is none, at the width."""
    lines = [""]
    for word in _words(name):
        while len(lines[-1]) + len(word.rstrip()) > characters:
            if lines[-1]:
                lines.append("")
            else:
                lines[-1], word = word[:characters], word[characters:]
                lines.append("")
        lines[-1] += word
    return "\n".join(line.rstrip() for line in lines if line)


def _words(name):
    """Cuts a name after each place where a line may break."""
    words = [""]
    for character, following in itertools.zip_longest(name, name[1:], fillvalue=""):
        words[-1] += character
        # A decimal point holds its number together.
        if character in " _-/" or (character == "." and not following.isdigit()):
            words.append("")
    return [word for word in words if word]


def class_ticks(axis, names, *, characters=24, **options):
    """Ticks at 0, 1, ... that carry the class names as literal text."""
    labels = [wrapped(name, characters) for name in names]
    axis.set_ticks(range(len(names)), labels=labels, **options)
    for tick in axis.get_major_ticks():
        literal(tick.label1)
        literal(tick.label2)


def class_colour(class_id):
    """Colour and line style of a class, the same in every figure."""
    return {
        "color": LINE_COLOURS[class_id % len(LINE_COLOURS)],
        "linestyle": LINE_STYLES[class_id // len(LINE_COLOURS) % len(LINE_STYLES)],
    }


def class_marker(class_id):
    """Marker of a class, where points stand in for the lines of `class_colour`."""
    return MARKERS[class_id // len(LINE_COLOURS) % len(MARKERS)]


def literal_legend(ax, handles, names, **options):
    """A legend of literal names.

    The names are set afterwards, since some versions of matplotlib drop one that starts with `_`.
    """
    legend = ax.legend(handles, ["name"] * len(names), labelcolor=INK, **options)
    for text, name in zip(legend.get_texts(), names, strict=True):
        literal(text).set_text(name)
    return legend


def colour_bar(image, label, *, ax=None, cax=None, **options):
    """A thin labelled colour bar: in `cax`, or taking its room from one axes or a list of them."""
    if cax is None:
        # As high as the axes, and about 0.13 inches wide.
        box = Bbox.union(
            [one.get_window_extent() for one in (ax if isinstance(ax, list) else [ax])]
        )
        aspect = max(10, box.height / image.figure.dpi / 0.13)
        options = {"ax": ax, "aspect": aspect, "pad": 0.02, "fraction": 0.05, **options}
    bar = image.figure.colorbar(image, cax=cax, **options)
    bar.outline.set_visible(False)
    bar.set_label(label, color=INK, fontsize=STYLE["axes.labelsize"])
    restyled(bar.ax)
    return bar


def readable_on(rgba):
    """Black or white ink, whichever reads better on a colour (by its relative luminance)."""
    rgb = np.asarray(rgba)[:3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return "white" if linear @ (0.2126, 0.7152, 0.0722) < 0.22 else INK


def subtitle(ax, text):
    """A small quiet line between the axes and their title, which needs a `pad` of 15 points."""
    return _remark(ax, text, xy=(0.5, 1), xytext=(0, 3), ha="center")


def note(ax, text):
    """A small quiet remark under the right end of the axes."""
    return _remark(ax, text, xy=(1, 0), xytext=(0, -20), ha="right", va="top")


def _remark(ax, text, **place):
    """A small quiet text; `xy` in fractions of the axes, `xytext` in points from there."""
    look = {"fontsize": 7.5, "color": QUIET}
    return ax.annotate(text, xycoords="axes fraction", textcoords="offset points", **look, **place)


def signed(value, _position=None):
    """A number with its sign (a true minus), none for 0: '+3', '−0.01', '0'."""
    return f"{value:+.3g}".replace("-", "\N{MINUS SIGN}") if value else "0"


def step_axis(ax, label):
    """A horizontal axis of whole steps or epochs, with ticks at round numbers."""
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))
    ax.set_xlabel(label)
