"""An answer to a hunt for frequencies, marked by what was planted."""

import pandas as pd
from scipy.stats import hypergeom

from keras_freq import checks
from keras_freq.fourier import check_maps, conjugate_pairs
from keras_freq.metrics.rates import ratio
from keras_freq.shortcuts.evidence import LEVEL

# An answer is whole if it has half of what was planted, or if half of it was planted.
_WHOLE = 0.5


def mark_maps(maps, truth, *, class_names=None):
    """Marks the map of each class by the frequencies that were planted in it.

    An answer counts only if it is better than chance: than as many pairs of conjugate frequencies
    drawn at random. The p-values are those of the hypergeometric distribution over pairs, each
    multiplied by the number of classes with a planted mark (Bonferroni).

    Args:
        maps: `(K, H, W)` bool, the answer: the map of each class, centred and symmetric, such as
            from `keras_freq.dominant_frequency_maps`. An empty map says "nothing here".
        truth: `(K, H, W)` bool, what was planted, as from `keras_freq.data.shortcut_masks` or
            `keras_freq.data.planted_masks`.
        class_names: K names. Defaults to "0", "1", ...

    Returns:
        A pandas DataFrame, one row a class:

        - `class_id`, `class_name`, `cells` (of the answer), `planted` (cells of the truth), `hits`
          (cells in both).
        - `precision`: the share of the answer that was planted. `recall`: the share of what was
          planted that is in the answer. NaN where there is nothing to share.
        - `chance`: the hits that random pairs have on average. `p_value`.
        - `mark`: "found", better than chance, with a precision or a recall of 0.5 at least;
          "partly found", better than chance; "missed"; "right: nothing planted", if the answer is
          empty as well; "nothing planted", if it is not.

    Raises:
        TypeError: If maps are not boolean.
        ValueError: If maps are not `(K, H, W)` and symmetric, or the two do not fit.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> truth = kf.data.shortcut_masks("watermark", 32, class_id=0, num_classes=2)
        >>> answer = np.stack([truth[0] | kf.low_pass_mask(32, 2), kf.low_pass_mask(32, 2)])
        >>> kf.mark_maps(answer, truth)[["cells", "hits", "recall", "mark"]].values.tolist()
        [[17, 8, 1.0, 'found'], [9, 0, nan, 'nothing planted']]

    See Also:
        `keras_freq.data.plant_shortcut`, which plants; `keras_freq.shortcut_table`, which says
        whether a network goes by the frequencies of a map.

    Source:
        Ours.
    """
    maps, truth = check_maps(maps), check_maps(truth, "truth")
    if maps.shape != truth.shape:
        raise ValueError(
            "`maps` and `truth` must have the same shape (K, H, W). "
            f"Received: {maps.shape} and {truth.shape}"
        )
    names = checks.class_names(class_names, len(maps))
    first = conjugate_pairs(maps.shape[1:])[:, 0]
    tests = int(truth.any(axis=(1, 2)).sum())
    rows = []
    for k, (answer, planted) in enumerate(zip(maps, truth, strict=True)):
        own, real = answer.reshape(-1)[first], planted.reshape(-1)[first]
        hits = int((answer & planted).sum())
        p_value = hypergeom.sf((own & real).sum() - 1, len(first), real.sum(), own.sum())
        row = {
            "class_id": k,
            "class_name": names[k],
            "cells": int(answer.sum()),
            "planted": int(planted.sum()),
            "hits": hits,
            "precision": float(ratio(hits, answer.sum())),
            "recall": float(ratio(hits, planted.sum())),
            "chance": float(answer.sum() * planted.mean()),
            "p_value": min(1.0, max(1, tests) * float(p_value)),
        }
        rows.append({**row, "mark": _mark(row)})
    return pd.DataFrame(rows)


def _mark(row):
    """The mark of one class."""
    if not row["planted"]:
        return "nothing planted" if row["cells"] else "right: nothing planted"
    if not row["cells"] or row["p_value"] >= LEVEL:
        return "missed"
    whole = max(row["precision"], row["recall"]) >= _WHOLE
    return "found" if whole else "partly found"
