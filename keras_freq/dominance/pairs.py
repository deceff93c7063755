"""Values by conjugate pair, and the maps that they make."""

import numpy as np


def pair_weights(pairs):
    """`w` of each pair: 2, but 1 where the cell is its own conjugate.

    It is the weight of the pair's cosine in an image, and the number of cells that it has in a map.

    Args:
        pairs: `(P, 2)` flat indices, as `keras_freq.fourier.conjugate_pairs` gives them.

    Returns:
        An int array `(P,)`.
    """
    return np.where(pairs[:, 0] == pairs[:, 1], 1, 2)


def as_maps(values, pairs, size):
    """Values by pair `(..., P)` as centred maps `(..., H, W)`, the same at both cells of a pair."""
    maps = np.empty((*values.shape[:-1], size[0] * size[1]), values.dtype)
    maps[..., pairs[:, 0]] = maps[..., pairs[:, 1]] = values
    return maps.reshape(*values.shape[:-1], *size)
