"""Masks: which frequencies are kept."""

import math
import numbers

import numpy as np

from keras_freq.fourier.grid import conjugate, height_width, radius_map


def check_mask(mask, size=None):
    """Check that a mask is boolean, `(H, W)` and symmetric under conjugation.

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
    mask = np.asarray(mask)
    if mask.dtype != np.bool_:
        raise TypeError(
            "`mask` must be boolean, True = frequency kept (`mask > 0` makes it so). "
            f"Received: dtype {mask.dtype}"
        )
    if mask.ndim != 2:
        raise ValueError(f"`mask` must have shape (H, W). Received: shape {mask.shape}")
    if size is not None and mask.shape != tuple(size):
        raise ValueError(
            f"`mask` must have the size of the images, {tuple(size)}. Received: shape {mask.shape}"
        )
    asymmetric = np.argwhere(mask != conjugate(mask))
    if len(asymmetric):
        row, column = asymmetric[0]
        raise ValueError(
            "`mask` must be symmetric: a frequency and its conjugate are kept or removed together "
            "(`mask & keras_freq.fourier.conjugate(mask)` makes it so). "
            f"Received: {len(asymmetric)} cells that differ from their conjugate, "
            f"the first at [{row}, {column}]"
        )
    return mask


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
    and the high-passed image minus `neutral` add up to the image.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        radius: Radius of the circle in cycles per image, > 0.
        fraction: The circle's diameter over the image's shorter side, instead of `radius`.

    Returns:
        A boolean array `(H, W)`, centred, True = kept.

    Raises:
        ValueError: If both or none of `radius` and `fraction` are given, or out of range.

    Example:
        >>> bool((high_pass_mask(32, 4) ^ low_pass_mask(32, 4)).all())
        True
    """
    return ~low_pass_mask(size, radius, fraction=fraction)


def band_pass_mask(size, low, high):
    """Mask that keeps the frequencies of one band: `low <= r < high`.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        low: Inner radius in cycles per image, >= 0; 0 includes DC.
        high: Outer radius in cycles per image, > `low`; `math.inf` includes the corners.

    Returns:
        A boolean array `(H, W)`, centred, True = kept.

    Raises:
        ValueError: If the radii are out of range or out of order.

    Example:
        >>> band_pass_mask(4, 1, 2).astype(int)
        array([[0, 0, 0, 0],
               [0, 1, 1, 1],
               [0, 1, 0, 1],
               [0, 1, 1, 1]])
    """
    if not (_is_number(low) and _is_number(high) and 0 <= low < high):
        raise ValueError(
            "`low` and `high` must be radii in cycles per image with 0 <= low < high. "
            f"Received: low={low!r}, high={high!r}"
        )
    radii = radius_map(size)
    return (low <= radii) & (radii < high)


def band_stop_mask(size, low, high):
    """Mask that removes the frequencies of one band: the complement of `band_pass_mask`.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        low: Inner radius in cycles per image, >= 0; 0 removes DC, too.
        high: Outer radius in cycles per image, > `low`; `math.inf` includes the corners.

    Returns:
        A boolean array `(H, W)`, centred, True = kept.

    Raises:
        ValueError: If the radii are out of range or out of order.

    Example:
        >>> int(band_stop_mask(32, 0, 4).sum() + low_pass_mask(32, 4).sum())
        1024
    """
    return ~band_pass_mask(size, low, high)


def _circle_radius(size, radius, fraction):
    """Resolve `radius` or `fraction`, exactly one of them, to a radius in cycles per image."""
    if (radius is None) == (fraction is None):
        raise ValueError(
            "Give exactly one of `radius` (cycles per image) and `fraction` (diameter over the "
            f"image's side). Received: radius={radius!r}, fraction={fraction!r}"
        )
    if radius is not None:
        if not _is_number(radius) or radius <= 0:
            raise ValueError(f"`radius` must be > 0 cycles per image. Received: radius={radius!r}")
        return float(radius)
    if not _is_number(fraction) or not 0 < fraction <= 2:
        raise ValueError(
            "`fraction` must be in (0, 2]: the circle's diameter over the image's shorter side, "
            f"where 1 reaches the Nyquist frequency. Received: fraction={fraction!r}"
        )
    return fraction * min(height_width(size)) / 2


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and not math.isnan(value)


def half_spectrum_mask(mask):
    """Cut a centred mask to the half of the spectrum that a real FFT computes.

    Args:
        mask: Boolean array `(..., H, W)`, centred and symmetric.

    Returns:
        A boolean array `(..., H, W // 2 + 1)` in the order of `tf.signal.rfft2d`.

    Example:
        >>> half_spectrum_mask(low_pass_mask(4, 1)).astype(int)
        array([[1, 0, 0],
               [0, 0, 0],
               [0, 0, 0],
               [0, 0, 0]])
    """
    mask = np.asarray(mask)
    return np.fft.ifftshift(mask, axes=(-2, -1))[..., : mask.shape[-1] // 2 + 1]
