"""A sample of the frequencies, evenly over the rings, and a map interpolated from it."""

import numpy as np
from scipy import interpolate

from keras_freq.fourier import radius_map

_FOLDS = 10
# Octaves of fewer measured frequencies have the error of all.
_ENOUGH = 5


def sample_pairs(pairs, size, number, seed):
    """Chooses conjugate pairs, as many from each ring of radii as far as it has so many.

    Low frequencies are few, and a map changes fast among them. In a ring, the chosen ones are
    evenly spaced in direction, from a random start.

    Args:
        pairs: `(P, 2)` flat indices, as `keras_freq.fourier.conjugate_pairs` gives them.
        size: `(H, W)`.
        number: How many to choose.
        seed: Of the starts.

    Returns:
        Increasing indices of pairs, `(number,)`; all of them if there are no more.

    Example:
        >>> from keras_freq.fourier import conjugate_pairs
        >>> sample_pairs(conjugate_pairs(8), (8, 8), 5, seed=0)
        array([ 1,  9, 14, 32, 33])
    """
    if number >= len(pairs):
        return np.arange(len(pairs))
    radii = ring_numbers(size).reshape(-1)[pairs[:, 0]]
    # With fewer frequencies than rings, neighbouring rings share one.
    rings = radii if number > radii.max() else radii * number // (radii.max() + 1)
    members = [np.flatnonzero(rings == ring) for ring in np.unique(rings)]
    rng = np.random.default_rng(seed)
    rows, columns = np.divmod(pairs[:, 0], size[1])
    angles = np.arctan2(rows - size[0] // 2, columns - size[1] // 2) % np.pi
    chosen = []
    for own, share in zip(members, _shares(list(map(len, members)), number), strict=True):
        places = (np.arange(share) + rng.random()) * len(own) / max(share, 1)
        chosen.extend(own[np.argsort(angles[own], kind="stable")][places.astype(int)])
    return np.sort(chosen)


def ring_numbers(size):
    """The ring of each frequency, its radius to the nearest integer: centred `(H, W)` int."""
    return np.rint(radius_map(size)).astype(int)


def interpolated(values, chosen, pairs, size, seed):
    """Interpolates values of some pairs linearly over the frequency plane, and tells how well.

    Args:
        values: `(M, V)`, of the chosen pairs; each column is interpolated.
        chosen: `(M,)`, increasing indices of pairs.
        pairs: `(P, 2)`, all pairs.
        size: `(H, W)`.
        seed: Of the folds.

    Returns:
        `(P, V)`, which is `values` at the chosen pairs; and `(P,)`, the error of the first column:
        0 at the chosen pairs, and elsewhere the root-mean-square error at measured frequencies of
        the same octave, each predicted from the others in ten folds.
    """
    places = _places(pairs, size)
    every = _predicted(values, places[chosen], places)
    every[chosen] = values
    fold = np.random.default_rng(seed).permutation(len(chosen)) % _FOLDS
    missed = np.zeros(len(chosen))
    for one in np.unique(fold):
        held, others = fold == one, fold != one
        if others.any():
            first = _predicted(values[others, :1], places[chosen[others]], places[chosen[held]])
            missed[held] = values[held, 0] - first[:, 0]
    octaves = np.floor(np.log2(np.hypot(*places.T) + 1)).astype(int)
    errors = np.full(len(pairs), np.sqrt(np.mean(missed**2)))
    for octave in np.unique(octaves):
        own = octaves[chosen] == octave
        if own.sum() >= _ENOUGH:
            errors[octaves == octave] = np.sqrt(np.mean(missed[own] ** 2))
    errors[chosen] = 0
    return every, errors


def _shares(counts, number):
    """How many to take from each stratum: as many from each, and the rest from those with more."""
    shares = np.zeros(len(counts), int)
    while (left := number - shares.sum()) > 0:
        open_ = np.flatnonzero(shares < counts)
        each = max(1, left // len(open_))
        shares[open_[:left]] += np.minimum(
            each, np.array(counts)[open_[:left]] - shares[open_[:left]]
        )
    return shares


def _places(pairs, size):
    """Vertical and horizontal frequency of each pair, `(P, 2)`."""
    rows, columns = np.divmod(pairs[:, 0], size[1])
    return np.stack([rows - size[0] // 2, columns - size[1] // 2], axis=1).astype(float)


def _predicted(values, known, wanted):
    """Values at wanted places from those at known places and at their conjugates."""
    known, values = np.concatenate([known, -known]), np.concatenate([values, values])
    known, first = np.unique(known, axis=0, return_index=True)  # DC is its own conjugate
    values = values[first]
    nearest = interpolate.NearestNDInterpolator(known, values)(wanted)
    if np.linalg.matrix_rank(known) < 2:  # on one line there are no triangles
        return nearest
    linear = interpolate.LinearNDInterpolator(known, values)(wanted)
    return np.where(np.isnan(linear), nearest, linear)
