"""The page of a transfer experiment."""

import pandas as pd

from keras_freq.lab import pages
from keras_freq.lab.pages import others_in_words, percent, points, rate, table
from keras_freq.lab.store import CONFIG, ENVIRONMENT
from keras_freq.lab.tables import fraction_label, read_json, read_table_if_there
from keras_freq.metrics import wilson_interval

NEEDED = (CONFIG, ENVIRONMENT, "tasks.csv", "transfer.csv", "claims.csv", "figures")
SPLITS = {"random": "random halves", "groups": "groups", "groups - random": "groups minus random"}
# The claims that most readers look for first: what is measured, on which tasks, and in words.
FIRST_CLAIMS = [
    ("AnB - base", "random", "Frozen layers of the other task (AnB) against the base network"),
    ("BnB - base", "random", "Frozen layers of the same task (BnB) against the base network"),
    (
        "AnB+ - base",
        "random",
        "Fine-tuned layers of the other task (AnB+) against the base network",
    ),
    ("AnB - base", "groups - random", "Frozen layers, dissimilar tasks against similar ones"),
]
PRECISION = [
    ("95 % interval", "{interval}"),
    ("observations", "{observations}"),
    ("networks", "{networks}"),
]
CLAIMS = [
    ("measured", "{measured}"),
    ("tasks", "{tasks}"),
    ("n", "{layers}"),
    ("source", "{source}"),
    ("here", "{mean:points}"),
    *PRECISION,
]
BOOST = [
    ("tasks", "{tasks}"),
    ("layers", "{layers}"),
    ("over", "{over}"),
    ("boost", "{boost:points}"),
    *PRECISION,
]
TASKS = [
    ("split", "{split}"),
    ("task", "{name}"),
    ("classes", "{classes}"),
    ("training images", "{train_images:count}"),
    ("test images", "{test_images:count}"),
]


def write_transfer_page(folder):
    """Writes `report.html` of a transfer experiment.

    Args:
        folder: A results folder of `run_transfer`.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If it is no results folder, or its run has not come to its end.
    """
    folder = pages.check_finished(folder, NEEDED)
    facts = pages.facts_of(folder)
    frame, tasks, claims, boost, overlap = (
        read_table_if_there(folder / f"{name}.csv")
        for name in ("transfer", "tasks", "claims", "boost", "map_overlap")
    )
    fractions = facts["config"]["analysis"]["fractions"] if overlap is not None else []
    shown = {
        "networks": len(frame),
        "observations": len(frame[["split", "seed"]].drop_duplicates()),
        "findings": [*base_findings(frame), *claim_findings(claims)],
        "curves": _curves(folder, tasks),
        "claims": claim_tables(claims),
        "boost": None if boost is None else boost_table(boost),
        "accuracy": accuracy_table(frame),
        "tasks": tasks_table(tasks),
        "overlap_figures": [
            (fraction, kind, f"map_overlap_{kind}_{fraction_label(fraction)}")
            for fraction in fractions
            for kind in overlap["type"].unique()
        ],
        "overlap": None if overlap is None else overlap_table(overlap),
        "seconds": _training_seconds(folder),
    }
    return pages.write_page(folder, "transfer.html", facts | shown)


def base_findings(frame):
    """Says how often the base networks are right, against chance."""
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
        if any(_may_be_chance(row) for row in rows.itertuples()):
            sentence += (
                " Not all of them are above chance: there is little that could be transferred, and "
                "what follows means little."
            )
        sentences.append(sentence)
    return sentences


def _may_be_chance(row):
    """Tells whether a network's accuracy may be that of naming the commonest class."""
    low, _ = wilson_interval(round(row.accuracy * row.test_images), row.test_images)
    return low <= row.chance


def claim_findings(claims):
    """Says what was measured of the first claims."""
    claims = _in_words(claims)
    sentences = []
    for measured, splits, text in FIRST_CLAIMS:
        rows = claims[(claims["measured"] == measured) & (claims["splits"] == splits)]
        parts = [
            f"{points(row.mean)} points"
            + ("" if row.interval == pages.UNDEFINED else f" ({row.interval})")
            + f" at n = {row.layers}"
            for row in rows.itertuples()
        ]
        if parts:
            sentences.append(f"{text}: {', '.join(parts)}.")
    return sentences


def claim_tables(claims):
    """Makes a table of what was measured for each claim of the source: `[(claim, table)]`."""
    minus = {name: claims[name].str.replace("-", "−") for name in ("measured", "source")}
    groups = _in_words(claims).assign(**minus).groupby("claim", sort=False)
    return [(claim, table(rows, CLAIMS)) for claim, rows in groups]


def boost_table(boost):
    """Makes Table 1 of the source."""
    return table(_in_words(boost), BOOST)


def _in_words(frame):
    """Adds what differences are of and their intervals as a page writes them."""
    bounds = frame["low"].map(points) + " to " + frame["high"].map(points)
    return frame.assign(
        tasks=frame["splits"].map(SPLITS),
        # A hyphen between two layers would read as a minus.
        layers=frame["layers"].astype(str).str.replace("-", " to "),
        interval=bounds.where(frame["low"].notna(), pages.UNDEFINED),
    )


def accuracy_table(frame):
    """Makes the table of the mean accuracy of every treatment at every n."""
    return _by_layers(frame, ["type", "treatment"], "accuracy", percent)


def overlap_table(overlap):
    """Makes the table of the mean overlap with the maps of the base networks."""
    # A mean over classes against the target, the pooled map against the source.
    pooled = (overlap["class_name"] == "all") == (overlap["reference"] == "source")
    shown = overlap[pooled].assign(
        **{"map of": overlap["fraction"].map(pages.top)},
        **{"compared with": "base of the " + overlap["reference"]},
    )
    keys = ["type", "map of", "compared with", "treatment"]
    chance = shown.groupby(keys)["chance"].transform("mean").map(rate)
    return _by_layers(shown.assign(chance=chance), [*keys, "chance"], "overlap", rate)


def _by_layers(frame, keys, value, write):
    """Makes a table of means with a column for each number of copied layers."""
    means = frame.groupby([*keys, "n"], sort=False)[value].mean()
    cells = means.map(write).unstack(fill_value="", sort=False).sort_index(axis=1)
    # Base networks of one seed have no others to be compared with.
    cells = cells[means.groupby(keys, sort=False).count() > 0]
    cells = cells.rename(columns=lambda n: f"n = {n}" if n else "base").reset_index()
    return cells.assign(type=cells["type"].map(SPLITS)).rename(columns={"type": "tasks"})


def tasks_table(tasks):
    """Makes the table of which classes are in which task."""
    rows = []
    for (split, task), own in tasks.groupby(["split", "task"], sort=False):
        group, names = own["group"].iloc[0], own["class_name"].tolist()
        more = f" and {others_in_words(len(names) - 12)}" if len(names) > 12 else ""
        # Nobody has counted the images of a stream: they stay NaN.
        counts = own[["train_images", "test_images"]].sum(skipna=False)
        name = task if group == task else f"{task}: {group}"
        rows.append(
            {"split": split, "name": name, "classes": ", ".join(names[:12]) + more, **counts}
        )
    return table(pd.DataFrame(rows), TASKS)


def _training_seconds(folder):
    """Sums the seconds that the networks of each split took, by their own records."""
    return {
        path.name: f"{sum(read_json(record)['seconds'] for record in path.glob('runs/*.json')):.0f}"
        for path in sorted((folder / "splits").glob("*"))
    }


def _curves(folder, tasks):
    """Lists name and caption of each figure of curves."""
    groups = tasks.groupby(["split", "task"])["group"].first()
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
