"""How much of an image with exchanged frequencies is its donor's."""

import numpy as np

from keras_freq.data.held_arrays import array_batches
from keras_freq.metrics.rates import ratio

# Above this, an image with exchanged frequencies is more its donor than itself.
MOST = 0.5


def donor_energy(images, labels, maps):
    """Tells how much of the energy of exchanged images comes from their donors.

    The frequencies of map k go from images of class k into the others, which keep the rest. The
    energy is that of all channels without DC: the squared distance of the pixels from their mean.
    It is averaged over the donors and over the others.

    Args:
        images: `(N, H, W, C)`.
        labels: `(N,)` int.
        maps: `(K, H, W)` bool, centred and symmetric.

    Returns:
        `(K,)` float64 in [0, 1]; NaN for a class without images, or without others.

    Example:
        >>> images = np.random.default_rng(0).uniform(size=(4, 8, 8, 1))
        >>> maps = np.stack([np.ones((8, 8), bool), np.zeros((8, 8), bool)])
        >>> donor_energy(images, np.array([0, 0, 1, 1]), maps).tolist()
        [1.0, 0.0]
    """
    width = maps.shape[2]
    # The left half of the spectrum is enough; all of its columns but these two stand for two.
    half = np.fft.ifftshift(maps, axes=(1, 2))[..., : width // 2 + 1]
    half = half.reshape(len(maps), -1).T.astype(np.float64)
    inside, total = np.zeros((len(labels), len(maps))), np.zeros(len(labels))
    weights = np.full(width // 2 + 1, 2.0)
    weights[0] = 1
    if width % 2 == 0:
        weights[-1] = 1
    first = 0
    for batch, _ in array_batches(images, labels):
        spectra = np.fft.rfft2(np.moveaxis(batch, -1, 1).astype(np.float64))
        power = weights * (np.abs(spectra) ** 2).sum(axis=1)
        power[:, 0, 0] = 0
        power, part = power.reshape(len(batch), -1), slice(first, first + len(batch))
        inside[part], total[part] = power @ half, power.sum(axis=1)
        first += len(batch)
    own = labels[:, None] == np.arange(len(maps))
    given = ratio((inside * own).sum(axis=0), own.sum(axis=0))
    kept = ratio(((total[:, None] - inside) * ~own).sum(axis=0), (~own).sum(axis=0))
    return ratio(given, given + kept)
