"""What bands of frequencies are worth, and which of them do the same work."""

from collections.abc import Mapping

import numpy as np

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import draw_heat_map, single_axes

_COLUMNS = ["class_id", "class_name", "band", "value", "value_low", "value_high", "leave_one_out"]
_MOST_CLASSES = 10
_RADII = "band (radii in cycles per image)"


@style.house_style
def band_shapley(shapley, *, by_class=True, ax=None):
    """Draws what each band of frequencies is worth.

    Dots are the Shapley values of all images together, with their 95 % interval over images. The
    diamonds are the rise of the loss when one band alone is removed. A dot above its diamond is the
    work of a band that others do as well. Thin lines are the values of up to ten classes.

    Args:
        shapley: A `BandShapley` of `keras_freq.band_shapley`, or its `to_frame()`. Or a dict
            `{name: ...}` of several models, of which only the dots are drawn.
        by_class: Whether to draw classes; more than ten never are. Defaults to True.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `shapley` is none of these.
        ValueError: If columns are missing, or the models have other bands.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> frame = pd.DataFrame(
        ...     {
        ...         "class_id": -1, "class_name": "all", "band": ["0 to 4", "from 4"],
        ...         "value": [0.7, 0.3], "value_low": [0.6, 0.2], "value_high": [0.8, 0.4],
        ...         "leave_one_out": [0.5, 0.1],
        ...     }
        ... )
        >>> plots.band_shapley(frame).get_ylabel()
        'worth (nats)'
    """
    several = isinstance(shapley, Mapping)
    frames = {
        name: one.to_frame() if hasattr(one, "to_frame") and hasattr(one, "losses") else one
        for name, one in (shapley if several else {None: shapley}).items()
    }
    if not frames:
        raise ValueError("`shapley` must hold at least one model. Received: an empty dict")
    for one in frames.values():
        checks.table("shapley", one, _COLUMNS, "keras_freq.band_shapley(...).to_frame()")
    bands, *others = (one.loc[one["class_id"] == -1, "band"].tolist() for one in frames.values())
    if any(own != bands for own in others):
        raise ValueError(
            f"`shapley` must hold models with the same bands. Received: {[bands, *others]}"
        )
    classes = {} if several or not by_class else _classes(*frames.values())
    names = list(frames) if several else list(classes.values())
    keys = range(len(frames)) if several else classes
    ax = single_axes(ax, (2.9 + 0.45 * len(bands), 3.0))
    places = np.arange(len(bands))
    for number, frame in enumerate(frames.values()):
        for class_id in classes:
            own = frame.loc[frame["class_id"] == class_id, "value"]
            ax.plot(places, own, **style.class_line(class_id) | {"linewidth": 1})
        _draw_dots(ax, places, frame[frame["class_id"] == -1], number, len(frames))
    ax.axhline(0, color=style.QUIET, linewidth=0.7, zorder=0)
    ax.set_ylabel("worth (nats)")
    ax.set_xlabel(_RADII)
    style.class_ticks(ax.xaxis, bands, rotation=45, ha="right", rotation_mode="anchor")
    marks = [{"color": style.QUIET if several else style.INK} | _LOOK | mark for mark in _MARKS]
    looks = [*marks, *(style.class_line(key) for key in keys)]
    style.side_legend(ax, ["Shapley value", "leave one out", *names], lambda k: looks[k])
    return ax


_LOOK = {"linestyle": "none", "markersize": 4.5}
_MARKS = ({"marker": "o"}, {"marker": "D", "markerfacecolor": "white"})


def _classes(frame):
    """The classes to draw, `{class_id: name}`, if they are few."""
    own = frame[frame["class_id"] >= 0].drop_duplicates("class_id")
    few = 1 < len(own) <= _MOST_CLASSES
    return dict(zip(own["class_id"], own["class_name"], strict=True)) if few else {}


def _draw_dots(ax, places, frame, number, models):
    """Draws the values of all images, and beside them what leaving a band out costs."""
    colour = style.class_line(number)["color"] if models > 1 else style.INK
    shift = 0.0 if models == 1 else 0.5 * (number - (models - 1) / 2) / models
    look = {"color": colour, "zorder": 3} | _LOOK
    value = frame["value"].to_numpy(float)
    errors = np.abs(frame[["value_low", "value_high"]].to_numpy(float).T - value)
    ax.errorbar(places + shift, value, errors, **look | _MARKS[0])
    ax.plot(places + shift, frame["leave_one_out"], **look | _MARKS[1])


@style.house_style
def band_interactions(shapley, *, ax=None):
    """Draws which bands do the same work, and which need each other.

    Blue: redundant, each does what the other does as well. Red: one is worth more with the other.
    The numbers are those of at least two standard errors. The diagonal is grey.

    Args:
        shapley: A `BandShapley` of `keras_freq.band_shapley`. All its images are taken together.
        ax: matplotlib axes to draw into. Defaults to a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: If `shapley` is no `BandShapley`.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> shapley = kf.band_shapley(keras.Sequential(layers), data, 2, bands=3)
        >>> kf.plots.band_interactions(shapley).get_xlabel()
        'band (radii in cycles per image)'
    """
    if not hasattr(shapley, "interactions"):
        raise TypeError(
            "`shapley` must be a BandShapley as from `keras_freq.band_shapley`. "
            f"Received: {type(shapley).__name__}"
        )
    together = shapley.together
    (values,), (errors,) = together.interactions, together.interaction_stderr
    bands = shapley.band_names
    ax = single_axes(ax, (2.3 + 0.42 * len(bands), 1.3 + 0.42 * len(bands)))
    most = np.nanmax(np.abs(values)) or 1.0
    told = np.abs(values) >= 2 * errors
    texts = [
        [
            style.signed(value, digits=".2g") if sure else ""
            for value, sure in zip(*row, strict=True)
        ]
        for row in zip(values, told, strict=True)
    ]
    mesh = draw_heat_map(
        ax, values, bands, cmap=style.DIVERGING, limits=(-most, most), texts=texts, size=6.5
    )
    look = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    style.class_ticks(ax.xaxis, bands, first=0.5, **look)
    ax.tick_params(length=0)
    ax.set_xlabel(_RADII)
    label = "interaction (nats)\nbelow 0: the same work"
    style.colour_bar(mesh, label, ax=ax, format=style.signed)
    return ax
