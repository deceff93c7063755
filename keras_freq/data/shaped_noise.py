"""Images of the synthetic sets: white noise, shaped in the Fourier domain, with the cues of C0."""

import numpy as np

from keras_freq.data.planted_cues import GAIN, cells_of, draw_decoys, draw_place

CHANNELS = 3
# Standard deviation of the pixels, on average. Six of them fit into [0, 1] on either side of 0.5,
# so that an image rarely has to be drawn again.
STD = 0.075
# Share of the honest cue in the energy of the frequencies that are not planted.
HONEST_SHARE = 0.5
# Log-normal spread of the energies; the two bands whose energies are related, for each band b; and
# the correlation of their logarithms in C0 to C3.
SIGMA = 0.35
RELATED_BANDS = {1: (2, 3), 2: (1, 3), 3: (1, 2), 4: (2, 3)}
CORRELATION = (0.0, 0.9, -0.9, 0.0)


def draw_images(keys, band, label, cues):
    """Draws one image for each key.

    An image that would leave [0, 1] is drawn again: clipping would put energy into frequencies
    that have none.

    Args:
        keys: A list of N lists of ints, each the seed of one image.
        band: Int, the band b of the set.
        label: Int, 0 to 3.
        cues: The `Cues` of the set.

    Returns:
        float32 `(N, size, size, 3)` in [0, 1].
    """
    images = np.empty((len(keys), cues.size, cues.size, CHANNELS), np.float32)
    missing, attempt = np.arange(len(keys)), 0
    while len(missing):
        drawn = _draw_once([[*keys[i], attempt] for i in missing], band, label, cues)
        valid = (drawn.min(axis=(1, 2, 3)) >= 0) & (drawn.max(axis=(1, 2, 3)) <= 1)
        images[missing[valid]] = drawn[valid]
        missing, attempt = missing[~valid], attempt + 1
    return images


def _draw_once(keys, band, label, cues):
    """Draws one image for each key, even if its values leave [0, 1]."""
    normal = np.empty((len(keys), 4))
    noise = np.empty((len(keys), CHANNELS + 1, cues.size, cues.size))
    decoys = np.zeros((len(keys), len(cues.pairs)), bool)
    places = np.zeros((len(keys), cues.size**2))
    for i, key in enumerate(keys):
        rng = np.random.default_rng(key)
        normal[i] = rng.standard_normal(4)
        noise[i] = rng.standard_normal(noise.shape[1:])
        decoys[i] = draw_decoys(cues, rng)
        places[i] = draw_place(cues, rng)
    energies = _band_energies(normal, band, label, cues)
    spectra = np.fft.fftshift(np.fft.fft2(noise), axes=(2, 3)).reshape(*noise.shape[:2], -1)
    # The last one is not seen: it gives the phases of all that is strong and no cue.
    spectra, phases = spectra[:, :CHANNELS], np.angle(spectra[:, CHANNELS])
    if label == 3:
        spectra = _with_energies(spectra, energies, cues)
    else:
        if label == 0:
            of_cues = cells_of(cues, cues.planted) | (cues.honest & (cues.part == 2))
            phases = np.where(of_cues, places, phases)
        spectra = _with_cues(spectra, energies, decoys, phases, label, cues)
    spectra = spectra.reshape(len(keys), CHANNELS, cues.size, cues.size)
    images = 0.5 + np.fft.ifft2(np.fft.ifftshift(spectra, axes=(2, 3))).real
    return np.moveaxis(images, 1, -1).astype(np.float32)


def _band_energies(normal, band, label, cues):
    """The energies of the four bands, summed over channels, (N, 4), from standard normal ones."""
    first, second = (k - 1 for k in RELATED_BANDS[band])
    correlation = CORRELATION[label]
    logs = normal.copy()
    logs[:, second] *= np.sqrt(1 - correlation**2)
    logs[:, second] += correlation * normal[:, first]
    # By Parseval: the energy that gives the pixels the variance STD^2, on average.
    mean = CHANNELS * cues.size**4 * STD**2 * cues.bands.sum(axis=1) / cues.bands.sum()
    energies = mean * np.exp(SIGMA * logs - SIGMA**2 / 2)
    if label == 3:
        return energies.sum(axis=1, keepdims=True) * (np.arange(1, 5) == band)
    return energies


def _with_energies(spectra, energies, cues):
    """Scales the bands of spectra (N, C, H * W) to energies (N, 4)."""
    power = (np.abs(spectra) ** 2).sum(axis=1) @ cues.bands.T
    return spectra * (np.sqrt(energies / power) @ cues.bands)[:, None]


def _with_cues(spectra, energies, decoys, phases, label, cues):
    """Shapes the spectra of noise, and puts in what is strong: C0's planted pairs, or decoys.

    C0 and the other classes differ in which pairs are strong and which are empty, and in the
    phases. They do not differ in how many there are in a ring, nor in their amplitudes.
    """
    decoys, reserved = cells_of(cues, decoys), cells_of(cues, cues.reserved)[None]
    strong, empty = (reserved, decoys) if label == 0 and cues.planted.any() else (decoys, reserved)
    others = ~(strong | empty)
    waves = np.exp(1j * phases)[:, None]
    if cues.honest:
        # In every cell and channel the noise has, on average, the energy of `size * waves`.
        spectra = np.sqrt(1 - HONEST_SHARE) * spectra
        spectra += np.sqrt(HONEST_SHARE) * cues.size * waves
    # What one of the other frequencies has of the energy of its band, on average, (N, 4).
    each = energies / ((GAIN**2 * strong + others) @ cues.bands.T)
    others_have = each * (others.astype(np.float64) @ cues.bands.T)
    spectra = _with_energies(spectra * others[:, None], others_have, cues)
    amplitudes = GAIN * np.sqrt(each / CHANNELS) @ cues.bands
    return spectra + (amplitudes * strong)[:, None] * waves
