"""What the evaluated frequencies of a ring tell of the predicted ones.

Where predictions fail, an estimate may be further from the truth than no estimate, and may even be
impossible. So every estimate is held against the frequencies around it that were evaluated on every
image. They tell three things for each ring, which holds the pairs of one rounded radius:

- *How large changes are there*: their mean, for each image, and their spread over the pairs.
- *How large errors are there*: the known pairs were predicted, too. Where their errors are larger
  than expected, the standard errors of the ring grow by as much.
- *What is possible*: a loss is at least 0, so a change is at least minus the image's loss.

An estimate is a compromise between the prediction and the ring's mean, as for normal distributions:
the prediction counts `spread^2 / (spread^2 + error^2)`. A sure prediction stays nearly as it is. A
prediction whose error is larger than all changes of its ring gives way to the ring's mean.
"""

import dataclasses

import numpy as np

# Known pairs count in a ring by a Gaussian of this width in log(1 + radius): a third of an octave.
_WIDTH = 0.25
# A prediction that is so many standard deviations from its ring's mean is evaluated, if it would
# be drawn by more than its error.
_EXTREME = 4.0
# So is one that is impossible by so many standard errors.
_IMPOSSIBLE = 2.0
# A ring of which no more than this share is left to predictions is evaluated to the end: what is
# left there is not like the rest.
_LEFT = 0.25
# Known changes count as no further from their ring's mean than so many mean distances (4 standard
# deviations of a normal distribution). Both are computed anew so many times.
_USUAL, _CLIPPINGS = 5.0, 4


@dataclasses.dataclass(frozen=True, eq=False)
class RingPrior:
    """The known changes around each pair, summed up by ring.

    Attributes:
        ring: `(P,)` int, the ring of each pair.
        weights: `(R, K)`, how much each known pair counts in each ring; they add up to 1.
        mean: `(N, R)`, mean change of each image, nats.
        spread: `(R,)`, standard deviation of a pair's mean change over the images around the mean.
        single_variance: `(R,)`, mean square of single changes around those of their image.
    """

    ring: np.ndarray
    weights: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    single_variance: np.ndarray

    def wider(self, error, stderr):
        """Gives the factors `(P,)` >= 1 by which errors are larger than expected.

        Args:
            error: `(K,)`, errors of the predictions of the known pairs.
            stderr: `(K,)`, their expected standard errors.
        """
        squares = (error / np.where(stderr > 0, stderr, np.inf)) ** 2
        # What few known pairs tell of errors is uncertain: as Student's t is wider than the normal.
        few = np.maximum(1 - (self.weights**2).sum(axis=1), 0.5)
        return (np.sqrt(np.maximum(self.weights @ squares, 1.0)) / few)[self.ring]

    def draw(self, changes, stderr, unseen_variance, seen, base):
        """Draws estimated changes towards the means of their rings, and keeps them possible.

        Args:
            changes: `(N, P)`, changes of the loss, exact where `seen`. Those are not touched.
            stderr: `(P,)`, standard error of their mean over the images.
            unseen_variance: `(P,)`, variance of single estimates, averaged over the images.
            seen: `(N, P)` bool, whether the change was evaluated.
            base: `(N,)`, losses of the untouched images.

        Returns:
            `changes`, `stderr` and `unseen_variance` after this, and `(P,)` bool: the estimates
            that should be evaluated, since they are extreme or the last ones of their ring.
        """
        raw, mean, spread = changes.mean(axis=0), self.mean[:, self.ring], self.spread[self.ring]
        total = np.hypot(spread, stderr)
        left = np.bincount(self.ring, stderr > 0) / np.maximum(np.bincount(self.ring), 1)
        share = (spread / np.where(total > 0, total, 1.0)) ** 2
        away = np.abs(raw - mean.mean(axis=0))
        wanted = (away > _EXTREME * total) & ((1 - share) * away > stderr)
        wanted |= raw + _IMPOSSIBLE * stderr < -base.mean()
        wanted |= left[self.ring] <= _LEFT
        # The mean of exact changes is possible, and so is all between two possible changes.
        drawn = share * np.maximum(changes, -base[:, None]) + (1 - share) * mean
        # What was drawn errs by no more than either of the two. Only what is exact has no error.
        stderr = np.maximum(np.minimum(stderr, spread), 1e-3 * stderr)
        variance = np.minimum(unseen_variance, self.single_variance[self.ring])
        return np.where(seen, changes, drawn), stderr, variance, wanted & (stderr > 0)


def ring_prior(exact, known_radii, radii):
    """Sums up what is known by ring.

    Args:
        exact: `(N, K)`, changes of the loss of the pairs that were evaluated on every image, nats.
        known_radii: `(K,)`, their radii, cycles per image.
        radii: `(P,)`, the radii of all pairs.

    Returns:
        A `RingPrior`.
    """
    ring = radii.round().astype(int)
    weights, share = ring_weights(np.arange(ring.max() + 1), known_radii)
    values = np.broadcast_to(exact.mean(axis=0), weights.shape)
    plain = local = (weights * values).sum(axis=1)
    # One frequency that the class depends on does not tell how the others of its ring are.
    for _ in range(_CLIPPINGS):
        usual = (weights * np.abs(values - local[:, None])).sum(axis=1)
        reach = _USUAL * usual[:, None]
        values = np.clip(values, local[:, None] - reach, local[:, None] + reach)
        local = (weights * values).sum(axis=1)
    variance = (weights * (values - local[:, None]) ** 2).sum(axis=1) / np.maximum(1 - share, 0.5)
    # A mean that few pairs give is itself uncertain, and drawn towards 0.
    noise = share * variance
    # The square of a tiny mean is 0 in floating point.
    total = local**2 + noise
    sure = local**2 / np.where(total > 0, total, 1.0)
    sure *= np.clip(local / np.where(plain != 0, plain, 1.0), 0.0, 1.0)
    mean = (exact @ weights.T) * sure
    around = variance + (plain * sure - local) ** 2 + noise
    single = weights @ (exact**2).mean(axis=0)
    return RingPrior(ring, weights, mean, np.sqrt(around), single)


def ring_weights(rings, known_radii):
    """Gives how much each known pair counts in each ring.

    Args:
        rings: `(R,)`, radii of the rings, cycles per image.
        known_radii: `(K,)`, radii of the known pairs.

    Returns:
        Weights `(R, K)`, rows that add up to 1; and `(R,)`, one over the number of known pairs that
        count in a ring.
    """
    away = np.log1p(rings)[:, None] - np.log1p(known_radii)
    # With no known pair near a ring, all count alike.
    weights = np.exp(-0.5 * (away / _WIDTH) ** 2) + 1e-9
    weights /= weights.sum(axis=1, keepdims=True)
    return weights, (weights**2).sum(axis=1)
