"""What the figures of a transfer experiment share: the look of each treatment, bases, axes."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from keras_freq.plots import style

# Colour, marker, whether filled. Fine-tuned networks are open and dashed.
LOOKS = {
    "BnB": ("#0072b2", "o", True),
    "BnB+": ("#56b4e9", "o", False),
    "AnB": ("#d55e00", "D", True),
    "AnB+": ("#e69f00", "D", False),
    "random": ("#444444", "s", True),
}
NAMES = {
    "BnB": "BnB: own layers, frozen",
    "BnB+": "BnB+: own layers, fine-tuned",
    "AnB": "AnB: transferred layers, frozen",
    "AnB+": "AnB+: transferred layers, fine-tuned",
    "random": "random layers, frozen",
}
STEP = 0.09  # points of different treatments stand side by side


def draw_bases(ax, accuracies):
    """The base networks at 0 and their mean as a dotted line; returns a legend's handle."""
    dotted = {"color": style.INK, "linewidth": 0.9, "linestyle": (0, (1, 2))}
    ring = {"marker": "o", "markersize": 6, "markerfacecolor": "white"}
    ring |= {"markeredgecolor": style.INK, "markeredgewidth": 1.0}
    ax.axhline(accuracies.mean(), zorder=1, **dotted)
    ax.plot(np.zeros(len(accuracies)), accuracies, linestyle="none", zorder=4, **ring)
    return Line2D([], [], label="base networks", **dotted, **ring)


def draw_points(ax, n, values, base, treatment, shift, count, look=None, label=None):
    """The networks of a treatment, and the line through their means; returns a legend's handle."""
    colour, marker, filled = look or LOOKS[treatment]
    n, values = np.asarray(n), np.asarray(values, float)
    look = {
        "color": colour,
        "marker": marker,
        "markersize": 4.5 if count < 300 else 3,
        "markerfacecolor": colour if filled else "white",
        "markeredgecolor": colour,
        "markeredgewidth": 1.0,
    }
    line = {"linewidth": 1.4, "linestyle": "-" if filled else (0, (4, 1.5))}
    ax.plot(n + shift, values, alpha=0.75, zorder=3, **{**look, "linestyle": "none"})
    places = np.unique(n)
    means = [values[n == place].mean() for place in places]
    if len(base):
        places, means = [0, *places], [np.mean(base), *means]
    else:
        places = list(places)
    shifts = [0 if place == 0 else shift for place in places]
    ax.plot(np.add(places, shifts), means, color=colour, zorder=2, label=treatment, **line)
    return Line2D([], [], label=label or NAMES[treatment], **{**look, **line})


def axis_of_layers(ax, last):
    """Axis of layers and grid."""
    ax.set_xlabel("number of copied lower layers n")
    ax.set_xlim(-0.4, last + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=12, steps=[1, 2, 5, 10], integer=True))
    ax.grid(axis="y", color=style.GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def check_frame(frame, name):
    """Raises unless a frame is one of a transfer experiment."""
    # Only now: the module imports TensorFlow.
    from keras_freq.transfer.boost import check_frame

    check_frame(frame, name)


def check_columns(frame, name, columns):
    """Raises unless a frame has rows and columns."""
    # Imported here: the package of the experiment itself brings TensorFlow along.
    from keras_freq.transfer.boost import check_columns

    check_columns(frame, name, columns)
