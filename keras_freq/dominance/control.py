"""Predicted changes of the loss as a control variate for the exact ones.

The mean exact change over all images of a class is the mean of a prediction, which is known for
every image, plus the mean of the residual, exact minus predicted, which need only be evaluated on
some images where it is small. What is known about residuals is learned from a sample of pairs that
is evaluated on every image:

- The predictions are calibrated: each image has its own slopes on the prediction and on the
  cosine's power, and both may change with the radius (linearised changes are too large by a third
  at low frequencies, since gradients of a network with kinks do not last over the distance).
- A residual is modelled as `scale of the image x scale of the pair x (a + e)`, with `a` shared by
  the images of a pair and `e` independent. Scales of images differ by orders of magnitude, since
  those that the network is sure of hardly change: the images are therefore evaluated from the
  largest scale down, and after half of them little uncertainty is left.
"""

import dataclasses

import numpy as np

# Ridge of an image's own slopes towards those of all images, in units of its sample.
_RIDGE = 0.03
# Residual variances of single pairs count from this many images on more than the sample's.
_NOISE_IMAGES = 8.0
# Errors were found up to this much larger than what the model below gives.
_WIDER = 1.3


@dataclasses.dataclass(frozen=True, eq=False)
class Control:
    """Calibrated predictions for the images of one class, and what is known of their errors.

    Attributes:
        predicted: `(N, P)`, calibrated changes of the loss.
        order: `(N,)`, the order in which images are evaluated.
        image_scale: `(N,)`, scale of each image's residuals, nats, in that order.
        pair_scale: `(P,)`, relative scale of each pair's residuals.
        shared_variance: Variance of `a` over pairs.
        noise_variance: Variance of `e`.
    """

    predicted: np.ndarray
    order: np.ndarray
    image_scale: np.ndarray
    pair_scale: np.ndarray
    shared_variance: float
    noise_variance: float

    def estimate(self, exact, done):
        """Mean change of each pair with what has been evaluated so far.

        Args:
            exact: `(N, P)` exact changes; read where they were evaluated only.
            done: `(P,)`, how many images of `order` each pair has been evaluated on.

        Returns:
            Changes `(N, P)`, exact or estimated; the standard error `(P,)` of their mean against
            the mean exact change; and the mean over images `(P,)` of the variance of single
            estimates.
        """
        count = len(self.order)
        seen = np.arange(count)[:, None] < done
        scale = self.image_scale[:, None] * self.pair_scale
        predicted, exact = self.predicted[self.order], exact[self.order]
        with np.errstate(divide="ignore", invalid="ignore"):
            units = np.where(seen & (scale > 0), (exact - predicted) / scale, 0.0)
        total = units.sum(axis=0)
        spread = (units**2).sum(axis=0) - total**2 / np.maximum(done, 1)
        noise = (_NOISE_IMAGES * self.noise_variance + spread) / (
            _NOISE_IMAGES + np.maximum(done - 1, 0)
        )
        precision = 1 / self.shared_variance + done / noise
        shared = total / noise / precision
        changes = np.empty_like(exact)
        changes[self.order] = np.where(seen, exact, predicted + scale * shared)
        unseen = np.where(seen, 0.0, scale)
        squares = (unseen**2).sum(axis=0) * noise
        stderr = _WIDER * np.sqrt(unseen.sum(axis=0) ** 2 / precision + squares) / count
        return changes, stderr, squares / count


def fit_control(predicted, power, exact, sample, radii):
    """Learns a `Control` from the pairs of a sample.

    Args:
        predicted: `(N, P)`, changes of the loss under linearised logits.
        power: `(N, P)`, power of each pair's cosine in each image.
        exact: `(N, S)`, exact changes of the sample's pairs, on every image.
        sample: `(S,)`, indices of those pairs.
        radii: `(P,)`, radius of each pair.

    Returns:
        A `Control`.
    """
    # log(1 + radius), with mean 0 and variance 1 over the sample.
    ring = np.log1p(radii)
    ring = (ring - ring[sample].mean()) / max(ring[sample].std(), 1e-9)
    calibrated = _calibrated(
        np.stack([predicted, power, predicted * ring, power * ring], axis=2), exact, sample
    )
    residual = exact - calibrated[:, sample]
    image_scale = _rms(residual, axis=1)
    pair_scale = _rms(_over(predicted, _rms(predicted, axis=1)[:, None]), axis=0)
    units = _over(residual, image_scale[:, None] * pair_scale[sample])
    # How the ratio of residual and prediction falls with the radius: a power law.
    level = np.log(np.maximum((units**2).mean(axis=0), 1e-12))
    slope = (ring[sample] * level).sum() / (1.1 * len(sample))
    trend = np.exp(slope * ring / 2)
    units = units / trend[sample]
    noise = max(units.var(axis=0, ddof=min(1, len(units) - 1)).mean(), 1e-12)
    shared = max((units.mean(axis=0) ** 2).mean() - noise / len(units), 0.02 * noise)
    order = np.argsort(-image_scale, kind="stable")
    return Control(
        predicted=calibrated,
        order=order,
        image_scale=image_scale[order],
        pair_scale=pair_scale * trend,
        shared_variance=shared,
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
    scale = _rms(features[:, sample], axis=1)
    features = _over(features, scale[:, None])
    chosen = features[:, sample]
    ridge = _RIDGE * len(sample) * np.eye(features.shape[2])
    left = np.einsum("nsf,nsg->nfg", chosen, chosen) + ridge
    right = np.einsum("nsf,ns->nf", chosen, exact) + (common * scale) @ ridge
    slopes = np.linalg.solve(left, right[..., None])
    return (features @ slopes)[..., 0]


def _rms(values, axis):
    """Root of the mean square."""
    return np.sqrt((values**2).mean(axis=axis))


def _over(values, scale):
    """`values / scale`, 0 where the scale is 0."""
    return values / np.where(scale > 0, scale, np.inf)
