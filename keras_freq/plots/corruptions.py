"""Errors under common corruptions."""

from collections.abc import Mapping

from keras_freq import checks
from keras_freq.plots import style
from keras_freq.plots.axes import line_panels
from keras_freq.plots.recall_lines import classes_to_draw, draw_recalls, line_of_all

_COLUMNS = ["corruption", "severity", "class_id", "class_name", "error", "error_low", "error_high"]


@style.house_style
def corruption_errors(errors, *, by_class=True, ax=None):
    """Draws the error against the severity of each corruption.

    The thick line is the share of all images that are wrong, with its 95 % Wilson interval. Thin
    lines are those of up to ten classes. The dashed line is the error on untouched images.

    Args:
        errors: DataFrame as from `keras_freq.corruption_errors`. Or a dict `{name: DataFrame}` of
            several models, of which only the thick lines are drawn.
        by_class: Whether to draw classes; more than ten never are. Defaults to True.
        ax: One matplotlib axes for each corruption. Defaults to a new figure.

    Returns:
        Array of axes, one for each corruption.

    Raises:
        TypeError: If `errors` is not a DataFrame, or a dict of them.
        ValueError: If columns are missing, or there is nothing to draw.

    Example:
        >>> import pandas as pd
        >>> from keras_freq import plots
        >>> errors = pd.DataFrame(
        ...     {
        ...         "corruption": ["none", "jpeg", "jpeg"], "severity": [0, 1, 2], "class_id": -1,
        ...         "class_name": "all", "error": [0.1, 0.2, 0.4], "error_low": [0.0, 0.1, 0.3],
        ...         "error_high": [0.2, 0.3, 0.5],
        ...     }
        ... )
        >>> plots.corruption_errors(errors)[0].get_title()
        'jpeg'
    """
    tables = errors if isinstance(errors, Mapping) and errors else {None: errors}
    for one in tables.values():
        checks.table("errors", one, _COLUMNS, "keras_freq.corruption_errors")
    first = next(iter(tables.values()))
    corruptions = first.loc[first["corruption"] != "none", "corruption"].unique()
    if not len(corruptions):
        raise ValueError("`errors` must hold a corruption. Received: untouched images alone")
    classes = classes_to_draw(tables) if by_class else {}
    names = [*classes.values()] if classes else [name for name in tables if name is not None]
    axes = line_panels(len(corruptions), ax, "severity", size=(2.3, 2.0), legend=names)
    for one, corruption in zip(axes, corruptions, strict=True):
        style.set_title(one, corruption.replace("_", " "))
        rows = {name: table[table["corruption"] == corruption] for name, table in tables.items()}
        draw_recalls(one, rows, classes, lambda own: own["severity"].to_numpy(), "error")
        for number, table in enumerate(tables.values()):
            untouched = table[(table["corruption"] == "none") & (table["class_id"] == -1)]
            for error in untouched["error"]:
                look = {"color": line_of_all(number, tables)["color"], "linewidth": 1}
                one.axhline(error, **look, linestyle=(0, (4, 2)))
    axes[0].set_ylabel("share of images\nthat are wrong")
    if names:
        style.side_legend(axes[min(2, len(axes) - 1)], names)
    return axes
