"""Are the frequency shortcuts of one network shortcuts for another? Two results folders, both ways.

    python reproduction/shortcut_transfer.py results/one results/other

Both folders are sweeps over the same data, whose runs have the same names. The maps of each
network, of 5 % of the frequencies, are scored on both networks, in two ways. With them alone, as
Wang et al. do: `shortcut_transfer/shortcut_transfer.csv`, one row a run, source of the maps,
network and class. And the other way round, without them:
`shortcut_transfer/without_maps.csv` has the recall of each class, beside that without as many
other frequencies. 50 test images of each class; the rates of a network's own maps are those of
its run.
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

HERE = pathlib.Path(__file__).parent / "shortcut_transfer"


def tables_of_both(folders, fraction, images_per_class):
    """The maps of either network on both: two frames, of one run.

    Args:
        folders: `{name of the network: results folder of its run}`, two on the same data.
        fraction: of the frequencies, of the maps, and one of those that the runs were analysed at.
        images_per_class: of the test images.
    """
    settings = [load_experiments(folder / "config.toml")[0] for folder in folders.values()]
    if settings[0].data != settings[1].data:
        raise SystemExit(f"{' and '.join(map(str, folders.values()))} are not of the same data")
    data = load_data(settings[0].data)
    models = {
        name: keras.models.load_model(folder / "model.keras") for name, folder in folders.items()
    }
    images = data.sample("test", images_per_class, settings[0].seed)
    transfer, without = [], []
    for source, folder in folders.items():
        importance = kf.FrequencyImportance.load(folder / "importance.npz")
        maps = kf.dominant_frequency_maps(importance, fraction)
        (other,) = set(models) - {source}
        options = {"neutral": data.channel_means, "class_names": data.class_names}
        rates = {
            source: own_rates(folder, fraction),
            other: kf.rates_under_maps(models[other], images, maps, progress=False, **options),
        }
        transfer.append(kf.shortcut_transfer(rates, reference=source).assign(maps_of=source))
        for name, model in models.items():
            recalls = kf.recall_without_maps(model, images, maps, progress=False, **options)
            without.append(recalls.assign(maps_of=source, network=name))
    return pd.concat(transfer, ignore_index=True), pd.concat(without, ignore_index=True)


def own_rates(folder, fraction):
    """The rates of a network under its own maps, which its run has found."""
    rates = pd.read_csv(folder / "rates.csv")
    rates = rates[rates["fraction"] == fraction].reset_index(drop=True)
    if not len(rates):
        raise SystemExit(f"{folder} was not analysed at a fraction of {fraction}")
    return rates.drop(columns=["fraction", "is_shortcut", "verdict"])


def written(frames, name):
    """All runs in one CSV file."""
    table = pd.concat(frames, ignore_index=True)
    HERE.mkdir(exist_ok=True)
    table.round(4).to_csv(HERE / name, index=False)
    print(f"written: {HERE / name}")
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs=2, type=pathlib.Path, help="two folders of sweeps")
    parser.add_argument("--fraction", type=float, default=0.05, help="of the frequencies")
    parser.add_argument("--images-per-class", type=int, default=50)
    arguments = parser.parse_args()
    runs = [
        {path.parent.name for path in folder.glob("*/rates.csv")} for folder in arguments.results
    ]
    if not (shared := sorted(runs[0] & runs[1])):
        raise SystemExit(f"no run is in both folders and done: {runs[0]} and {runs[1]}")
    transfer, without = [], []
    for run in shared:
        folders = {folder.name: folder / run for folder in arguments.results}
        rates, recalls = tables_of_both(folders, arguments.fraction, arguments.images_per_class)
        transfer.append(rates.rename(columns={"setting": "network"}).assign(run=run))
        without.append(recalls.assign(run=run))
        print(run, "done", flush=True)
    table = written(transfer, "shortcut_transfer.csv")
    counts = table[table["network"] != table["maps_of"]].groupby(["maps_of", "network", "fate"])
    print(counts.size().unstack(fill_value=0))
    table = written(without, "without_maps.csv")
    columns = ["recall", "recall_without", "random_recall", "is_needed"]
    means = table.groupby(["class_name", "maps_of", "network"])[columns].mean()
    print(means.round(3).to_string())


if __name__ == "__main__":
    main()
