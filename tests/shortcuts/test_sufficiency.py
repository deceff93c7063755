"""Rates under maps: models with a known answer, and the same rates the long way."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from shortcuts_cases import PATTERNS

import keras_freq as kf
from keras_freq.metrics import wilson_interval
from keras_freq.shortcuts import random_maps

COLUMNS = [
    "class_id",
    "class_name",
    "cells",
    "positives",
    "negatives",
    "tpr",
    "tpr_low",
    "tpr_high",
    "fpr",
    "fpr_low",
    "fpr_high",
    "random_tpr",
    "random_tpr_high",
    "random_fpr",
    "random_fpr_high",
    "tpr_above_chance",
    "fpr_above_chance",
    "random_tpr_low",
    "random_fpr_low",
    "untouched_tpr",
    "untouched_fpr",
    "auc",
    "untouched_auc",
]


def test_rates_of_a_model_with_a_known_answer(reader, data, maps):
    assert (np.argmax(reader(data[0]), axis=1) == data[1]).all()
    rates = kf.rates_under_maps(reader, data, maps, class_names=list(PATTERNS))
    assert rates.columns.tolist() == COLUMNS
    assert rates["class_name"].tolist() == list(PATTERNS)
    assert rates["cells"].tolist() == [2, 2, 2]
    assert rates["positives"].tolist() == [40, 30, 50]
    assert rates["negatives"].tolist() == [80, 90, 70]
    # Under the map of a, all that show pattern a are called a: class a, and class b as well.
    np.testing.assert_allclose(rates["tpr"], [1, 1, 1])
    np.testing.assert_allclose(rates["fpr"], [30 / 80, 0, 1])
    # Under random maps the model sees neither pattern, and always says "none".
    np.testing.assert_allclose(rates["random_tpr"], [0, 0, 1])
    np.testing.assert_allclose(rates["random_fpr_high"], [0, 0, 1])
    assert rates["tpr_above_chance"].tolist() == [True, True, False]
    assert rates["fpr_above_chance"].tolist() == [True, False, False]
    np.testing.assert_allclose(rates.loc[0, ["tpr_low", "tpr_high"]], wilson_interval(40, 40))
    np.testing.assert_allclose(rates.loc[0, ["fpr_low", "fpr_high"]], wilson_interval(30, 80))


@pytest.fixture(scope="module")
def odd():
    """A small network and noise of odd, rectangular, coloured images."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((9, 12, 3)),
            keras.layers.Rescaling(4.0, -2.0),
            keras.layers.Conv2D(6, 3, activation="relu", kernel_initializer="he_normal"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax", kernel_initializer="he_normal"),
        ]
    )
    rng = np.random.default_rng(1)
    images = rng.random((50, 9, 12, 3), dtype=np.float32)
    importance = rng.normal(size=(3, 9, 12))
    importance += kf.fourier.conjugate(importance)
    importance[2, 4, 6] = 9  # DC is in the map of class 2
    return model, images, rng.integers(0, 3, 50), kf.dominant_frequency_maps(importance, 0.3)


def rates_one_by_one(model, images, labels, class_maps, class_id, neutral):
    """TPR and FPR under each of some maps, by `filter_images` and the model."""
    filtered = [kf.filter_images(images, one, neutral=neutral) for one in class_maps]
    answers = np.argmax(model(np.concatenate(filtered)), axis=1) == class_id
    answers = answers.reshape(len(class_maps), -1)
    return [(one[labels == class_id].mean(), one[labels != class_id].mean()) for one in answers]


@pytest.mark.parametrize("random", ["cells", "energy"])
@pytest.mark.parametrize("neutral", [None, 0.47])
def test_rates_the_long_way(odd, random, neutral):
    model, images, labels, maps = odd
    rates = kf.rates_under_maps(model, (images, labels), maps, random=random, neutral=neutral)
    neutral = images.mean(axis=(0, 1, 2)) if neutral is None else neutral
    power = None
    if random == "energy":
        amplitudes = np.fft.fftshift(np.fft.fft2(images, axes=(1, 2)), axes=(1, 2))
        power = (np.abs(amplitudes) ** 2).mean(axis=(0, 3))
    for class_id, row in rates.iterrows():
        arguments = (model, images, labels)
        ((tpr, fpr),) = rates_one_by_one(*arguments, maps[class_id][None], class_id, neutral)
        np.testing.assert_allclose([row["tpr"], row["fpr"]], [tpr, fpr])
        holds_dc = int(maps[class_id, 4, 6])
        kind = class_id if random == "energy" else maps[class_id].sum()
        drawn = random_maps(maps[class_id], 40, power=power, seed=(0, kind, holds_dc))
        chance = rates_one_by_one(*arguments, drawn, class_id, neutral)
        assert len(set(chance)) > 5  # a model with one answer for all would test nothing
        mean, largest = np.mean(chance, axis=0), np.max(chance, axis=0)
        np.testing.assert_allclose([row["random_tpr"], row["random_fpr"]], mean)
        # Of 40 values, the largest is the first that a 41st exceeds once in 41 times at most.
        np.testing.assert_allclose([row["random_tpr_high"], row["random_fpr_high"]], largest)
        assert row["tpr_above_chance"] == (row["tpr_low"] > row["random_tpr_high"])
        assert row["fpr_above_chance"] == (row["fpr_low"] > row["random_fpr_high"])


def test_batches_do_not_matter(odd):
    model, images, labels, maps = odd
    expected = kf.rates_under_maps(model, (images, labels), maps)
    dataset = tf.data.Dataset.from_tensor_slices((images, np.eye(3)[labels])).batch(7)
    dataset.class_names = ["0", "1", "2"]
    for batch_size in (None, 33):
        rates = kf.rates_under_maps(model, dataset, maps, batch_size=batch_size)
        pd.testing.assert_frame_equal(rates, expected)
    other = kf.rates_under_maps(model, dataset, maps, seed=1)
    assert (other["tpr"] == expected["tpr"]).all()
    assert (other["random_tpr"] != expected["random_tpr"]).any()


def test_quantile_of_more_random_maps(odd):
    model, images, labels, maps = odd
    rates = kf.rates_under_maps(model, (images, labels), maps, num_random=79)
    drawn = random_maps(maps[0], 79, seed=(0, maps[0].sum(), int(maps[0, 4, 6])))
    neutral = images.mean(axis=(0, 1, 2))
    chance = [tpr for tpr, _ in rates_one_by_one(model, images, labels, drawn, 0, neutral)]
    assert rates["random_tpr_high"][0] == pytest.approx(sorted(chance)[77])  # the 78th of 79


def test_empty_maps_and_absent_classes(odd):
    model, images, labels, maps = odd
    maps = maps.copy()
    maps[0] = False
    present = labels != 1
    rates = kf.rates_under_maps(model, (images[present], labels[present]), maps)
    assert rates["cells"][0] == 0 and rates["positives"][1] == 0
    assert rates.loc[0, [*COLUMNS[5:-8], "auc"]].isna().all()
    assert rates.loc[1, ["tpr", "tpr_low", "random_tpr", "random_tpr_high"]].isna().all()
    assert rates.loc[1, ["fpr", "random_fpr_high"]].notna().all()
    assert rates["tpr_above_chance"].tolist()[:2] == [False, False]
    for measure in (kf.rates_under_maps, kf.recall_without_maps, kf.transplant_rates):
        with pytest.warns(UserWarning, match="`maps` are empty, all of them"):
            nothing = measure(model, (images, labels), np.zeros_like(maps))
        assert (nothing["cells"] == 0).all() and nothing.isna().any(axis=0).any()


def test_random_maps_are_shared_by_classes_of_equal_size(reader, data, maps, monkeypatch):
    drawn = []

    def counting(mask, num_maps, **options):
        drawn.append(num_maps)
        return random_maps(mask, num_maps, **options)

    monkeypatch.setattr("keras_freq.shortcuts.random_baseline.random_maps", counting)
    kf.rates_under_maps(reader, data, maps)
    assert drawn == [40]


def test_what_does_not_fit_is_refused(odd):
    model, images, labels, maps = odd
    data = images, labels
    with pytest.raises(TypeError, match=r"`model` must be a keras.Model"):
        kf.rates_under_maps(lambda x: x, data, maps)
    with pytest.raises(ValueError, match=r"`maps` must be boolean"):
        kf.rates_under_maps(model, data, maps.astype(int))
    with pytest.raises(ValueError, match=r"`maps` must have the size of the images, \(9, 12\)"):
        kf.rates_under_maps(model, data, np.ones((3, 9, 9), bool))
    with pytest.raises(ValueError, match=r"`maps` must hold one map for each.*2 maps"):
        kf.rates_under_maps(model, data, maps[:2])
    with pytest.raises(ValueError, match=r"`num_random` must be an integer >= 40"):
        kf.rates_under_maps(model, data, maps, num_random=10)
    with pytest.raises(ValueError, match=r"`random` must be"):
        kf.rates_under_maps(model, data, maps, random="radius")
    with pytest.raises(ValueError, match=r"`neutral` must be"):
        kf.rates_under_maps(model, data, maps, neutral=[0.5, 0.5])
    with pytest.raises(ValueError, match=r"class_names"):
        kf.rates_under_maps(model, data, maps, class_names=["a"])
    asymmetric = maps.copy()
    asymmetric[0, 0, 1] ^= True
    with pytest.raises(ValueError, match=r"symmetric"):
        kf.rates_under_maps(model, data, asymmetric)


def test_the_argument_that_is_wrong_is_named():
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    )
    data = np.zeros((6, 8, 8, 1), "float32"), np.array([0, 1, 2, 0, 1, 2])
    two = np.stack([kf.low_pass_mask(8, 2)] * 2)
    with pytest.raises(
        ValueError, match=r"`maps` must hold one map for each of the model's 3.*2 maps"
    ):
        kf.rates_under_maps(model, (data[0], data[1] % 2), two)
    importance = kf.frequency_importance(model, data, 3, from_logits=True, progress=False)
    with pytest.raises(TypeError, match=r"`maps` must be boolean.*dominant_frequency_maps\(import"):
        kf.rates_under_maps(model, data, importance)


def test_one_model_after_the_other_gives_no_warning_of_retracing(monkeypatch):
    # A loop over models, as over seeds, is no mistake that TensorFlow should warn of.
    warnings = []
    monkeypatch.setattr(tf.get_logger(), "warning", lambda *message: warnings.append(message))
    images, labels = np.random.default_rng(0).random((6, 4, 4, 1), np.float32), np.arange(6) % 2
    for _ in range(6):
        model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
        model.add(keras.layers.Dense(2, activation="softmax"))
        for method in ("exhaustive", "screened"):
            importance = kf.frequency_importance(
                model, (images, labels), 2, method=method, fractions=(0.2,)
            )
        maps = kf.dominant_frequency_maps(importance.loss_change, 0.2)
        kf.rates_under_maps(model, (images, labels), maps)
    assert not warnings


def test_nan_is_no_answer_and_no_importance():
    inputs = keras.Input((4, 4, 1))
    mean = keras.ops.mean(inputs, axis=(1, 2))
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(inputs)) * (mean / mean)
    model = keras.Model(inputs, outputs)
    images = np.random.default_rng(0).random((5, 4, 4, 1), np.float32)
    # The first two are tried before any work: they do not show it.
    images[3] = 0
    options = {"neutral": 0.0, "from_logits": True}
    with pytest.raises(ValueError, match=r"`model` must give finite scores\. Received: NaN"):
        kf.frequency_importance(model, (images, [0, 1, 0, 1, 0]), 2, **options)
    maps = np.ones((2, 4, 4), bool)
    with pytest.raises(ValueError, match=r"`model` must give finite scores\. Received: NaN"):
        kf.rates_under_maps(model, (images, [0, 1, 0, 1, 0]), maps, neutral=0.0)
