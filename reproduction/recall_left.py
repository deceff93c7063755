"""Augmentation against shortcuts: what is left without the old maps, and what they still carry.

    python reproduction/recall_left.py

Reads `augmentation/classes_of_networks.csv` and writes `augmentation/recall_left.csv`, a row a
recipe and seed; `augmentation/gains.csv`, a row a recipe and measure; and `recall_left.png`. The
classes are those that need their maps in the network without a recipe, of the same seed: they were
chosen there, and not after looking at the others. A gain is the difference from the network
without a recipe, of the same seed and classes. Its interval is Student's t over seeds, whose
networks share their images.
"""

import pathlib

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.lines import Line2D

from keras_freq.metrics.intervals import mean_interval
from keras_freq.plots.style import BLUE

HERE = pathlib.Path(__file__).parent / "augmentation"
NAMES = {
    "none": "none",
    "dfm_x": "DFM-X",
    "auto_augment_cifar10": "AutoAugment",
    "augmix": "AugMix",
    "amplitude_mix": "amplitudes\nmixed",
}
GREY = "#777777"
# What is measured: a column of the table, or one column over another.
MEASURES = {
    "recall": "recall",
    "recall left": "without_old",
    "share of recall left": ("without_old", "recall"),
    "become it by exchange": "in_old",
    "recall after exchange": "out_old",
    "recall left without own maps": "without_own",
    "become it by exchange of own maps": "in_own",
}


def of_networks(classes):
    """A row a recipe and seed: means over the classes that needed their maps."""
    for seed, runs in classes.groupby("seed"):
        plain = runs[runs["recipe"] == "none"]
        needed = set(plain.loc[plain["needs_old"], "class_name"])
        for recipe in NAMES:
            every = runs[runs["recipe"] == recipe]
            if every.empty:
                continue
            own = every[every["class_name"].isin(needed)]
            row = {"recipe": recipe, "seed": seed, "classes": len(needed)}
            row["accuracy"] = own["accuracy"].iloc[0]
            for name, column in MEASURES.items():
                over = isinstance(column, tuple)
                row[name] = (
                    own[column[0]].mean() / own[column[1]].mean() if over else own[column].mean()
                )
            row["without as many others"] = own["random_old"].mean()
            row["become it by random exchange"] = own["random_in_old"].mean()
            row["classes that need their old map"] = int(every["needs_old"].sum())
            row["classes that need their own map"] = int(every["needs_own"].sum())
            row["overlap"] = own["overlap"].mean()
            yield row


def gains(networks):
    """A row a recipe and measure: the difference from no recipe, over seeds."""
    plain = networks[networks["recipe"] == "none"].set_index("seed")
    for recipe, own in networks[networks["recipe"] != "none"].groupby("recipe", sort=False):
        own = own.set_index("seed")
        for name in MEASURES:
            change = own[name] - plain.loc[own.index, name]
            low, high = mean_interval(change)
            row = {"recipe": recipe, "measured": name, "gain": change.mean()}
            yield row | {"low": float(low), "high": float(high), "seeds": len(change)}


def draw(networks, path):
    """Recall of the classes that needed their maps: untouched, and without the maps."""
    seeds = networks["seed"].nunique()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    panels = (
        (
            left,
            "recall",
            (("recall left", BLUE), ("without as many others", GREY)),
            ("without the old maps", "without as many other frequencies"),
        ),
        (
            right,
            "share of images of other classes",
            (("become it by exchange", BLUE), ("become it by random exchange", GREY)),
            ("become the class with the content\nof its old map", "with random frequencies"),
        ),
    )
    for ax, label, columns, said in panels:
        for place, recipe in enumerate(NAMES):
            own = networks[networks["recipe"] == recipe]
            for shift, (column, colour) in zip((-0.15, 0.15), columns, strict=True):
                ax.bar(place + shift, own[column].mean(), 0.28, color=colour, alpha=0.35)
                for number, value in enumerate(own[column]):
                    nudge = 0.05 * (number - (seeds - 1) / 2)
                    ax.plot(place + shift + nudge, value, "o", color=colour, markersize=4)
        ax.set_xticks(range(len(NAMES)), NAMES.values(), fontsize=8)
        ax.set_ylabel(label)
        shown = [
            Line2D([], [], marker="s", linestyle="", markersize=8, color=colour, alpha=0.6)
            for _, colour in columns
        ]
        ax.legend(shown, said, frameon=False, fontsize=8, loc="upper right")
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_ylim(0, 1.3 * ax.dataLim.ymax)
    figure.suptitle(f"Classes that need their maps without a recipe; a dot is one of {seeds} seeds")
    figure.savefig(path, dpi=110)


def main():
    networks = pd.DataFrame(of_networks(pd.read_csv(HERE / "classes_of_networks.csv"))).round(4)
    networks.to_csv(HERE / "recall_left.csv", index=False)
    print(networks.to_string(index=False))
    table = pd.DataFrame(gains(networks)).round(4)
    table.to_csv(HERE / "gains.csv", index=False)
    print(table.to_string(index=False))
    draw(networks, HERE / "recall_left.png")


if __name__ == "__main__":
    main()
