"""The finished runs of a sweep, and what they hold as tidy tables."""

import dataclasses
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq.lab.pages.findings import mean_f1
from keras_freq.lab.store import flat_keys, read_matrices, read_table
from keras_freq.metrics import class_rates


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run of a sweep.

    Attributes:
        name: Its folder's name.
        folder: Its folder.
        setting: What it differs in from other runs, seeds aside, as text.
        seed: Its seed.
        class_names: Names of its classes.
    """

    name: str
    folder: Path
    setting: str
    seed: int
    class_names: list


def finished_runs(folder, names):
    """The finished runs, with what each differs in."""
    configs = {
        name: tomllib.loads((folder / name / "config.toml").read_text(encoding="utf-8"))
        for name in names
    }
    flat = {name: flat_keys(config) for name, config in configs.items()}
    keys = dict.fromkeys(key for values in flat.values() for key in values)
    missing = object()
    differing = [
        key
        for key in keys
        if key not in ("name", "title", "seed", "data.seed")
        and len({repr(values.get(key, missing)) for values in flat.values()}) > 1
    ]
    runs = []
    for name, config in configs.items():
        with np.load(folder / name / "spectra.npz") as stored:
            class_names = stored["class_names"].tolist()
        parts = [_words(key, flat[name].get(key)) for key in differing]
        setting = ", ".join(parts) or config["model"]["name"]
        runs.append(Run(name, folder / name, setting, config["seed"], class_names))
    return sorted(runs, key=lambda run: (run.setting, run.seed))


def _words(key, value):
    """A key and its value as short as a reader needs."""
    if key == "data.band":
        return f"B{value}"
    if key == "model.name":
        return str(value)
    return f"{key.rpartition('.')[2]} {'–' if value is None else value}"


def class_rows(run):
    """What each class of a run reached: F1 while it was learned, rates on the test set."""
    frame = read_table(run.folder / "class_metrics.csv")
    confusion = read_matrices(run.folder / "confusion.csv", "count", run.class_names)["test"]
    rates = class_rates(confusion)
    table = _frame(run).assign(mean_f1=mean_f1(frame).to_numpy())
    return table.assign(**{name: rates[name] for name in ("precision", "recall", "f1")})


def filter_rows(run):
    """The change of each class's recall on every filtered test set."""
    path = run.folder / "relative_confusion.csv"
    matrices = read_matrices(path, "percent", run.class_names)
    tables = [
        _frame(run).assign(filter=name, recall_change=np.diag(matrix))
        for name, matrix in matrices.items()
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def map_rows(run):
    """What is known of the maps of a run; None without maps.

    Rates under the maps, their stability, recalls without them and the planted pairs found.
    """
    if not (run.folder / "rates.csv").exists():
        return None
    rates = read_table(run.folder / "rates.csv")
    stability = read_table(run.folder / "stability.csv")
    keys = ["fraction", "class_name"]
    table = rates.merge(stability[[*keys, "split_half", "chance"]], on=keys)
    if (run.folder / "without_maps.csv").exists():
        without = read_table(run.folder / "without_maps.csv")
        recalls = ["recall", "recall_without", "random_recall", "is_needed"]
        table = table.merge(without[[*keys, *recalls]], on=keys)
    if (run.folder / "planted.csv").exists():
        planted = read_table(run.folder / "planted.csv")
        table = table.merge(planted[[*keys, "planted", "hits"]], on=keys, how="left")
    table.insert(0, "seed", run.seed)
    table.insert(0, "setting", run.setting)
    return table


def _frame(run):
    """One row a class: which run, which class."""
    return pd.DataFrame(
        {
            "setting": run.setting,
            "seed": run.seed,
            "class_id": range(len(run.class_names)),
            "class_name": run.class_names,
        }
    )


def reliance_rows(runs):
    """Recall that each class loses on every filtered probe while it is learned; mean over seeds.

    Args:
        runs: `Run`s.

    Returns:
        A frame, one row a setting, class, filter and step: `recall_lost` in percentage points and
        the number of `runs` behind it. Empty without filtered probes.
    """
    tables = []
    for run in runs:
        frame = read_table(run.folder / "class_metrics.csv")
        recall = frame[frame["source"] != "train"].pivot_table(
            index=["class_id", "step"], columns="source", values="recall", sort=False
        )
        if "test" not in recall or recall.shape[1] < 2:
            continue
        lost = 100 * recall.drop(columns="test").rsub(recall["test"], axis=0)
        lost = lost.stack().rename("recall_lost").reset_index()
        names = lost["class_id"].map(dict(enumerate(run.class_names)))
        tables.append(lost.assign(setting=run.setting, class_name=names))
    if not tables:
        return pd.DataFrame()
    keys = ["setting", "class_name", "source", "step"]
    grouped = pd.concat(tables).groupby(keys, sort=False)["recall_lost"]
    rows = grouped.agg(["mean", "size"]).round({"mean": 2}).reset_index()
    return rows.rename(columns={"source": "filter", "mean": "recall_lost", "size": "runs"})


def stacked_metrics(runs, sources=None):
    """Recorded metrics of several runs as one frame, whose classes are those of all settings.

    Runs of one setting, which differ in their seeds, share their classes.

    Args:
        runs: `Run`s.
        sources: Which of "train" and the probes. Defaults to the probes.

    Returns:
        The frame, and the names of its classes.
    """
    first, frames, names = {}, [], []
    for run in runs:
        frame = read_table(run.folder / "class_metrics.csv")
        kept = frame["source"] != "train" if sources is None else frame["source"].isin(sources)
        if run.setting not in first:
            first[run.setting] = len(names)
            names += [f"{run.setting}: {name}" for name in run.class_names]
        frames.append(frame[kept].assign(class_id=frame["class_id"] + first[run.setting]))
    return pd.concat(frames, ignore_index=True), names
