"""Random maps: as many cells or as much energy as a map, symmetric, and equally likely."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_freq as kf
from keras_freq.fourier import conjugate, radius_map
from keras_freq.shortcuts.random_baseline import random_maps

SIZES = [(8, 8), (7, 7), (6, 9), (5, 4), (1, 5), (2, 2)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SIZES), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_random_maps_have_as_many_cells(size, seed, density):
    mask = np.random.default_rng(seed).random(size) < density
    mask |= conjugate(mask)
    maps = random_maps(mask, 5, seed=seed)
    centre = size[0] // 2, size[1] // 2
    assert maps.shape == (5, *size) and maps.dtype == bool
    assert (maps.sum(axis=(1, 2)) == mask.sum()).all()
    assert (maps[:, centre[0], centre[1]] == mask[centre]).all()
    np.testing.assert_array_equal(maps, conjugate(maps))
    np.testing.assert_array_equal(maps, random_maps(mask, 5, seed=seed))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SIZES), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_disjoint_random_maps(size, seed, density):
    mask = np.random.default_rng(seed).random(size) < density
    mask |= conjugate(mask)
    centre = size[0] // 2, size[1] // 2
    rest = mask.copy()
    rest[centre] = False
    left = mask.size - 1 - rest.sum()
    if rest.sum() > left:
        with pytest.raises(ValueError, match=f"leaves {left}"):
            random_maps(mask, 5, disjoint=True, seed=seed)
        return
    maps = random_maps(mask, 5, disjoint=True, seed=seed)
    np.testing.assert_array_equal(maps, conjugate(maps))
    assert not (maps & rest).any()
    assert (maps[:, centre[0], centre[1]] == mask[centre]).all()
    # An odd number of cells needs one that is its own conjugate, and the mask may have them all.
    alone = np.arange(mask.size).reshape(size)
    alone = (alone == conjugate(alone)) & ~rest
    alone[centre] = False
    more = int(rest.sum() % 2 and not alone.any())
    assert (maps.sum(axis=(1, 2)) == mask.sum() + more).all()


def test_disjoint_random_maps_of_equal_energy():
    mask = kf.low_pass_mask(32, 3)
    power = 1 / np.maximum(radius_map(32), 1) ** 2
    maps = random_maps(mask, 20, power=power, disjoint=True)
    assert not (maps & mask & (radius_map(32) > 0)).any() and maps[:, 16, 16].all()
    assert len(np.unique(maps, axis=0)) == 20
    power[16, 16] = 0
    energy = (maps * power).sum(axis=(1, 2)) / power[mask].sum()
    assert ((energy > 0.999) & (energy <= 1 + 1e-9)).all()
    steep = 1 / np.maximum(radius_map(32), 1) ** 4
    with pytest.raises(ValueError, match="`mask` must leave as much energy as it has"):
        random_maps(kf.low_pass_mask(32, 6), power=steep, disjoint=True)


def test_a_number_of_random_maps_is_positive():
    with pytest.raises(
        ValueError, match=r"`num_maps` must be an integer >= 1\. Received: num_maps=0"
    ):
        random_maps(np.ones((4, 4), bool), 0)


@pytest.mark.parametrize(("disjoint", "number", "limit"), [(False, 19, 42.3), (True, 10, 27.9)])
def test_random_maps_are_uniform(disjoint, number, limit):
    """All symmetric 4x4 maps of 3 cells without DC: 1 + 3 * 6 = 19 of them, equally likely.

    Those without the mask's pair and its single cell: 2 * 5 = 10.
    """
    mask = np.zeros((4, 4), bool)
    mask[2, [1, 3]] = mask[0, 0] = True
    maps = random_maps(mask, 1000 * number, disjoint=disjoint, seed=0)
    _, counts = np.unique(maps.reshape(len(maps), -1), axis=0, return_counts=True)
    assert len(counts) == number
    # Chi-square with 18 degrees of freedom exceeds 42.3 once in a thousand times, with 9 27.9.
    assert ((counts - 1000) ** 2 / 1000).sum() < limit


@pytest.mark.parametrize("with_dc", [True, False])
def test_random_maps_of_equal_energy(with_dc):
    size = (32, 32)
    radius = radius_map(size)
    power = 1 / np.maximum(radius, 0.5) ** 2
    power[16, 16] = 1e4  # DC outweighs all, and must not count
    mask = (radius >= 2) & (radius < 5)
    mask[16, 16] = with_dc
    maps = random_maps(mask, 40, power=power, seed=1)
    np.testing.assert_array_equal(maps, conjugate(maps))
    assert (maps[:, 16, 16] == with_dc).all()
    power[16, 16] = 0
    energy = (maps * power).sum(axis=(1, 2)) / power[mask].sum()
    assert ((energy > 0.99) & (energy <= 1 + 1e-9)).all()
    assert len(np.unique(maps.reshape(40, -1), axis=0)) == 40
    # Low frequencies hold the energy, so that random maps need more cells.
    assert maps.sum(axis=(1, 2)).mean() > 2 * mask.sum()


def test_random_maps_without_energy():
    mask = np.zeros((6, 6), bool)
    mask[3, 3] = True
    np.testing.assert_array_equal(random_maps(mask, 2, power=np.ones((6, 6))), [mask, mask])
    assert not random_maps(~mask & mask, 2).any()


def test_random_maps_refuse_what_does_not_fit():
    mask = kf.low_pass_mask(8, 2)
    with pytest.raises(ValueError, match=r"`power`.*\(8, 8\).*shape \(8, 9\)"):
        random_maps(mask, power=np.ones((8, 9)))
    with pytest.raises(ValueError, match=r"`power`"):
        random_maps(mask, power=-np.ones((8, 8)))
    mask[0, 1] = True
    with pytest.raises(ValueError, match=r"`mask` must be symmetric"):
        random_maps(mask)
