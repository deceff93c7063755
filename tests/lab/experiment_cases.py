"""Small experiments that the tests of the lab run, and how these are interrupted and compared."""

import copy

import keras
import numpy as np
import pytest

from keras_freq.lab.config import parse_experiment
from keras_freq.lab.experiments import run_experiment

TINY = {
    "name": "tiny",
    "data": {
        "source": "frequency_bands",
        "band": 1,
        "size": 16,
        "train_per_class": 20,
        "validation_per_class": 6,
        "test_per_class": 6,
    },
    "model": {"name": "LeNet5"},
    "train": {"epochs": 3, "batch_size": 32, "checkpoint_seconds": 0.0},
    "recording": {"max_steps": 8, "probe_every": 3, "probes": ["test", "without band 1"]},
    "analysis": {
        "images_per_class": 3,
        "fractions": [0.05],
        "search_split": "test",
        "transplant_maps": 80,
        "transplant_images": 4,
    },
}
# Two steps an epoch, and nothing after the training but confusion matrices.
TRAINING_ONLY = {
    **TINY,
    "data": {**TINY["data"], "train_per_class": 16},
    "recording": {"probes": ["test"], "probe_every": 2},
    "analysis": {"importance": False},
}
FILES = (
    "history.csv",
    "class_metrics.csv",
    "confusion.csv",
    "class_rates.csv",
    "relative_confusion.csv",
    "stability.csv",
    "rates.csv",
    "without_maps.csv",
    "transplants.csv",
    "verdicts.csv",
    "planted.csv",
    "spectra.npz",
    "scores.npz",
    "importance.npz",
)

GROUPS = {"C0": "<old>", "C1": "<old>", "C2": "new", "C3": "new"}
TRANSFER = {
    "name": "tiny",
    "title": "Tiny & <small>",
    "data": {
        "source": "frequency_bands",
        "band": 1,
        "size": 16,
        "train_per_class": 12,
        "test_per_class": 6,
    },
    "model": {"name": "LeNet5"},
    "train": {"steps": 3, "batch_size": 16, "schedule": "cosine"},
    "transfer": {
        "splits": [{"type": "random", "seed": 1}, {"type": "groups", "groups": GROUPS}],
        "layers": [1, 4],
        "treatments": ["BnB", "AnB", "AnB+", "random"],
        "directions": ["A->B"],
    },
    "analysis": {"images_per_class": 2, "treatments": ["AnB"], "fractions": [0.05, 0.1]},
}
TRANSFER_TABLES = ("tasks.csv", "transfer.csv", "claims.csv", "boost.csv", "map_overlap.csv")


def changed_transfer(**keys):
    """The transfer file with dotted keys (written with two underscores) replaced."""
    raw = copy.deepcopy(TRANSFER)
    for dotted, value in keys.items():
        *tables, last = dotted.split("__")
        here = raw
        for table in tables:
            here = here.setdefault(table, {})
        here[last] = value
    return raw


def transfer_of_groups(mapping):
    """The transfer file with one split by these groups."""
    return changed_transfer(transfer__splits=[{"type": "groups", "groups": mapping}])


def run_tiny(folder, base=TINY, **tables):
    """Runs a small experiment with other tables."""
    return run_experiment(parse_experiment({**base, **tables}), folder, progress=False)


class InterruptAfter(keras.callbacks.Callback):
    """Ctrl-C after some epochs, whose checkpoints are written by then."""

    def __init__(self, epochs):
        super().__init__()
        self.epochs = epochs

    def on_epoch_end(self, epoch, logs=None):
        self.epochs -= 1
        if not self.epochs:
            raise KeyboardInterrupt


def run_until_interrupted(experiment, folder, *, epochs):
    """Runs an experiment whose training is stopped after some epochs, as by Ctrl-C."""
    with pytest.raises(KeyboardInterrupt):
        run_experiment(experiment, folder, callbacks=[InterruptAfter(epochs)], progress=False)
    assert (folder / "checkpoint.npz").exists()
    assert not (folder / "model.keras").exists()


def same_content(first, second):
    """Whether two result files hold the same bits; NPZ by array, since zip stores times."""
    if first.suffix == ".csv":
        return first.read_bytes() == second.read_bytes()
    with np.load(first) as a, np.load(second) as b:
        return a.files == b.files and all(
            a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes()
            for name in a.files
        )


def assert_same_training(first, second):
    """Raises unless two folders hold the same training, to the bit."""
    for name in ("history.csv", "class_metrics.csv", "confusion.csv"):
        assert same_content(first / name, second / name), name
