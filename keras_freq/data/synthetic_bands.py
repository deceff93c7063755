"""Synthetic bands B1 to B4: four classes whose frequencies are known by construction.

The paper's data set is published, but its recipe is not. This recipe is ours. It gives what the
paper describes. In band `b`:

- C3 is the simplest class: all its energy lies in band `b`.
- C0 has energy in all four bands and a *planted pattern*: 12 conjugate pairs of frequencies outside
  band `b` that are strong in C0 and zero in all other classes. Without them, C0's spectrum is that
  of C1 and C2.
- C1 and C2 differ by no single frequency and by no single band. The energies of two bands other
  than `b` vary from image to image: together in C1, oppositely in C2, and independently in C0, so
  that they do not tell C0 either.

Every image is Gaussian noise, independent for each channel, shaped in the Fourier domain around a
mean of exactly 0.5 (DC carries no noise). The energy of each band is *set* for each image, to a
share proportional to the number of its frequencies: white noise on average. The planted energy
comes on top. All scales are constants, since normalising each image would give classes away by the
energy of a single band.

Source:
    Wang et al., "What do neural networks learn in image classification? A frequency shortcut
    perspective", ICCV 2023, for the roles of the four classes.
"""

from itertools import pairwise

import numpy as np

from keras_freq import checks
from keras_freq.fourier import band_edges, band_pass_mask, conjugate_pairs

CLASS_NAMES = ("C0", "C1", "C2", "C3")
PER_CLASS = {"train": 1000, "test": 100}
CHANNELS = 3
SMALLEST_SIZE = 16  # below, band 1 is hardly more than DC

# Standard deviation of the pixels of C0, C1 and C2 if no energy varies. Six of them fit into
# [0, 1] on either side of 0.5, so that an image rarely has to be drawn again (see `_draw`).
_STD = 0.075
_PLANTED_PAIRS = 12
# Amplitude of the planted frequencies over that of C0's other frequencies in the same band.
_GAIN = 2.5
# The two bands whose energies are related, for each band b, and their log-normal spread.
_RELATED_BANDS = {1: (2, 3), 2: (1, 3), 3: (1, 2), 4: (2, 3)}
_SIGMA = 0.35
_CORRELATION = {0: 0.0, 1: 0.9, 2: -0.9}

# What distinguishes the random streams: [seed, band, stream, label, index, attempt].
_STREAMS = {"planted": 0, "train": 1, "test": 2}
_CHUNK = 256  # images shaped at once


def frequency_bands(band, *, split="train", per_class=None, size=32, seed=0):
    """Draws the synthetic set of one band as arrays.

    The classes alternate: the labels are 0, 1, 2, 3, 0, 1, ... So a smaller `per_class` gives the
    first images of a larger one. Each image is drawn from a random stream of its own. Train and
    test share the planted pattern and nothing else.

    Args:
        band: Int, 1 (lowest) to 4 (highest): the band b that is C3's own, one of the four standard
            bands of `keras_freq.band_edges(size)`.
        split: "train" or "test". Defaults to "train".
        per_class: Int >= 1, images of each class. Defaults to 1000 for "train", 100 for "test".
        size: Int >= 16, the side of the images in pixels: each band has frequencies. Defaults to
            32.
        seed: Int >= 0. The same seed gives the same bits. Defaults to 0.

    Returns:
        `(images, labels)`: float32 `(4 * per_class, size, size, 3)` in [0, 1], neither clipped nor
        quantised, and int64 `(4 * per_class,)`. The class names are C0, C1, C2, C3.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_freq as kf
        >>> images, labels = kf.data.frequency_bands(1, per_class=2)
        >>> images.shape, images.dtype, labels
        ((8, 32, 32, 3), dtype('float32'), array([0, 1, 2, 3, 0, 1, 2, 3]))

    Source:
        Wang et al. (2023) describe the classes; their recipe is not public, and this one is ours.
    """
    band, size, seed = _checked(band, size, seed)
    checks.choice("split", split, tuple(PER_CLASS))
    per_class = PER_CLASS[split] if per_class is None else checks.integer("per_class", per_class)
    num_classes = len(CLASS_NAMES)
    images = np.empty((per_class, num_classes, size, size, CHANNELS), np.float32)
    for label in range(num_classes):
        regions, related = _regions(band, label, size, seed)
        for start in range(0, per_class, _CHUNK):
            stop = min(start + _CHUNK, per_class)
            keys = [[seed, band, _STREAMS[split], label, i] for i in range(start, stop)]
            images[start:stop, label] = _draw(keys, regions, related, _CORRELATION.get(label))
    labels = np.tile(np.arange(num_classes), per_class)
    return images.reshape(-1, size, size, CHANNELS), labels


def planted_masks(band, *, size=32, seed=0):
    """Gives the frequencies planted in each class: the ground truth of the synthetic sets.

    The 12 pairs are drawn once for each seed and band, from all pairs outside band `b` without the
    self-conjugate frequencies. All channels and both splits share them. In C0 their amplitude is
    2.5 times that of the other frequencies of the same band (root mean square over the image). In
    C1, C2 and C3 it is zero.

    Args:
        band: Int, 1 to 4, as in `frequency_bands`.
        size: Int >= 16, the side of the images in pixels. Defaults to 32.
        seed: Int >= 0. Defaults to 0.

    Returns:
        Bool `(4, size, size)`, centred and symmetric; only C0's map has any cells.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_freq as kf
        >>> kf.data.planted_masks(1).sum(axis=(1, 2))
        array([24,  0,  0,  0])
    """
    band, size, seed = _checked(band, size, seed)
    masks = np.zeros((len(CLASS_NAMES), size, size), bool)
    masks[0] = _planted_mask(band, size, seed)
    return masks


def _checked(band, size, seed):
    """Reads the arguments that both public functions share as ints."""
    band = checks.choice("band", checks.integer("band", band), (1, 2, 3, 4))
    size = checks.integer("size", size, least=SMALLEST_SIZE)
    return band, size, checks.integer("seed", seed, least=0)


def _planted_mask(band, size, seed):
    """Draws the planted pairs: a symmetric mask outside the band."""
    pairs = conjugate_pairs(size)
    own = _band_masks(size)[band - 1].reshape(-1)
    eligible = pairs[(pairs[:, 0] != pairs[:, 1]) & ~own[pairs[:, 0]]]
    rng = np.random.default_rng([seed, band, _STREAMS["planted"], 0, 0, 0])
    mask = np.zeros(size * size, bool)
    mask[eligible[rng.choice(len(eligible), _PLANTED_PAIRS, replace=False)]] = True
    return mask.reshape(size, size)


def _band_masks(size):
    """The four standard bands, (4, size, size) bool, centred."""
    edges = band_edges(size)
    return np.stack([band_pass_mask(size, low, high) for low, high in pairwise(edges)])


def _regions(band, label, size, seed):
    """Divides the spectrum of a class into regions whose energies are set for each image.

    Returns:
        A list of `(mask, energy)`, disjoint: masks centred, energies summed over the mask's
        cells and the channels. And the list, for each region, of the place of its band among
        the two related bands (0 or 1), or None.
    """
    bands = _band_masks(size)
    bands[:, size // 2, size // 2] = False  # DC is the mean of the image, and no noise
    # By Parseval: the energy that gives a pixel the variance _STD^2, for each frequency.
    energy = CHANNELS * size**4 * _STD**2 / bands.sum() * bands.sum(axis=(1, 2))
    related = [
        _RELATED_BANDS[band].index(k) if k in _RELATED_BANDS[band] else None for k in (1, 2, 3, 4)
    ]
    if label == 3:
        # The mean of a log-normal factor is exp(sigma^2 / 2): C1's expected energy.
        spread = [1.0 if place is None else np.exp(_SIGMA**2 / 2) for place in related]
        return [(bands[band - 1], (energy * spread).sum())], [None]
    planted = _planted_mask(band, size, seed)
    if label != 0:
        return list(zip(bands & ~planted, energy, strict=True)), related
    regions = []
    for mask, total in zip(bands, energy, strict=True):
        inside, outside = mask & planted, mask & ~planted
        regions.append((outside, total))
        regions.append((inside, _GAIN**2 * total / outside.sum() * inside.sum()))
    return regions, [place for place in related for _ in range(2)]


def _draw(keys, regions, related, correlation):
    """Draws one image for each key, (N, H, W, C) float32 in [0, 1].

    An image that would leave [0, 1] is drawn again: clipping would put energy into frequencies
    that have none.
    """
    images = np.empty((len(keys), *regions[0][0].shape, CHANNELS), np.float32)
    missing, attempt = np.arange(len(keys)), 0
    while len(missing):
        drawn = _draw_once([[*keys[i], attempt] for i in missing], regions, related, correlation)
        valid = (drawn.min(axis=(1, 2, 3)) >= 0) & (drawn.max(axis=(1, 2, 3)) <= 1)
        images[missing[valid]] = drawn[valid]
        missing, attempt = missing[~valid], attempt + 1
    return images


def _draw_once(keys, regions, related, correlation):
    """Shapes white noise into one image for each key, even if its values leave [0, 1]."""
    height, width = regions[0][0].shape
    noise = np.empty((len(keys), CHANNELS, height, width))
    factors = np.ones((len(keys), 2))
    for i, key in enumerate(keys):
        rng = np.random.default_rng(key)
        first, second = rng.standard_normal(2)
        if correlation is not None:
            second = correlation * first + np.sqrt(1 - correlation**2) * second
            factors[i] = np.exp(_SIGMA * first), np.exp(_SIGMA * second)
        noise[i] = rng.standard_normal((CHANNELS, height, width))
    spectra = np.fft.fft2(noise)
    power = (np.abs(spectra) ** 2).sum(axis=1)
    scale = np.zeros_like(power)
    for (mask, energy), place in zip(regions, related, strict=True):
        mask = np.fft.ifftshift(mask)
        if mask.any():
            wanted = energy if place is None else energy * factors[:, place]
            scale[:, mask] = np.sqrt(wanted / power[:, mask].sum(axis=1))[:, None]
    images = 0.5 + np.fft.ifft2(spectra * scale[:, None]).real
    return np.moveaxis(images, 1, -1).astype(np.float32)
