"""The page of a sweep: its finished runs side by side, with the tables and figures behind it."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq import plots
from keras_freq.lab.config import ConfigError, flat_keys
from keras_freq.lab.pages import UNDEFINED, at_fraction, facts_of, rate, table, top, write_page
from keras_freq.lab.pages.run_findings import accuracy_of, mean_f1
from keras_freq.lab.store import CONFIG, REPORT, run_state
from keras_freq.lab.tables import (
    read_matrices,
    read_npz,
    read_table_if_there,
    save_figure,
    write_csv,
)
from keras_freq.metrics import class_rates

# A figure with more rows, or with more panels side by side, cannot be read.
MOST_ROWS = 64
MOST_COLUMNS = 5
# What is known of maps beside the rates under them: columns of other tables.
MAP_COLUMNS = {
    "stability": ["split_half", "chance"],
    "without_maps": ["recall", "recall_without", "random_recall", "is_needed"],
    "planted": ["planted", "hits"],
}
ACCURACY = [
    ("run", "{run}"),
    ("setting", "{setting}"),
    ("seed", "{seed}"),
    ("test accuracy", "{accuracy:percent}"),
    ("95 % interval", "{low:percent} to {high:percent}"),
]


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


def write_sweep_page(folder, *, command=""):
    """Writes the tables, figures and `report.html` that compare the finished runs of a sweep.

    Args:
        folder: The sweep's folder, with a results folder for each run.
        command: The command line that repeats the sweep. Defaults to that of the first run, which
            its `environment.json` keeps.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If no run in the folder has come to its end.
    """
    folder = Path(folder)
    states = {p.parent.name: run_state(p.parent) for p in sorted(folder.glob(f"*/{CONFIG}"))}
    runs = _finished_runs([folder / name for name, state in states.items() if state == "done"])
    if not runs:
        raise ConfigError(f"no run in {folder} has come to its end: there is nothing to compare")
    makers = {"classes": _classes, "filters": _filters, "maps": _maps}
    frames = {name: _joined(map(make, runs)) for name, make in makers.items()}
    frames["reliance"] = _reliance(runs)
    for name, frame in frames.items():
        if len(frame):
            write_csv(folder / f"{name}.csv", frame)
    _write_figures(folder / "figures", runs, **frames)
    facts = facts_of(runs[0].folder)
    context = {
        "title": facts["config"]["title"] or folder.name,
        "command": command or facts["environment"]["command"],
        "states": states,
        "links": {run.folder.name: f"{run.folder.name}/{REPORT}" for run in runs},
        "tables": [f"{name}.csv" for name, frame in frames.items() if len(frame)],
        "accuracy": accuracy_table(runs),
        "learning": class_table(frames["classes"], "mean_f1"),
        "filtered": len(frames["filters"]) > 0,
        "shortcuts": shortcut_table(frames["maps"]) if len(frames["maps"]) else None,
    }
    return write_page(folder, "sweep.html", context)


def _finished_runs(folders):
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


def _classes(run):
    """Makes the frame of what each class reached: F1 in training, and rates on the test set."""
    rates = class_rates(run.confusions("confusion")["test"])
    chosen = {name: rates[name] for name in ("precision", "recall", "f1")}
    return run.classes(mean_f1=mean_f1(run.read("class_metrics")).to_numpy(), **chosen)


def _filters(run):
    """Makes the frame of how each class's recall changes on every filtered test set."""
    changes = run.confusions("relative_confusion").items()
    return _joined(
        run.classes(filter=name, recall_change=np.diag(matrix)) for name, matrix in changes
    )


def _maps(run):
    """Makes the frame of what is known of a run's maps; None if it has no maps."""
    frame = run.read("rates")
    if frame is None:
        return None
    keys = ["fraction", "class_name"]
    for name, columns in MAP_COLUMNS.items():
        other = run.read(name)
        if other is not None:
            frame = frame.merge(other[[*keys, *columns]], on=keys, how="left")
    frame.insert(0, "seed", run.seed)
    frame.insert(0, "setting", run.setting)
    return frame


def _reliance(runs):
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


def _joined(frames):
    """Joins frames with rows below each other."""
    frames = [frame for frame in frames if frame is not None and len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _write_figures(figures, runs, classes, filters, maps, reliance):
    """Draws what the page shows, and removes what an earlier page of fewer runs has shown."""
    for stale in figures.glob("[!.]*"):
        stale.unlink(missing_ok=True)

    def compare(name, frame, value, label):
        save_figure(figures, name, plots.class_comparison(frame, value=value, label=label))

    compare("mean_f1", classes, "mean_f1", "mean F1 of training batches")
    compare("recall", classes, "recall", "recall (test)")
    if len(filters) and len(filters.drop_duplicates(["setting", "class_name"])) <= MOST_ROWS:
        save_figure(figures, "filters", plots.filter_changes(filters))
    first = [run for run in runs if run.seed == runs[0].seed]
    if sum(len(run.class_names) for run in first) <= MOST_ROWS:
        frame, names = _stacked_metrics(first, lambda source: source == "train")
        save_figure(figures, "f1_by_class", plots.class_metric_heatmap(frame, class_names=names))
    if len(maps):
        fractions = sorted(maps["fraction"].unique())
        middle = fractions[len(fractions) // 2]
        for value in ("tpr", "fpr"):
            label = f"{value.upper()} under the maps of {100 * middle:.3g} %"
            compare(value, at_fraction(maps, middle), value, label)
    frame, names = _stacked_metrics(runs, lambda source: source != "train")
    if len(reliance) and len(names) <= MOST_ROWS:
        # A row for each setting, where all have as many classes.
        counts = {len(run.class_names) for run in runs}
        columns = max(counts) if len(counts) == 1 and max(counts) <= MOST_COLUMNS else None
        axes = plots.filter_reliance(frame, class_names=names, columns=columns)
        save_figure(figures, "reliance", axes[0])


def _stacked_metrics(runs, is_chosen):
    """Joins recorded metrics of runs into one frame, with other class ids for each setting.

    Args:
        runs: `Run`s. Those of one setting, which differ in their seeds, share their class ids.
        is_chosen: Function of the column `source` that selects rows.

    Returns:
        The frame, and the names of its classes.
    """
    first, frames, names = {}, [], []
    for run in runs:
        frame = run.read("class_metrics")
        if run.setting not in first:
            first[run.setting] = len(names)
            names += [f"{run.setting}: {name}" for name in run.class_names]
        chosen = frame[is_chosen(frame["source"])]
        frames.append(chosen.assign(class_id=chosen["class_id"] + first[run.setting]))
    return pd.concat(frames, ignore_index=True), names


def accuracy_table(runs):
    """Makes the table of the accuracy of every run."""
    rows = [
        {
            "run": run.folder.name,
            "setting": run.setting,
            "seed": run.seed,
            **accuracy_of(run.confusions("confusion")["test"]),
        }
        for run in runs
    ]
    return table(pd.DataFrame(rows), ACCURACY)


def class_table(classes, value):
    """Makes the table of a value of each class in each setting: its mean and range over seeds."""
    seeds = classes.groupby(["setting", "class_name"], sort=False)[value]
    found = seeds.agg(["mean", "min", "max", "size"])
    cells = found["mean"].map(rate)
    ranges = " (" + found["min"].map(rate) + " to " + found["max"].map(rate) + ")"
    cells = cells.where(found["size"] == 1, cells + ranges)
    return _by_setting(cells.unstack(sort=False).fillna(UNDEFINED), ["setting"])


def shortcut_table(maps):
    """Makes the table of how many runs of a setting have a shortcut in the map of each class."""
    runs = maps.groupby(["setting", "class_name", "fraction"], sort=False)["is_shortcut"]
    found = runs.agg(["sum", "size"]).astype(int)
    cells = found["sum"].astype(str) + " of " + found["size"].astype(str)
    cells = cells.unstack(sort=False).sort_index(axis=1).rename(columns=top)
    shown = found["sum"].unstack(sort=False).sum(axis=1) > 0
    return _by_setting(cells[shown], ["setting", "class"])


def _by_setting(cells, titles):
    """Puts the levels of the index before the cells, as columns of these titles."""
    for place, title in enumerate(titles):
        values = cells.index.get_level_values(place)
        cells.insert(place, title, values, allow_duplicates=True)
    return cells
