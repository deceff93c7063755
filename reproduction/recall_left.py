"""Augmentation against shortcuts: the recall that is left without the old maps, class by class.

    python reproduction/recall_left.py

Reads `augmentation/moved.csv` and writes `augmentation/recall_left.csv`: one row a recipe and
seed. The classes are those that need their maps in the network without augmentation, of the same
seed: they were chosen there, and not after looking at the others. `gain` is the paired difference
from no augmentation, with Student's t interval over these classes; classes of one network are not
independent, and so it is too narrow rather than too wide.
"""

import pathlib

import pandas as pd

from keras_freq.metrics.intervals import mean_interval

HERE = pathlib.Path(__file__).parent / "augmentation"


def main():
    table = pd.read_csv(HERE / "moved.csv")
    rows = []
    for seed, runs in table.groupby("seed"):
        plain = runs[runs["recipe"] == "none"].set_index("class_name")
        needed = plain.index[plain["needs_old"]]
        for recipe, own in runs.groupby("recipe", sort=False):
            own = own.set_index("class_name").loc[needed]
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


if __name__ == "__main__":
    main()
