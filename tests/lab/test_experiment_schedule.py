"""The cosine schedule of the learning rate: its values, and that a resumed training follows it."""

import math

import numpy as np
import pandas as pd
import pytest

from keras_freq.lab.config import ConfigError, parse_experiment, to_toml
from keras_freq.lab.experiments import run_experiment
from keras_freq.lab.store import check_results

TINY = {
    "name": "tiny",
    "data": {
        "source": "frequency_bands",
        "band": 1,
        "size": 16,
        "train_per_class": 16,
        "test_per_class": 6,
    },
    "model": {"name": "LeNet5"},
    "recording": {"probes": ["test"], "probe_every": 2},
    "analysis": {"importance": False},
}
COSINE = {"epochs": 5, "batch_size": 32, "learning_rate": 0.2, "checkpoint_seconds": 0}
COSINE |= {"schedule": "cosine", "warmup_fraction": 0.3}


@pytest.fixture(scope="module")
def cosine(tmp_path_factory):
    experiment = parse_experiment({**TINY, "train": COSINE})
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
    folder = tmp_path / "run"
    run_experiment(parse_experiment({**TINY, "train": train}), folder, progress=False)
    metrics = pd.read_csv(folder / "history.csv")
    # Half-way along the cosine; a rate that rose would be lower.
    np.testing.assert_allclose(metrics["learning_rate"], [0.1, 0.0], atol=1e-7)


def test_a_resumed_training_follows_it(cosine, tmp_path, interrupted):
    experiment, folder = cosine
    interrupted(lambda: run_experiment(experiment, tmp_path / "run", progress=False))
    run_experiment(experiment, tmp_path / "run", progress=False)
    for name in ("history.csv", "class_metrics.csv", "confusion.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"plateau_patience": 3}, "`plateau_patience` or `schedule = "),
        ({"schedule": "constant"}, "`warmup_fraction` needs"),
        ({"schedule": "cosin"}, 'Did you mean "cosine"'),
        ({"warmup_fraction": 1.0}, "less than 1"),
    ],
)
def test_schedules_that_cannot_be(change, message):
    with pytest.raises(ConfigError) as error:
        parse_experiment({**TINY, "train": {**COSINE, **change}})
    assert message in str(error.value)


def test_a_folder_from_before_a_key_existed_goes_on(tmp_path):
    plain = parse_experiment({**TINY, "train": {"epochs": 1}})
    text = to_toml(plain)
    for key in ('schedule = "constant"\n', "warmup_fraction = 0.0\n"):
        assert key in text
        text = text.replace(key, "")
    (tmp_path / "config.toml").write_text(text)
    check_results(tmp_path, plain)
    with pytest.raises(ConfigError, match=r"constant.*now.*train.schedule = .cosine"):
        check_results(
            tmp_path, parse_experiment({**TINY, "train": {"epochs": 1, "schedule": "cosine"}})
        )
