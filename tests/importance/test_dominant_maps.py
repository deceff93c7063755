"""Dominant-frequency maps: the rule spelled out, their overlap, and what they find again."""

import dataclasses
import itertools
import math
import types

import keras
import numpy as np
import pytest

import keras_freq as kf
from keras_freq.fourier import conjugate, conjugate_pairs, radius_map
from keras_freq.importance.dominant_maps import map_overlap, num_cells, planted_recovery

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
        expected_overlap = np.ones((len(loss_change), 2))

    kf.dominant_frequency_maps(Importance(), 0.1)
    with pytest.warns(UserWarning, match=r"settled the maps of 0.05, 0.1 .* fractions=\(0.2,\)"):
        kf.dominant_frequency_maps(Importance(), 0.2)
    for wrong in ("5 %", 5):
        with pytest.raises(ValueError, match="`fraction`"):
            kf.dominant_frequency_maps(Importance(), wrong)
    Importance.method = "exhaustive"
    kf.dominant_frequency_maps(Importance(), 0.2)


def test_maps_are_not_filled_up_in_silence():
    """Class 1 needs one pair of frequencies; the others of its map cost it nothing."""
    values = np.full((2, 4, 4), 0.5)
    values[1] = 0
    values[1, 2, 1] = values[1, 2, 3] = 0.7
    values[1, 1, 2] = values[1, 3, 2] = 1e-7  # rounding
    found = types.SimpleNamespace(loss_change=values)
    with pytest.warns(UserWarning, match=r"of classes 1 \(2 of 4 cells\) are filled up with"):
        maps = kf.dominant_frequency_maps(found, 0.2)
    np.testing.assert_array_equal(maps, kf.dominant_frequency_maps(values, 0.2))
    kf.dominant_frequency_maps(found, 0.1)  # nothing to warn of
    assert kf.dominant_frequency_maps(found, 1.0).all()


def test_the_share_of_a_map_that_is_above_two_standard_errors():
    rng = np.random.default_rng(0)
    images = rng.random((60, 6, 6, 1), np.float32)
    model = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(2))
    imp = kf.frequency_importance(
        model, (images, np.arange(60) % 2), 2, method="exhaustive", progress=False
    )
    for fraction in (0.1, 0.5, 1.0):
        share = imp.significant_share(fraction)
        maps = kf.dominant_frequency_maps(imp.loss_change, fraction)
        for k in range(2):
            cells = imp.loss_change[k][maps[k]] / imp.stderr[k][maps[k]]
            assert share[k] == np.mean(cells > 2)
    inner = np.broadcast_to(radius_map(6) < 2, (2, 6, 6))
    made = dataclasses.replace(imp, loss_change=1.0 + 2 * inner, stderr=np.ones((2, 6, 6)))
    np.testing.assert_allclose(made.significant_share(1.0), inner[0].mean())
    assert made.significant_share(0.1).tolist() == [1, 1]


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
