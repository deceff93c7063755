"""The folder of a transfer experiment -> one self-contained HTML page."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq.lab.pages import check_finished, page_of, picture_source
from keras_freq.lab.pages.findings import number, percent
from keras_freq.lab.store import fraction_label, read_table_if_there, write_text
from keras_freq.metrics import wilson_interval

NEEDED = (
    "config.toml",
    "environment.json",
    "tasks.csv",
    "transfer.csv",
    "claims.csv",
    "figures",
)
SPLITS = {"random": "random halves", "groups": "groups", "groups - random": "groups minus random"}


def is_transfer(folder):
    """Whether a folder is that of a transfer experiment."""
    path = Path(folder) / "config.toml"
    return path.exists() and "transfer" in tomllib.loads(path.read_text(encoding="utf-8"))


def write_transfer_report(folder):
    """Write `report.html` of a transfer experiment.

    Args:
        folder: A results folder of `run_transfer`.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If the folder is not one, or its run has not come to its end.
    """
    folder = check_finished(folder, NEEDED)
    write_text(folder / "report.html", page_of("transfer.html", **_context(folder)))
    return folder / "report.html"


def _context(folder):
    """Everything the page shows."""
    config_text = (folder / "config.toml").read_text(encoding="utf-8")
    config = tomllib.loads(config_text)
    frame, tasks, claims, boost, overlap = (
        read_table_if_there(folder / f"{name}.csv")
        for name in ("transfer", "tasks", "claims", "boost", "map_overlap")
    )
    fractions = config["analysis"]["fractions"] if overlap is not None else []
    return {
        "title": config["title"] or config["name"],
        "config": config,
        "config_text": config_text,
        "environment": json.loads((folder / "environment.json").read_text(encoding="utf-8")),
        "networks": len(frame),
        "observations": len(frame[["split", "seed"]].drop_duplicates()),
        "findings": [*base_findings(frame), *claim_findings(claims)],
        "curves": _curves(folder, tasks),
        "claims": claims_tables(claims),
        "boost_table": None if boost is None else boost_table(boost),
        "accuracy_table": accuracy_table(frame),
        "tasks_table": tasks_table(tasks),
        "overlaps": [
            (fraction, kind, f"map_overlap_{kind}_{fraction_label(fraction)}")
            for fraction in fractions
            for kind in overlap["type"].unique()
        ],
        "overlap_table": None if overlap is None else overlap_table(overlap),
        "seconds": training_seconds(folder),
        "figure": lambda name: picture_source(folder / "figures" / f"{name}.png"),
        "has_figure": lambda name: (folder / "figures" / f"{name}.png").exists(),
        "files": sorted(
            path.relative_to(folder).as_posix()
            for path in (*folder.glob("*.*"), *folder.glob("figures/*"))
            if not path.name.startswith(".") and path.name != "report.html"
        ),
    }


def base_findings(frame):
    """How often the base networks are right, against chance."""
    sentences = []
    bases = frame[frame["treatment"] == "base"]
    for kind, rows in bases.groupby("type", sort=False):
        accuracy, chance = rows["accuracy"], rows["chance"].mean()
        sentence = (
            f"Base networks ({SPLITS[kind]}) classify {percent(accuracy.mean())} of the test "
            f"images correctly"
        )
        if len(rows) > 1:
            lowest, highest = percent(accuracy.min()), percent(accuracy.max())
            sentence += f", from {lowest} to {highest} over {len(rows)} networks"
        sentence += f"; chance is {percent(chance)}."
        if any(_at_chance(row) for row in rows.itertuples()):
            sentence += (
                " Not all of them are above chance: there is little that could be transferred, and "
                "what follows means little."
            )
        sentences.append(sentence)
    return sentences


def _at_chance(row):
    """Whether a network's accuracy may be that of naming the commonest class."""
    low, _ = wilson_interval(round(row.accuracy * row.test_images), row.test_images)
    return low <= row.chance


def claim_findings(claims):
    """The claims that most readers look for first, as measured here."""
    chosen = [
        ("AnB - base", "random", "Frozen layers of the other task (AnB)"),
        ("BnB - base", "random", "Frozen layers of the same task (BnB)"),
        ("AnB+ - base", "random", "Fine-tuned layers of the other task (AnB+)"),
        ("AnB - base", "groups - random", "Frozen layers, dissimilar tasks against similar ones"),
    ]
    sentences = []
    for measured, splits, text in chosen:
        rows = claims[(claims["measured"] == measured) & (claims["splits"] == splits)]
        control = "" if " - " in splits else " against the base network"
        parts = [f"{_points_of(row)} at n = {_to(row.layers)}" for row in rows.itertuples()]
        if parts:
            sentences.append(f"{text}{control}: {', '.join(parts)}.")
    return sentences


def _points_of(row):
    """A difference with its unit and its interval."""
    known = "" if np.isnan(row.low) else f" ({interval(row)})"
    return f"{points(row.mean)} points{known}"


def claims_tables(claims):
    """What the source claims, and what was measured: a list of (claim, rows of strings)."""
    tables = []
    for claim, own in claims.groupby("claim", sort=False):
        rows = [
            [
                row.measured.replace(" - ", " − "),
                SPLITS[row.splits],
                _to(row.layers),
                row.source.replace("-", "−"),
                points(row.mean),
                interval(row),
                str(row.observations),
                str(row.networks),
            ]
            for row in own.itertuples()
        ]
        tables.append((claim, rows))
    return tables


def boost_table(boost):
    """Table 1 of the source, as (header, rows) of strings."""
    header = ["tasks", "layers", "over", "boost", "95 % interval", "observations", "networks"]
    rows = [
        [
            SPLITS[row.splits],
            _to(row.layers),
            row.over,
            points(row.boost),
            interval(row),
            str(row.observations),
            str(row.networks),
        ]
        for row in boost.itertuples()
    ]
    return header, rows


def accuracy_table(frame):
    """Mean accuracy of every treatment at every n, as (header, rows) of strings."""
    layers = sorted(frame["n"].unique())
    header = ["tasks", "treatment", *(f"n = {n}" if n else "base" for n in layers)]
    rows = []
    for (kind, treatment), own in frame.groupby(["type", "treatment"], sort=False):
        means = own.groupby("n")["accuracy"].mean()
        cells = [percent(means[n]) if n in means.index else "" for n in layers]
        rows.append([SPLITS[kind], treatment, *cells])
    return header, rows


def overlap_table(overlap):
    """Mean overlap with the base networks' maps, as (header, rows) of strings."""
    layers = sorted(overlap["n"].unique())
    header = ["tasks", "map of", "compared with", "treatment", "chance"]
    header += [f"n = {n}" if n else "base" for n in layers]
    rows = []
    # A mean over classes against the target, of the pooled map against the source.
    pooled = (overlap["class_name"] == "all") == (overlap["reference"] == "source")
    keys = ["type", "fraction", "reference", "treatment"]
    for (kind, fraction, reference, treatment), own in overlap[pooled].groupby(keys, sort=False):
        means = own.groupby("n")["overlap"].mean()
        if means.isna().all():  # base networks of one seed have no others to be compared with
            continue
        cells = [number(means[n]) if n in means.index else "" for n in layers]
        which = f"top {100 * fraction:.3g} %"
        whom = f"base of the {reference}"
        rows.append([SPLITS[kind], which, whom, treatment, number(own["chance"].mean()), *cells])
    return header, rows


def tasks_table(tasks):
    """Which classes are in which task, as (header, rows) of strings."""
    header = ["split", "task", "classes", "training images", "test images"]
    rows = []
    for (split, task), own in tasks.groupby(["split", "task"], sort=False):
        group = own["group"].iloc[0]
        names = own["class_name"].tolist()
        more = f" and {len(names) - 12} more" if len(names) > 12 else ""
        rows.append(
            [
                split,
                task if group == task else f"{task}: {group}",
                ", ".join(names[:12]) + more,
                # Nobody has counted those of a stream.
                *(
                    "–" if own[column].isna().any() else str(int(own[column].sum()))
                    for column in ("train_images", "test_images")
                ),
            ]
        )
    return header, rows


def training_seconds(folder):
    """Seconds that the networks of each split took, by their own records."""
    return {
        path.name: sum(
            json.loads(record.read_text(encoding="utf-8"))["seconds"]
            for record in path.glob("runs/*.json")
        )
        for path in sorted((folder / "splits").glob("*"))
    }


def points(value):
    """A difference of accuracies in percentage points."""
    return "–" if pd.isna(value) else f"{100 * float(value):+.1f}".replace("-", "−")


def interval(row):
    """The interval of a row in percentage points; a dash where there is none."""
    return "–" if np.isnan(row.low) else f"{points(row.low)} to {points(row.high)}"


def _to(layers):
    """A range of layers in words: a hyphen would read as a minus."""
    return str(layers).replace("-", " to ")


def _curves(folder, tasks):
    """Name and caption of each figure of curves."""
    groups = {
        (split, task): group
        for split, task, group in tasks[["split", "task", "group"]].itertuples(index=False)
    }
    shown = []
    for path in sorted((folder / "figures").glob("curves_*.png"), reverse=True):
        name = path.stem.removeprefix("curves_")
        if name == "random":
            caption = "Random halves of the classes, all splits and directions together."
        else:
            split, _, direction = name.rpartition("_")
            source, target = direction.split("to")
            caption = (
                f"Networks that learn {groups[split, target]}, with layers of networks that have "
                f"learned {groups[split, source]} (AnB, AnB+)."
            )
        shown.append((path.stem, caption))
    return shown
