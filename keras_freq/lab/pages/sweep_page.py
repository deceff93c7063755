"""The page of a sweep: its finished runs side by side, with the tables and figures behind it."""

from pathlib import Path

import pandas as pd

from keras_freq import plots
from keras_freq.lab.config import ConfigError
from keras_freq.lab.pages import UNDEFINED, at_fraction, facts_of, rate, table, top, write_page
from keras_freq.lab.pages.run_findings import accuracy_of
from keras_freq.lab.pages.sweep_frames import (
    classes_of,
    filters_of,
    finished_runs,
    joined,
    maps_of,
    reliance_of,
)
from keras_freq.lab.store import CONFIG, REPORT, run_state
from keras_freq.lab.tables import save_figure, write_csv

# A figure with more rows, or with more panels side by side, cannot be read.
MOST_ROWS = 64
MOST_COLUMNS = 5
# What the page draws of maps, of the tests that were made: the first are of transplants.
MAP_FIGURES = {
    "swapped_in": "called it with its frequencies",
    "swapped_out": "recall with those of others",
    "tpr": "TPR",
    "fpr": "FPR",
}
ACCURACY = [
    ("run", "{run}"),
    ("setting", "{setting}"),
    ("seed", "{seed}"),
    ("test accuracy", "{accuracy:percent}"),
    ("95 % interval", "{low:percent} to {high:percent}"),
]


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
    runs = finished_runs([folder / name for name, state in states.items() if state == "done"])
    if not runs:
        raise ConfigError(f"no run in {folder} has come to its end: there is nothing to compare")
    makers = {"classes": classes_of, "filters": filters_of, "maps": maps_of}
    frames = {name: joined(map(make, runs)) for name, make in makers.items()}
    frames["reliance"] = reliance_of(runs)
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
        "exchanged": "swapped_in" in frames["maps"],
    }
    return write_page(folder, "sweep.html", context)


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
        for value, label in MAP_FIGURES.items():
            if value in maps:
                shown = at_fraction(maps, middle)
                compare(value, shown, value, f"{label}, maps of {100 * middle:.3g} %")
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
