"""Schedules of the learning rate: their values, and that a resumed training follows them."""

import math

import keras
import numpy as np
import pandas as pd
import pytest
from experiment_cases import (
    TINY,
    TRAINING_ONLY,
    assert_same_training,
    run_tiny,
    run_until_interrupted,
)

from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.experiments import run_experiment
from keras_freq.lab.experiments.data import load_data

COSINE = {"epochs": 5, "batch_size": 32, "learning_rate": 0.2, "checkpoint_seconds": 0}
COSINE |= {"schedule": "cosine", "warmup_fraction": 0.3}
PLATEAU = {"epochs": 6, "batch_size": 32, "learning_rate": 0.3, "keep": "best"}
PLATEAU |= {"plateau_patience": 1, "plateau_factor": 0.5, "checkpoint_seconds": 0}


@pytest.fixture(scope="module")
def cosine(tmp_path_factory):
    experiment = parse_experiment({**TRAINING_ONLY, "train": COSINE})
    folder = tmp_path_factory.mktemp("cosine") / "run"
    return experiment, run_experiment(experiment, folder, progress=False)


def test_the_rate_rises_and_falls_along_a_cosine(cosine):
    history = pd.read_csv(cosine[1] / "history.csv")
    # 64 images in batches of 32: 10 steps, 3 of which warm up.
    expected = [
        0.2 * (step / 3 if step < 3 else (1 + math.cos(math.pi * (step - 3) / 7)) / 2)
        for step in history["step"]
    ]
    assert history["step"].tolist() == [2, 4, 6, 8, 10]
    np.testing.assert_allclose(history["learning_rate"], expected, atol=1e-7)


def test_without_a_warm_up_it_begins_at_the_top(tmp_path):
    train = {**COSINE, "epochs": 2, "warmup_fraction": 0.0}
    folder = run_tiny(tmp_path / "run", TRAINING_ONLY, train=train)
    metrics = pd.read_csv(folder / "history.csv")
    # Half-way along the cosine; a rate that rose would be lower.
    np.testing.assert_allclose(metrics["learning_rate"], [0.1, 0.0], atol=1e-7)


def test_a_resumed_training_follows_it(cosine, tmp_path):
    experiment, folder = cosine
    run_until_interrupted(experiment, tmp_path / "run", epochs=2)
    run_experiment(experiment, tmp_path / "run", progress=False)
    assert_same_training(tmp_path / "run", folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"plateau_patience": 3}, "`plateau_patience` or `schedule = "),
        ({"schedule": "constant"}, "`warmup_fraction` needs"),
        ({"schedule": "cosin"}, "Did you mean 'cosine'"),
        ({"warmup_fraction": 1.0}, "less than 1"),
    ],
)
def test_schedules_that_cannot_be(change, message):
    with pytest.raises(ConfigError) as error:
        parse_experiment({**TRAINING_ONLY, "train": {**COSINE, **change}})
    assert message in str(error.value)


@pytest.fixture(scope="module")
def scheduled(tmp_path_factory):
    experiment = parse_experiment({**TINY, "train": PLATEAU, "analysis": {"importance": False}})
    folder = tmp_path_factory.mktemp("scheduled") / "run"
    return experiment, run_experiment(experiment, folder, progress=False)


def test_the_learning_rate_falls_after_each_epoch_without_improvement(scheduled):
    history = pd.read_csv(scheduled[1] / "history.csv")
    rate, best, expected = 0.3, np.inf, []
    for loss in history["val_loss"]:
        expected.append(rate)
        if loss < best - 1e-4:
            best = loss
        else:
            rate *= 0.5
    np.testing.assert_allclose(history["learning_rate"], expected, rtol=1e-6)
    assert history["learning_rate"].nunique() > 1


def test_the_model_is_that_of_the_best_epoch(scheduled):
    experiment, folder = scheduled
    data = load_data(experiment.data)
    history = pd.read_csv(folder / "history.csv")
    model = keras.models.load_model(folder / "model.keras", compile=False)
    images, labels = data.validation
    right = model.predict(images, verbose=0).argmax(axis=1) == labels
    best = history["val_accuracy"]
    assert np.isclose(right.mean(), best.max(), atol=1e-6)
    assert not np.isclose(best.iloc[-1], best.max()), "the last epoch is the best: no test of it"
    assert not (folder / "best.npz").exists()


def test_a_schedule_goes_on_where_it_was(scheduled, tmp_path):
    experiment, folder = scheduled
    run_until_interrupted(experiment, tmp_path / "run", epochs=3)
    run_experiment(experiment, tmp_path / "run", progress=False)
    assert_same_training(tmp_path / "run", folder)
