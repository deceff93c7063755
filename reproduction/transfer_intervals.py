"""Transfer on CIFAR-10 once more: Student's t intervals, and the claims that had no row.

    python reproduction/transfer_intervals.py

Reads `transfer.csv`, `small_targets.csv` and `without_batch_norm.csv` in `transfer_cifar10/`, and
writes `transfer_cifar10/intervals.csv`: one row a question. An observation is a seed of a split:
its networks share their bases, so that differences are averaged over directions and layers first.
Two seeds of one split share their test images.
"""

import pathlib

import numpy as np
import pandas as pd

from keras_freq.metrics.intervals import mean_interval
from keras_freq.transfer.accuracy_boosts import boost_over

HERE = pathlib.Path(__file__).parent / "transfer_cifar10"
OBSERVATION = ["split", "seed"]
RANGES = ((1, 2), (3, 3), (3, 5), (3, 6), (3, 7), (4, 7), (6, 7), (7, 7), (1, 7))


def row(question, values, networks):
    """A row of the table: mean and Student's t interval of observations, in points."""
    values = 100 * np.asarray(values, float)
    low, high = mean_interval(values)
    numbers = {"mean": values.mean(), "low": float(low), "high": float(high)}
    return {**question, **numbers, "observations": len(values), "networks": networks}


def difference(frame, treatment, control, first, last, kind):
    """Mean of treatment minus control over layers `first` to `last` of random halves or groups."""
    boosts = boost_over(frame[frame["type"] == kind], treatment, control)
    boosts = boosts[boosts["n"].between(first, last)]
    question = {
        "measured": f"{treatment} - {control}",
        "splits": kind,
        "layers": f"{first}-{last}" if last > first else str(first),
    }
    return row(question, boosts.groupby(OBSERVATION)["boost"].mean(), len(boosts))


def more_layers(frame, kind, control):
    """Does AnB+ gain more with more layers: slope of its boost over n, in points a layer."""
    boosts = boost_over(frame[frame["type"] == kind], "AnB+", control)
    slopes = [np.polyfit(own["n"], own["boost"], 1)[0] for _, own in boosts.groupby(OBSERVATION)]
    question = {"measured": f"slope of AnB+ - {control}", "splits": kind, "layers": "1-7"}
    return row(question, slopes, len(boosts))


def part_of_co_adaptation(frame, first, last):
    """Loss by cutting (BnB - base) minus loss by the other task (AnB - BnB)."""
    random = frame[frame["type"] == "random"]
    losses = []
    for treatment, control in (("BnB", "base"), ("AnB", "BnB")):
        boosts = boost_over(random, treatment, control)
        boosts = boosts[boosts["n"].between(first, last)]
        losses.append(boosts.groupby(OBSERVATION)["boost"].mean())
    question = {
        "measured": "(BnB - base) - (AnB - BnB)",
        "splits": "random",
        "layers": f"{first}-{last}",
    }
    return row(question, losses[0] - losses[1], 2 * len(boosts))


def few_and_many_images(all_images, few):
    """Frozen and tuned layers of another task: with few images of one target, with all of four."""
    frames = [
        (f"{number} a class", "random-0, A->B", own) for number, own in few.groupby("per_class")
    ]
    frames.append(("all images", "random", all_images[all_images["type"] == "random"]))
    for name, splits, frame in frames:
        for layers in ((3,), (5,), (3, 5)):
            for treatment, control in (("AnB", "AnB+"), ("AnB", "base"), ("AnB+", "base")):
                boosts = boost_over(frame, treatment, control)
                boosts = boosts[boosts["n"].isin(layers)]
                question = {
                    "measured": f"{treatment} - {control}, {name}",
                    "splits": splits,
                    "layers": ", ".join(map(str, layers)),
                }
                observation = [column for column in OBSERVATION if column in boosts]
                yield row(question, boosts.groupby(observation)["boost"].mean(), len(boosts))


def longer_trained(frame):
    """Own frozen layers and the base after 1,000 steps, with and without BatchNormalization."""
    for batch_norm, own in frame.groupby("batch_norm"):
        for first, last in ((3, 3), (4, 4), (5, 5), (6, 6), (3, 6)):
            found = difference(own, "BnB", "base", first, last, "random")
            name = "with" if batch_norm else "without"
            yield found | {"measured": f"BnB - base, 1,000 steps, {name} BatchNormalization"}


def animals_and_vehicles(frame):
    """Accuracy on each target task of the dissimilar halves, and of animals minus vehicles."""
    groups = frame[frame["type"] == "groups"]
    for treatment in ("base", "AnB"):
        own = groups[groups["treatment"] == treatment]
        means = own.groupby([*OBSERVATION, "direction"])["accuracy"].mean().unstack()
        above = own.assign(accuracy=own["accuracy"] - own["chance"])
        above = above.groupby([*OBSERVATION, "direction"])["accuracy"].mean().unstack()
        for name, table in (("", means), (" above chance", above)):
            question = {
                "measured": f"{treatment}{name}, B minus A",
                "splits": "groups",
                "layers": "",
            }
            yield row(question, table["A->B"] - table["B->A"], len(own))


def main():
    frame = pd.read_csv(HERE / "transfer.csv")
    rows = []
    for kind in ("random", "groups"):
        for first, last in RANGES:
            rows += [
                difference(frame, treatment, control, first, last, kind)
                for treatment, control in (
                    ("BnB", "base"),
                    ("BnB+", "base"),
                    ("AnB", "base"),
                    ("AnB", "BnB"),
                    ("AnB", "random"),
                    ("random", "base"),
                    ("random", "chance"),
                )
            ]
        for first, last in ((1, 7), (3, 7), (5, 7)):
            rows += [
                difference(frame, "AnB+", control, first, last, kind)
                for control in ("base", "BnB+")
            ]
        rows += [more_layers(frame, kind, control) for control in ("base", "BnB+")]
    rows += [part_of_co_adaptation(frame, *layers) for layers in ((3, 5), (6, 7))]
    rows += animals_and_vehicles(frame)
    rows += longer_trained(pd.read_csv(HERE / "without_batch_norm.csv"))
    rows += few_and_many_images(frame, pd.read_csv(HERE / "small_targets.csv"))
    table = pd.DataFrame(rows).round(3)
    table.to_csv(HERE / "intervals.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
