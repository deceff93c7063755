"""Radial profiles and slopes: loops over cells, and spectra made with a known slope."""

import numpy as np
import pytest

import keras_freq as kf


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (6, 5), (1, 4)])
def test_a_profile_is_the_mean_over_cells_whose_radius_rounds_to_each_integer(size):
    maps = np.random.default_rng(0).normal(size=(2, 3, *size))
    profile = kf.radial_profile(maps)
    height, width = size
    assert profile.shape == (2, 3, min(size) // 2 + 1)
    for ring in range(profile.shape[-1]):
        own = [
            maps[..., i, j]
            for i in range(height)
            for j in range(width)
            if ring - 0.5 <= np.hypot(i - height // 2, j - width // 2) < ring + 0.5
        ]
        np.testing.assert_allclose(profile[..., ring], np.mean(own, axis=0), rtol=1e-12)


def test_a_cell_that_is_not_known_makes_its_ring_unknown():
    maps = np.ones((8, 8))
    maps[4, 6] = np.nan
    assert np.isnan(kf.radial_profile(maps)).tolist() == [False, False, True, False, False]
    assert np.isnan(kf.spectral_slope(maps))


@pytest.mark.parametrize("slope", [-3.0, -1.2, 0.0, 0.7])
def test_the_slope_of_a_power_law(slope):
    rings = np.maximum(np.rint(kf.radius_map(32)), 1)
    maps = np.stack([rings**slope, 5 * rings ** (2 * slope)])
    np.testing.assert_allclose(kf.spectral_slope(maps), [slope, 2 * slope], atol=1e-12)
    # Without the first rings, what is there does not matter.
    bent = np.where(rings < 4, 100.0, maps[0])
    np.testing.assert_allclose(kf.spectral_slope(bent, low=4, high=12), slope, atol=1e-12)


def test_the_slope_is_that_of_numpys_polynomial():
    power = np.random.default_rng(1).exponential(size=(16, 20))
    profile = kf.radial_profile(power)[2:8]
    expected = np.polyfit(np.log(np.arange(2, 8)), np.log(profile), 1)[0]
    np.testing.assert_allclose(kf.spectral_slope(power, low=2, high=7), expected, rtol=1e-12)


def test_an_empty_ring_has_no_slope():
    assert np.isnan(kf.spectral_slope(kf.low_pass_mask(16, 3)))


@pytest.mark.parametrize("options", [{"low": 0}, {"high": 9}, {"low": 3, "high": 3}, {"low": 8}])
def test_rings_that_are_not_there_are_refused(options):
    with pytest.raises(ValueError, match=r"`(low|high)`"):
        kf.spectral_slope(np.ones((16, 16)), **options)
