"""Training in bfloat16: close to float32, resumed bit for bit, and a float32 network after it."""

import keras
import numpy as np
import pandas as pd
import pytest
from experiment_cases import TRAINING_ONLY, assert_same_training, run_until_interrupted

from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.experiments import run_experiment

TRAIN = {"epochs": 4, "batch_size": 32, "checkpoint_seconds": 0}


class Seen(keras.callbacks.Callback):
    """Keeps the network in training, and the weights with which it begins."""

    def on_train_begin(self, logs=None):
        self.weights = self.model.get_weights()


def run(folder, precision):
    """Runs an experiment, and gives its folder and what was seen of the network in training."""
    experiment = parse_experiment({**TRAINING_ONLY, "train": {**TRAIN, "precision": precision}})
    seen = Seen()
    return run_experiment(experiment, folder, callbacks=[seen], progress=False), seen


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    return run(tmp_path_factory.mktemp("mixed") / "run", "mixed_bfloat16")


def test_the_network_in_training_computes_in_bfloat16_from_the_same_weights(mixed, tmp_path):
    runs = [run(tmp_path / "run", "float32"), mixed]
    (plain, plain_weights), (model, weights) = ((seen.model, seen.weights) for _, seen in runs)
    computed = {layer.compute_dtype for layer in model.layers if layer.weights}
    assert computed == {"bfloat16"}
    assert {layer.compute_dtype for layer in plain.layers} == {"float32"}
    assert {variable.dtype for variable in model.weights} == {"float32"}
    for one, other in zip(weights, plain_weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert keras.config.dtype_policy().name == "float32"
    # What is saved is what was trained, and it has learned something.
    saved = keras.models.load_model(mixed[0] / "model.keras").get_weights()
    for one, trained, initial in zip(saved, model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, trained)
        assert (one != initial).any()
    # bfloat16 has 8 bits: losses agree to a few per cent, and not to the last bit.
    losses = [pd.read_csv(folder / "history.csv")["loss"] for folder, _ in runs]
    np.testing.assert_allclose(*losses, rtol=0.05)
    assert (losses[0] != losses[1]).any()


def test_the_saved_network_is_of_float32(mixed):
    assert keras.config.dtype_policy().name == "float32"
    model = keras.models.load_model(mixed[0] / "model.keras")
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}


def test_a_resumed_training_is_the_uninterrupted_one(mixed, tmp_path):
    train = {**TRAIN, "precision": "mixed_bfloat16"}
    experiment = parse_experiment({**TRAINING_ONLY, "train": train})
    run_until_interrupted(experiment, tmp_path / "run", epochs=2)
    assert keras.config.dtype_policy().name == "float32"
    run_experiment(experiment, tmp_path / "run", progress=False)
    assert_same_training(tmp_path / "run", mixed[0])


def test_a_precision_that_there_is_not():
    with pytest.raises(ConfigError, match="float32, mixed_bfloat16"):
        parse_experiment({**TRAINING_ONLY, "train": {"epochs": 1, "precision": "bfloat16"}})


def test_the_optimizer_is_that_of_the_file_and_stops_at_its_steps(tmp_path):
    for momentum, nesterov in ((0.5, False), (0.9, True)):
        experiment = parse_experiment(
            {
                **TRAINING_ONLY,
                "train": {
                    "steps": 5,
                    "batch_size": 32,
                    "momentum": momentum,
                    "nesterov": nesterov,
                    "learning_rate": 0.02,
                },
            }
        )
        seen = Seen()
        folder = tmp_path / str(momentum)
        run_experiment(experiment, folder, callbacks=[seen], progress=False)
        optimizer = seen.model.optimizer
        assert (optimizer.momentum, optimizer.nesterov) == (momentum, nesterov)
        assert float(optimizer.learning_rate) == pytest.approx(0.02)
        # 64 images in batches of 32 are two steps an epoch; the third epoch is cut short.
        assert int(optimizer.iterations) == 5
        assert pd.read_csv(folder / "history.csv")["step"].tolist() == [2, 4, 5]
