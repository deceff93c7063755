"""Masks: which frequencies are kept."""

import numpy as np

from keras_freq import checks
from keras_freq.fourier.grid import conjugate, height_width, radius_map


def check_mask(mask, size=None):
    """Checks that a mask is boolean, `(H, W)` and symmetric under conjugation.

    Args:
        mask: The mask, anything NumPy can read.
        size: If given, the `(H, W)` that the mask must have.

    Returns:
        The mask as a boolean NumPy array.

    Raises:
        TypeError: If the mask is not boolean.
        ValueError: If it has another shape, or is not symmetric.

    Example:
        >>> check_mask([[False, True, False]])
        array([[False,  True, False]])
        >>> check_mask([[False, True, True]])
        Traceback (most recent call last):
        ...
        ValueError: `mask` must be symmetric: ...
    """
    mask = checks.plain_array("mask", mask, "(H, W)")
    if mask.dtype != np.bool_:
        raise TypeError(
            "`mask` must be boolean, True = frequency kept (`mask > 0` makes it so). "
            f"Received: dtype {mask.dtype}"
        )
    if mask.ndim != 2:
        raise ValueError(f"`mask` must have shape (H, W). Received: shape {mask.shape}")
    if size is not None:
        check_size(mask, size, "mask")
    _check_symmetry(mask, "mask")
    return mask


def check_maps(maps, name="maps"):
    """Checks that maps are boolean, one a class, and symmetric under conjugation.

    Args:
        maps: The maps `(K, H, W)`, anything NumPy can read.
        name: Name of the argument, for messages.

    Returns:
        The maps as a boolean NumPy array.

    Raises:
        TypeError: If `maps` is an importance and not yet maps.
        ValueError: If the maps are not boolean, have another shape, or are not symmetric.

    Example:
        >>> check_maps([[[False, True, False]], [[True, False, True]]]).shape
        (2, 1, 3)
    """
    if hasattr(maps, "loss_change"):
        raise TypeError(
            f"`{name}` must be boolean maps. Received: an importance. "
            "`dominant_frequency_maps(importance, fraction)` makes maps of it"
        )
    maps = checks.plain_array(name, maps, "(classes, height, width)")
    if maps.ndim != 3 or not maps.size or maps.dtype != np.bool_:
        raise ValueError(
            f"`{name}` must be boolean maps (classes, height, width), one a class. "
            f"Received: {maps.dtype} of shape {maps.shape}"
        )
    _check_symmetry(maps, name)
    return maps


def check_size(masks, size, name):
    """Raises a ValueError unless masks or maps `(..., H, W)` have the size of the images."""
    if masks.shape[-2:] != tuple(size):
        raise ValueError(
            f"`{name}` must have the size of the images, {tuple(size)}. "
            f"Received: shape {masks.shape}"
        )


def _check_symmetry(cells, name):
    """Raises unless a mask `(H, W)` or maps `(K, H, W)` equal their conjugate."""
    asymmetric = np.argwhere(cells != conjugate(cells)).tolist()
    if asymmetric:
        raise ValueError(
            f"`{name}` must be symmetric: a frequency and its conjugate are kept or removed "
            f"together (`{name} | keras_freq.fourier.conjugate({name})` makes it so). "
            f"Received: {len(asymmetric)} cells that differ from their conjugate, "
            f"the first at {asymmetric[0]}"
        )


def low_pass_mask(size, radius=None, *, fraction=None):
    """Mask that keeps the frequencies below a radius: `r < radius`.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        radius: Radius of the circle in cycles per image, > 0.
        fraction: The circle's diameter over the image's shorter side, in (0, 2], instead of
            `radius`: 0.25 of a 32x32 image is a radius of 4 cycles.

    Returns:
        A boolean array `(H, W)`, centred, True = kept.

    Raises:
        ValueError: If both or none of `radius` and `fraction` are given, or out of range.

    Example:
        >>> low_pass_mask(5, radius=1.5).astype(int)
        array([[0, 0, 0, 0, 0],
               [0, 1, 1, 1, 0],
               [0, 1, 1, 1, 0],
               [0, 1, 1, 1, 0],
               [0, 0, 0, 0, 0]])
    """
    return radius_map(size) < _circle_radius(size, radius, fraction)


def high_pass_mask(size, radius=None, *, fraction=None):
    """Mask that keeps the frequencies from a radius on: `r >= radius`.

    It is the exact complement of `low_pass_mask`, so that with the same `neutral` the low-passed
    and the high-passed image minus `neutral` add up to the image. A radius beyond all frequencies
    is refused.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        radius: Radius of the circle in cycles per image, > 0.
        fraction: The circle's diameter over the image's shorter side, instead of `radius`.

    Returns:
        A boolean array `(H, W)`, centred, True = kept.

    Raises:
        ValueError: If both or none of `radius` and `fraction` are given, or out of range, or if
            there is no frequency from the radius on.

    Example:
        >>> bool((high_pass_mask(32, 4) ^ low_pass_mask(32, 4)).all())
        True
    """
    edge = _circle_radius(size, radius, fraction)
    return _not_empty(radius_map(size) >= edge, size, f"r >= {edge:g}")


def band_pass_mask(size, low, high):
    """Mask that keeps the frequencies of one band: `low <= r < high`.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        low: Inner radius in cycles per image, >= 0; 0 includes DC.
        high: Outer radius in cycles per image, > `low`; `math.inf` includes the corners.

    Returns:
        A boolean array `(H, W)`, centred, True = kept.

    Raises:
        ValueError: If the radii are out of range or out of order, or no frequency lies in the band.

    Example:
        >>> band_pass_mask(4, 1, 2).astype(int)
        array([[0, 0, 0, 0],
               [0, 1, 1, 1],
               [0, 1, 0, 1],
               [0, 1, 1, 1]])
    """
    low = checks.number("low", low, 0, np.inf, "a radius in cycles per image")
    high = checks.number("high", high, 0, np.inf, "a radius in cycles per image")
    if low >= high:
        raise ValueError(f"`high` must be > `low`. Received: low={low:g}, high={high:g}")
    return _not_empty(ring_mask(size, low, high), size, f"{low:g} <= r < {high:g}")


def ring_mask(size, low, high):
    """Mask of the frequencies of a ring, `low <= r < high`; there may be none.

    The rings of an analysis are chosen by it, and in small images some hold no frequency.
    """
    radii = radius_map(size)
    return (low <= radii) & (radii < high)


def _not_empty(mask, size, kept):
    """Gives a mask back if it keeps a frequency. Without any, no image would be left of an image.

    `kept` says in words what it keeps.
    """
    if not mask.any():
        height, width = height_width(size)
        raise ValueError(
            f"a mask must keep a frequency. Images of {height} x {width} pixels have none with "
            f"{kept}, in cycles per image: their radii go from 0 to {radius_map(size).max():.4g}"
        )
    return mask


def band_stop_mask(size, low, high):
    """Mask that removes the frequencies of one band: the complement of `band_pass_mask`.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        low: Inner radius in cycles per image, >= 0; 0 removes DC, too.
        high: Outer radius in cycles per image, > `low`; `math.inf` includes the corners.

    Returns:
        A boolean array `(H, W)`, centred, True = kept.

    Raises:
        ValueError: If the radii are out of range or out of order, or no frequency lies in the band,
            or all of them.

    Example:
        >>> int(band_stop_mask(32, 0, 4).sum() + low_pass_mask(32, 4).sum())
        1024
    """
    return _not_empty(~band_pass_mask(size, low, high), size, f"r < {low:g} or r >= {high:g}")


def gaussian_gain(size, sigma):
    """Gain of a Gaussian blur, `exp(-2 pi^2 sigma^2 f^2)` at f cycles per pixel.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        sigma: Standard deviation of the blur in pixels, > 0.

    Returns:
        A float64 array `(H, W)`, centred, in [0, 1]; 1 at DC.

    Raises:
        ValueError: If `sigma` is out of range.

    Example:
        >>> gaussian_gain((1, 4), 0.5).round(3)
        array([[0.291, 0.735, 1.   , 0.735]])
    """
    sigma = checks.positive("sigma", sigma, "a standard deviation in pixels", most=1e9)
    height, width = height_width(size)
    rows, columns = (np.arange(side) / side - side // 2 / side for side in (height, width))
    return np.exp(-2 * (np.pi * sigma) ** 2 * (rows[:, None] ** 2 + columns**2))


def _circle_radius(size, radius, fraction):
    """Reads `radius` or `fraction`, exactly one of them, as a radius in cycles per image."""
    if (radius is None) == (fraction is None):
        raise ValueError(
            "Give exactly one of `radius` (cycles per image) and `fraction` (diameter over the "
            f"image's side). Received: radius={radius!r}, fraction={fraction!r}"
        )
    if radius is not None:
        return checks.positive("radius", radius, "a radius in cycles per image")
    what = "the circle's diameter over the image's shorter side (1 reaches the Nyquist frequency)"
    return checks.positive("fraction", fraction, what, most=2) * min(height_width(size)) / 2


def half_spectrum_mask(mask):
    """Cuts a centred mask to the half of the spectrum that a real FFT computes.

    Args:
        mask: Boolean array `(..., H, W)`, centred and symmetric.

    Returns:
        A boolean array `(..., H, W // 2 + 1)` in the order of `tf.signal.rfft2d`.

    Raises:
        ValueError: If `mask` has fewer than two dimensions.

    Example:
        >>> half_spectrum_mask(low_pass_mask(4, 1)).astype(int)
        array([[1, 0, 0],
               [0, 0, 0],
               [0, 0, 0],
               [0, 0, 0]])
    """
    mask = checks.real_array("mask", mask, "(..., H, W)", ndim=range(2, 33))
    return np.fft.ifftshift(mask, axes=(-2, -1))[..., : mask.shape[-1] // 2 + 1]
