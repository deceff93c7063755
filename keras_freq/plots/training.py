"""Loss, accuracy and what else was recorded while training."""

import numpy as np
import pandas as pd

from keras_freq.plots import style
from keras_freq.plots.axes import line_panels

AXES = {"step": "training step", "batch": "batch", "epoch": "epoch"}


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
    frame = _history_frame(history)
    x = next((key for key in AXES if key in frame), "epoch")
    frame.index = frame[x] if x in frame else frame.index + 1
    frame = frame.drop(columns=list(AXES), errors="ignore")
    names = list(dict.fromkeys(name.removeprefix("val_") for name in frame))
    names.sort(key=lambda name: (name != "loss", "accuracy" not in name))
    if not names:
        raise ValueError(
            "`history` must hold at least one quantity, such as 'loss'. Received: none"
        )
    axes = line_panels(len(names), ax, AXES[x], sharey=False)
    for one, name in zip(axes, names, strict=True):
        parts = {"training": (name, style.BLUE), "validation": (f"val_{name}", style.RED)}
        for label, (column, colour) in parts.items():
            if column in frame:
                curve = frame[column].dropna()
                # Thin where dense, and with its points where sparse.
                sparse = {"marker": "o", "markersize": 2.5}
                look = {"linewidth": 0.8} if len(curve) > 60 else sparse
                one.plot(curve.index, curve, label=label, color=colour, **look)
        one.set_ylabel(name.replace("_", " "))
        _scale(one, name)
        if len(one.lines) > 1:
            one.legend()
    return axes


def _scale(ax, name):
    """Accuracies from 0 to 1, losses from 0, changing learning rates on a logarithmic axis."""
    values = np.concatenate([line.get_ydata() for line in ax.lines])
    lowest, highest = (values.min(), values.max()) if len(values) else (0, 0)
    if name in ("lr", "learning_rate") and 0 < lowest < highest:
        ax.set_yscale("log")
        for line in ax.lines:
            line.set_drawstyle("steps-post")
    elif "accuracy" in name or name == "acc":
        ax.set_ylim(0, 1.02)
    elif name in ("loss", "lr", "learning_rate") and lowest >= 0:
        ax.set_ylim(bottom=0)


def _history_frame(history):
    """The numbers of a History, a dict or a DataFrame, as a new DataFrame of floats."""
    if isinstance(history, pd.DataFrame):
        numbers = history.select_dtypes("number").reset_index(drop=True)
        return numbers.rename(columns=str).astype(float)
    columns = getattr(history, "history", history)
    if not isinstance(columns, dict):
        raise TypeError(
            "`history` must be a keras History, a dict of lists or a DataFrame. "
            f"Received: {type(history).__name__}"
        )
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "`history` must hold columns of one length; fill what was not measured with NaN "
            f"(`fit` with validation_freq > 1 leaves epochs out). Received: lengths {lengths}"
        )
    frame = pd.DataFrame(columns).rename(columns=str).astype(float)
    epochs = getattr(history, "epoch", None)
    return frame.assign(epoch=np.add(epochs, 1)) if epochs and "epoch" not in frame else frame
