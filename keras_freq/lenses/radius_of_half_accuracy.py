"""The radius at which a filter leaves half of a model's accuracy, and how well it is known."""

import math

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.lenses.accuracy_by_filter import UNTOUCHED

_RECALLS = ["recall", "recall_low", "recall_high"]


def half_accuracy_radii(sweep):
    """Finds the radii at which a low-pass and a high-pass filter leave half of the recall.

    Between the radii of the sweep, recall is taken to be linear in the logarithm of the radius.

    The interval of a radius ends at radii of the sweep. Recall at a radius is surely below half if
    its 95 % Wilson interval lies below half of that of untouched images, and surely above if it
    lies above. The interval is what is left between the radii from the first on that are all surely
    on one side, and those up to the last that are all surely on the other. It is rather too wide
    than too narrow: that both recalls are of the same images is not used.

    Args:
        sweep: The DataFrame of `filter_sweep`.

    Returns:
        A pandas DataFrame, a row for each class, and one for all images: `class_id`, `class_name`,
        `low_pass` and `high_pass`, in cycles per image. The smaller `low_pass` is, the lower the
        frequencies that suffice for half of the recall. NaN where no filter of the sweep leaves so
        little, or even the mildest one does. `low_pass_low`, `low_pass_high`, `high_pass_low` and
        `high_pass_high` are the ends of their 95 % intervals; 0 and inf where no radius of the
        sweep is an end, and NaN without such filters.

    Raises:
        ValueError: If columns of `filter_sweep` are missing.

    Example:
        >>> sweep = pd.DataFrame(
        ...     {
        ...         "kind": ["untouched", "low-pass", "low-pass"], "low": 0, "high": [np.inf, 2, 8],
        ...         "class_id": -1, "class_name": "all", "recall": [1.0, 0.25, 0.75],
        ...         "recall_low": [0.96, 0.18, 0.66], "recall_high": [1.0, 0.34, 0.82],
        ...     }
        ... )
        >>> half_accuracy_radii(sweep)[["low_pass", "low_pass_low", "low_pass_high"]].values
        array([[4., 2., 8.]])

    Source:
        Ours. Radii are tested in their order up to the first of which nothing is sure, which needs
        no correction for their number: W. Maurer, L. Hothorn and W. Lehmacher, "Multiple
        comparisons in drug clinical trials and preclinical assays: a-priori ordered hypotheses",
        Biometrie in der chemisch-pharmazeutischen Industrie 6 (1995).
    """
    columns = ["kind", "low", "high", "class_id", "class_name", *_RECALLS]
    checks.table("sweep", sweep, columns, "keras_freq.filter_sweep")
    rows = []
    for (class_id, class_name), own in sweep.groupby(["class_id", "class_name"], sort=False):
        half = own.loc[own["kind"] == UNTOUCHED, _RECALLS].max() / 2
        row = {"class_id": class_id, "class_name": class_name}
        for kind, edge in (("low-pass", "high"), ("high-pass", "low")):
            filtered = own[own["kind"] == kind].sort_values(edge)
            name = kind.replace("-", "_")
            row[name] = _crossing(filtered[edge], filtered["recall"], half["recall"])
            below = filtered["recall_high"] < half["recall_low"]
            above = filtered["recall_low"] > half["recall_high"]
            sides = (below, above) if kind == "low-pass" else (above, below)
            row[f"{name}_low"], row[f"{name}_high"] = _ends(filtered[edge], *sides)
        rows.append(row)
    return pd.DataFrame(rows)


def _crossing(radii, recalls, level):
    """Where a curve first passes a level, on a logarithmic axis of radii; NaN if it does not."""
    logs, above = np.log2(radii.to_numpy(float)), recalls.to_numpy(float) >= level
    turns = np.flatnonzero(above[1:] != above[:-1])
    if not len(turns):
        return math.nan
    first = turns[0]
    (start, end), (here, there) = logs[first : first + 2], recalls.iloc[first : first + 2]
    return float(2 ** (start + (end - start) * (level - here) / (there - here)))


def _ends(radii, before, after):
    """The ends of the interval in which a curve passes a level.

    Args:
        radii: `(R,)`, increasing.
        before: `(R,)` bool, whether recall is surely on that side of the level where it begins.
        after: `(R,)` bool, whether it is surely on the other.
    """
    radii = radii.to_numpy(float)
    if not len(radii):
        return math.nan, math.nan
    first = np.cumprod(before).sum()
    last = np.cumprod(after[::-1]).sum()
    return radii[first - 1] if first else 0.0, radii[-last] if last else math.inf
