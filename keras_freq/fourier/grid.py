"""The grid of frequencies: radii, conjugate pairs, bands."""

import numpy as np

from keras_freq import checks


def height_width(size, name="size"):
    """Reads the size of an image.

    Args:
        size: A positive int, the side of a square image in pixels, or a pair `(H, W)` of them.
        name: Name of the argument, for messages.

    Returns:
        `(H, W)`, two ints.

    Raises:
        ValueError: If `size` is neither.

    Example:
        >>> height_width(32), height_width((3, 4))
        ((32, 32), (3, 4))
    """
    try:
        height, width = (size, size) if np.ndim(size) == 0 else size
        return checks.integer(name, height), checks.integer(name, width)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` must be a positive int (square images) or a pair (height, width) of them. "
            f"Received: {name}={size!r}"
        ) from error


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
    """Reads a centred map at the conjugate frequencies: `(u, v)` gives the value at `(-u, -v)`.

    Args:
        array: An array `(..., H, W)`, centred.

    Returns:
        An array of the same shape. A map is symmetric where it equals its conjugate.

    Raises:
        ValueError: If the array has fewer than two dimensions.

    Example:
        >>> conjugate(np.array([[0, 1, 2]]))
        array([[2, 1, 0]])
    """
    array = checks.plain_array("array", array, "(..., H, W)")
    if array.ndim < 2:
        raise ValueError(f"`array` must have shape (..., H, W). Received: shape {array.shape}")
    height, width = array.shape[-2:]
    rows = (2 * (height // 2) - np.arange(height)) % height
    columns = (2 * (width // 2) - np.arange(width)) % width
    return array[..., rows[:, None], columns[None, :]]


def conjugate_pairs(size):
    """Lists every pair of conjugate frequencies once.

    A real image has the same information at `(u, v)` and `(-u, -v)`. So a frequency can only be
    removed together with its conjugate. DC is its own conjugate. On even sides, some cells at the
    Nyquist frequency are their own conjugates, too.

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
    num_bands = checks.integer("num_bands", num_bands)
    edges = np.linspace(0.0, min(height_width(size)) / 2, num_bands + 1)
    edges[-1] = np.inf
    return edges


def ring_name(low, high):
    """Writes the radii of a ring as a label.

    Example:
        >>> ring_name(2, 4), ring_name(14, np.inf)
        ('2 to 4', 'from 14')
    """
    return f"{low:.3g} to {high:.3g}" if np.isfinite(high) else f"from {low:.3g}"


def pair_weights(pairs):
    """Number of cells that each pair has in a map: 2, but 1 where a cell is its own conjugate.

    It is also the weight of the pair's cosine in an image.

    Args:
        pairs: Int array `(P, 2)` of flat indices, as `conjugate_pairs` gives them.

    Returns:
        An int array `(P,)`.

    Example:
        >>> pair_weights(conjugate_pairs(3))
        array([1, 2, 2, 2, 2])
    """
    return np.where(pairs[:, 0] == pairs[:, 1], 1, 2)


def pair_values_to_maps(values, pairs, size):
    """Writes the value of each pair into both of its cells.

    Args:
        values: Array `(..., P)`.
        pairs: Int array `(P, 2)` of flat indices, as `conjugate_pairs` gives them.
        size: `(H, W)`.

    Returns:
        Centred maps `(..., H, W)` of the dtype of `values`.

    Example:
        >>> pair_values_to_maps(np.arange(5), conjugate_pairs(3), (3, 3))
        array([[3, 1, 4],
               [2, 0, 2],
               [4, 1, 3]])
    """
    maps = np.empty((*values.shape[:-1], size[0] * size[1]), values.dtype)
    maps[..., pairs[:, 0]] = maps[..., pairs[:, 1]] = values
    return maps.reshape(*values.shape[:-1], *size)


def half_to_centred(half, width):
    """Completes amplitudes, or powers, of a real FFT to centred maps.

    Args:
        half: Array `(..., H, W // 2 + 1)`, in the order of `np.fft.rfft2`.
        width: W.

    Returns:
        An array `(..., H, W)`, DC at `[H // 2, W // 2]`.

    Example:
        >>> half_to_centred(np.array([[4.0, 1.0]]), 3)
        array([[1., 4., 1.]])
    """
    rows = -np.arange(half.shape[-2]) % half.shape[-2]
    # Column v of the missing half is the conjugate of column W - v.
    mirrored = half[..., rows, :][..., (width - 1) // 2 : 0 : -1]
    return np.fft.fftshift(np.concatenate([half, mirrored], axis=-1), axes=(-2, -1))
