"""Recall without maps: a model with a known answer, and the same recalls the long way."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.metrics import recall_score

import keras_freq as kf
from keras_freq.metrics import wilson_interval

SIZE = 32
PATTERNS = [(3, 0), (5, 7), (9, 2)]
COLUMNS = [
    "class_id",
    "class_name",
    "cells",
    "images",
    "recall",
    "recall_without",
    "recall_without_low",
    "recall_without_high",
    "random_recall",
    "random_recall_low",
    "is_needed",
    "p_value",
    "untouched_fpr",
    "auc",
    "auc_without",
]


def wave(pattern):
    """Cosine of 5 cycles down and 7 across for pattern (5, 7)."""
    y, x = np.mgrid[:SIZE, :SIZE]
    return np.cos(2 * np.pi * (pattern[0] * y + pattern[1] * x) / SIZE)


def pair_mask(pattern):
    """Map of one conjugate pair."""
    mask = np.zeros((SIZE, SIZE), bool)
    for sign in (1, -1):
        mask[SIZE // 2 + sign * pattern[0], SIZE // 2 + sign * pattern[1]] = True
    return mask


def linear(size, kernel, bias):
    """A linear classifier of grey images."""
    model = keras.Sequential([keras.Input((*size, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(len(bias)))
    model.layers[-1].set_weights([kernel, np.asarray(bias)])
    return model


def test_a_class_needs_the_pattern_that_the_model_reads():
    """Classes 0 and 1 show patterns of their own, and class 2 is what shows neither."""
    kernel = np.stack([wave(PATTERNS[0]), wave(PATTERNS[1]), 0 * wave((0, 0))], axis=-1)
    model = linear((SIZE, SIZE), kernel.reshape(-1, 3) / SIZE**2, [0, 0, 0.02])
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([0, 1, 2], [40, 30, 50]))
    images = 0.5 + 0.1 * rng.normal(size=(120, SIZE, SIZE, 1))
    for k in (0, 1):
        images[labels == k, ..., 0] += 0.15 * wave(PATTERNS[k])
    maps = np.stack([pair_mask(pattern) for pattern in PATTERNS])
    table = kf.recall_without_maps(model, (images, labels), maps, class_names=["a", "b", "none"])
    assert table.columns.tolist() == COLUMNS
    assert table["class_name"].tolist() == ["a", "b", "none"]
    assert table["cells"].tolist() == [2, 2, 2]
    assert table["images"].tolist() == [40, 30, 50]
    np.testing.assert_allclose(table["recall"], [1, 1, 1])
    np.testing.assert_allclose(table["recall_without"], [0, 0, 1])
    assert table["is_needed"].tolist() == [True, True, False]
    assert (table["random_recall"] > 0.9).all()
    # The maps alone say nothing of class 2: it is also the answer to every random map.
    rates = kf.rates_under_maps(model, (images, labels), maps)
    assert rates["tpr_above_chance"].tolist() == [True, True, False]


def test_one_frequency_of_many_is_found():
    """The model reads one pair alone, and the map of class 0 holds it among 10 %.

    One in ten of all maps of this size would cost as much: random ones must not hold the pair.
    """
    kernel = np.stack([wave(PATTERNS[1]), 0 * wave((0, 0))], axis=-1)
    model = linear((SIZE, SIZE), kernel.reshape(-1, 2) / SIZE**2, [0, 0.02])
    images = np.repeat(0.5 + 0.15 * wave(PATTERNS[1])[None, ..., None], 40, axis=0)
    rng = np.random.default_rng(0)
    scattered = rng.random((SIZE, SIZE)) < 0.05
    scattered |= kf.fourier.conjugate(scattered) | pair_mask(PATTERNS[1])
    maps = np.stack([scattered, pair_mask(PATTERNS[0])])
    table = kf.recall_without_maps(model, (images, np.repeat([0, 1], 20)), maps, num_random=100)
    assert table["recall"].tolist() == [1, 0]
    assert table["recall_without"].tolist() == [0, 0]
    assert table.loc[0, "random_recall"] == table.loc[0, "random_recall_low"] == 1
    assert table["is_needed"].tolist() == [True, False]


def test_a_class_that_loses_nothing_needs_nothing():
    """All images show a pattern, which means class 1. Class 0's map is half of everything else.

    The other half holds the pattern, so that class 0 gains without it: that it does not gain
    without its own map is no loss.
    """
    kernel = np.stack([-wave(PATTERNS[0]), 0 * wave((0, 0))], axis=-1)
    model = linear((SIZE, SIZE), kernel.reshape(-1, 2) / SIZE**2, [0, -0.01])
    images = np.repeat(0.5 + 0.15 * wave(PATTERNS[0])[None, ..., None], 40, axis=0)
    # Without DC: 510 pairs of two cells, and 3 cells of their own. Half of them leave the others.
    pairs = kf.fourier.conjugate_pairs(SIZE)[1:]
    alone = pairs[:, 0] == pairs[:, 1]
    pattern = pair_mask(PATTERNS[0]).reshape(-1)[pairs[:, 0]]
    half = np.concatenate([pairs[~alone & ~pattern][:255].reshape(-1), pairs[alone][:1, 0]])
    maps = np.zeros((2, SIZE * SIZE), bool)
    maps[0, half] = True
    maps = maps.reshape(2, SIZE, SIZE)
    maps[1] = pair_mask(PATTERNS[0])
    table = kf.recall_without_maps(model, (images, np.repeat([0, 1], 20)), maps)
    assert table["recall"].tolist() == [0, 1]
    assert table["recall_without"].tolist() == [0, 0]
    assert table["random_recall_low"].tolist() == [1, 1]
    assert table["is_needed"].tolist() == [False, True]


@pytest.fixture(scope="module")
def odd():
    """A small network, and odd, rectangular, coloured images that it mostly has right."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((9, 12, 3)),
        keras.layers.Rescaling(4.0, -2.0),
        keras.layers.Conv2D(6, 3, activation="relu", kernel_initializer="he_normal"),
        keras.layers.Flatten(),
        keras.layers.Dense(3, kernel_initializer="he_normal"),
    ]
    model = keras.Sequential(layers)
    rng = np.random.default_rng(1)
    images = rng.random((60, 9, 12, 3), dtype=np.float32)
    # Every class is answered for some images.
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel, bias - np.mean(model(images), axis=0)])
    labels = np.argmax(model(images), axis=1)
    labels[::7] = rng.integers(0, 3, len(labels[::7]))
    importance = rng.normal(size=(3, 9, 12))
    importance += kf.fourier.conjugate(importance)
    importance[2, 4, 6] = 9  # DC is in the map of class 2
    return model, images, labels, kf.dominant_frequency_maps(importance, 0.15)


def recalls_one_by_one(model, images, labels, removed, class_id, neutral):
    """Recall without each of some maps, by `filter_images`, the model and scikit-learn."""
    filtered = [kf.filter_images(images, ~one, neutral=neutral) for one in removed]
    answers = np.argmax(model(np.concatenate(filtered)), axis=1).reshape(len(removed), -1)
    return [recall_score(labels, one, labels=[class_id], average=None)[0] for one in answers]


@pytest.mark.parametrize("neutral", [None, 0.3])
def test_recalls_the_long_way(odd, neutral):
    model, images, labels, maps = odd
    table = kf.recall_without_maps(model, (images, labels), maps, neutral=neutral, num_random=79)
    neutral = images.mean(axis=(0, 1, 2)) if neutral is None else neutral
    untouched = recall_score(labels, np.argmax(model(images), axis=1), average=None)
    np.testing.assert_allclose(table["recall"], untouched)
    for class_id, row in table.iterrows():
        arguments = (model, images, labels)
        (recall,) = recalls_one_by_one(*arguments, maps[class_id][None], class_id, neutral)
        np.testing.assert_allclose(row["recall_without"], recall)
        interval = wilson_interval(round(recall * row["images"]), row["images"])
        np.testing.assert_allclose(
            [row["recall_without_low"], row["recall_without_high"]], interval
        )
        drawn = kf.random_maps(maps[class_id], 79, disjoint=True, seed=(0, class_id))
        chance = recalls_one_by_one(*arguments, drawn, class_id, neutral)
        assert len(set(chance)) > 3  # a model that never changes its answer would test nothing
        np.testing.assert_allclose(row["random_recall"], np.mean(chance))
        # Of 79 values, the second smallest is what an 80th is below twice in 80 times.
        np.testing.assert_allclose(row["random_recall_low"], np.sort(chance)[1])
        limit = min(untouched[class_id], np.sort(chance)[1])
        assert row["is_needed"] == (interval[1] < limit)


def test_batches_do_not_matter(odd):
    model, images, labels, maps = odd
    expected = kf.recall_without_maps(model, (images, labels), maps)
    dataset = tf.data.Dataset.from_tensor_slices((images, np.eye(3)[labels])).batch(7)
    dataset.class_names = ["0", "1", "2"]
    for batch_size in (None, 33):
        table = kf.recall_without_maps(model, dataset, maps, batch_size=batch_size)
        pd.testing.assert_frame_equal(table, expected)


def test_maps_of_nothing_and_of_everything_and_classes_without_images(odd):
    model, images, labels, maps = odd
    present = labels != 1
    extreme = np.stack([np.zeros_like(maps[0]), maps[1], np.ones_like(maps[2])])
    table = kf.recall_without_maps(model, (images[present], labels[present]), extreme)
    assert table["cells"].tolist() == [0, maps[1].sum(), 9 * 12]
    # Without nothing the recall is what it was, and there is no other nothing.
    assert table.loc[0, "recall_without"] == table.loc[0, "recall"]
    assert np.isnan(table.loc[0, "random_recall"])
    assert table.loc[1, "images"] == 0
    assert table.loc[1, ["recall", "recall_without", "random_recall"]].isna().all()
    # Without everything an image is all neutral, and there is nothing to compare that with.
    grey = np.broadcast_to(images[present].mean(axis=(0, 1, 2)), (1, 9, 12, 3))
    assert table.loc[2, "recall_without"] == (np.argmax(model(grey)) == 2)
    assert table.loc[2, ["random_recall", "random_recall_low"]].isna().all()
    assert not table["is_needed"].any()


def test_maps_of_about_half_the_frequencies():
    """8x8 without DC: 30 pairs of two cells, and 3 cells of their own."""
    model = linear((8, 8), np.zeros((64, 3)), [1.0, 0.0, 0.0])
    pairs = kf.fourier.conjugate_pairs(8)[1:]
    alone = pairs[:, 0] == pairs[:, 1]
    doubles, singles = pairs[~alone], pairs[alone][:, 0]
    maps = np.zeros((3, 64), bool)
    for one, whole, single in zip(maps, (15, 15, 16), (1, 2, 0), strict=True):
        one[doubles[:whole]] = one[singles[:single]] = True
    assert maps.sum(axis=1).tolist() == [31, 32, 32]
    images = np.random.default_rng(0).random((6, 8, 8, 1))
    table = kf.recall_without_maps(model, (images, [0, 1, 2] * 2), maps.reshape(3, 8, 8))
    assert table["random_recall"].isna().tolist() == [False, True, True]
    assert table["recall_without"].tolist() == [1, 0, 0]
    assert not table["is_needed"].any()


def test_what_does_not_fit_is_refused(odd):
    model, images, labels, maps = odd
    data = images, labels
    with pytest.raises(TypeError, match=r"`model` must be a keras\.Model"):
        kf.recall_without_maps(lambda x: x, data, maps)
    with pytest.raises(ValueError, match="`maps`"):
        kf.recall_without_maps(model, data, maps[:2])
    with pytest.raises(ValueError, match="`maps` must have the size of the images"):
        kf.recall_without_maps(model, data, np.ones((3, 9, 9), bool))
    with pytest.raises(ValueError, match="`num_random` must be an integer >= 40"):
        kf.recall_without_maps(model, data, maps, num_random=10)
    with pytest.raises(ValueError, match="`neutral`"):
        kf.recall_without_maps(model, data, maps, neutral=[0.5, 0.5])
    not_a_number = linear((9, 12), np.full((108, 3), np.inf), [0, 0, 0])
    with pytest.raises(ValueError, match="finite scores"):
        kf.recall_without_maps(not_a_number, (images[..., :1], labels), maps)


def test_images_without_energy_have_no_random_maps_of_as_much():
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
    even = np.full((6, 8, 8, 1), 0.5, np.float32), np.arange(6) % 2
    table = kf.recall_without_maps(keras.Sequential(layers), even, maps, random="energy")
    assert table["random_recall"].isna().all() and table["recall"].notna().all()
