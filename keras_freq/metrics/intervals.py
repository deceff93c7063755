"""Intervals: of proportions and their differences, of means over images, and of quotients."""

from statistics import NormalDist

import numpy as np
from scipy import special

from keras_freq import checks

# With fewer observations than this, a bootstrap interval is too narrow.
_FEW = 10


def wilson_interval(successes, trials, confidence=0.95):
    """Computes the Wilson score interval of a proportion.

    Unlike `p +- z sqrt(p (1 - p) / n)` it stays in [0, 1] and has a width where the proportion is 0
    or 1.

    Args:
        successes: Counts, any shape, 0 <= successes <= trials.
        trials: Counts, of a shape that broadcasts with `successes`.
        confidence: Coverage, between 0 and 1.

    Returns:
        `(low, high)`, float64 arrays of the broadcast shape, in [0, 1]; NaN where `trials` is 0.

    Raises:
        ValueError: If the counts or `confidence` are out of range.

    Source:
        E. Wilson, "Probable inference, the law of succession, and statistical inference", JASA
        22 (1927).

    Example:
        >>> low, high = wilson_interval([0, 50], [10, 100])
        >>> low.round(3).tolist(), high.round(3).tolist()
        ([0.0, 0.404], [0.278, 0.596])
    """
    confidence = checks.confidence(confidence)
    successes, trials = checks.counts(successes=successes, trials=trials)
    wrong = successes > trials
    if wrong.any():
        raise ValueError(
            "`successes` must be counts with 0 <= successes <= trials. "
            f"Received: successes={successes[wrong][0]}, trials={trials[wrong][0]}"
        )
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    scale = trials + z**2
    centre = (successes + z**2 / 2) / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z / scale * np.sqrt(successes * (trials - successes) / trials + z**2 / 4)
    # Exactly 0 and 1 at the ends, where the formula leaves rounding noise.
    low = np.where(successes == 0, 0.0, centre - half)
    high = np.where(successes == trials, 1.0, centre + half)
    empty = trials == 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def fall_interval(lost, won, images):
    """Computes a 95 % interval of how far the share of right images falls, on the same images.

    The fall is the share that is lost less the share that is won. Each end comes from the ends of
    the Wilson intervals of both, so that it is rather too wide than too narrow.

    Args:
        lost: Counts of images that were right before and are wrong now, any shape.
        won: Those that were wrong before and are right now, of the same shape.
        images: Counts of all images, likewise.

    Returns:
        `(low, high)`, float64 arrays, negative where the share rises; NaN without images.

    Raises:
        ValueError: If the counts are out of range.

    Example:
        >>> low, high = fall_interval(16, 0, 200)
        >>> round(float(low), 3), round(float(high), 3)
        (0.031, 0.126)
    """
    least_lost, most_lost = wilson_interval(lost, images)
    least_won, most_won = wilson_interval(won, images)
    return least_lost - most_won, most_lost - least_won


def mean_interval(values, *, confidence=0.95, num_bootstrap=2000, seed=0):
    """Computes an interval of the mean over observations, such as images.

    From 10 observations on it is the percentile interval of a bootstrap that draws observations.
    With fewer it is Student's t interval, since so few hardly differ when they are drawn again.

    Args:
        values: `(N, ...)` finite numbers, an observation in each row. What comes from one image
            stays together: the same images are drawn for all columns.
        confidence: Coverage, between 0 and 1. Defaults to 0.95.
        num_bootstrap: Number of bootstrap samples. Defaults to 2,000.
        seed: An int >= 0, the seed of the bootstrap. Defaults to 0.

    Returns:
        `(low, high)`, float64 arrays `(...)`; NaN with fewer than two observations.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> low, high = mean_interval([[0.0], [1.0], [2.0]])  # Student's t with 2 degrees
        >>> low.round(2), high.round(2)
        (array([-1.48]), array([3.48]))

    Source:
        B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979).
    """
    confidence = checks.confidence(confidence)
    num_bootstrap = checks.integer("num_bootstrap", num_bootstrap)
    seed = checks.integer("seed", seed, least=0)
    values = np.asarray(checks.plain_array("values", values, "(N, ...)"), np.float64)
    if values.ndim == 0 or not np.isfinite(values).all():
        raise ValueError("`values` must be finite numbers (N, ...). Received: NaN, or one number")
    number, *shape = values.shape
    if number < 2:
        return np.full(shape, np.nan), np.full(shape, np.nan)
    tail = (1 - confidence) / 2
    if number < _FEW:
        half = special.stdtrit(number - 1, 1 - tail) * values.std(axis=0, ddof=1) / number**0.5
        return values.mean(axis=0) - half, values.mean(axis=0) + half
    drawn = np.random.default_rng(seed).multinomial(
        number, np.full(number, 1 / number), num_bootstrap
    )
    means = (drawn / number) @ values.reshape(number, -1)
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return low.reshape(shape), high.reshape(shape)


def ratio_interval(numerator, denominator):
    """Computes an interval of a quotient from the intervals of its parts, which are independent.

    Args:
        numerator: Three arrays: the value, >= 0, and both ends of its interval.
        denominator: The same.

    Returns:
        `(low, high)`, float64 arrays of the coverage of the given intervals. `high` is inf where
        the interval of the denominator begins at 0; both are NaN where its value is 0.

    Example:
        >>> low, high = ratio_interval((0.3, 0.2, 0.4), (0.6, 0.4, 0.8))
        >>> round(float(low), 3), round(float(high), 3)
        (0.305, 0.82)

    Source:
        A. Donner and G. Zou, "Closed-form confidence intervals for functions of the normal mean and
        standard deviation", Statistical Methods in Medical Research 21 (2012).
    """
    value, low, high = (np.asarray(one, np.float64) for one in numerator)
    under, least, most = (np.asarray(one, np.float64) for one in denominator)
    # Each end is a root of s r^2 - 2 p r + c = 0.
    p = value * under
    roots = []
    for own, other in ((low, most), (high, least)):
        c, s = own * (2 * value - own), other * (2 * under - other)
        roots.append((c, s, p + np.sqrt(np.maximum(p**2 - c * s, 0))))
    (c, _, first), (_, s, second) = roots
    lower = np.divide(c, first, out=np.zeros_like(first), where=first > 0)
    upper = np.divide(second, s, out=np.full_like(second, np.inf), where=s > 0)
    known = under > 0
    return np.where(known, np.maximum(lower, 0), np.nan), np.where(known, upper, np.nan)
