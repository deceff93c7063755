"""Are the frequency shortcuts of one network shortcuts for another? Two results folders, both ways.

    python reproduction/shortcut_transfer.py results/one results/other

Both folders are sweeps over the same data, whose runs have the same names. The maps of each
network, of 5 % of the frequencies, are scored on both networks. Writes
`shortcut_transfer/shortcut_transfer.csv`: one row a run, source of the maps, network and class.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd

import keras_freq as kf
from keras_freq.config import load_experiments
from keras_freq.experiment.inputs import load_data

HERE = pathlib.Path(__file__).parent / "shortcut_transfer"


def rates_of_both(folders, fraction):
    """The rates of the maps of either network on both: one frame, of one run.

    Args:
        folders: `{name of the network: results folder of its run}`, two on the same data.
        fraction: of the frequencies, of the maps.
    """
    settings = [load_experiments(folder / "config.toml")[0] for folder in folders.values()]
    if settings[0].data != settings[1].data:
        raise SystemExit(f"{' and '.join(map(str, folders.values()))} are not of the same data")
    data = load_data(settings[0].data, settings[0].seed)
    models = {
        name: keras.models.load_model(folder / "model.keras") for name, folder in folders.items()
    }
    frames = []
    for source, folder in folders.items():
        importance = kf.FrequencyImportance.load(folder / "importance.npz")
        maps = kf.dominant_frequency_maps(importance, fraction)
        options = {"neutral": data.channel_means, "class_names": data.class_names}
        rates = {
            name: kf.rates_under_maps(model, data.test, maps, progress=False, **options)
            for name, model in models.items()
        }
        frames.append(kf.shortcut_transfer(rates, reference=source).assign(maps_of=source))
    return pd.concat(frames, ignore_index=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs=2, type=pathlib.Path, help="two folders of sweeps")
    parser.add_argument("--fraction", type=float, default=0.05, help="of the frequencies")
    arguments = parser.parse_args()
    runs = [
        {path.parent.name for path in folder.glob("*/importance.npz")}
        for folder in arguments.results
    ]
    if not (shared := sorted(runs[0] & runs[1])):
        raise SystemExit(f"no run is in both folders and done: {runs[0]} and {runs[1]}")
    frames = []
    for run in shared:
        folders = {folder.name: folder / run for folder in arguments.results}
        frames.append(rates_of_both(folders, arguments.fraction).assign(run=run))
        print(run, "done", flush=True)
    table = pd.concat(frames, ignore_index=True).rename(columns={"setting": "network"})
    HERE.mkdir(exist_ok=True)
    path = HERE / "shortcut_transfer.csv"
    table.round(4).to_csv(path, index=False)
    counts = table[table["network"] != table["maps_of"]].groupby(["maps_of", "network", "fate"])
    print(counts.size().unstack(fill_value=0))
    print(f"written: {path}")


if __name__ == "__main__":
    main()
