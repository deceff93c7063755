"""The cues of C0 in the synthetic sets: which frequencies they are made of, and their phases.

A *planted* cue is a few conjugate pairs of frequencies. In every image of C0 they are strong, and
their phases belong together: a faint pattern, moved to a random place. The *honest* cue is such a
pattern made of all other frequencies, each of which is weak.
"""

import dataclasses
from itertools import pairwise

import numpy as np

from keras_freq.fourier import band_edges, band_pass_mask, conjugate_pairs, radius_map

# How many planted cues there are, and whether there is an honest one.
CUES = {
    "planted": (1, False),
    "none": (0, False),
    "two": (2, False),
    "honest": (0, True),
    "planted_and_honest": (1, True),
}
PLANTED_PAIRS = 12
# Amplitude of the planted frequencies, and of decoys, over that of the others in the same band.
GAIN = 8.0
_CANDIDATES = 300  # patterns from which the one of a cue is chosen


@dataclasses.dataclass(frozen=True, eq=False)
class Cues:
    """The cues of one set. Cells are those of a centred map, flat.

    A *ring* holds the pairs of one band whose radius rounds to the same integer.

    Attributes:
        size: The side of the images.
        bands: `(4, H * W)` float64, 1 in the cells of each standard band, of which DC is none.
        pairs: `(P, 2)` int, the two cells of every pair, sorted by ring.
        ring: `(P,)` int, the ring of every pair.
        reserved: `(P,)` bool, the pairs at which C1 and C2 have nothing.
        planted: `(P,)` bool, those that are strong in C0: all that are reserved, or none.
        honest: Whether C0 has the honest cue.
        part: `(H * W,)` int, 0 in the cells of the first planted cue, 1 in those of the second, 2
            in the others. Each part is moved for itself.
        phases: `(H * W,)` float64, in radians, of a pattern that is not moved.
    """

    size: int
    bands: np.ndarray
    pairs: np.ndarray
    ring: np.ndarray
    reserved: np.ndarray
    planted: np.ndarray
    honest: bool
    part: np.ndarray
    phases: np.ndarray


def make_cues(band, cues, size, rng):
    """Draws the cues of a set.

    All sets of a band and seed have the first planted cue in common. Where it is not planted, its
    pairs are reserved all the same: the images of the other classes do not depend on it.
    """
    num_planted, honest = CUES[cues]
    bands = _band_masks(size).reshape(4, -1).astype(np.float64)
    pairs, ring = _pairs_by_ring(size, bands)
    drawn = _draw_pairs(ring, bands[band - 1, pairs[:, 0]] == 0, rng)
    noise = rng.standard_normal((_CANDIDATES, size, size))
    candidates = np.angle(np.fft.fftshift(np.fft.fft2(noise), axes=(1, 2))).reshape(len(noise), -1)
    part, phases = np.full(size * size, 2), candidates[0].copy()
    amplitudes = _amplitudes(bands, pairs[drawn[: max(1, num_planted)].any(axis=0)])
    for index in range(max(1, num_planted)):
        own = pairs[drawn[index]].reshape(-1)
        part[own] = index
        others = [pairs[_as_many(ring, drawn[index], rng)].reshape(-1) for _ in candidates]
        chosen = _most_usual(candidates, own, others, amplitudes)
        phases[own] = candidates[chosen, own]
    reserved = part[pairs[:, 0]] < 2
    planted = reserved & (num_planted > 0)
    return Cues(size, bands, pairs, ring, reserved, planted, honest, part, phases)


def draw_decoys(cues, rng):
    """Draws as many pairs of every ring as are reserved in it, but other ones, (P,) bool."""
    return _as_many(cues.ring, cues.reserved, rng)


def draw_place(cues, rng):
    """Draws the phases of the cues in one image, (H * W,): each is moved to a place of its own."""
    moves = rng.integers(cues.size, size=(3, 2))[cues.part]
    rows, columns = np.divmod(np.arange(cues.size**2), cues.size)
    turned = moves[:, 0] * (rows - cues.size // 2) + moves[:, 1] * (columns - cues.size // 2)
    return cues.phases - 2 * np.pi / cues.size * turned


def cells_of(cues, pairs):
    """The cells of some pairs: `(..., P)` bool becomes `(..., H * W)` bool."""
    cells = np.zeros((*pairs.shape[:-1], cues.size**2), bool)
    for side in (0, 1):
        cells[..., cues.pairs[:, side]] = pairs
    return cells


def _band_masks(size):
    """The four standard bands without DC, (4, size, size) bool."""
    edges = band_edges(size)
    bands = np.stack([band_pass_mask(size, low, high) for low, high in pairwise(edges)])
    bands[:, size // 2, size // 2] = False  # DC is the mean of the image, and no noise
    return bands


def _pairs_by_ring(size, bands):
    """Lists the pairs of two cells, sorted by ring, and the ring of each."""
    pairs = conjugate_pairs(size)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    radius = np.rint(radius_map(size)).astype(int).reshape(-1)[pairs[:, 0]]
    ring = np.unique(radius * 4 + bands[:, pairs[:, 0]].argmax(axis=0), return_inverse=True)[1]
    order = np.argsort(ring, kind="stable")
    return pairs[order], ring[order]


def _draw_pairs(ring, eligible, rng):
    """Draws the pairs of two planted cues, (2, P) bool.

    Neither takes more than a quarter of a ring, so that there are as many decoys for both.
    """
    drawn = np.zeros((2, len(ring)), bool)
    for cue in drawn:
        room = np.bincount(ring) // 4
        for pair in rng.permutation(np.flatnonzero(eligible)):
            if cue.sum() < PLANTED_PAIRS and room[ring[pair]] and not drawn[:, pair].any():
                cue[pair] = True
                room[ring[pair]] -= 1
    return drawn


def _as_many(ring, reserved, rng):
    """Draws as many pairs of every ring as are reserved in it, but other ones, (P,) bool."""
    order = np.lexsort((rng.random(len(ring)) + reserved, ring))
    place = np.arange(len(ring)) - np.searchsorted(ring, ring)
    drawn = np.zeros(len(ring), bool)
    drawn[order[place < np.bincount(ring, reserved)[ring]]] = True
    return drawn


def _amplitudes(bands, planted):
    """The amplitude of a planted cell in each place, (H * W,), up to a factor."""
    cells, strong = bands.sum(axis=1), bands[:, planted.reshape(-1)].sum(axis=1)
    # As many cells as are strong are empty.
    each = cells / (GAIN**2 * strong + cells - 2 * strong)
    return np.sqrt(each) @ bands


def _most_usual(candidates, own, others, amplitudes):
    """Chooses the phases with which a cue has the pixels that decoys have on average.

    A pattern that is, say, darker than decoys are would tell C0 by the histogram of an image.

    Args:
        candidates: `(N, H * W)` phases.
        own: The cells of the cue.
        others: N arrays, the cells of decoys.
        amplitudes: `(H * W,)`.

    Returns:
        The index of a candidate.
    """
    usual = _moments(candidates, others, amplitudes)
    moments = _moments(candidates, [own] * len(candidates), amplitudes)
    distance = np.abs(moments - usual.mean(axis=1, keepdims=True))
    return (distance / usual.std(axis=1, keepdims=True)).max(axis=0).argmin()


def _moments(phases, cells, amplitudes):
    """Skewness and kurtosis of the pixels of patterns, (2, N)."""
    size = round(phases.shape[1] ** 0.5)
    waves = np.zeros(phases.shape, complex)
    for wave, phase, own in zip(waves, phases, cells, strict=True):
        wave[own] = amplitudes[own] * np.exp(1j * phase[own])
    waves = np.fft.ifftshift(waves.reshape(-1, size, size), axes=(1, 2))
    pixels = np.fft.ifft2(waves).real.reshape(len(waves), -1)
    pixels /= pixels.std(axis=1, keepdims=True)  # their mean is 0: DC is no cell of a cue
    return np.stack([(pixels**3).mean(axis=1), (pixels**4).mean(axis=1)])
