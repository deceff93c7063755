"""What filters do to each class of a run, in sentences: a loss, or a guess that shifts."""

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from keras_freq.lab.pages.words import class_in_words, counted

# Of more classes, those that lose most are named.
_NAMED = 4
# What hurts a class whose guess shifts is named if it costs so much of what the shift does. A guess
# shifts from a class to another if this share of what the one loses is called the other,
# and the other gains as much.
_SHIFTED = 0.5
_LEVEL = 0.05


def filter_finding(relative, confusion, class_names):
    """Says which filter costs each class the most; None if there are no filters.

    A network that cannot tell two classes apart may answer with the one on filtered images and with
    the other on untouched ones. That is no need of the frequencies that are gone, and is told apart
    from the losses.

    Args:
        relative: `{name of a filter: (K, K) array}`, as from `keras_freq.relative_confusion`.
        confusion: `(K, K)` counts of untouched images.
        class_names: K names.
    """
    if not relative:
        return None
    losses = _losses(relative)
    if losses.empty:
        return "No filter lowers the recall of any class."
    worst = losses.drop_duplicates("class_id")
    most = losses["class_id"].map(worst.set_index("class_id")["loss"])
    hurt = losses[~losses["shifts"] & (losses["loss"] >= _SHIFTED * most)]
    hurt = hurt.drop_duplicates("class_id").head(_NAMED)
    shifted = worst[worst["shifts"]].head(_NAMED)
    told = []
    if not hurt.empty:
        parts = [f"{_loses(row, class_names)} on “{row.filter}”" for row in hurt.itertuples()]
        told.append(f"What hurts most: {'; '.join(parts)}.")
    told += [_shift(row, confusion, class_names) for row in shifted.itertuples()]
    return " ".join(told)


def _losses(relative):
    """A row for each class and filter that costs it recall, the largest loss first."""
    rows = []
    for name, matrix in relative.items():
        for k, row in enumerate(matrix):
            loss, others = -row[k], np.delete(row, k)
            # NaN where the class has no images.
            if not loss > 0:
                continue
            taker = int(others.argmax())
            taker += taker >= k
            gain, taken = matrix[taker, taker], row[taker]
            shifts = min(gain, taken) >= _SHIFTED * loss
            rows.append((k, name, loss, taker, taken, gain, shifts))
    columns = ["class_id", "filter", "loss", "taker", "taken", "gain", "shifts"]
    frame = pd.DataFrame(rows, columns=columns).astype({"shifts": bool})
    return frame.sort_values("loss", ascending=False, kind="stable")


def _loses(row, class_names):
    name = class_in_words(class_names[row.class_id])
    return f"{name} loses {counted(round(row.loss), 'point')} of recall"


def _shift(row, confusion, class_names):
    """Says that a guess shifts, and whether the two are told apart on untouched images."""
    taker = class_in_words(class_names[row.taker])
    both = np.ix_([row.class_id, row.taker], [row.class_id, row.taker])
    untold = fisher_exact(confusion[both], alternative="greater").pvalue >= _LEVEL
    apart = " On untouched images, too, it does not clearly tell the two apart." if untold else ""
    return (
        f"On “{row.filter}” a guess shifts: {_loses(row, class_names)}, of which {row.taken:.0f} "
        f"are called {taker} instead, and {taker} gains {counted(round(row.gain), 'point')}.{apart}"
    )
