"""Dominant-frequency maps: the rule spelled out, and random maps that match."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_freq as kf
from keras_freq.fourier import conjugate, conjugate_pairs, radius_map
from keras_freq.importance.dominant_maps import map_overlap, num_cells, planted_recovery
from keras_freq.shortcuts.random_baseline import random_maps

SIZES = [(8, 8), (7, 7), (6, 9), (5, 4), (1, 5), (2, 2)]


def symmetric(rng, size, levels=None):
    """Random importance (3, H, W), the same at conjugates; few `levels` make many ties."""
    values = rng.normal(size=(3, *size)) if levels is None else rng.integers(0, levels, (3, *size))
    return values + conjugate(values)


def slow_map(importance, fraction):
    """The rule, one pair at a time."""
    height, width = importance.shape
    pairs = []
    for row in range(height):
        for column in range(width):
            twin = (
                (-(row - height // 2) + height // 2) % height,
                (2 * (width // 2) - column) % width,
            )
            if (row, column) <= twin:
                radius = math.hypot(row - height // 2, column - width // 2)
                pairs.append((-importance[row, column], radius, row, column, twin))
    chosen = np.zeros((height, width), bool)
    for _, _, row, column, twin in sorted(pairs):
        if chosen.sum() >= math.ceil(fraction * height * width):
            break
        chosen[row, column] = chosen[twin] = True
    return chosen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("levels", [None, 2])
def test_maps_follow_the_rule(size, levels):
    importance = symmetric(np.random.default_rng(0), size, levels)
    for fraction in (0.01, 0.13, 0.25, 0.5, 1.0):
        maps = kf.dominant_frequency_maps(importance, fraction)
        assert maps.shape == importance.shape and maps.dtype == bool
        for class_map, values in zip(maps, importance, strict=True):
            np.testing.assert_array_equal(class_map, slow_map(values, fraction))
        np.testing.assert_array_equal(maps, conjugate(maps))
        cells = maps.sum(axis=(1, 2))
        wanted = math.ceil(fraction * size[0] * size[1])
        assert ((wanted <= cells) & (cells <= wanted + 1)).all()


def test_ties_go_to_the_lower_radius():
    maps = kf.dominant_frequency_maps(np.zeros((1, 9, 9)), 29 / 81)
    np.testing.assert_array_equal(maps[0], radius_map(9) <= 3)


def test_maps_grow_with_the_fraction():
    importance = symmetric(np.random.default_rng(1), (12, 12))
    maps = [kf.dominant_frequency_maps(importance, f) for f in np.linspace(0.01, 1, 20)]
    for small, large in itertools.pairwise(maps):
        assert (small <= large).all()
    assert maps[-1].all()


@pytest.mark.parametrize(
    "fraction, size, cells",
    [(0.01, (32, 32), 11), (0.07, (10, 10), 7), (0.29, (10, 10), 29), (1.0, (3, 5), 15)],
)
def test_num_cells(fraction, size, cells):
    assert num_cells(size, fraction) == cells


def test_maps_that_a_screened_search_has_not_settled_give_a_warning():
    class Importance:
        loss_change = symmetric(np.random.default_rng(2), (6, 6))
        method, fractions = "screened", (0.05, 0.1)

    kf.dominant_frequency_maps(Importance(), 0.1)
    with pytest.warns(UserWarning, match=r"settled the maps of 0.05, 0.1 .* fractions=\(0.2,\)"):
        kf.dominant_frequency_maps(Importance(), 0.2)
    Importance.method = "exhaustive"
    kf.dominant_frequency_maps(Importance(), 0.2)


def test_object_with_loss_change_and_nan_classes():
    class Importance:
        loss_change = symmetric(np.random.default_rng(2), (6, 6))

    Importance.loss_change[1] = np.nan
    maps = kf.dominant_frequency_maps(Importance(), 0.2)
    assert maps.sum(axis=(1, 2)).tolist()[1] == 0
    np.testing.assert_array_equal(maps, kf.dominant_frequency_maps(Importance.loss_change, 0.2))


def test_rounding_between_conjugates_does_not_matter():
    importance = symmetric(np.random.default_rng(3), (8, 8))
    noisy = importance * (1 + 1e-7 * np.random.default_rng(4).normal(size=importance.shape))
    np.testing.assert_array_equal(
        kf.dominant_frequency_maps(noisy, 0.3), kf.dominant_frequency_maps(importance, 0.3)
    )


def test_bad_importance():
    importance = symmetric(np.random.default_rng(5), (6, 6))
    for fraction in (0, -0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match=r"`fraction`"):
            kf.dominant_frequency_maps(importance, fraction)
    with pytest.raises(ValueError, match=r"`imp`.*shape \(6, 6\)"):
        kf.dominant_frequency_maps(importance[0], 0.1)
    importance[2, 3, 3] = np.nan
    with pytest.raises(ValueError, match=r"class 2 with 1 NaN"):
        kf.dominant_frequency_maps(importance, 0.1)
    importance[2, 3, 3], importance[2, 1, 2] = 0, 100
    with pytest.raises(ValueError, match=r"conjugate"):
        kf.dominant_frequency_maps(importance, 0.1)


def test_overlap_counts_cells():
    reference = np.zeros((3, 5, 5), bool)
    reference[:2, 2, 1:4] = True  # DC and one pair
    maps = np.zeros((3, 5, 5), bool)
    maps[0, 2, 2] = True
    maps[1] = True
    np.testing.assert_allclose(map_overlap(maps, reference), [1 / 3, 1, np.nan])
    with pytest.raises(ValueError, match=r"`reference`"):
        map_overlap(maps, reference[:2])
    reference[0, 0, 1] = True
    with pytest.raises(ValueError, match=r"`reference` must be symmetric"):
        map_overlap(maps, reference)
    with pytest.raises(ValueError, match=r"`maps` must be boolean"):
        map_overlap(maps.astype(int), maps)


def test_planted_recovery_counts_pairs():
    pairs = conjugate_pairs(8)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]

    def stack(*indices_of_class):
        maps = np.zeros((len(indices_of_class), 64), bool)
        for class_map, indices in zip(maps, indices_of_class, strict=True):
            class_map[pairs[indices]] = True
        return maps.reshape(-1, 8, 8)

    maps = stack([0, 1, 2, 3, 4], [0], [], [])
    maps[0, 4, 4] = True  # DC: one cell, but one pair as any other
    recovery = planted_recovery(maps, stack([3, 4, 5], [], [1], []))
    np.testing.assert_allclose(recovery["precision"], [2 / 6, 0, np.nan, np.nan])
    np.testing.assert_allclose(recovery["recall"], [2 / 3, np.nan, 0, np.nan])
    assert recovery["hits"].tolist() == [2, 0, 0, 0]
    assert recovery["found"].tolist() == [6, 1, 0, 0]
    assert recovery["planted"].tolist() == [3, 0, 1, 0]


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
