"""Loss, accuracy and what else was recorded while training."""

import numpy as np
import pandas as pd

from keras_freq.plots import style
from keras_freq.plots.axes import line_panels

TRAINING, VALIDATION = ("training", style.BLUE), ("validation", style.RED)
AXES = {"step": "training step", "batch": "batch", "epoch": "epoch"}


@style.house_style
def training_curves(history, *, ax=None):
    """Draws loss, accuracy and every other recorded number over training.

    Args:
        history: `keras.callbacks.History`, its `history` dict, or a DataFrame. The column
            `step`, `batch` or `epoch` (the first of them that is there) is the horizontal
            axis. Without one, the entries are epochs 1, 2, .... A column `val_loss` is drawn
            together with `loss`, and so on. Missing values are skipped.
        ax: One matplotlib axes for each quantity. Defaults to a new figure.

    Returns:
        Array of axes, the loss first.

    Raises:
        TypeError: If `history` is of another type.
        ValueError: If it holds nothing to draw, its columns differ in length, or there are too few
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
        curves = frame[[column for column in (name, f"val_{name}") if column in frame]]
        for column, curve in curves.items():
            curve = curve.dropna()
            # Many values make a thin line; few values are drawn as points as well.
            look = {"linewidth": 0.8} if len(curve) > 60 else {"marker": "o", "markersize": 2.5}
            look["label"], look["color"] = VALIDATION if column != name else TRAINING
            one.plot(curve.index, curve, **look)
        one.set_ylabel(name.replace("_", " "))
        _scale(one, name, curves.min(axis=None), curves.max(axis=None))
        if len(one.lines) > 1:
            one.legend()
    return axes


def _scale(ax, name, lowest, highest):
    """Accuracies from 0 to 1, losses from 0, changing learning rates on a logarithmic axis."""
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
    if not isinstance(columns, dict) or not all(map(np.iterable, columns.values())):
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
