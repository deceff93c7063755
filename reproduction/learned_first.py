"""Which classes of photographs are learned first, from which frequencies, and does ADCS tell?

    python reproduction/learned_first.py runs/one runs/other

The folders are runs of `configs/first_1200_steps.toml`. Writes `first_1200_steps/classes.csv`: one
row a run and class, a figure of each run, and prints how the F1 of its classes goes with their
ADCS, and how networks agree on the classes of the same images.
"""

import argparse
import itertools
import pathlib
import tomllib

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import keras_freq as kf

HERE = pathlib.Path(__file__).parent / "first_1200_steps"


def of_classes(folder):
    """One row a class of a run, means over all recorded steps.

    `adcs` is the mean of the map and `adcs_size` the mean of its absolute values, both as a share
    of the largest possible; `f1_train` is of the training batches and `f1_test` of the test
    images; precision and recall are those of the test images as they are and through each
    filter. The precision of a class that is never answered has no value, and such steps do not
    count in its mean.

    Args:
        folder: of a finished run.
    """
    with np.load(folder / "spectra.npz") as stored:
        maps, class_names = stored["adcs"] / (len(stored["adcs"]) - 1), stored["class_names"]
    settings = tomllib.loads((folder / "config.toml").read_text())
    rows = pd.DataFrame(
        {
            "images": pathlib.Path(settings["data"]["path"]).name,
            "network": settings["model"]["name"],
            "class_name": class_names,
            "adcs": maps.mean(axis=(1, 2)),
            "adcs_size": np.abs(maps).mean(axis=(1, 2)),
        }
    )
    metrics = pd.read_csv(folder / "class_metrics.csv")
    means = metrics.groupby(["source", "class_id"])[["precision", "recall", "f1"]].mean()
    for source in ("train", "test"):
        rows[f"f1_{source}"] = means.loc[source, "f1"]
    for probe in metrics.loc[metrics["source"] != "train", "source"].unique():
        rows[f"precision_{probe}"] = means.loc[probe, "precision"]
        rows[f"recall_{probe}"] = means.loc[probe, "recall"]
    return rows


def draw(folder, class_names, path):
    """Precision and recall of every class over the steps, through each filter: one figure."""
    metrics = pd.read_csv(folder / "class_metrics.csv")
    probes = [name for name in metrics["source"].unique() if name != "train"]
    height = 1 + 0.45 * len(class_names)
    figure, axes = plt.subplots(
        2, len(probes), figsize=(5 * len(probes), height), layout="constrained"
    )
    for row, metric in zip(axes, ("precision", "recall"), strict=True):
        for ax, probe in zip(row, probes, strict=True):
            kf.plots.class_metric_heatmap(
                metrics, metric=metric, source=probe, class_names=class_names, ax=ax
            )
            ax.set_title(probe)
    figure.savefig(path, dpi=70, bbox_inches="tight")
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=pathlib.Path, help="folders of runs")
    arguments = parser.parse_args()
    HERE.mkdir(exist_ok=True)
    tables = []
    for folder in arguments.results:
        rows = of_classes(folder)
        images, network = rows.loc[0, ["images", "network"]]
        print(images, network)
        draw(folder, rows["class_name"].tolist(), HERE / f"{images}_{network}.png".lower())
        for quantity, learned in itertools.product(("adcs_size", "adcs"), ("f1_train", "f1_test")):
            found = spearmanr(rows[quantity], rows[learned])
            text = f"{found.statistic:+.2f} (p = {found.pvalue:.2f})"
            print(f"  rank correlation of {quantity} and {learned}, {len(rows)} classes: {text}")
        tables.append(rows)
    path = HERE / "classes.csv"
    table = pd.concat(tables, ignore_index=True)
    table.round(4).to_csv(path, index=False)
    for images, rows in table.groupby("images"):
        for quantity in ("f1_train", "recall_low-pass", "recall_high-pass"):
            of_networks = rows.pivot_table(quantity, index="class_name", columns="network")
            print(f"rank correlations of the {quantity} of the classes of {images}:")
            print(of_networks.corr("spearman").round(2).to_string())
    print(f"written: {path}")


if __name__ == "__main__":
    main()
