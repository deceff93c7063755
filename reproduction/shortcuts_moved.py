"""Do shortcuts go away with augmentation, or do they move? The runs of sweeps, class by class.

    python reproduction/shortcuts_moved.py runs/augmentation_shortcuts [a folder of another seed]

A folder is a sweep of `configs/augmentation_shortcuts.toml`. Every network is asked twice: what a
class loses without the frequencies that the network without augmentation leans on (has the old
shortcut gone?), and what it loses without those that it leans on itself (is there a new one?).
Writes `augmentation/moved.csv`: one row a run and class.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd

import keras_freq as kf
from keras_freq.lab.config import load_experiments
from keras_freq.lab.experiments.data import load_data

HERE = pathlib.Path(__file__).parent / "augmentation"
FIRST = "recipe=none"


def of_classes(folder, first, data, fraction, seed):
    """One row a class of a run: recalls with and without the old and the new maps, and rates.

    Args:
        folder: of the run.
        first: the folder of the run whose maps are the old ones.
        data: the `Data` of both.
        fraction: of the frequencies, of the maps.
        seed: of the runs.
    """
    model = keras.models.load_model(folder / "model.keras", compile=False)
    importance = kf.FrequencyImportance.load(folder / "importance.npz")
    maps = kf.dominant_frequency_maps(importance, fraction)
    importance = kf.FrequencyImportance.load(first / "importance.npz")
    old_maps = kf.dominant_frequency_maps(importance, fraction)
    old = kf.recall_without_maps(
        model,
        data.test,
        old_maps,
        neutral=data.channel_means,
        seed=seed,
        class_names=data.class_names,
        progress=False,
    )
    new = pd.read_csv(folder / "without_maps.csv").query("fraction == @fraction")
    rates = pd.read_csv(folder / "rates.csv").query("fraction == @fraction")
    return pd.DataFrame(
        {
            "recipe": folder.name.removeprefix("recipe="),
            "class_name": data.class_names,
            "recall": old["recall"],
            "without_old": old["recall_without"],
            "random_old": old["random_recall"],
            "needs_old": old["is_needed"],
            "without_own": new["recall_without"].to_numpy(),
            "random_own": new["random_recall"].to_numpy(),
            "needs_own": new["is_needed"].to_numpy(),
            "overlap": kf.map_overlap(maps, old_maps),
            "tpr": rates["tpr"].to_numpy(),
            "fpr": rates["fpr"].to_numpy(),
            "is_shortcut": rates["is_shortcut"].to_numpy(),
        }
    )


def of_sweep(folder):
    """The rows of all runs of a sweep that are done, the one without augmentation first."""
    first = folder / FIRST
    (settings,) = load_experiments(first / "config.toml")
    data = load_data(settings.data)
    fraction = settings.augmentation.maps_fraction
    frames = []
    done = sorted(path.parent for path in folder.glob("*/report.html"))
    for run in sorted(done, key=lambda path: path != first):
        frames.append(of_classes(run, first, data, fraction, settings.seed))
        print(run, "done", flush=True)
    table = pd.concat(frames, ignore_index=True)
    table.insert(1, "seed", settings.seed)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=pathlib.Path, help="a folder a sweep")
    folders = parser.parse_args().results
    table = pd.concat([of_sweep(folder) for folder in folders], ignore_index=True)
    HERE.mkdir(exist_ok=True)
    path = HERE / "moved.csv"
    table.round(4).to_csv(path, index=False)
    means = table.groupby(["recipe", "seed"], sort=False).mean(numeric_only=True)
    print(means.round(3).to_string())
    print(f"written: {path}")


if __name__ == "__main__":
    main()
