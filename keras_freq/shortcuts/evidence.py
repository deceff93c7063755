"""What the evidence for an effect is worth: p-values, and their correction for many tests."""

import numpy as np
from scipy.stats import binom, mannwhitneyu

# An effect that is smaller, in rates, is no reason to call a map anything.
LEAST_EFFECT = 0.05
# The family-wise rate of false findings that the verdicts allow.
LEVEL = 0.05


def matters(effect):
    """Tells whether an effect is large enough. Rounded, so that 0.35 is 0.05 above 0.3.

    Args:
        effect: A difference of rates, or an array of them; NaN does not matter.
    """
    return np.round(effect, 9) >= LEAST_EFFECT


def permutation_p_value(value, random_values):
    """Gives the p-value of a value that is one more draw of R random ones if nothing is there.

    Args:
        value: The statistic of the map, large where it has an effect.
        random_values: `(R,)`, the statistic of each random map.

    Returns:
        `(1 + number of random values >= value) / (1 + R)`, at least `1 / (1 + R)`.

    Example:
        >>> permutation_p_value(0.9, [0.1, 0.95, 0.2])
        0.5
    """
    random_values = np.asarray(random_values)
    return float((1 + (random_values >= value).sum()) / (1 + len(random_values)))


def maps_that_do_as_much(p_value, num_random):
    """Counts the random maps that a p-value of `permutation_p_value` stands for.

    Args:
        p_value: A number, or an array of them.
        num_random: R, of each.

    Returns:
        A float or an array of them, whole numbers; NaN where the p-value is.

    Example:
        >>> float(maps_that_do_as_much(0.5, 3))
        1.0
    """
    return np.round(p_value * (num_random + 1)) - 1


def larger_p_value(first, second):
    """Gives the one-sided p-value that the values of the first group are larger (Mann-Whitney).

    Args:
        first: `(n,)` values of independent things, such as donors of one class.
        second: `(m,)` values of others.

    Returns:
        A float; 1 where all values are the same.

    Example:
        >>> round(larger_p_value([1.0] * 10, [0.0] * 10), 6)
        8e-06
    """
    values = np.concatenate([first, second])
    if not len(first) or not len(second) or (values == values[0]).all():
        return 1.0
    return float(mannwhitneyu(first, second, alternative="greater", method="asymptotic").pvalue)


def loss_p_value(lost, won):
    """Gives the one-sided p-value that images lose more than they win (McNemar's exact test).

    Args:
        lost: How many images were right before and wrong after: an int, or an array of them.
        won: How many were wrong before and right after, likewise.

    Returns:
        A float, or an array of them: the chance that at least `lost` of so many changed images are
        lost, where each is lost or won with the same chance. 1 where nothing changed.

    Source:
        Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
        percentages", Psychometrika 12 (1947).

    Example:
        >>> loss_p_value(5, 0)
        0.03125
    """
    lost, won = np.asarray(lost), np.asarray(won)
    p_values = binom.sf(lost - 1, lost + won, 0.5)
    return float(p_values) if p_values.ndim == 0 else p_values


def holm(p_values):
    """Corrects p-values for their number, so that the chance of any false finding is bounded.

    Args:
        p_values: `(m,)`; NaN is no test and stays NaN.

    Returns:
        `(m,)` float64, Holm's step-down adjusted p-values, at most 1.

    Source:
        S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
        Statistics 6 (1979).

    Example:
        >>> holm([0.01, 0.04, 0.03, np.nan]).round(4).tolist()
        [0.03, 0.06, 0.06, nan]
    """
    p_values = np.asarray(p_values, np.float64)
    adjusted = np.full(p_values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    scaled = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return adjusted


def with_holm(table):
    """Adds corrected p-values to a table of a test of maps, over all of its rows.

    Args:
        table: A DataFrame with `in_p_value` and `out_p_value`, whose maxima with the p-values of
            donors are corrected, where these are there; or with `p_value`.

    Returns:
        The DataFrame with `in_p_holm` and `out_p_holm`, or with `p_holm`.
    """
    table = table.copy()
    for way in ("in", "out"):
        both = [name for name in (f"{way}_p_value", f"{way}_donor_p_value") if name in table]
        if both:
            larger = table[both].max(axis=1, skipna=False)
            # A map of DC alone has no random maps: donors of other classes are its comparison.
            table[f"{way}_p_holm"] = holm(larger.where(table[both[0]].notna(), table[both[-1]]))
    if "p_value" in table:
        table["p_holm"] = holm(table["p_value"])
    return table
