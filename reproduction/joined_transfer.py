"""Joins results of transfer on CIFAR-10: those of one run, and those of more splits of another.

    python reproduction/joined_transfer.py runs/transfer_cifar10 runs/more_splits

Writes the tables of both into `transfer_cifar10/`, and what is made of them: claims, the table of
boosts, and the figures of random halves and of dissimilar tasks.
"""

import argparse
import pathlib
import shutil
import tempfile

import pandas as pd

import keras_freq as kf
from keras_freq.lab.experiments.figures import write_transfer_figures
from keras_freq.lab.tables import write_csv
from keras_freq.transfer.accuracy_boosts import transfer_claims

HERE = pathlib.Path(__file__).parent / "transfer_cifar10"
LAYERS = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=pathlib.Path, nargs="+", help="results folders")
    folders = parser.parse_args().folders
    for name in ("tasks.csv", "transfer.csv"):
        write_csv(HERE / name, pd.concat([pd.read_csv(one / name) for one in folders]))
    frame = pd.read_csv(HERE / "transfer.csv")
    write_csv(HERE / "claims.csv", transfer_claims(frame, LAYERS))
    boosts = {name: kf.transfer_boost(own) for name, own in frame.groupby("type", sort=False)}
    boost = pd.concat(boosts, names=["splits"]).reset_index("splits")
    write_csv(HERE / "boost.csv", boost)
    with tempfile.TemporaryDirectory() as drawn:
        shutil.copy(HERE / "transfer.csv", drawn)
        write_transfer_figures(pathlib.Path(drawn))
        for name in ("changes_random", "degradation"):
            shutil.copy(pathlib.Path(drawn) / "figures" / f"{name}.png", HERE)


if __name__ == "__main__":
    main()
