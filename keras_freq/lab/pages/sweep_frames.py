"""What the finished runs of a sweep have found, as tables of all runs."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq.lab.config import flat_keys
from keras_freq.lab.pages import UNDEFINED, facts_of
from keras_freq.lab.pages.run_findings import mean_f1
from keras_freq.lab.tables import read_matrices, read_npz, read_table_if_there
from keras_freq.metrics import class_rates

# What is known of maps beside the rates under them: columns of other tables.
MAP_COLUMNS = {
    "stability": ["split_half", "chance"],
    "without_maps": ["recall", "recall_without", "random_recall", "is_needed"],
    "planted": ["planted", "hits"],
    "verdicts": [
        *("untouched_in", "swapped_in", "random_in", "untouched_out", "swapped_out"),
        *("random_out", "finding"),
    ],
}
OF_VERDICTS = ["is_shortcut", "verdict"]


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run of a sweep.

    Attributes:
        folder: Its folder.
        setting: What it differs in from other runs, seeds aside, as text.
        seed: Its seed.
        class_names: Names of its classes.
    """

    folder: Path
    setting: str
    seed: int
    class_names: list

    def read(self, name):
        """Reads a table of the run; None if it has none of this name."""
        return read_table_if_there(self.folder / f"{name}.csv")

    def confusions(self, name):
        """Reads confusion matrices of the run."""
        return read_matrices(self.folder / f"{name}.csv")

    def classes(self, **columns):
        """Makes a frame of one row a class, with the setting and the seed."""
        ids = range(len(self.class_names))
        own = {"setting": self.setting, "seed": self.seed, "class_id": ids}
        return pd.DataFrame({**own, "class_name": self.class_names, **columns})


def finished_runs(folders):
    """Reads the finished runs, and finds out what each differs in."""
    configs = [facts_of(folder)["config"] for folder in folders]
    flat = [flat_keys(config) for config in configs]
    missing = object()
    differing = [
        key
        for key in dict.fromkeys(key for keys in flat for key in keys)
        if key not in ("name", "title", "seed", "data.seed")
        and len({repr(keys.get(key, missing)) for keys in flat}) > 1
    ]
    runs = []
    for folder, config, keys in zip(folders, configs, flat, strict=True):
        parts = [_in_words(key, keys.get(key)) for key in differing]
        setting = ", ".join(parts) or config["model"]["name"]
        class_names = read_npz(folder / "spectra.npz")["class_names"].tolist()
        runs.append(Run(folder, setting, config["seed"], class_names))
    return sorted(runs, key=lambda run: (run.setting, run.seed))


def _in_words(key, value):
    """Writes a key and its value as shortly as a reader needs."""
    if key == "data.band":
        return f"B{value}"
    if key == "model.name":
        return str(value)
    return f"{key.rpartition('.')[2]} {UNDEFINED if value is None else value}"


def classes_of(run):
    """Makes the frame of what each class reached: F1 in training, and rates on the test set."""
    rates = class_rates(run.confusions("confusion")["test"])
    chosen = {name: rates[name] for name in ("precision", "recall", "f1")}
    return run.classes(mean_f1=mean_f1(run.read("class_metrics")).to_numpy(), **chosen)


def filters_of(run):
    """Makes the frame of how each class's recall changes on every filtered test set."""
    changes = run.confusions("relative_confusion").items()
    return joined(
        run.classes(filter=name, recall_change=np.diag(matrix)) for name, matrix in changes
    )


def maps_of(run):
    """Makes the frame of what is known of a run's maps; None if it has no maps.

    Verdicts are those of all tests together where there are any, else those of rates alone.
    """
    frame = run.read("rates")
    if frame is None:
        return None
    keys = ["fraction", "class_name"]
    for name, columns in MAP_COLUMNS.items():
        other = run.read(name)
        if other is None:
            continue
        if name == "verdicts":
            frame = frame.drop(columns=OF_VERDICTS)
            columns = [*OF_VERDICTS, *columns]
        there = [column for column in columns if column in other]
        frame = frame.merge(other[[*keys, *there]], on=keys, how="left")
    frame.insert(0, "seed", run.seed)
    frame.insert(0, "setting", run.setting)
    return frame


def reliance_of(runs):
    """Makes the frame of the recall that classes lose on filtered probes; means over seeds.

    Returns:
        A frame of one row a setting, class, filter and step: `recall_lost` in percentage points,
        and the number of `runs` behind it. It is empty without filtered probes.
    """
    frames = []
    for run in runs:
        recorded = run.read("class_metrics")
        recall = recorded[recorded["source"] != "train"].pivot_table(
            index=["class_id", "step"], columns="source", values="recall", sort=False
        )
        if "test" not in recall or recall.shape[1] < 2:
            continue
        lost = 100 * recall.drop(columns="test").rsub(recall["test"], axis=0)
        lost = lost.stack().rename("recall_lost").reset_index()
        names = lost["class_id"].map(dict(enumerate(run.class_names)))
        frames.append(lost.assign(setting=run.setting, class_name=names))
    if not frames:
        return pd.DataFrame()
    keys = ["setting", "class_name", "source", "step"]
    grouped = pd.concat(frames).groupby(keys, sort=False)["recall_lost"]
    rows = grouped.agg(recall_lost="mean", runs="size").round({"recall_lost": 2}).reset_index()
    return rows.rename(columns={"source": "filter"})


def joined(frames):
    """Joins frames with rows below each other."""
    frames = [frame for frame in frames if frame is not None and len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
