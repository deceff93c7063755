"""What the evidence for an effect is worth: p-values, and their correction for many tests."""

import numpy as np
from scipy.stats import binomtest, mannwhitneyu

# An effect that is smaller, in rates, is no reason to call a map anything.
LEAST_EFFECT = 0.05
# The family-wise rate of false findings that the verdicts allow.
LEVEL = 0.05


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
        lost: How many images were right before and wrong after.
        won: How many were wrong before and right after.

    Returns:
        A float; 1 where nothing changed.

    Example:
        >>> loss_p_value(5, 0)
        0.03125
    """
    if not lost + won:
        return 1.0
    return float(binomtest(int(lost), int(lost + won), alternative="greater").pvalue)


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
