"""The folder of a sweep -> tables, figures and one page that compares its runs."""

import dataclasses
import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq import plots
from keras_freq.config import ConfigError
from keras_freq.metrics import class_rates, wilson_interval
from keras_freq.report import page_of, picture_source
from keras_freq.report.findings import mean_f1, number, percent
from keras_freq.results import (
    flat_keys,
    read_matrices,
    run_state,
    save_figure,
    write_csv,
    write_text,
)

# A figure of more rows than this is no longer read.
MOST_ROWS = 64


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


def is_sweep(folder):
    """Whether a folder holds the folders of runs, and is none itself."""
    folder = Path(folder)
    return not (folder / "config.toml").exists() and any(folder.glob("*/config.toml"))


def write_comparison(folder, *, command=""):
    """Write the tables, figures and `report.html` that compare the finished runs of a sweep.

    Args:
        folder: The sweep's folder, with a results folder for each run.
        command: The command line that repeats the sweep; if empty, the one that its first run has
            in `environment.json`.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If no run in the folder has come to its end.
    """
    folder = Path(folder)
    states = {p.parent.name: run_state(p.parent) for p in sorted(folder.glob("*/config.toml"))}
    runs = _runs(folder, [name for name, state in states.items() if state == "done"])
    if not runs:
        raise ConfigError(f"no run in {folder} has come to its end: there is nothing to compare")
    classes = pd.concat([_classes(run) for run in runs], ignore_index=True)
    filters = pd.concat([_filters(run) for run in runs], ignore_index=True)
    maps = [table for run in runs if (table := _maps(run)) is not None]
    write_csv(folder / "classes.csv", classes)
    if len(filters):
        write_csv(folder / "filters.csv", filters)
    if maps:
        maps = pd.concat(maps, ignore_index=True)
        write_csv(folder / "maps.csv", maps)
    _write_figures(folder, runs, classes, filters, maps)
    first = runs[0].folder
    config = tomllib.loads((first / "config.toml").read_text(encoding="utf-8"))
    environment = json.loads((first / "environment.json").read_text(encoding="utf-8"))
    page = page_of(
        "comparison.html",
        title=config["title"] or folder.name,
        states=states,
        accuracy=_accuracy_table(runs),
        learning=_class_table(classes, "mean_f1"),
        shortcuts=_shortcut_table(maps) if len(maps) else None,
        figure=lambda name: picture_source(folder / "figures" / f"{name}.png"),
        has_figure=lambda name: (folder / "figures" / f"{name}.png").exists(),
        command=command or environment["command"],
        links={run.name: f"{run.name}/report.html" for run in runs},
    )
    write_text(folder / "report.html", page)
    return folder / "report.html"


def _runs(folder, names):
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


def _classes(run):
    """What each class of a run reached: F1 while it was learned, rates on the test set."""
    frame = pd.read_csv(run.folder / "class_metrics.csv")
    confusion = read_matrices(run.folder / "confusion.csv", "count", run.class_names)["test"]
    rates = class_rates(confusion)
    table = _frame(run).assign(mean_f1=mean_f1(frame).to_numpy())
    return table.assign(**{name: rates[name] for name in ("precision", "recall", "f1")})


def _filters(run):
    """The change of each class's recall on every filtered test set."""
    path = run.folder / "relative_confusion.csv"
    matrices = read_matrices(path, "percent", run.class_names)
    tables = [
        _frame(run).assign(filter=name, recall_change=np.diag(matrix))
        for name, matrix in matrices.items()
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _maps(run):
    """Rates under the maps of a run, their stability and the planted pairs found; None without."""
    if not (run.folder / "rates.csv").exists():
        return None
    options = {"keep_default_na": False, "na_values": [""]}
    rates = pd.read_csv(run.folder / "rates.csv", **options)
    stability = pd.read_csv(run.folder / "stability.csv", **options)
    keys = ["fraction", "class_name"]
    table = rates.merge(stability[[*keys, "split_half", "chance"]], on=keys)
    if (run.folder / "planted.csv").exists():
        planted = pd.read_csv(run.folder / "planted.csv", **options)
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


def _write_figures(folder, runs, classes, filters, maps):
    """Draw what the page shows."""
    figures = folder / "figures"
    label = "mean F1 of training batches"
    save_figure(figures, "mean_f1", plots.class_comparison(classes, value="mean_f1", label=label))
    save_figure(
        figures, "recall", plots.class_comparison(classes, value="recall", label="recall (test)")
    )
    if len(filters):
        rows = len(filters.drop_duplicates(["setting", "class_name"]))
        if rows <= MOST_ROWS:
            save_figure(figures, "filters", plots.filter_changes(filters))
    shown = [run for run in runs if run.seed == runs[0].seed]
    if sum(len(run.class_names) for run in shown) <= MOST_ROWS:
        frame, names = _stacked(shown)
        save_figure(figures, "f1_by_class", plots.class_metric_heatmap(frame, class_names=names))
    if len(maps):
        for rate in ("tpr", "fpr"):
            middle = sorted(maps["fraction"].unique())[len(maps["fraction"].unique()) // 2]
            chosen = maps[np.isclose(maps["fraction"], middle)]
            label = f"{rate.upper()} under the maps of {100 * middle:.3g} %"
            save_figure(figures, rate, plots.class_comparison(chosen, value=rate, label=label))


def _stacked(runs):
    """The training batches of several runs as one frame, whose classes are those of all runs."""
    frames, names = [], []
    for run in runs:
        frame = pd.read_csv(run.folder / "class_metrics.csv")
        frame = frame[frame["source"] == "train"]
        frames.append(frame.assign(class_id=frame["class_id"] + len(names)))
        names += [f"{run.setting}: {name}" for name in run.class_names]
    return pd.concat(frames, ignore_index=True), names


def _accuracy_table(runs):
    """Accuracy of every run with its interval, as (header, rows)."""
    rows = []
    for run in runs:
        confusion = read_matrices(run.folder / "confusion.csv", "count", run.class_names)["test"]
        right, total = int(np.trace(confusion)), int(confusion.sum())
        low, high = wilson_interval(right, total)
        interval = f"{percent(low)} to {percent(high)}"
        rows.append([run.name, run.setting, str(run.seed), percent(right / total), interval])
    return ["run", "setting", "seed", "test accuracy", "95 % interval"], rows


def _class_table(classes, value):
    """Mean and range over the seeds of each class in each setting, as (header, rows)."""
    names = list(classes["class_name"].unique())
    rows = []
    for setting, own in classes.groupby("setting", sort=False):
        cells = []
        for name in names:
            values = own.loc[own["class_name"] == name, value]
            spread = (
                "" if len(values) < 2 else f" ({number(values.min())} to {number(values.max())})"
            )
            cells.append(number(values.mean()) + spread)
        rows.append([setting, *cells])
    return ["setting", *names], rows


def _shortcut_table(maps):
    """In how many of a setting's runs the map of each class is a shortcut, as (header, rows)."""
    fractions = sorted(maps["fraction"].unique())
    header = ["setting", "class", *(f"top {100 * fraction:.3g} %" for fraction in fractions)]
    rows = []
    for (setting, name), own in maps.groupby(["setting", "class_name"], sort=False):
        cells = []
        for fraction in fractions:
            at = own[np.isclose(own["fraction"], fraction)]
            cells.append(f"{int(at['is_shortcut'].sum())} of {len(at)}")
        if any(not cell.startswith("0 ") for cell in cells):
            rows.append([setting, name, *cells])
    return header, rows
