"""Models that do no better than guessing are named, and others are not."""

import math

import keras
import numpy as np
import pytest
from keras import layers

import keras_freq as kf
from keras_freq.classifier.guessing import warn_of_guessed_answers, warn_of_guessed_losses

COUNT = 120
IMAGES = np.random.default_rng(0).uniform(size=(COUNT, 4, 4, 1)).astype("float32")
LABELS = (IMAGES[:, :, :2].mean(axis=(1, 2, 3)) > IMAGES[:, :, 2:].mean(axis=(1, 2, 3))).astype(int)
MAPS = np.stack([kf.low_pass_mask(4, 1.5)] * 2)


@pytest.fixture(scope="module")
def model():
    """Tells which half of an image is brighter, without an error."""
    dense = layers.Dense(2, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), dense])
    left = np.tile([1.0, 1.0, -1.0, -1.0], 4)
    dense.set_weights([20 * np.stack([-left, left], axis=1), np.zeros(2)])
    return model


CALLS = {
    "sweep": lambda *a: kf.filter_sweep(*a, 2, kinds=["low-pass"], radii=[1]),
    "importance": lambda *a: kf.frequency_importance(*a, 2, method="exhaustive"),
    "map of all": lambda *a: kf.frequency_importance(*a, 2, method="exhaustive", by="all"),
    "exchange": lambda *a: kf.transplant_matrix(*a, MAPS),
    "Shapley": lambda *a: kf.band_shapley(*a, 2, bands=2),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_a_call_warns_once_of_labels_in_another_order(model, call):
    with pytest.warns(UserWarning, match="guessing.*check_inputs.*adapt") as warned:
        call(model, (IMAGES, 1 - LABELS))
    assert len(warned) == 1 and warned[0].filename == __file__
    call(model, (IMAGES, LABELS))  # warnings are errors
    call(model, (IMAGES[:99], 1 - LABELS[:99]))  # too few to tell


def test_a_model_is_like_guessing_where_guessing_is_so_often_right_in_5_percent():
    def chance(right):
        return sum(math.comb(100, k) for k in range(right, 101)) / 2**100

    assert chance(59) < 0.05 < chance(58)
    warn_of_guessed_answers(59, 100, 2)
    with pytest.warns(UserWarning, match=r"58 % of the 100 images.*\(50 %\)"):
        warn_of_guessed_answers(58, 100, 2)


def test_a_good_model_that_is_too_sure_is_none_that_guesses():
    losses = np.repeat([0.01, 30.0], [80, 20])
    warn_of_guessed_losses(losses, 2)
    with pytest.warns(UserWarning, match=r"mean loss of 15 nats.*\(0\.693\)"):
        warn_of_guessed_losses(np.repeat([0.01, 30.0], [50, 50]), 2)
    with pytest.warns(UserWarning, match="guessing is no worse"):
        warn_of_guessed_losses(np.full(100, np.log(2)), 2)  # equal scores, as before a training
    weak = np.random.default_rng(0).normal(0.6, 0.2, 100)  # better than guessing, and never sure
    warn_of_guessed_losses(weak, 2)
