"""The channel of a model: which octaves of noise it is sensitive to, as a Gaussian.

A model's sensitivity to a band is how many octaves (doublings) weaker than the strongest noise that
noise is which brings its accuracy down to a level. Over the octaves of frequency, it is fitted by
`peak exp(-(x - centre)^2 / (2 width^2))`.
"""

import dataclasses
import math
import warnings

import numpy as np
from scipy import optimize

# A Gaussian of three parameters needs as many bands in which noise does something.
_LEAST_BANDS = 3


@dataclasses.dataclass(frozen=True)
class Channel:
    """A fitted channel.

    Attributes:
        bandwidth: Full width at half of the peak, octaves.
        centre: Cycles per image.
        sensitivity: The peak, as 1 over the strength that reaches the level.
        finding: Why there is none of the above, which are then NaN; "" if there is.
    """

    bandwidth: float = math.nan
    centre: float = math.nan
    sensitivity: float = math.nan
    finding: str = ""


def noise_thresholds(strengths, accuracy, base_accuracy, level):
    """Finds the strength of noise in each band that brings accuracy down to a level.

    Between two strengths, accuracy is taken to be linear in the logarithm of the strength; between
    no noise and the weakest one, in the strength.

    Args:
        strengths: `(S,)` increasing, > 0.
        accuracy: `(B, S)`.
        base_accuracy: The accuracy without noise.
        level: The accuracy to reach.

    Returns:
        `(B,)` float64: inf where even the strongest noise leaves more than the level, and 0 where
        `base_accuracy` is no more.

    Example:
        >>> noise_thresholds([0.1, 0.2], [[0.8, 0.4], [0.9, 0.9], [0.3, 0.1]], 0.9, 0.6).round(3)
        array([0.141,   inf, 0.05 ])
    """
    strengths, accuracy = np.asarray(strengths, float), np.asarray(accuracy, float)
    found = np.empty(len(accuracy))
    for band, own in enumerate(accuracy):
        above = np.flatnonzero(own > level)
        last = above[-1] if len(above) else -1
        if base_accuracy <= level:
            found[band] = 0
        elif last == len(own) - 1:
            found[band] = np.inf
        elif last == -1:
            found[band] = strengths[0] * (base_accuracy - level) / (base_accuracy - own[0])
        else:
            share = (own[last] - level) / (own[last] - own[last + 1])
            found[band] = strengths[last] * (strengths[last + 1] / strengths[last]) ** share
    return found


def fit_channel(centres, strengths, thresholds, start=None):
    """Fits a Gaussian over octaves to the sensitivities of bands.

    Args:
        centres: `(B,)` increasing centres of the bands, cycles per image, an octave apart.
        strengths: `(S,)` increasing strengths of noise that were tried.
        thresholds: `(B,)` as from `noise_thresholds`.
        start: A `Channel` to begin with. Defaults to None: many are tried, and the best fit stays.

    Returns:
        A `Channel`, or one with a `finding` where the thresholds do not support a fit.

    Example:
        >>> centres, strengths = 2.0 ** np.arange(7), 0.02 * 2.0 ** np.arange(4)
        >>> octaves = 3 * np.exp(-((np.arange(7) - 4) ** 2) / (2 * 0.8**2))
        >>> channel = fit_channel(centres, strengths, 0.16 / 2**octaves)
        >>> round(channel.bandwidth, 2), round(channel.centre, 2)
        (1.88, 16.0)
    """
    centres, thresholds = np.asarray(centres, float), np.asarray(thresholds, float)
    strongest = strengths[-1]
    # Beyond the weakest strength, one octave is all that can be told.
    most = math.log2(strongest / strengths[0]) + 1
    with np.errstate(divide="ignore"):
        octaves = np.clip(np.log2(strongest / thresholds), 0, most)
    if not (octaves > 0).any():
        return Channel(finding="noise of no band brings its accuracy down to the level")
    if (octaves >= most).all():
        return Channel(finding="the weakest noise of every band is too strong for it")
    if (octaves > 0).sum() < _LEAST_BANDS:
        return Channel(
            finding=f"noise harms it in fewer than {_LEAST_BANDS} bands, too few for a width"
        )
    places = np.log2(centres / centres[0])
    best = _best_fit(places, octaves, most, _starts(start, places, octaves, centres, strongest))
    if best is None:
        return Channel(finding="no Gaussian fits its sensitivities")
    peak, centre, width = best
    bandwidth = float(2 * math.sqrt(math.log(4)) * width)
    if not places[0] - 0.5 <= centre <= places[-1] + 0.5:
        return Channel(finding="its sensitivity peaks beyond the bands that were tried")
    if bandwidth > len(centres):
        return Channel(finding="its channel is wider than all bands that were tried")
    return Channel(bandwidth, float(centres[0] * 2**centre), float(2**peak / strongest))


def gaussian(places, peak, centre, width):
    """The Gaussian that is fitted."""
    return peak * np.exp(-((places - centre) ** 2) / (2 * width**2))


def _starts(start, places, octaves, centres, strongest):
    """Parameters to begin a fit with."""
    if start is not None:
        peak = math.log2(start.sensitivity * strongest)
        width = start.bandwidth / (2 * math.sqrt(math.log(4)))
        return [(peak, math.log2(start.centre / centres[0]), width)]
    peaks = places[np.argsort(-octaves, kind="stable")[:3]]
    return [(octaves.max(), place, width) for place in peaks for width in (0.5, 1, 2)]


def _best_fit(places, octaves, most, starts):
    """The parameters of least squares; None if no start leads to any."""
    bounds = ([1e-3, places[0] - 10, 0.1], [most, places[-1] + 10, 20])
    fits = []
    for start in starts:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optimize.OptimizeWarning)
                fit, _ = optimize.curve_fit(
                    gaussian, places, octaves, np.clip(start, *bounds), bounds=bounds
                )
        except RuntimeError:  # it does not converge
            continue
        fits.append((np.sum((gaussian(places, *fit) - octaves) ** 2), tuple(fit)))
    return min(fits)[1] if fits else None
