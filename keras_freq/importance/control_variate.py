"""Predicted changes of the loss as a control variate for the exact ones.

A class's mean exact change has two parts. One is the mean of a prediction, which is known for every
image. The other is the mean of the residual, which is exact minus predicted. The residual need only
be evaluated where it may be large.

What is known about residuals is learned from the evaluations so far. The first of them are a sample
of pairs, on every image. Two models are fitted:

- *Predictions are calibrated.* Each image has its own slopes on the prediction and on the cosine's
  power. Both slopes may change with the radius. (At low frequencies, linearised changes are too
  large by a third: a network with kinks does not keep its gradient over such a distance.) Residuals
  of low and high frequencies differ by orders of magnitude. So every evaluation counts by the
  precision that is expected of its residual.
- *A residual is `scale x (a + e)`.* Each image and pair has its scale. The images of a pair share
  `a`, and `e` is independent. Scales differ by orders of magnitude, since images that the network
  is sure of hardly change. So the images of a pair are evaluated from the largest scale down.
  After a quarter of them, little uncertainty is left.
"""

import dataclasses

import numpy as np

# The slopes of all images together count as this many evaluations of the single image.
_RIDGE = 1.0
# What all images or pairs show counts as this many evaluations of the single image or pair.
_PRIOR = 8.0
# Measured errors were up to this many times what the model says.
_WIDER = 1.2
# The first fit gives the scales of residuals. The second fit weights the evaluations by them.
_FITS = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Control:
    """Calibrated predictions for the images of one class, and the model of their errors.

    Attributes:
        predicted: `(N, P)`, calibrated changes of the loss, nats.
        scale: `(N, P)`, scale of the residuals, nats; 0 where the prediction is exact.
        order: `(N, P)` int, for each pair the images from the largest scale down.
        shared_variance: Variance over pairs of `a`, the part that a pair's images share.
        noise_variance: Variance of `e`, the independent part.
    """

    predicted: np.ndarray
    scale: np.ndarray
    order: np.ndarray
    shared_variance: float
    noise_variance: float

    def estimate(self, exact, seen):
        """Estimates the changes of the loss from the evaluations so far.

        Args:
            exact: `(N, P)`, exact changes, nats. Values that are not `seen` are ignored.
            seen: `(N, P)` bool, whether the change was evaluated.

        Returns:
            Three arrays:

            - `(N, P)`: the changes, exact where `seen` and estimated elsewhere.
            - `(P,)`: the standard error of their mean over the images, against the exact mean.
            - `(P,)`: the variance of single estimates, averaged over the images.
        """
        residual = np.where(seen, exact - self.predicted, 0.0)
        units = _over(residual, self.scale)
        count, total = seen.sum(axis=0), units.sum(axis=0)
        spread = (units**2).sum(axis=0) - total**2 / np.maximum(count, 1)
        noise = (_PRIOR * self.noise_variance + spread) / (_PRIOR + np.maximum(count - 1, 0))
        precision = 1 / self.shared_variance + count / noise
        shared = total / noise / precision
        unseen = np.where(seen, 0.0, self.scale)
        changes = np.where(seen, exact, self.predicted + unseen * shared)
        squares = (unseen**2).sum(axis=0) * noise
        variance = unseen.sum(axis=0) ** 2 / precision + squares
        return changes, _WIDER * np.sqrt(variance) / len(exact), squares / len(exact)


def fit_control(predicted, power, exact, known, radii):
    """Learns a `Control` from the evaluations so far.

    Args:
        predicted: `(N, P)`, changes of the loss under linearised logits, nats.
        power: `(N, P)`, power of each pair's cosine in each image. Where it is 0, the change is 0.
        exact: `(N, P)`, exact changes, nats. Values that are not `known` are ignored.
        known: `(N, P)` bool, whether the change was evaluated and may be learned from.
        radii: `(P,)`, radius of each pair, cycles per image.

    Returns:
        A `Control`.
    """
    own, count = known.sum(axis=1), known.sum(axis=0)
    share = count / count.sum()
    # log(1 + radius), shifted and scaled to mean 0 and variance 1 over the known changes.
    ring = np.log1p(radii) - share @ np.log1p(radii)
    ring = ring / max(np.sqrt(share @ ring**2), 1e-9)
    features = np.stack([predicted, power, predicted * ring, power * ring], axis=2)
    expected = _expected_scale(predicted, power, known)
    for _ in range(_FITS):
        calibrated = _calibrated(features, exact, known, expected)
        residual = np.where(known, exact - calibrated, 0.0)
        ratio = _known_mean(_over(residual, expected) ** 2, known, axis=1)
        ratio = (own * ratio + _PRIOR * np.median(ratio)) / (own + _PRIOR)
        scale = np.sqrt(ratio)[:, None] * expected
        # The residuals' share of the prediction falls with the radius, by a power law.
        level = _known_mean(_over(residual, scale) ** 2, known, axis=0)
        level = np.log(np.maximum(level, 1e-12))
        slope = (share * ring) @ (level - share @ level) / (2.2 * max(share @ ring**2, 1e-9))
        trend = np.exp(slope * ring)
        scale, expected = scale * trend, expected * trend
    units = _over(residual, scale)
    mean = _known_mean(units, known, axis=0)
    spread = (units**2).sum() - (count * mean**2).sum()
    noise = max(spread / max(np.maximum(count - 1, 0).sum(), 1), 1e-12)
    shared = (share * (mean**2 - noise / np.maximum(count, 1))).sum()
    return Control(
        predicted=calibrated,
        scale=scale,
        order=np.argsort(-scale, axis=0, kind="stable"),
        shared_variance=max(shared, 0.02 * noise),
        noise_variance=noise,
    )


def _expected_scale(predicted, power, known):
    """Guesses the scale of each residual, `(N, P)`, before any residual was seen.

    Its square is a sum: the squared prediction, and the image's mean squared prediction times the
    cosine's power over the image's mean power. The means are over the known pairs.
    """
    typical = _known_mean(predicted**2, known, axis=1)[:, None]
    # An image without a gradient may still change. Its residuals will tell by how much.
    typical = np.maximum(typical, 1e-6 * typical.mean() if typical.any() else 1.0)
    shape = _over(power, _known_mean(power, known, axis=1)[:, None])
    return np.sqrt(typical * (shape + _over(predicted**2, typical)))


def _calibrated(features, exact, known, scale):
    """Regresses exact changes on features `(N, P, F)`, image by image, and predicts all pairs.

    The weight of an evaluation is the inverse square of its scale. A ridge draws each image's
    slopes towards the slopes of all images together.
    """
    weight = np.where(known, _over(1.0, scale) ** 2, 0.0)
    moments = np.einsum("npf,np,npg->nfg", features, weight, features, optimize=True)
    right = np.einsum("npf,np,np->nf", features, weight, np.where(known, exact, 0.0), optimize=True)
    common = _ridged(moments.sum(axis=0), right.sum(axis=0), 1e-4, 0.0)
    # As if each slope of each image had one more evaluation of average weight, which agrees with
    # the common slope.
    ridge = _RIDGE / np.maximum(known.sum(axis=1), 1)
    slopes = _ridged(moments, right, ridge[:, None], common)
    return (features @ slopes[..., None])[..., 0]


def _ridged(moments, right, ridge, towards):
    """Solves `moments @ slopes = right` for slopes that are drawn `towards` given ones.

    The ridge is relative: it adds a share `ridge` of the diagonal to the diagonal.
    """
    diagonal = np.einsum("...ff->...f", moments)
    strength = np.sqrt(diagonal)
    inverse = _over(1.0, strength)
    scaled = moments * inverse[..., :, None] * inverse[..., None, :]
    scaled = scaled + np.asarray(ridge)[..., None] * np.eye(moments.shape[-1])
    right = right * inverse + ridge * towards * strength
    return np.linalg.solve(scaled, right[..., None])[..., 0] * inverse


def _known_mean(values, known, axis):
    """Averages the known values along an axis; 0 where none is known."""
    return np.where(known, values, 0.0).sum(axis=axis) / np.maximum(known.sum(axis=axis), 1)


def _over(values, scale):
    """Divides values by their scale; 0 where the scale is 0, or so small that squares overflow."""
    return values / np.where(scale > 1e-150, scale, np.inf)
