"""What an intervention changes in the same images: lost and won, with McNemar's exact test."""

import numpy as np

from keras_freq.shortcuts.evidence import holm, loss_p_value


def with_paired_test(table, counts, family, *, untouched):
    """Adds how many images each of M conditions loses and wins, and what chance would do.

    Args:
        table: A DataFrame of M conditions, each with the rows of `recall_rows`: K classes and all
            images. It has `class_id` and `images`.
        counts: The counts of `count_answers`, with `lost` and `won` if it was asked for pairs.
        family: Columns. Conditions with the same values in them are corrected together.
        untouched: The number of the condition with which all are paired. None: there is none.

    Returns:
        The DataFrame with `lost`, `won`, `p_value` and `p_holm`. Rows of all images are corrected
        among themselves, and rows of classes among themselves. p-values are NaN where nothing is
        compared; counts are, too, if `untouched` is None.
    """
    table = table.copy()
    if untouched is None:
        return table.assign(lost=np.nan, won=np.nan, p_value=np.nan, p_holm=np.nan)
    for name in ("lost", "won"):
        by_class = counts[name]
        of_all = by_class.sum(axis=1, keepdims=True)
        table[name] = np.concatenate([by_class, of_all], axis=1).reshape(-1)
    condition = np.repeat(np.arange(len(counts["lost"])), counts["lost"].shape[1] + 1)
    compared = (table["images"] > 0) & (condition != untouched)
    p_values = loss_p_value(table["lost"].to_numpy(), table["won"].to_numpy())
    table["p_value"] = np.where(compared, p_values, np.nan)
    groups = table.groupby([*(table[name] for name in family), table["class_id"] == -1])
    table["p_holm"] = groups["p_value"].transform(holm)
    return table
