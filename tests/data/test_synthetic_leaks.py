"""Nothing but its cue tells C0 from C1 and C2: no band, no ring, no histogram of pixels."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

import keras_freq as kf

BANDS = (1, 2, 3, 4)


def areas(first, second):
    """ROC AUC of each feature, (N, F) against (M, F): Mann and Whitney's statistic."""
    ranks = stats.rankdata(np.concatenate([first, second]), axis=0)
    n, m = len(first), len(second)
    return (ranks[:n].sum(axis=0) - n * (n + 1) / 2) / (n * m)


def centred_power(images):
    """The power of each image, summed over channels, (N, H, W)."""
    waves = np.fft.fft2(images.astype(np.float64) - 0.5, axes=(1, 2))
    return np.fft.fftshift((np.abs(waves) ** 2).sum(axis=-1), axes=(1, 2))


def features(images):
    """Energies of the bands and in total; of the rings; and moments of the pixels."""
    size, power = images.shape[1], centred_power(images)
    power[:, size // 2, size // 2] = 0
    bands = [kf.band_pass_mask(size, low, high) for low, high in pairwise(kf.band_edges(size))]
    energies = [power[:, band].sum(axis=1) for band in bands]
    radius = np.rint(kf.fourier.radius_map(size))
    rings = [power[:, radius == r].sum(axis=1) for r in range(1, int(radius.max()) + 1)]
    pixels = images.reshape(len(images), -1).astype(np.float64)
    grey = images.mean(axis=-1).reshape(len(images), -1).astype(np.float64)
    moments = [f(x, axis=1) for x in (pixels, grey) for f in (np.std, stats.skew, stats.kurtosis)]
    moments += [pixels.min(axis=1), pixels.max(axis=1)]
    return {
        "bands": np.stack([*energies, power.sum(axis=(1, 2))], axis=1),
        "rings": np.stack(rings, axis=1),
        "moments": np.stack(moments, axis=1),
    }


def check_no_leak(band, seed, per_class, cues="planted"):
    images, labels = kf.data.frequency_bands(band, per_class=per_class, seed=seed, cues=cues)
    own, others = features(images[labels == 0]), features(images[(labels == 1) | (labels == 2)])
    for kind, bound in (("bands", 0.1), ("moments", 0.1), ("rings", 0.15)):
        departure = np.abs(areas(own[kind], others[kind]) - 0.5).max()
        assert departure < bound, (kind, departure)
    # C1 and C2 differ by no single frequency: Bonferroni's bound for a family-wise 0.1 %.
    first, second = (centred_power(images[labels == k]) for k in (1, 2))
    once = kf.conjugate_pairs(32)[:, 0]
    once = once[first.mean(axis=0).reshape(-1)[once] > 1e-6]
    departure = areas(*(x.reshape(per_class, -1)[:, once] for x in (first, second))) - 0.5
    error = np.sqrt((2 * per_class + 1) / (12 * per_class**2))
    assert np.abs(departure).max() < 5 * error
    first, second = features(images[labels == 1]), features(images[labels == 2])
    assert np.abs(areas(first["bands"], second["bands"]) - 0.5).max() < 0.1


@pytest.mark.parametrize("band", BANDS)
def test_nothing_but_its_cue_tells_c0(band):
    check_no_leak(band, seed=0, per_class=500)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("band", BANDS)
def test_nothing_but_its_cue_tells_c0_over_seeds(band, seed):
    check_no_leak(band, seed, per_class=1000)


@pytest.mark.slow
@pytest.mark.parametrize("cues", ["none", "two", "honest", "planted_and_honest"])
def test_nothing_but_its_cues_tells_c0_in_the_variants(cues):
    for band in BANDS:
        check_no_leak(band, seed=0, per_class=1000, cues=cues)


def test_these_areas_see_a_leak():
    """A fifth more amplitude in a band, or a skewed histogram, would be seen."""
    images, labels = kf.data.frequency_bands(2, per_class=150)
    plain = features(images[labels == 1])
    louder = features(0.5 + 1.2 * (images[labels == 2] - 0.5))
    assert areas(louder["bands"], plain["bands"]).min() > 0.6
    darker = features(images[labels == 2] ** 1.5)
    assert areas(darker["moments"], plain["moments"])[1] > 0.9


def test_the_spectrum_at_the_cue_does_tell_c0():
    images, labels = kf.data.frequency_bands(1, per_class=30)
    planted = kf.data.planted_masks(1)[0]
    power = centred_power(images)[:, planted].min(axis=1)
    assert power[labels == 0].min() > 100 * power[labels != 0].max()
