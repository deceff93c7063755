"""Phase or amplitude, shape or texture: which of two cues a model names, and how it fares without.

A cue is drawn in the same colour everywhere.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from keras_freq import checks
from keras_freq.metrics.rates import percent
from keras_freq.plots import style
from keras_freq.plots.axes import single_axes
from keras_freq.plots.recall_lines import classes_to_draw, draw_recalls, line_of_all

_FIRST, _SECOND, _THIRD = style.BLUE, style.ORANGE, style.GRID


@style.house_style
def phase_preference(table, *, ax=None):
    """Draws which class a model names: that of an image's phases, or that of its amplitudes.

    A bar has three parts: the share of images that are given the class of their phases, a third
    one, or the class of their amplitudes. The lines are 95 % Wilson intervals of the two shares.
    The number is the preference: of the images that are given one of the two, the share that is
    given the class of the phases.

    Args:
        table: DataFrame as from `keras_freq.phase_preference`. Or a dict `{name: DataFrame}` of
            several models, of which only the bars of all images are drawn.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `table` is not a DataFrame, or a dict of them.
        ValueError: If columns are missing.

    Example:
        >>> import keras, numpy as np
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> table = kf.phase_preference(keras.Sequential(layers), data, 2)
        >>> [label.get_text() for label in kf.plots.phase_preference(table).get_yticklabels()]
        ['0', '1', 'all']
    """
    return _draw_cues(table, ("phase", "amplitude"), "preference", "phase_preference", ax)


@style.house_style
def shape_bias(table, *, ax=None):
    """Draws which class a model names: that of an image's shape, or that of its texture.

    It reads as `phase_preference`.

    Args:
        table: DataFrame as from `keras_freq.shape_bias`. Or a dict `{name: DataFrame}` of several
            models, of which only the bars of all images are drawn.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `table` is not a DataFrame, or a dict of them.
        ValueError: If columns are missing.

    Example:
        >>> import keras, numpy as np
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> images = np.random.default_rng(0).uniform(size=(4, 8, 8, 1))
        >>> conflicts = images, [0, 0, 1, 1], [1, 1, 0, 0]
        >>> table = kf.shape_bias(keras.Sequential(layers), conflicts, 2)
        >>> kf.plots.shape_bias({"linear": table}).get_yticklabels()[0].get_text()
        'linear'
    """
    return _draw_cues(table, ("shape", "texture"), "shape_bias", "shape_bias", ax)


@style.house_style
def phase_noise_sweep(sweep, *, by_class=True, ax=None):
    """Draws accuracy and recalls against the width of noise in the phases.

    The thick line is the share of all images that are right, with its 95 % Wilson interval. Thin
    lines are the recalls of up to ten classes. The dashed line is the accuracy on images that keep
    their phases and all have the same amplitudes.

    Args:
        sweep: DataFrame as from `keras_freq.phase_noise_sweep`. Or a dict `{name: DataFrame}` of
            several models, of which only the thick lines are drawn.
        by_class: Whether to draw classes; more than ten never are. Defaults to True.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `sweep` is not a DataFrame, or a dict of them.
        ValueError: If columns are missing.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> sweep = pd.DataFrame(
        ...     {
        ...         "kind": ["phase noise", "phase noise", "phase only"], "width": [0, 180, 0],
        ...         "class_id": -1, "class_name": "all", "recall": [0.9, 0.2, 0.6],
        ...         "recall_low": [0.8, 0.1, 0.5], "recall_high": [0.95, 0.3, 0.7],
        ...     }
        ... )
        >>> plots.phase_noise_sweep(sweep).get_xlabel()
        'width of the noise in the phases (degrees)'
    """
    columns = ["kind", "width", "class_id", "class_name", "recall", "recall_low", "recall_high"]
    sweeps = _tables(sweep, "sweep", columns, "phase_noise_sweep")
    classes = classes_to_draw(sweeps) if by_class else {}
    names = [*classes.values()] if classes else [name for name in sweeps if name is not None]
    ax = single_axes(ax, (5.4 if names else 4.2, max(3, 0.5 + 0.165 * len(names))))
    noise = {name: one[one["kind"] == "phase noise"] for name, one in sweeps.items()}
    draw_recalls(ax, noise, classes, lambda rows: rows["width"].to_numpy(float))
    for number, one in enumerate(sweeps.values()):
        colour = line_of_all(number, sweeps)["color"]
        only = one[(one["kind"] == "phase only") & (one["class_id"] == -1)]
        for accuracy in only["recall"]:
            ax.axhline(accuracy, color=colour, linewidth=1, linestyle=(0, (4, 2)))
            if number:
                continue
            place = {"xy": (1, accuracy), "xycoords": ax.get_yaxis_transform(), "ha": "right"}
            offset = {"xytext": (0, 2), "textcoords": "offset points"}
            ax.annotate("phases only", **place, **offset, fontsize=7.5, color=colour)
    ax.set_xticks(sorted({width for one in noise.values() for width in one["width"]}))
    ax.set_xlabel("width of the noise in the phases (degrees)")
    ax.set_ylabel("share of images that are right")
    ax.grid(True, axis="y")
    if names:
        style.side_legend(ax, names)
    return ax


def _tables(table, name, columns, source):
    """One table or a dict of them, checked, as a dict."""
    tables = table if isinstance(table, Mapping) and table else {None: table}
    for one in tables.values():
        checks.table(name, one, columns, f"keras_freq.{source}")
    return tables


def _draw_cues(table, cues, preference, source, ax):
    """Draws a bar for each class, or each model, of a table of `named_cues`."""
    columns = ["class_id", "class_name", preference]
    columns += [cue + end for cue in cues for end in ("", "_low", "_high")]
    tables = _tables(table, "table", columns, source)
    rows = [row for one in tables.values() for _, row in one.iterrows()]
    if None not in tables:
        rows = [one[one["class_id"] == -1].iloc[0] for one in tables.values()]
    names = [row["class_name"] for row in rows] if None in tables else [*tables]
    ax = single_axes(ax, (5.0, 1.1 + 0.27 * len(rows)))
    first, second = ([row[cue] for row in rows] for cue in cues)
    places = np.arange(len(rows))
    look = {"height": 0.72, "linewidth": 0}
    ax.barh(places, np.ones(len(rows)), color=_THIRD, **look)
    ax.barh(places, first, color=_FIRST, **look)
    ax.barh(places, second, left=1 - np.array(second, float), color=_SECOND, **look)
    for place, row in enumerate(rows):
        ends = [(row[f"{cues[0]}{end}"] for end in ("_low", "_high"))]
        ends.append(1 - row[f"{cues[1]}{end}"] for end in ("_low", "_high"))
        for low, high in ends:
            ax.plot([low, high], [place, place], color=style.INK, linewidth=1.2)
        share = row[preference]
        text = percent(share) if np.isfinite(share) else "none"
        ax.text(1.02, place, text, va="center", fontsize=8, color=style.INK)
    ax.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5))
    ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    style.class_ticks(ax.yaxis, names)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(f"share of images (numbers: of the two, by {cues[0]})")
    handles = [
        Patch(color=_FIRST, label=f"class of the {cues[0]}"),
        Patch(color=_THIRD, label="a third class"),
        Patch(color=_SECOND, label=f"class of the {cues[1]}"),
    ]
    style.top_legend(ax, handles, ncols=3)
    return ax
