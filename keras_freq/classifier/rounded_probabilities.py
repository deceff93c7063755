"""How much of a loss is lost where probabilities are rounded or clipped."""

import numpy as np

# Where more images than this have losses that are off, an analysis of losses says nothing.
MOST_OFF = 0.01
_TINY = float(np.finfo(np.float32).tiny)


def loss_errors(scores, labels, dtype="float32"):
    """Bounds how far the cross-entropies of probabilities may be from those before rounding.

    A model may round or clip its probabilities before it gives them. What the numbers show of it is
    found in each column: multiples of 2^-24, as `1 - p` has them, and a smallest value that several
    images share, as 0 or the bound of a clip. The logarithm of such a value may be anything below.

    Args:
        scores: `(N, K)` float64, rows that sum to 1.
        labels: `(N,)` ints.
        dtype: The type in which the model gave them.

    Returns:
        `(N,)` bool, whether more than 1 % of an image's loss may be wrong, and `(N,)` float64, by
        how many nats at least that may be: infinity if nothing tells.

    Example:
        >>> off, error = loss_errors(np.array([[0.0, 1.0], [0.2, 0.8], [0.0, 1.0]]), [0, 0, 1])
        >>> off.tolist(), error.round(1).tolist()
        ([True, False, True], [70.0, 0.0, 0.0])
    """
    scores, labels = np.asarray(scores, np.float64), np.asarray(labels)
    unit = np.array([_rounding(column) for column in scores.T])
    relative = {"float16": 2.0**-11, "bfloat16": 2.0**-8}.get(dtype, 0)
    low = np.maximum(scores * (1 - relative) - unit, 0)
    high = scores * (1 + relative) + unit
    clipped = scores <= _floors(scores)
    low[clipped] = 0
    images = np.arange(len(scores))

    def losses(own, others):
        rest = others.sum(axis=1) - others[images, labels]
        return np.log1p(rest / np.maximum(own[images, labels], _TINY))

    given = losses(np.maximum(scores, _TINY), np.maximum(scores, _TINY))
    least, most = losses(high, low), losses(low, high)
    error = np.maximum(given - least, most - given)
    own = clipped[images, labels]
    error[own & (error == 0)] = np.inf
    return (error > 0.01 * given) | own, error


def _rounding(column):
    """The absolute rounding of a column, 2^-25 if its small values are differences from 1."""
    small = column[(column > 0) & (column < 2**-10)]
    steps = small * 2**24
    return 0.0 if (steps != np.round(steps)).any() else 2.0**-25


def _floors(scores):
    """The smallest value of each column, if it is 0 or that of several images; else -1."""
    different = np.unique(scores, axis=0)
    smallest = different.min(axis=0)
    shared = (smallest < 1e-3) & ((different == smallest).sum(axis=0) > 1)
    return np.where(shared | (smallest == 0), smallest, -1.0)
