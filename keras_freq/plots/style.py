"""The house style, based on seaborn's: colours, literal names, legends and colour bars.

`house_style` sets matplotlib's parameters for the duration of one call. Importing or calling
a plot function therefore changes nothing for the figures drawn before or after it.
"""

import functools
import re
import textwrap

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from keras_freq.colours import BLUES as BLUES
from keras_freq.colours import DIVERGING as DIVERGING
from keras_freq.colours import SEQUENTIAL as SEQUENTIAL
from keras_freq.colours import UNDEFINED as UNDEFINED

INK, QUIET, GRID = "#262626", "#767676", "#e6e6e6"  # the first is seaborn's own

# These stay apart under all common colour vision deficiencies, and none is too pale on white. From
# the eighth class on, the line style or the marker changes as well.
BLUE, ORANGE, GREEN, RED, PINK, *_, SKY = sns.color_palette("colorblind").as_hex()
DARK = "#444444"
CLASS_COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, RED, DARK)
LINE_STYLES = ("-", (0, (4, 1.5)), (0, (1, 1)))
LEGEND_WIDTH = 24  # characters
MARKERS = ("o", "D", "s", "^", "v", "P", "X")

STYLE = {
    **sns.axes_style("ticks"),
    **sns.plotting_context("paper", font_scale=0.93),
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlepad": 5,
    "grid.color": GRID,
    "legend.frameon": False,
    "text.usetex": False,
}


def house_style(plot):
    """Runs a plot function under the house style, and restores matplotlib's parameters."""

    @functools.wraps(plot)
    def styled(*args, **kwargs):
        # `rc_context` puts back everything. A notebook's backend turns "interactive" on with the
        # first figure; if that were undone, no later figure would be shown.
        before = {key: mpl.rcParams[key] for key in STYLE}
        mpl.rcParams.update(STYLE)
        try:
            return plot(*args, **kwargs)
        finally:
            mpl.rcParams.update(before)

    return styled


def restyled(ax):
    """Gives axes that were made elsewhere the frame and the sizes of the house style."""
    sns.despine(ax=ax)
    ax.grid(False)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=STYLE["xtick.labelsize"], grid_color=GRID)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_fontsize(STYLE["axes.labelsize"])
    return ax


def class_line(class_id):
    """Colour and line style of a class, the same in every figure."""
    return {
        "color": CLASS_COLOURS[class_id % len(CLASS_COLOURS)],
        "linestyle": LINE_STYLES[class_id // len(CLASS_COLOURS) % len(LINE_STYLES)],
    }


def class_marker(class_id):
    """Colour and marker of a class, where points stand in for the lines of `class_line`."""
    marker = MARKERS[class_id // len(CLASS_COLOURS) % len(MARKERS)]
    return class_line(class_id) | {"marker": marker, "linestyle": "none"}


def literal(text):
    """Draws a text as it is: a class name with `$` or `_` is no formula."""
    text.set_parse_math(False)
    text.set_usetex(False)
    return text


class _NameWrapper(textwrap.TextWrapper):
    """Breaks at a space and after `_`, `-`, `/` and `.`, but not at a decimal point."""

    wordsep_re = re.compile(r"( )|(?<=[_\-/])|(?<=\.)(?!\d)")


def wrapped(name, characters):
    """Breaks a long name into lines; a part that is too long is cut."""
    return "\n".join(_NameWrapper(characters, replace_whitespace=False).wrap(str(name)))


def characters_in(inches, size):
    """How many characters of a font of `size` points fit into a line."""
    return max(10, int(inches * 72 / (0.56 * size)))


def set_title(ax, name, **options):
    """A literal title, broken into lines that fit the width of the axes."""
    size = STYLE["axes.titlesize"]
    inches = ax.get_window_extent().width / ax.figure.dpi
    lines = wrapped(name, characters_in(inches, size))
    return literal(ax.set_title(lines, fontsize=size, color=INK, **options))


def class_ticks(axis, names, *, first=0.0, characters=24, **options):
    """Ticks at `first`, `first + 1`, ... that carry the class names as literal text."""
    labels = [wrapped(name, characters) for name in names]
    axis.set_ticks(first + np.arange(len(names)), labels=labels, **options)
    for tick in axis.get_major_ticks():
        literal(tick.label1)
        literal(tick.label2)


def side_legend(ax, names, look=class_line):
    """A legend of literal names beside the axes; `look(k)` is how the k-th of them is drawn."""
    handles = [Line2D([], [], **look(k)) for k in range(len(names))]
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.03), "borderaxespad": 0}
    legend = ax.legend(handles, ["name"] * len(names), **place)
    # Set afterwards: some versions of matplotlib drop a name that starts with `_`.
    for text, name in zip(legend.get_texts(), names, strict=True):
        literal(text).set_text(wrapped(name, LEGEND_WIDTH))
    return legend


def top_legend(ax, handles, *, ncols):
    """A legend of the handles' own labels, above the axes."""
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=ncols)


def colour_bar(image, label, *, ax=None, cax=None, **options):
    """A thin labelled colour bar in the axes `cax`, or beside `ax`: one axes or a list of them."""
    if cax is None:
        # As high as the axes, and about 0.13 inches wide.
        box = Bbox.union([one.get_window_extent() for one in np.atleast_1d(ax)])
        aspect = max(10, box.height / image.figure.dpi / 0.13)
        options = {"ax": ax, "aspect": aspect, "pad": 0.02, "fraction": 0.05, **options}
    bar = image.figure.colorbar(image, cax=cax, label=label, **options)
    bar.outline.set_visible(False)
    bar.ax.minorticks_off()
    return bar


def remark(ax, text, *, above):
    """A small text: above the axes (below a title with a `pad` of 15), or grey below their end."""
    look = {"xy": (0.5, 1), "xytext": (0, 3), "ha": "center", "color": DARK}
    if not above:
        look = {"xy": (1, 0), "xytext": (0, -20), "ha": "right", "va": "top", "color": QUIET}
    look |= {"xycoords": "axes fraction", "textcoords": "offset points"}
    ax.annotate(text, fontsize=7.5, **look)


def readable_on(colour):
    """Black or white ink, whichever reads better on a colour (by its relative luminance)."""
    return "white" if sns.utils.relative_luminance(colour) < 0.22 else INK


def signed(value, _position=None, digits=".3g"):
    """A number with its sign, a true minus: '+3', '−0.01'; zero has none: '0'."""
    text = f"{value:+{digits}}"
    return text.replace("-", "\N{MINUS SIGN}") if float(text) else "0"


def whole_ticks(most=6):
    """A locator of round whole numbers, such as steps, epochs or layers."""
    return MaxNLocator(nbins=most, steps=[1, 2, 5, 10], integer=True)
