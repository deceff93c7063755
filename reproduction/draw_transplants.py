"""Draws what exchanges tell of C0 of B1 to B4, with its planted cue and without.

    python reproduction/draw_transplants.py

Reads `transplants_on_bands.csv` and writes `transplants_on_bands.png`.
"""

import pathlib

import matplotlib.pyplot as plt
import pandas as pd

from keras_freq.plots.style import BLUE, ORANGE

HERE = pathlib.Path(__file__).parent
SIDES = (
    ("other images called C0", "untouched_in", "random_in", "swapped_in"),
    ("recall of C0", "untouched_out", "random_out", "swapped_out"),
)


def main():
    table = pd.read_csv(HERE / "transplants_on_bands.csv")
    table = table.query("class_id == 0 and maps == 'found' and model == 'AlexNetSmall'")
    table = table[table["cues"].isin(["planted", "none"])]
    table = table.sort_values(
        ["cues", "band", "steps", "seed"], ascending=[False, True, True, True]
    )
    names = [f"B{row.band}, {row.steps} steps" for row in table.itertuples()]
    figure, axes = plt.subplots(1, 2, figsize=(8.4, 4.6), sharey=True, layout="constrained")
    for ax, (title, untouched, random, swapped) in zip(axes, SIDES, strict=True):
        for place, (_, row) in enumerate(table.iterrows()):
            ax.plot([row[random], row[swapped]], [place, place], color="#cccccc", zorder=1)
        places = range(len(table))
        ax.scatter(table[untouched], places, marker="|", color="#444444", label="untouched")
        ax.scatter(table[random], places, color=ORANGE, s=18, label="random frequencies exchanged")
        ax.scatter(table[swapped], places, color=BLUE, s=18, label="those of C0's map exchanged")
        ax.axhline((table["cues"] == "planted").sum() - 0.5, color="#444444", linewidth=0.8)
        ax.set(title=title, xlim=(-0.03, 1.03))
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.tick_params(left=False)
    axes[0].set_yticks(range(len(table)), names, fontsize=8)
    axes[0].invert_yaxis()
    planted = (table["cues"] == "planted").sum()
    for place, text in (
        (planted / 2 - 0.5, "with the cue"),
        ((planted + len(table)) / 2 - 0.5, "without"),
    ):
        axes[1].text(
            1.06, place, text, rotation=90, va="center", fontsize=9, transform=axes[1].transData
        )
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    figure.savefig(HERE / "transplants_on_bands.png", dpi=110)


if __name__ == "__main__":
    main()
