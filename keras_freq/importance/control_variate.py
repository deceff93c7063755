"""Predicted changes of the loss as a control variate for the exact ones.

The mean exact change over all images of a class is the mean of a prediction, which is known for
every image, plus the mean of the residual, exact minus predicted, which need only be evaluated
where it may be large. What is known about residuals is learned from what was evaluated so far, at
first a sample of pairs on every image:

- The predictions are calibrated: each image has its own slopes on the prediction and on the
  cosine's power, and both may change with the radius. (Linearised changes are too large by a third
  at low frequencies, since the gradients of a network with kinks do not last over the distance.)
  Residuals of low and high frequencies differ by orders of magnitude, so that every evaluation
  counts by the precision that its residual is expected to have.
- A residual is modelled as `scale x (a + e)`, with a scale for each image and pair, `a` shared by
  the images of a pair, and `e` independent. Scales differ by orders of magnitude, since images that
  the network is sure of hardly change. So the images of a pair are evaluated from the largest scale
  down, and after a quarter of them little uncertainty is left.
"""

import dataclasses

import numpy as np

# Weight of the slopes of all images in those of one, in evaluations.
_RIDGE = 1.0
# Weight of what is known in general against what an image or a pair shows itself, in evaluations.
_PRIOR = 8.0
# Errors were found to be up to this much larger than the model says.
_WIDER = 1.2
# The scale of residuals, the weights of the fit, is found from the residuals of a first fit.
_FITS = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Control:
    """Calibrated predictions for the images of one class, and what is known of their errors.

    Attributes:
        predicted: `(N, P)`, calibrated changes of the loss.
        scale: `(N, P)`, scale of the residuals, nats; 0 where the prediction is exact.
        order: `(N, P)`, for each pair the images from the largest scale down.
        shared_variance: Variance of `a` over pairs.
        noise_variance: Variance of `e`.
    """

    predicted: np.ndarray
    scale: np.ndarray
    order: np.ndarray
    shared_variance: float
    noise_variance: float

    def estimate(self, exact, seen):
        """Changes of the loss with what has been evaluated so far.

        Args:
            exact: `(N, P)` exact changes; read where they were evaluated only.
            seen: `(N, P)` bool, where they were.

        Returns:
            Changes `(N, P)`, exact or estimated; the standard error `(P,)` of their mean against
            the mean exact change; and the mean over images `(P,)` of the variance of single
            estimates.
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
    """Learns a `Control` from what was evaluated.

    Args:
        predicted: `(N, P)`, changes of the loss under linearised logits.
        power: `(N, P)`, power of each pair's cosine in each image; where it is 0, so is the change.
        exact: `(N, P)`, exact changes; read where they are known only.
        known: `(N, P)` bool, where they are and may be learned from.
        radii: `(P,)`, radius of each pair.

    Returns:
        A `Control`.
    """
    own, count = known.sum(axis=1), known.sum(axis=0)
    share = count / count.sum()
    # log(1 + radius), with mean 0 and variance 1 over what is known.
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
        # How the residuals' share of the prediction falls with the radius: a power law.
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
    """Scale of the residual of each image and pair, `(N, P)`, before any residual was seen.

    It goes with the amplitude of the cosine and with the size of the prediction, in units of the
    image.
    """
    typical = _known_mean(predicted**2, known, axis=1)[:, None]
    # An image without a gradient may still change: its residuals will tell by how much.
    typical = np.maximum(typical, 1e-6 * typical.mean() if typical.any() else 1.0)
    shape = _over(power, _known_mean(power, known, axis=1)[:, None])
    return np.sqrt(typical * (shape + _over(predicted**2, typical)))


def _calibrated(features, exact, known, scale):
    """Regresses exact changes on features `(N, P, F)`, image by image, and predicts all pairs.

    Each evaluation weighs by the inverse square of its scale, and each image's slopes are drawn
    towards those of all images together by a ridge.
    """
    weight = np.where(known, _over(1.0, scale) ** 2, 0.0)
    moments = np.einsum("npf,np,npg->nfg", features, weight, features, optimize=True)
    right = np.einsum("npf,np,np->nf", features, weight, np.where(known, exact, 0.0), optimize=True)
    common = _ridged(moments.sum(axis=0), right.sum(axis=0), 1e-4, 0.0)
    # One evaluation of average strength more for each slope of each image, at the common slopes.
    ridge = _RIDGE / np.maximum(known.sum(axis=1), 1)
    slopes = _ridged(moments, right, ridge[:, None], common)
    return (features @ slopes[..., None])[..., 0]


def _ridged(moments, right, ridge, towards):
    """Solves `moments @ slopes = right` with a ridge, a share of the diagonal."""
    diagonal = np.einsum("...ff->...f", moments)
    strength = np.sqrt(diagonal)
    inverse = _over(1.0, strength)
    scaled = moments * inverse[..., :, None] * inverse[..., None, :]
    scaled = scaled + np.asarray(ridge)[..., None] * np.eye(moments.shape[-1])
    right = right * inverse + ridge * towards * strength
    return np.linalg.solve(scaled, right[..., None])[..., 0] * inverse


def _known_mean(values, known, axis):
    """Mean along an axis of what is known; 0 where nothing is."""
    return np.where(known, values, 0.0).sum(axis=axis) / np.maximum(known.sum(axis=axis), 1)


def _over(values, scale):
    """`values / scale`, 0 where the scale is 0."""
    return values / np.where(scale > 0, scale, np.inf)
