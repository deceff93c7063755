"""Which of two cues a model names, in images whose cues are of two classes."""

import numpy as np
import pandas as pd

from keras_freq.metrics import wilson_interval
from keras_freq.metrics.rates import ratio


def named_cues(answers, first, second, class_names, *, cues, preference):
    """Counts how often each of two cues is named, by the class of the first.

    Args:
        answers: `(N,)` int, what a model says to each image.
        first: `(N,)` int, the class of the first cue of each image.
        second: `(N,)` int, that of the second, another one.
        class_names: K names.
        cues: The names of the two cues, for columns.
        preference: The name of the column that compares them.

    Returns:
        A pandas DataFrame, a row for each class of the first cue and one for all (-1):

        - `class_id`, `class_name`, `images`: how many there are.
        - for each cue, `CUE`, `CUE_low`, `CUE_high`: the share of images that are given the class
          of this cue, and its 95 % Wilson interval.
        - `PREFERENCE`, with `_low` and `_high`: of the images that are given one of the two
          classes, the share that is given the class of the first cue.

    Example:
        >>> options = {"cues": ("shape", "texture"), "preference": "shape_bias"}
        >>> table = named_cues([0, 1, 2], [0, 0, 0], [1, 1, 1], ["a", "b", "c"], **options)
        >>> table[["class_name", "shape", "shape_bias"]].iloc[[0, -1]].round(2).values.tolist()
        [['a', 0.33, 0.5], ['all', 0.33, 0.5]]
    """
    answers, first, second = map(np.asarray, (answers, first, second))

    def by_class(chosen):
        counts = np.bincount(first[chosen], minlength=len(class_names))
        return np.append(counts, counts.sum())

    images = by_class(np.full(len(first), True))
    named = [by_class(answers == of_cue) for of_cue in (first, second)]
    columns = {
        "class_id": [*range(len(class_names)), -1],
        "class_name": [*class_names, "all"],
        "images": images,
    }
    shares = [(cue, own, images) for cue, own in zip(cues, named, strict=True)]
    for name, part, whole in [*shares, (preference, named[0], sum(named))]:
        low, high = wilson_interval(part, whole)
        columns |= {name: ratio(part, whole), f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(columns)
