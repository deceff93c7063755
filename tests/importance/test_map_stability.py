"""Stability of maps: known answers, and the two samples kept apart."""

import dataclasses
import itertools

import numpy as np
import pytest
from importance_cases import CLASSES, small_model, some_images

import keras_freq as kf
from keras_freq.importance.result import _bootstrap_pairs, _split_halves


def importance_of(changes_of_class, size, folds=10):
    """A `FrequencyImportance` of given changes `(N, P)` of each class."""
    pairs = kf.conjugate_pairs(size)
    model, (images, labels) = small_model((*size, 1)), some_images((*size, 1))
    template = kf.frequency_importance(
        model, (images, labels), CLASSES, method="exhaustive", progress=False
    )
    shape = (len(changes_of_class), folds, len(pairs))
    sums, counts = np.zeros(shape), np.zeros(shape[:2], int)
    for label, changes in enumerate(changes_of_class):
        for fold in range(folds):
            sums[label, fold] = changes[fold::folds].sum(axis=0)
            counts[label, fold] = len(changes[fold::folds])
    maps = np.zeros((len(changes_of_class), *size))
    images = counts.sum(axis=1)
    return dataclasses.replace(
        template, fold_sums=sums, fold_images=counts, loss_change=maps, images=images
    )


def test_fold_sums_add_up_to_the_importance():
    images, labels = some_images((6, 5, 1), n=40)
    importance = kf.frequency_importance(
        small_model((6, 5, 1)), (images, labels), CLASSES, method="exhaustive", progress=False
    )
    assert importance.fold_images.sum(axis=1).tolist() == importance.images.tolist()
    assert np.ptp(importance.fold_images) <= 1
    means = importance.fold_sums.sum(axis=1) / importance.images[:, None]
    cells = kf.conjugate_pairs((6, 5))[:, 0]
    np.testing.assert_allclose(means, importance.loss_change.reshape(CLASSES, -1)[:, cells])
    stability = importance.stability(0.2)
    assert set(stability) >= {"split_half", "bootstrap", "images_per_half", "chance"}
    assert all(values.shape == (CLASSES,) for values in stability.values())


def test_images_that_agree_and_images_that_do_not():
    size, rng = (32, 32), np.random.default_rng(0)
    pairs = len(kf.conjugate_pairs(size))
    agreed = np.arange(pairs) + rng.uniform(-0.4, 0.4, size=(50, pairs))
    noise = rng.normal(size=(50, pairs))
    importance = importance_of([agreed, noise, noise[:0]], size)
    found = importance.stability(0.1)
    assert found["split_half"][0] == found["bootstrap"][0] == 1
    # Halves of pure noise share what chance gives; bootstrap samples share images, and so more.
    assert found["split_half"][1] == pytest.approx(found["chance"][1], abs=0.06)
    assert found["bootstrap"][1] > found["split_half"][1] + 0.1
    assert found["split_half_low"][1] <= found["split_half"][1] <= found["split_half_high"][1]
    assert np.isnan(found["split_half"][2]) and np.isnan(found["bootstrap"][2])
    assert found["images_per_half"][:2].tolist() == [25, 25]
    assert found["chance"][0] == pytest.approx(0.1, abs=2 / 1024)
    again = importance.stability(0.1)
    assert all(np.array_equal(found[name], again[name], equal_nan=True) for name in found)


def test_the_overlap_of_one_split_by_hand():
    """Two folds that name different pairs, beside eight equal ones."""
    size = (8, 8)
    pairs = kf.conjugate_pairs(size)
    changes = np.zeros((2, len(pairs)))
    changes[0, [3, 4]] = changes[1, [4, 5]] = 1
    found = importance_of([changes], size, folds=2).stability(4 / 64)
    assert found["split_half"] == [0.5]
    assert found["images_per_half"] == [1]
    # Of three images one is left out.
    found = importance_of([changes[[0, 1, 1]]], size, folds=3).stability(4 / 64)
    assert found["images_per_half"] == [1]


@pytest.mark.parametrize("folds", [2, 3, 7, 10])
def test_halves_have_no_fold_in_common_and_each_split_comes_once(folds):
    first, second = _split_halves(folds)
    assert ((first + second) <= 1).all()
    assert (first.sum(axis=1) == folds // 2).all()
    assert (second.sum(axis=1) == folds // 2).all()
    splits = {frozenset((tuple(a), tuple(b))) for a, b in zip(first, second, strict=True)}
    halves = itertools.combinations(range(folds), folds // 2)
    expected = {
        frozenset((half, other))
        for half in halves
        for other in itertools.combinations(sorted(set(range(folds)) - set(half)), folds // 2)
    }
    assert len(splits) == len(first) == len(expected)


def test_bootstrap_samples_hold_as_many_folds():
    draws = _bootstrap_pairs(10, np.random.default_rng(0))
    assert draws.shape == (2, 100, 10)
    assert (draws.sum(axis=2) == 10).all()
    assert not np.array_equal(draws[0], draws[1])


@pytest.mark.parametrize("images", [3, 0])
def test_a_wrong_fraction_is_named(images):
    with pytest.raises(ValueError, match="`fraction`"):
        importance_of([np.zeros((images, len(kf.conjugate_pairs(4))))], (4, 4)).stability(0)
