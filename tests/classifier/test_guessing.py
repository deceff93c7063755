"""Models that do no better than guessing are named, and others are not."""

import math
import warnings

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
    labels = np.repeat([0, 1], 50)

    def with_right(right):
        answers = labels.copy()
        answers[::2][: 100 - right] ^= 1  # half of the wrong ones are of each class
        return answers

    warn_of_guessed_answers(with_right(60), labels, 2)
    with pytest.warns(UserWarning, match=r"58 % of the 100 images.*\(50 %\)"):
        warn_of_guessed_answers(with_right(58), labels, 2)


def test_a_good_model_that_is_too_sure_is_none_that_guesses():
    losses = np.repeat([0.01, 30.0], [80, 20])
    labels = np.arange(100) % 2
    warn_of_guessed_losses(losses, labels, 2)
    with pytest.warns(UserWarning, match=r"mean loss of 15 nats.*\(0\.693\)"):
        warn_of_guessed_losses(np.repeat([0.01, 30.0], [50, 50]), labels, 2)
    with pytest.warns(UserWarning, match="guessing is no worse"):
        warn_of_guessed_losses(
            np.full(100, np.log(2)), labels, 2
        )  # equal scores, as before a training
    weak = np.random.default_rng(0).normal(0.6, 0.2, 100)  # better than guessing, and never sure
    warn_of_guessed_losses(weak, labels, 2)


def constant_model(lowest):
    """Says class 1 to everything, and is nearly as sure of it as 43 of 48 images are."""
    dense = layers.Dense(2, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), dense])
    dense.set_weights([np.full((16, 2), lowest), np.log([5 / 48, 43 / 48])])
    return model


@pytest.mark.parametrize("call", ["sweep", "importance"])
def test_a_model_that_knows_only_which_class_is_common_guesses(call):
    common = (np.arange(COUNT) % 48 >= 5).astype(int)
    with pytest.warns(UserWarning, match="guessing") as warned:
        CALLS[call](constant_model(1e-3), (IMAGES, common))
    assert len(warned) == 1
    if call == "sweep":
        assert "says class 1 to all of them" in str(warned[0].message)


def test_a_model_that_knows_a_rare_class_does_not_guess():
    """It gives up some of the common class for it: its accuracy is below that of a constant."""
    labels = np.repeat([0, 1], [20, 180])
    answers = np.repeat([0, 1, 0, 1], [18, 2, 22, 158])
    assert (answers == labels).mean() < 0.9
    warn_of_guessed_answers(answers, labels, 2)
    losses = np.repeat([0.1, 3.0, 3.0, 0.2], [18, 2, 22, 158])
    assert losses.mean() > 0.325  # the entropy of the labels
    warn_of_guessed_losses(losses, labels, 2)


def test_good_models_of_few_images_are_rarely_said_to_guess():
    """Simulated: ten classes, half of the answers right, 100 images; and a blind model."""
    rng, said = np.random.default_rng(0), []
    for known in (0.5, 0.0):
        warned = 0
        for _ in range(200):
            labels = rng.integers(0, 10, 100)
            answers = np.where(rng.random(100) < known, labels, rng.integers(0, 10, 100))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                warn_of_guessed_answers(answers, labels, 10)
            warned += len(caught)
        said.append(warned / 200)
    assert said[0] == 0 and said[1] > 0.85


@pytest.mark.parametrize("others", [0, 1, 5])
def test_images_of_nearly_one_class_are_no_guessing(others):
    """A good model of ten classes: warnings are errors."""
    labels = np.repeat([3, 4], [200 - others, others])
    answers = labels.copy()
    answers[:20] = 7
    warn_of_guessed_answers(answers, labels, 10)
    warn_of_guessed_answers(labels, labels, 10)
    weak = np.random.default_rng(0).normal(1.2, 0.3, 200)  # never sure, and better than log(10)
    warn_of_guessed_losses(weak, labels, 10)
    # Of a model that is right about all images, losses do not differ either.
    warn_of_guessed_losses(np.full(200, 1e-6), labels, 10)
