"""Loss, accuracy and what else was recorded while training."""

import numpy as np

from keras_freq.plots import style
from keras_freq.plots.panels import line_panels


@style.house_style
def training_curves(history, *, ax=None):
    """Draws loss, accuracy and every other recorded number over training.

    Args:
        history: `keras.callbacks.History`, its `history` dict, or a DataFrame. A column
            `step` (else `batch`, else `epoch`) gives the horizontal axis; without one the
            entries are epochs 1, 2, .... `val_` columns are drawn with the one they
            belong to. Missing values are skipped.
        ax: One matplotlib axes for each quantity. Defaults to a new figure.

    Returns:
        Array of axes, the loss first.

    Raises:
        TypeError: If `history` is of another type.
        ValueError: If it holds nothing to draw or columns of several lengths, or there are too few
            axes.

    Example:
        >>> from keras_freq import plots
        >>> history = {"loss": [1.2, 0.7], "val_loss": [1.3, 0.9], "accuracy": [0.5, 0.8]}
        >>> axes = plots.training_curves(history)
        >>> [ax.get_ylabel() for ax in axes]
        ['loss', 'accuracy']
    """
    columns = _history_columns(history)
    for key in ("step", "batch", "epoch"):
        if key in columns:
            x, x_label = columns[key], {"step": "training step"}.get(key, key)
            break
    else:
        x, x_label = None, "epoch"
    columns = {k: v for k, v in columns.items() if k not in ("step", "batch", "epoch")}
    bases = list(dict.fromkeys(name.removeprefix("val_") for name in columns))
    bases.sort(key=lambda name: (name != "loss", "accuracy" not in name))
    if not bases:
        raise ValueError(
            "`history` must hold at least one quantity, such as 'loss'. Received: none"
        )
    axes = line_panels(len(bases), ax, sharey=False)
    for one, base in zip(axes, bases, strict=True):
        for name, label, colour in (
            (base, "training", style.LINE_COLOURS[0]),
            ("val_" + base, "validation", style.LINE_COLOURS[5]),
        ):
            if name in columns:
                steps = np.arange(1, len(columns[name]) + 1) if x is None else x
                _draw_curve(one, steps, columns[name], label=label, color=colour)
        style.step_axis(one, x_label)
        one.set_ylabel(base.replace("_", " "))
        _scale(one, base)
        one.grid(axis="y", color=style.GRID, linewidth=0.6)
        if len(one.lines) > 1:
            one.legend(labelcolor=style.INK)
    return axes


def _draw_curve(ax, steps, values, **options):
    """A line through the values there are: thin when dense, with its points when sparse."""
    there = ~np.isnan(values)
    dense = there.sum() > 60
    look = {"linewidth": 0.8} if dense else {"marker": "o", "markersize": 2.5}
    ax.plot(steps[there], values[there], **look, **options)


def _scale(ax, base):
    """Accuracies from 0 to 1, losses from 0, changing learning rates on a logarithmic axis."""
    values = np.concatenate([line.get_ydata() for line in ax.lines])
    lowest, highest = (values.min(), values.max()) if len(values) else (0, 0)
    if base in ("lr", "learning_rate") and 0 < lowest < highest:
        ax.set_yscale("log")
        for line in ax.lines:
            line.set_drawstyle("steps-post")
    elif "accuracy" in base or base == "acc":
        ax.set_ylim(0, 1.02)
    elif base in ("loss", "lr", "learning_rate") and lowest >= 0:
        ax.set_ylim(bottom=0)


def _history_columns(history):
    """Names and float arrays of a History, a dict or a DataFrame."""
    epochs = getattr(history, "epoch", None)
    if hasattr(history, "history"):
        columns = dict(history.history)
        if epochs:
            columns.setdefault("epoch", np.asarray(epochs) + 1)
    elif hasattr(history, "select_dtypes"):
        columns = {name: history[name] for name in history.select_dtypes("number").columns}
    elif isinstance(history, dict):
        columns = history
    else:
        raise TypeError(
            "`history` must be a keras History, a dict of lists or a DataFrame. "
            f"Received: {type(history).__name__}"
        )
    columns = {str(name): np.asarray(values, dtype=float) for name, values in columns.items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        shown = {name: len(values) for name, values in columns.items()}
        raise ValueError(
            "`history` must hold columns of one length; fill what was not measured with NaN "
            f"(`fit` with validation_freq > 1 leaves epochs out). Received: lengths {shown}"
        )
    return columns
