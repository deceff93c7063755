"""Augmentation against shortcuts: the recall that is left without the old maps, class by class.

    python reproduction/recall_left.py

Reads `augmentation/moved.csv` and writes `augmentation/recall_left.csv`: one row a recipe and
seed, and `recall_left.png`. The classes are those that need their maps in the network without
augmentation, of the same seed: they were chosen there, and not after looking at the others. `gain`
is the paired difference from no augmentation, with Student's t interval over these classes; classes
of one network are not independent, and so it is too narrow rather than too wide.
"""

import pathlib

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from keras_freq.metrics.intervals import mean_interval
from keras_freq.plots.style import BLUE

HERE = pathlib.Path(__file__).parent / "augmentation"


ORDER = ["none", "dfm_x", "auto_augment_cifar10", "augmix", "amplitude_mix"]
NAMES = ["none", "DFM-X", "AutoAugment", "AugMix", "amplitudes\nmixed"]


def draw(classes, path):
    """Recall with and without the old maps, class by class, of both seeds."""
    figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    for place, recipe in enumerate(ORDER):
        own = classes[classes["recipe"] == recipe]
        for shift, column, colour in (
            (-0.18, "without_old", BLUE),
            (0.18, "random_old", "#bbbbbb"),
        ):
            ax.bar(place + shift, own[column].mean(), 0.34, color=colour, alpha=0.45)
            for seed, marker in ((0, "o"), (1, "s")):
                values = own.loc[own["seed"] == seed, column]
                side = place + shift + (seed - 0.5) * 0.14
                ax.plot([side] * len(values), values, marker, color=colour, markersize=4)
    ax.set_xticks(range(len(ORDER)), NAMES)
    ax.set_ylabel("recall of the six classes\nthat needed their maps")
    labels = ("without the old maps", "without as many others", "seed 0", "seed 1")
    shown = [
        *(Patch(color=colour, alpha=0.6) for colour in (BLUE, "#bbbbbb")),
        *(Line2D([], [], marker=marker, color="#444444", linestyle="") for marker in "os"),
    ]
    ax.legend(shown, labels, frameon=False, ncols=2, loc="upper right", fontsize=8)
    ax.set_ylim(0, 1)
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def main():
    table = pd.read_csv(HERE / "moved.csv")
    rows, shown = [], []
    for seed, runs in table.groupby("seed"):
        plain = runs[runs["recipe"] == "none"].set_index("class_name")
        needed = plain.index[plain["needs_old"]]
        for recipe, own in runs.groupby("recipe", sort=False):
            own = own.set_index("class_name").loc[needed]
            shown.append(own)
            gain = own["without_old"] - plain.loc[needed, "without_old"]
            # What the map costs more than as many other frequencies.
            cost = own["random_old"] - own["without_old"]
            low, high = mean_interval(gain) if recipe != "none" else (float("nan"),) * 2
            rows.append(
                {
                    "recipe": recipe,
                    "seed": seed,
                    "classes": len(needed),
                    "recall": own["recall"].mean(),
                    "recall left": own["without_old"].mean(),
                    "without as many others": own["random_old"].mean(),
                    "lost by the map": cost.mean(),
                    "gain": gain.mean(),
                    "low": float(low),
                    "high": float(high),
                }
            )
    table = pd.DataFrame(rows).round(3)
    table.to_csv(HERE / "recall_left.csv", index=False)
    print(table.to_string(index=False))
    draw(pd.concat(shown), HERE / "recall_left.png")


if __name__ == "__main__":
    main()
