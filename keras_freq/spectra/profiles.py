"""Maps over the frequency plane as curves over the radius, and the slope of these."""

import numpy as np

from keras_freq import checks
from keras_freq.fourier import radius_map


def radial_profile(maps):
    """Averages maps over rings of integer radius.

    Ring r holds the frequencies whose radius rounds to r, r = 0 (DC alone) to half the shorter
    side. The corners beyond it, of which there are no whole rings, are left out.

    Args:
        maps: `(..., H, W)`, centred, such as amplitudes or powers. Of `class_spectra`, move the
            channels first: `np.moveaxis(spectra, -1, 1)`.

    Returns:
        `(..., R)` float64, R = `min(H, W) // 2 + 1`: the mean over each ring. NaN where a ring has
        one.

    Raises:
        ValueError: If `maps` is no array of real numbers with two dimensions or more.

    Example:
        >>> from keras_freq.fourier import radius_map
        >>> radial_profile(radius_map(4) == 1).tolist()
        [0.0, 0.5, 0.0]

    See Also:
        `spectral_slope`.
    """
    maps = checks.real_array("maps", maps, "(..., H, W)", ndim=range(2, 33))
    height, width = maps.shape[-2:]
    rings = np.rint(radius_map((height, width))).astype(int).reshape(-1)
    whole = min(height, width) // 2 + 1
    order = np.argsort(rings, kind="stable")[: np.count_nonzero(rings < whole)]
    counts = np.bincount(rings)[:whole]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    cells = maps.astype(np.float64).reshape(*maps.shape[:-2], height * width)[..., order]
    return np.add.reduceat(cells, starts, axis=-1) / counts


def spectral_slope(maps, *, low=1, high=None):
    """Fits the power law of a spectrum: the slope of its logarithm over that of the radius.

    The line is fitted by least squares to the rings of `radial_profile`, one point each. The slope
    of power is twice that of amplitude. White noise has the slope 0. The power of photographs has
    about -2.

    Args:
        maps: `(..., H, W)`, centred, amplitudes or powers, > 0.
        low: Int >= 1, the radius of the first ring, in cycles per image. Defaults to 1.
        high: Int > `low`, the radius of the last ring. Defaults to half the shorter side.

    Returns:
        `(...)` float64, the slopes. NaN where the mean of a ring is not > 0.

    Raises:
        ValueError: If `maps` is no array of real numbers with two dimensions or more, or it does
            not have these rings.

    Example:
        >>> from keras_freq.fourier import radius_map
        >>> radii = np.rint(radius_map(16))
        >>> power = np.divide(1, radii**2, where=radii > 0, out=np.ones((16, 16)))
        >>> round(float(spectral_slope(power)), 6)
        -2.0

    Source:
        D. Field, "Relations between the statistics of natural images and the response properties
        of cortical cells", JOSA A 4 (1987). He fits amplitudes of single images, in octaves.
    """
    profile = radial_profile(maps)
    most = profile.shape[-1] - 1
    low = checks.integer("low", low)
    high = checks.integer("high", most if high is None else high)
    if not low < high <= most:
        raise ValueError(
            f"`high` must be > `low`, and at most half the shorter side, {most}. "
            f"Received: low={low}, high={high}"
        )
    logs = np.log(np.arange(low, high + 1))
    logs -= logs.mean()
    rings = profile[..., low : high + 1]
    heights = np.log(np.where(rings > 0, rings, np.nan))
    return heights @ logs / (logs @ logs)
