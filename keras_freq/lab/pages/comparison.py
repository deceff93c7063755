"""The folder of a sweep -> tables, figures and one page that compares its runs."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq import plots
from keras_freq.lab.config import ConfigError
from keras_freq.lab.pages import page_of, picture_source
from keras_freq.lab.pages.findings import number, percent
from keras_freq.lab.pages.runs import (
    class_rows,
    filter_rows,
    finished_runs,
    map_rows,
    reliance_rows,
    stacked_metrics,
)
from keras_freq.lab.run_states import run_state
from keras_freq.lab.store import (
    read_matrices,
    save_figure,
    write_csv,
    write_text,
)
from keras_freq.metrics import wilson_interval

# A figure of more rows than this is no longer read, nor one of more panels side by side.
MOST_ROWS = 64
MOST_COLUMNS = 5


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
    runs = finished_runs(folder, [name for name, state in states.items() if state == "done"])
    if not runs:
        raise ConfigError(f"no run in {folder} has come to its end: there is nothing to compare")
    classes = pd.concat([class_rows(run) for run in runs], ignore_index=True)
    filters = pd.concat([filter_rows(run) for run in runs], ignore_index=True)
    maps = [table for run in runs if (table := map_rows(run)) is not None]
    reliance = reliance_rows(runs)
    write_csv(folder / "classes.csv", classes)
    if len(reliance):
        write_csv(folder / "reliance.csv", reliance)
    if len(filters):
        write_csv(folder / "filters.csv", filters)
    if maps:
        maps = pd.concat(maps, ignore_index=True)
        write_csv(folder / "maps.csv", maps)
    _write_figures(folder, runs, classes, filters, maps)
    if len(reliance):
        _write_reliance(folder, runs)
    first = runs[0].folder
    config = tomllib.loads((first / "config.toml").read_text(encoding="utf-8"))
    environment = json.loads((first / "environment.json").read_text(encoding="utf-8"))
    page = page_of(
        "comparison.html",
        title=config["title"] or folder.name,
        states=states,
        accuracy=_accuracy_table(runs),
        learning=_class_table(classes, "mean_f1"),
        filtered=len(filters) > 0,
        shortcuts=_shortcut_table(maps) if len(maps) else None,
        figure=lambda name: picture_source(folder / "figures" / f"{name}.png"),
        has_figure=lambda name: (folder / "figures" / f"{name}.png").exists(),
        command=command or environment["command"],
        links={run.name: f"{run.name}/report.html" for run in runs},
    )
    write_text(folder / "report.html", page)
    return folder / "report.html"


def _write_figures(folder, runs, classes, filters, maps):
    """Draw what the page shows, and remove what an earlier page of fewer runs has shown."""
    figures = folder / "figures"
    for stale in figures.glob("[!.]*"):
        stale.unlink(missing_ok=True)
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
        frame, names = stacked_metrics(shown, ["train"])
        save_figure(figures, "f1_by_class", plots.class_metric_heatmap(frame, class_names=names))
    if len(maps):
        for rate in ("tpr", "fpr"):
            middle = sorted(maps["fraction"].unique())[len(maps["fraction"].unique()) // 2]
            chosen = maps[np.isclose(maps["fraction"], middle)]
            label = f"{rate.upper()} under the maps of {100 * middle:.3g} %"
            save_figure(figures, rate, plots.class_comparison(chosen, value=rate, label=label))


def _write_reliance(folder, runs):
    """Draw which filter each class of each setting would miss, over training."""
    frame, names = stacked_metrics(runs)
    if len(names) <= MOST_ROWS:
        # A row for each setting, where all have as many classes.
        counts = {len(run.class_names) for run in runs}
        columns = max(counts) if len(counts) == 1 and max(counts) <= MOST_COLUMNS else None
        axes = plots.filter_reliance(frame, class_names=names, columns=columns)
        save_figure(folder / "figures", "reliance", axes[0])


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
