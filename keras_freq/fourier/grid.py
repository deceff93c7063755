"""The grid of frequencies: radii, conjugate pairs, bands."""

import numbers

import numpy as np


def height_width(size):
    """Read the size of an image.

    Args:
        size: A positive int, the side of a square image in pixels, or a pair `(H, W)` of them.

    Returns:
        `(H, W)`, two ints.

    Raises:
        ValueError: If `size` is neither.

    Example:
        >>> height_width(32), height_width((3, 4))
        ((32, 32), (3, 4))
    """
    pair = (size, size) if isinstance(size, numbers.Integral) else size
    try:
        height, width = pair
    except (TypeError, ValueError):
        height = width = None
    valid = all(
        isinstance(n, numbers.Integral) and not isinstance(n, bool) and n >= 1
        for n in (height, width)
    )
    if not valid:
        raise ValueError(
            "`size` must be a positive int (square images) or a pair (height, width) of them. "
            f"Received: size={size!r}"
        )
    return int(height), int(width)


def radius_map(size):
    """Distance of every frequency from DC, in cycles per image.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.

    Returns:
        A float64 array `(H, W)`, centred: 0 at `[H // 2, W // 2]`.

    Example:
        >>> radius_map(4)[2]
        array([2., 1., 0., 1.])
    """
    height, width = height_width(size)
    rows = np.arange(height, dtype=np.float64) - height // 2
    columns = np.arange(width, dtype=np.float64) - width // 2
    return np.sqrt(rows[:, None] ** 2 + columns[None, :] ** 2)


def conjugate(array):
    """Read a centred map at the conjugate frequencies: `(u, v)` gives the value at `(-u, -v)`.

    Args:
        array: An array `(..., H, W)`, centred.

    Returns:
        An array of the same shape. A map is symmetric where it equals its conjugate.

    Example:
        >>> conjugate(np.array([[0, 1, 2]]))
        array([[2, 1, 0]])
    """
    height, width = np.shape(array)[-2:]
    rows = (2 * (height // 2) - np.arange(height)) % height
    columns = (2 * (width // 2) - np.arange(width)) % width
    return np.asarray(array)[..., rows[:, None], columns[None, :]]


def conjugate_pairs(size):
    """List every pair of conjugate frequencies once.

    A real image has the same information at `(u, v)` and `(-u, -v)`, so that a frequency can only
    be removed as a pair. DC is its own conjugate, as is the Nyquist row or column of even sizes.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.

    Returns:
        An int array `(P, 2)` of flat indices `row * W + column` into a centred map, the first of a
        pair never larger than the second; both are equal where a cell is its own conjugate. Pairs
        are ordered by radius, then row-major.

    Example:
        >>> conjugate_pairs(2)
        array([[3, 3],
               [1, 1],
               [2, 2],
               [0, 0]])
        >>> len(conjugate_pairs(224))
        25090
    """
    height, width = height_width(size)
    first = np.arange(height * width).reshape(height, width)
    second = conjugate(first)
    once = first <= second
    pairs = np.stack([first[once], second[once]], axis=1)
    order = np.argsort(radius_map((height, width)).reshape(-1)[pairs[:, 0]], kind="stable")
    return pairs[order]


def band_edges(size, num_bands=4):
    """Radii that cut the spectrum into bands of equal radial width.

    Band `b` (from 1) is `edges[b - 1] <= r < edges[b]`: band 1 holds DC, and the last band also
    holds the corners beyond half the shorter side, so that the bands partition the spectrum.

    Args:
        size: Side of the image in pixels, an int or `(H, W)`.
        num_bands: Number of bands, >= 1.

    Returns:
        A float64 array `(num_bands + 1,)` of radii in cycles per image, the last one inf.

    Raises:
        ValueError: If `num_bands` is not a positive int.

    Example:
        >>> band_edges(32)
        array([ 0.,  4.,  8., 12., inf])
    """
    if not isinstance(num_bands, numbers.Integral) or num_bands < 1:
        raise ValueError(f"`num_bands` must be a positive int. Received: num_bands={num_bands!r}")
    edges = np.linspace(0.0, min(height_width(size)) / 2, int(num_bands) + 1)
    edges[-1] = np.inf
    return edges


def pair_weights(pairs):
    """`w` of each pair: 2, but 1 where the cell is its own conjugate.

    It is the weight of the pair's cosine in an image, and the number of cells that it has in a map.

    Args:
        pairs: `(P, 2)` flat indices, as `conjugate_pairs` gives them.

    Returns:
        An int array `(P,)`.
    """
    return np.where(pairs[:, 0] == pairs[:, 1], 1, 2)


def pair_values_to_maps(values, pairs, size):
    """Values by pair `(..., P)` as centred maps `(..., H, W)`, the same at both cells of a pair."""
    maps = np.empty((*values.shape[:-1], size[0] * size[1]), values.dtype)
    maps[..., pairs[:, 0]] = maps[..., pairs[:, 1]] = values
    return maps.reshape(*values.shape[:-1], *size)
