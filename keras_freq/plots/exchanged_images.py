"""Images of other classes with the frequencies of a class's map: the picture of a shortcut."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import draw_heat_map, given_axes, single_axes

KEPT, LEFT_OUT = "#08519c", "#eef2f6"
CALLED = style.RED
# Left ends of the columns, in widths of an image.
PLACES = {
    "untouched": 0.16,
    "donor": 1.38,
    "swapped": 2.6,
    "random": 3.82,
    "alone": 5.2,
    "alone_random": 6.3,
}
WIDTH = 7.32
# Heights, in widths of an image: of what the model says, of the titles, and of the counts.
ANSWER, TITLES, COUNTS = 0.34, 0.98, 0.42
# Inches: an image, the headline, and the margin.
IMAGE, HEAD, MARGIN = 1.16, 0.62, 0.12


@style.house_style
def shortcut_examples(
    model,
    dataset,
    maps,
    class_id,
    *,
    num_examples=4,
    what="content",
    random="cells",
    choose="changed",
    seed=0,
    class_names=None,
    ax=None,
):
    """Draws what the frequencies of a class's map do to images of other classes.

    Each row is an image of another class. From left to right: the image, a random image of the
    class, the first with the second's frequencies of the class's map, and the same with random
    frequencies. Then these frequencies of the second image alone, and the random ones alone: all
    else is taken away, and a missing mean is replaced by that of the data. They show whether the
    frequencies are enough without another image around them. Under each stands what the model says,
    with its probability, in red where it is the class. The last line counts all other images of
    the data (500 at most), each with an image of the class, so that the chosen ones do not mislead.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`; C is 1 or 3.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is held
            in memory.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        class_id: The class whose map is shown.
        num_examples: Number of rows. Defaults to 4.
        what: What is exchanged, `"content"`, `"amplitude"` or `"phase"`, as in
            `keras_freq.transplant_rates`.
        random: What the random frequencies have in common with the map: `"cells"`, their number, or
            `"energy"`. Those of equal energy are most of the spectrum where a map has the
            strong, low frequencies of photographs: nearly the whole image of the class comes then.
            Defaults to "cells", as in `keras_freq.transplant_rates`.
        choose: Which images are shown. `"changed"`: first those that the model knows and that
            become the class. `"random"`: any. Defaults to "changed".
        seed: Int, of the donors, the random map and the choice.
        class_names: K names. Defaults to those of `dataset`.
        ax: `num_examples` or more matplotlib axes to draw the rows into. Defaults to a new figure.

    Returns:
        Array of axes, one a row.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or if maps, images and model do not fit.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> axes = kf.plots.shortcut_examples(
        ...     keras.Sequential(layers), data, maps, 0, num_examples=2, class_names=["cat", "dog"]
        ... )
        >>> len(axes)
        2

    See Also:
        `keras_freq.transplant_rates`, which measures the same with error bars.
    """
    from keras_freq.shortcuts.examples import transplant_examples

    num_examples = checks.integer("num_examples", num_examples)
    examples = transplant_examples(
        model,
        dataset,
        maps,
        class_id,
        number=num_examples,
        what=what,
        random=random,
        choose=choose,
        seed=seed,
        class_names=class_names,
    )
    rows = len(examples.labels)
    height = examples.images.shape[2] / examples.images.shape[3]
    spaces = [[TITLES if row == 0 else 0, COUNTS if row == rows - 1 else 0] for row in range(rows)]
    heights = [height + ANSWER + sum(space) for space in spaces]
    axes = given_axes(_new_axes(heights, examples, what, random) if ax is None else ax, rows)
    for row, (one, (above, below)) in enumerate(zip(axes, spaces, strict=True)):
        _draw_row(one, examples, row, height)
        one.set(xlim=(0, WIDTH), ylim=(height + ANSWER + below, -above))
        one.set(aspect="equal", xticks=[], yticks=[])
        one.spines[:].set_visible(False)
    _draw_titles(axes[0], examples, what)
    _draw_counts(axes[-1], examples, height + ANSWER)
    return axes


def _new_axes(heights, examples, what, random_kind):
    """Axes of a new figure, as high as their contents, below a headline."""
    from keras_freq.shortcuts.evidence import matters

    width, height = WIDTH * IMAGE + 2 * MARGIN, sum(heights) * IMAGE + HEAD + MARGIN
    figure = plt.figure(figsize=(width, height))
    part = {"content": "", "amplitude": "strength at ", "phase": "phases at "}[what]
    untouched, swapped, random = (f"{100 * rate:.0f} %" for rate in examples.rates[:3])
    share, name = f"{100 * examples.maps[0].mean():.2g} %", examples.class_name
    kind = {"energy": "random frequencies of the same energy", "cells": "as many random ones"}
    kind = kind[random_kind]
    headline = f"{swapped} of other images become “{name}” with {part}{share} of its frequencies"
    if not matters(examples.rates[1] - examples.rates[2]):
        headline = f"{swapped} of other images become “{name}”, {random} with {kind}"
    lines = [
        headline,
        f"Untouched {untouched}, with one draw of {kind} {random}. "
        "Below: the network's answer, and how sure it is.",
    ]
    looks = [
        {"fontsize": min(13, 0.92 * _filling_size(width, lines[0])), "fontweight": "bold"},
        {"fontsize": 9, "color": style.QUIET},
    ]
    for line, look, top in zip(lines, looks, (0.1, 0.37), strict=True):
        place = MARGIN / width, 1 - top / height
        style.literal(figure.text(*place, line, va="top", **{"color": style.INK} | look))
    grid = figure.add_gridspec(
        len(heights),
        1,
        height_ratios=heights,
        hspace=0,
        left=MARGIN / width,
        right=1 - MARGIN / width,
        bottom=MARGIN / height,
        top=1 - HEAD / height,
    )
    return [figure.add_subplot(one) for one in grid]


def _filling_size(inches, text):
    """The size in points at which a bold text fills a line of so many inches."""
    return inches * 72 / (0.62 * len(text))


def _draw_row(ax, examples, row, height):
    """The images of one example, and what the model says to each."""
    from keras_freq.shortcuts.examples import VIEWS

    _draw_image(ax, examples.donors[row], PLACES["donor"], height)
    text = {"ha": "center", "va": "top", "fontsize": 8.5, "color": style.INK}
    side = text | {"va": "center", "rotation": 90, "color": style.QUIET}
    name = style.wrapped(examples.labels[row], 20)
    style.literal(ax.text(PLACES["untouched"] - 0.09, height / 2, name, **side))
    middle = PLACES["donor"] + 0.5
    style.literal(ax.text(middle, height + 0.05, style.wrapped(examples.class_name, 20), **text))
    for sign, place in (("+", "donor"), ("=", "swapped")):
        place = PLACES[place] - 0.11
        ax.text(place, height / 2, sign, ha="center", va="center", fontsize=13, color=style.INK)
    for number, view in enumerate(VIEWS):
        called, left = examples.is_class[row, number], PLACES[view]
        _draw_image(ax, examples.images[row, number], left, height)
        colour = CALLED if called else style.INK
        if called:
            look = {"fill": False, "edgecolor": CALLED, "linewidth": 2.2, "clip_on": False}
            ax.add_patch(Rectangle((left, 0), 1, height, **look))
        said = f"{examples.answers[row, number]}, {100 * examples.probabilities[row, number]:.0f} %"
        weight = "bold" if called else "normal"
        look = text | {"color": colour, "fontweight": weight}
        style.literal(ax.text(left + 0.5, height + 0.05, style.wrapped(said, 20), **look))


def _draw_image(ax, image, left, height):
    """An image at its place; values are clipped to [0, 1] for display only."""
    image = np.clip(image, 0, 1)
    image = image[..., 0] if image.shape[-1] == 1 else image
    interpolation = "nearest" if max(image.shape[:2]) <= 64 else "auto"
    extent = (left, left + 1, height, 0)
    ax.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation=interpolation, extent=extent)


def _draw_titles(ax, examples, what):
    """What each column shows, above the first row, with the map that it is about."""
    # A long name would run into its neighbour; it stands below the images of the class.
    name = f"“{examples.class_name}”" if len(examples.class_name) <= 14 else "the class"
    these = {"content": "frequencies", "amplitude": "strengths", "phase": "phases"}[what]
    titles = {
        "untouched": "image of\nanother class",
        "donor": f"image of\n{name}",
        "swapped": f"these {these}\nfrom {name}",
        "random": f"random ones\nfrom {name}",
        "alone": "these alone\n(nothing else)",
        "alone_random": "random ones\nalone",
    }
    for view, title in titles.items():
        place = {"ha": "center", "va": "center", "fontsize": 8.5, "color": style.INK}
        style.literal(ax.text(PLACES[view] + 0.5, -0.21, title, linespacing=1.15, **place))
    colours = np.array([to_rgb(one) for one in (LEFT_OUT, KEPT)])
    for view, cells in zip(("swapped", "random"), examples.maps, strict=True):
        for one in (view, {"swapped": "alone", "random": "alone_random"}[view]):
            left = PLACES[one] + 0.26
            extent = (left, left + 0.48, -0.44, -0.92)
            ax.imshow(colours[cells.astype(int)], extent=extent, interpolation="nearest")
            look = {"fontsize": 7.5, "va": "center", "color": style.QUIET}
            ax.text(left + 0.52, -0.68, f"{100 * cells.mean():.2g} %", **look)


def _draw_counts(ax, examples, top):
    """Below the last row: the share of all counted images that are called the class."""
    from keras_freq.shortcuts.examples import VIEWS

    text = {"fontsize": 8.5, "va": "center"}
    y = top + 0.2
    middle = PLACES["donor"] + 0.5
    said = f"in all {examples.counted}\nsuch rows:"
    ax.text(middle, y, said, ha="center", color=style.QUIET, linespacing=1.15, **text)
    for rate, view in zip(examples.rates, VIEWS, strict=True):
        left = PLACES[view]
        ax.add_patch(Rectangle((left, y + 0.1), 1, 0.08, color=style.GRID, linewidth=0))
        ax.add_patch(Rectangle((left, y + 0.1), rate, 0.08, color=CALLED, linewidth=0))
        said = style.wrapped(f"{100 * rate:.0f} % “{examples.class_name}”", 20)
        look = text | {"va": "bottom"}
        style.literal(ax.text(left + 0.5, y + 0.06, said, ha="center", color=style.INK, **look))


@style.house_style
def transplant_matrix(table, *, title=None, ax=None):
    r"""Draws which class becomes which with the frequencies of another class's map.

    Each cell has the share of the row's images that are called the column's class with the
    frequencies of its map from one of its images, in per cent. Below it stands the change against
    untouched images, in points. The colour is the change. On the diagonal donors are other images
    of the same class.

    Args:
        table: DataFrame as from `keras_freq.transplant_matrix`: the columns `class_name`,
            `donor_name`, `class_id`, `donor_id`, `untouched` and `swapped`.
        title: Title of the axes. Defaults to none.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `table` is not a DataFrame.
        ValueError: If it has no rows or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> columns = ["class_id", "class_name", "donor_id", "donor_name", "untouched", "swapped"]
        >>> rows = [(0, "cat", 0, "cat", 0.9, 0.8), (0, "cat", 1, "dog", 0.1, 0.4)]
        >>> rows += [(1, "dog", 0, "cat", 0.2, 0.2), (1, "dog", 1, "dog", 0.7, 0.7)]
        >>> ax = plots.transplant_matrix(pd.DataFrame(rows, columns=columns))
        >>> ax.texts[1].get_text()
        '40 %\n+30'
    """
    columns = ["class_id", "class_name", "donor_id", "donor_name", "untouched", "swapped"]
    checks.table("table", table, columns, "keras_freq.transplant_matrix")
    table = table.sort_values(["class_id", "donor_id"], kind="stable")
    names = table.drop_duplicates("class_id")["class_name"].tolist()
    shares = table["swapped"].to_numpy(float).reshape(len(names), -1)
    changes = 100 * (shares - table["untouched"].to_numpy(float).reshape(shares.shape))
    side = min(1.6 + 0.52 * len(names), 9.0)
    ax = single_axes(ax, (side + 1.2, side))
    texts = [
        [_share_and_change(*cell) for cell in zip(*row, strict=True)]
        for row in zip(shares, changes, strict=True)
    ]
    most = np.nanmax(np.abs(changes), initial=1.0)
    mesh = draw_heat_map(
        ax,
        changes,
        names,
        cmap=style.DIVERGING,
        limits=(-most, most),
        texts=texts if len(names) <= 12 else None,
        size=8 if len(names) <= 6 else 6,
        square=True,
    )
    style.class_ticks(ax.xaxis, names, first=0.5, rotation=45, ha="right")
    ax.set_xlabel("frequencies of the map and of an image of ...\n(share that is then called so)")
    ax.set_ylabel("images of")
    style.colour_bar(mesh, "change (percentage points)", ax=ax, format=style.signed)
    if title is not None:
        style.set_title(ax, title)
    return ax


def _share_and_change(share, change):
    """The text of a cell."""
    if np.isnan(share):
        return "–"
    return f"{100 * share:.0f} %\n{style.signed(round(change), digits='.0f')}"
