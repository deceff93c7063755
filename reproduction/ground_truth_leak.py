"""Does anything but its planted frequencies tell C0 of the synthetic sets from C1 and C2?

For each image, one number: the energy of a band, of a ring, in total, or a moment of the pixels.
How well the number alone tells C0 from C1 and C2 is the area under its ROC curve: 0.5 is not at
all, 0 and 1 are without error.

The first recipe is read from the history of this repository. In it, the planted energy came on top
of bands whose energies were set exactly.

Command:  python reproduction/ground_truth_leak.py
Time:     about 7 minutes of one CPU core; --per-class 300 takes two or three
Result:   reproduction/ground_truth_leak.csv
"""

import argparse
import subprocess
import types
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import fft, stats

import keras_freq as kf

FIRST_RECIPE = "87721ea:keras_freq/data/synthetic_bands.py"


def first_recipe():
    """The function `frequency_bands` of the first recipe."""
    code = subprocess.run(["git", "show", FIRST_RECIPE], check=True, capture_output=True, text=True)
    module = types.ModuleType("first_recipe")
    exec(compile(code.stdout, FIRST_RECIPE, "exec"), module.__dict__)
    return module.frequency_bands


def numbers_of(images):
    """One number of each image by name: `{(kind, name): (N,)}`."""
    size = images.shape[1]
    waves = fft.fft2(images - np.float32(0.5), axes=(1, 2))
    power = fft.fftshift((np.abs(waves) ** 2).sum(axis=-1), axes=(1, 2))
    power[:, size // 2, size // 2] = 0
    numbers = {("energy", "total"): power.sum(axis=(1, 2))}
    for band, (low, high) in enumerate(pairwise(kf.band_edges(size)), start=1):
        mask = kf.band_pass_mask(size, low, high)
        numbers["energy", f"band {band}"] = power[:, mask].sum(axis=1)
    radius = np.rint(kf.fourier.radius_map(size)).astype(int)
    for ring in range(1, radius.max() + 1):
        numbers["ring", f"ring {ring}"] = power[:, radius == ring].sum(axis=1)
    colours = {"pixels": images, "grey pixels": images.mean(axis=-1)}
    for name, pixels in colours.items():
        flat = pixels.reshape(len(images), -1).astype(np.float64)
        moments = {"standard deviation": np.std, "skewness": stats.skew, "kurtosis": stats.kurtosis}
        numbers |= {("moment", f"{key} of {name}"): f(flat, axis=1) for key, f in moments.items()}
    return numbers


def areas(recipe, band, seed, per_class):
    """Area under the ROC curve of C0 against C1 and C2 of each number of one set."""
    images, labels = recipe(band, per_class=per_class, seed=seed)
    numbers = numbers_of(images[labels != 3])
    is_c0 = labels[labels != 3] == 0
    n, m = is_c0.sum(), (~is_c0).sum()
    rows = []
    for (kind, name), values in numbers.items():
        ranks = stats.rankdata(values)
        area = (ranks[is_c0].sum() - n * (n + 1) / 2) / (n * m)
        rows.append({"set": f"B{band}", "seed": seed, "kind": kind, "number": name, "auc": area})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--per-class", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    arguments = parser.parse_args()
    recipes = {"first": first_recipe(), "second": kf.data.frequency_bands}
    tables = []
    for seed in range(arguments.seeds):
        for name, recipe in recipes.items():
            for band in (1, 2, 3, 4):
                rows = pd.DataFrame(areas(recipe, band, seed, arguments.per_class))
                tables.append(rows.assign(recipe=name))
        table = pd.concat(tables)
        grouped = table.groupby(["kind", "number", "set", "recipe"], sort=False)["auc"]
        summary = grouped.agg(["min", "mean", "max", "size"]).rename(columns={"size": "seeds"})
        summary.round(3).reset_index().to_csv(arguments.out, index=False)
    extremes = table.groupby(["recipe", "kind"])["auc"].agg(["min", "max"])
    print(extremes.round(3).to_string())


if __name__ == "__main__":
    main()
