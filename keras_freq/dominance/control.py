"""Predicted changes of the loss as a control variate for the exact ones.

The mean exact change over all images of a class is the mean of a prediction, which is known for
every image, plus the mean of the residual, exact minus predicted, which need only be evaluated
where it may be large. What is known about residuals is learned from a sample of pairs that is
evaluated on every image:

- The predictions are calibrated: each image has its own slopes on the prediction and on the
  cosine's power, and both may change with the radius. (Linearised changes are too large by a third
  at low frequencies, since the gradients of a network with kinks do not last over the distance.)
- A residual is modelled as `scale x (a + e)`, with a scale for each image and pair, `a` shared by
  the images of a pair, and `e` independent. Scales differ by orders of magnitude, since images that
  the network is sure of hardly change. So the images of a pair are evaluated from the largest scale
  down, and after a quarter of them little uncertainty is left.
"""

import dataclasses

import numpy as np

# Ridge of an image's own slopes towards those of all images, in units of its sample.
_RIDGE = 0.03
# Weight of what is known in general against what an image or a pair shows itself, in evaluations.
_PRIOR = 8.0
# Errors were found to be up to this much larger than the model says.
_WIDER = 1.45


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


def fit_control(predicted, power, exact, sample, radii):
    """Learns a `Control` from the pairs of a sample.

    Args:
        predicted: `(N, P)`, changes of the loss under linearised logits.
        power: `(N, P)`, power of each pair's cosine in each image; where it is 0, so is the change.
        exact: `(N, S)`, exact changes of the sample's pairs, on every image.
        sample: `(S,)`, indices of those pairs.
        radii: `(P,)`, radius of each pair.

    Returns:
        A `Control`.
    """
    # log(1 + radius), with mean 0 and variance 1 over the sample.
    ring = np.log1p(radii)
    ring = (ring - ring[sample].mean()) / max(ring[sample].std(), 1e-9)
    features = np.stack([predicted, power, predicted * ring, power * ring], axis=2)
    calibrated = _calibrated(features, exact, sample)
    residual = exact - calibrated[:, sample]
    scale = _scales(predicted, power, residual, sample)
    units = _over(residual, scale[:, sample])
    # How the residuals' share of the prediction falls with the radius: a power law.
    level = np.log(np.maximum((units**2).mean(axis=0), 1e-12))
    trend = np.exp(ring * (ring[sample] * level).sum() / (2.2 * len(sample)))
    scale, units = scale * trend, units / trend[sample]
    noise = max(units.var(axis=0, ddof=min(1, len(units) - 1)).mean(), 1e-12)
    return Control(
        predicted=calibrated,
        scale=scale,
        order=np.argsort(-scale, axis=0, kind="stable"),
        shared_variance=max((units.mean(axis=0) ** 2).mean() - noise / len(units), 0.02 * noise),
        noise_variance=noise,
    )


def _calibrated(features, exact, sample):
    """Regresses exact changes on features `(N, P, F)`, image by image, and predicts all pairs.

    Each image's slopes are drawn towards those of all images together by a ridge.
    """
    features = _over(features, _rms(features[:, sample], axis=(0, 1)))
    rows = features[:, sample].reshape(-1, features.shape[2])
    ridge = 1e-4 * len(rows) * np.eye(rows.shape[1])
    common = np.linalg.solve(rows.T @ rows + ridge, rows.T @ exact.reshape(-1))
    # In units of each image, so that the ridge is the same for faint and for strong ones.
    strength = _rms(features[:, sample], axis=1)
    features = _over(features, strength[:, None])
    chosen = features[:, sample]
    ridge = _RIDGE * len(sample) * np.eye(features.shape[2])
    left = np.einsum("nsf,nsg->nfg", chosen, chosen) + ridge
    right = np.einsum("nsf,ns->nf", chosen, exact) + (common * strength) @ ridge
    slopes = np.linalg.solve(left, right[..., None])
    return (features @ slopes)[..., 0]


def _scales(predicted, power, residual, sample):
    """Scale of the residual of each image and pair, `(N, P)`.

    It goes with the amplitude of the cosine and with the size of the prediction, in units of the
    image; that unit is the size of the image's residuals in the sample.
    """
    typical = (predicted[:, sample] ** 2).mean(axis=1)
    shape = _over(power, power[:, sample].mean(axis=1)[:, None])
    shape = np.sqrt(shape + _over(predicted**2, typical[:, None]))
    own = (_over(residual, shape[:, sample]) ** 2).mean(axis=1)
    general = _over(own.sum(), typical.sum()) * typical
    unit = np.sqrt((len(sample) * own + _PRIOR * general) / (len(sample) + _PRIOR))
    return unit[:, None] * shape


def _rms(values, axis):
    """Root of the mean square."""
    return np.sqrt((values**2).mean(axis=axis))


def _over(values, scale):
    """`values / scale`, 0 where the scale is 0."""
    return values / np.where(scale > 0, scale, np.inf)
