"""Areas under ROC curves of single classes, against scikit-learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import roc_auc_score

import keras_freq as kf
from keras_freq.shortcuts.class_scores import class_aucs
from keras_freq.shortcuts.evidence import holm, loss_p_value, matters, permutation_p_value


@pytest.fixture(scope="module")
def case():
    """A network, images and maps; every class has half of the images, so that all are compared."""
    keras.utils.set_random_seed(3)
    layers = [keras.Input((9, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    rng = np.random.default_rng(0)
    images = rng.random((60, 9, 8, 3), np.float32)
    maps = np.stack([kf.low_pass_mask((9, 8), 2), kf.high_pass_mask((9, 8), 2)])
    return keras.Sequential(layers), images, np.arange(60) % 2, maps


@pytest.mark.parametrize("softmax", [False, True])
def test_areas_are_those_of_scikit_learn(case, softmax):
    model, images, labels, maps = case
    if softmax:
        model = keras.Sequential([model, keras.layers.Softmax()])
    neutral = images.mean(axis=(0, 1, 2))
    areas = class_aucs(model, (images, labels), np.array([30, 30]), maps, neutral, progress=False)
    for k in range(2):
        views = [images, kf.filter_images(images, maps[k], neutral=neutral)]
        for area, view in zip(areas[k], views, strict=True):
            scores = np.array(model(view), np.float64)
            margin = scores[:, k] - scores[:, 1 - k]
            np.testing.assert_allclose(area, roc_auc_score(labels == k, margin), atol=2e-3)


def test_rounded_probabilities_are_read_alike_in_all_batches(case):
    """Those of bfloat16 do not quite sum to 1 in some batches, and do in others."""
    _, images, labels, maps = case
    model = keras.Sequential(
        [
            keras.Input(images.shape[1:]),
            keras.layers.Flatten(),
            keras.layers.Dense(2, kernel_initializer=keras.initializers.RandomNormal(seed=0)),
            keras.layers.Softmax(dtype="bfloat16"),
        ]
    )
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(2)
    counts = np.array([30, 30])
    areas = class_aucs(model, batches, counts, maps, 0.5, batch_size=2, progress=False)
    scores = np.array(tf.cast(model(images), tf.float64))
    for k in range(2):
        assert areas[k, 0] == pytest.approx(roc_auc_score(labels == k, scores[:, k]), abs=1e-9)


def test_areas_stand_beside_rates_and_recalls(case):
    model, images, labels, maps = case
    rates = kf.rates_under_maps(model, (images, labels), maps)
    without = kf.recall_without_maps(model, (images, labels), maps)
    np.testing.assert_array_equal(rates["untouched_auc"], without["auc"])
    answers = np.argmax(model(images), axis=1)
    for k in range(2):
        assert (
            rates["untouched_tpr"][k] == without["recall"][k] == (answers == k)[labels == k].mean()
        )
        false = (answers == k)[labels != k].mean()
        assert rates["untouched_fpr"][k] == without["untouched_fpr"][k] == false
        left = kf.filter_images(images, ~maps[k], neutral=images.mean(axis=(0, 1, 2)))
        right = np.argmax(model(left), axis=1) == k
        lost = ((answers == k) & ~right)[labels == k].sum()
        won = ((answers != k) & right)[labels == k].sum()
        assert without["p_value"][k] == loss_p_value(lost, won)


def test_rare_classes_are_compared_with_as_many_others(case):
    model, images, _, maps = case
    labels = (np.arange(60) % 10 == 0).astype(int)
    counts = np.bincount(labels)
    areas = class_aucs(model, (images, labels), counts, maps, 0.5, progress=False)
    assert ((areas >= 0) & (areas <= 1)).all()
    alone = class_aucs(model, (images, labels * 0), np.array([60, 0]), maps, 0.5, progress=False)
    assert np.isnan(alone).all()


def test_maps_of_the_same_energy_leave_the_rest(case):
    model, images, labels, maps = case
    table = kf.recall_without_maps(model, (images, labels), maps, random="energy")
    # Noise has its energy where its cells are: the map of most of them leaves too little.
    assert table["random_recall"].isna().tolist() == [False, True]


def test_p_values_by_hand():
    assert permutation_p_value(3, [1, 2, 3, 4]) == 3 / 5
    assert permutation_p_value(5, [1, 2, 3, 4]) == 1 / 5
    assert loss_p_value(3, 1) == (4 + 1) / 16
    assert loss_p_value(0, 0) == 1
    np.testing.assert_allclose(holm([0.04, 0.01, 0.03, np.nan]), [0.06, 0.03, 0.06, np.nan])
    assert holm([0.9, 0.8]).tolist() == [1, 1]


def test_five_points_matter_whatever_the_rounding():
    assert 0.35 - 0.3 < 0.05
    assert matters(0.35 - 0.3) and not matters(0.0499)
    assert matters(np.array([0.35 - 0.3, 0.04, np.nan])).tolist() == [True, False, False]
