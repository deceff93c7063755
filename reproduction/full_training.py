"""Tables and pictures of AlexNetSmall that was trained to the end, from the folder of its sweep.

    keras-freq run configs/full_training_alexnet.toml
    python reproduction/full_training.py runs/full_training_alexnet

Result:   reproduction/full_training/networks.csv, a row for each network: how it was trained, what
          C3 loses without its band, and C0 without its band and without the two bands that hold
          most of its pattern, in points of recall; what the map of 5 % of C0 holds, and what
          its exchange does; the classes that have a shortcut by a map of 5 %, in order.
          relative_confusion.csv: the changes of all classes; both pictures.
"""

import argparse
import os
import pathlib
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pandas as pd

from keras_freq.data import planted_masks
from keras_freq.fourier import band_edges, radius_map

HERE = pathlib.Path(__file__).parent / "full_training"
FRACTION = 0.05


def pattern_bands(band, size=32):
    """The two bands that hold most of the pattern of C0, as in "without bands 2 and 4"."""
    of_cells = np.digitize(radius_map(size)[planted_masks(band)[0]], band_edges(size))
    counts = np.bincount(of_cells, minlength=5)
    return " and ".join(map(str, sorted(np.argsort(-counts, kind="stable")[:2])))


def network(run, band, seed):
    """The row of one network."""
    history = pd.read_csv(run / "history.csv")
    rates = pd.read_csv(run / "class_rates.csv")
    changes = pd.read_csv(run / "relative_confusion.csv")
    own = changes[changes["true_class"] == changes["predicted_class"]]
    own = own.set_index(["true_class", "set"])["percent"]
    planted = pd.read_csv(run / "planted.csv").query("fraction == @FRACTION").iloc[0]
    moved = pd.read_csv(run / "transplants.csv").query("fraction == @FRACTION").iloc[0]
    verdicts = pd.read_csv(run / "verdicts.csv").query("fraction == @FRACTION")
    return {
        "set": f"B{band}",
        "seed": seed,
        "epochs": history["epoch"].max(),
        "steps an epoch": history["step"].iloc[0],
        "falls of the rate": history["learning_rate"].round(12).nunique() - 1,
        "accuracy": (rates["recall"] * rates["images"]).sum() / rates["images"].sum(),
        "C3 without its band": own["C3", f"without band {band}"],
        "C0 without that band": own["C0", f"without band {band}"],
        "pattern of C0": pattern_bands(band),
        "C0 without these": own["C0", f"without bands {pattern_bands(band)}"],
        "planted": planted["planted"],
        "planted in the map": planted["hits"],
        "become C0": moved["swapped_in"],
        "with random frequencies": moved["random_in"],
        "shortcuts": " ".join(verdicts.loc[verdicts["is_shortcut"], "class_name"]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sweep", type=pathlib.Path)
    sweep = parser.parse_args().sweep
    rows, changes = [], []
    for band in range(1, 5):
        for seed in range(2):
            run = sweep / f"band={band},seed={seed}"
            rows.append(network(run, band, seed))
            frame = pd.read_csv(run / "relative_confusion.csv")
            changes.append(frame.assign(band=f"B{band}", seed=seed))
    pd.DataFrame(rows).round(4).to_csv(HERE / "networks.csv", index=False)
    pd.concat(changes).to_csv(HERE / "relative_confusion.csv", index=False)
    shutil.copyfile(sweep / "figures" / "filters.png", HERE / "filters.png")
    maps = sweep / "band=1,seed=0" / "figures" / "maps_5_percent.png"
    shutil.copyfile(maps, HERE / "maps_b1_5_percent.png")


if __name__ == "__main__":
    main()
