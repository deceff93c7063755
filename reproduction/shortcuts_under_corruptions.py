"""Do classes that rely more on few frequencies lose more on changed images?

    python reproduction/shortcuts_under_corruptions.py --photographs path/to/cifar10

Takes the network and the table of `transplants_on_photographs.py`, and asks for the recall of each
class under nine corruptions. Writes `shortcuts_under_corruptions.csv`, one row a class: how much of
its recall is lost by an exchange of its map's frequencies, and how much by corruptions; and a
picture of the same name.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from transplants_on_photographs import RESULT as TRANSPLANTS
from transplants_on_photographs import photographs

import keras_freq as kf
from keras_freq.plots.style import BLUE

RESULT = pathlib.Path(__file__).with_suffix(".csv")
SEVERITY = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, default="runs/transplants_on_photographs")
    parser.add_argument("--per-class", type=int, default=100)
    arguments = parser.parse_args()
    model = keras.models.load_model(arguments.folder / "model.keras")
    images, labels, names = photographs(
        arguments.photographs, "test", per_class=arguments.per_class
    )
    errors = kf.corruption_errors(
        model, (images, labels), len(names), severities=(SEVERITY,), class_names=names
    )
    errors = errors[errors["class_id"] >= 0]
    untouched = errors[errors["severity"] == 0].set_index("class_name")["error"]
    changed = errors[errors["severity"] == SEVERITY].groupby("class_name")["error"].mean()
    transplants = pd.read_csv(TRANSPLANTS).set_index("class_name")
    by_map = transplants["untouched_out"] - transplants["swapped_out"]
    by_others = transplants["untouched_out"] - transplants["random_out"]
    table = pd.DataFrame(
        {
            "images": arguments.per_class,
            "recall": 1 - untouched,
            "lost by the map": by_map,
            "lost by random frequencies": by_others,
            "lost by corruptions": changed - untouched,
            "finding": transplants["finding"],
        }
    ).loc[names]
    table.rename_axis("class_name").round(4).to_csv(RESULT)
    print(table.to_string())
    draw(table)


def draw(table):
    """Draws both losses of each class, whose name stands where no point is."""
    losses = table[["lost by the map", "lost by corruptions"]]
    figure, ax = plt.subplots(figsize=(4.6, 3.6), layout="constrained")
    ax.scatter(table["lost by the map"], table["lost by corruptions"], color=BLUE)
    for name, place in losses.iterrows():
        right, up = (losses - place).to_numpy(float).T
        # Beside a point whose neighbour is close at the right, the name stands at the left.
        left = ((right > 0) & (right < 0.05) & (np.abs(up) < 0.015)).any()
        look = {"xytext": (-4 if left else 4, 3), "ha": "right" if left else "left"}
        ax.annotate(name, place, textcoords="offset points", fontsize=8, **look)
    ax.set(xlabel="recall lost by an exchange of the map", ylabel="recall lost by corruptions")
    ax.margins(0.1)
    ax.set_ylim(bottom=min(0, float(np.min(table["lost by corruptions"]))) - 0.01)
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(RESULT.with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
