"""Do networks rely on amplitudes first, and on phases later? Probes during the first steps.

    python reproduction/phase_over_training.py path/to/cifar10 --seeds 3

The folder holds `train` and `test` with ten class folders. Each network is trained on the untouched
images; at every 20th step it is asked about test images that are untouched, that keep only their
amplitudes, that keep only their phases (with the mean amplitudes of the training images), and that
have the phases of one image and the amplitudes of one of another class. Writes
`phase_over_training/accuracy.csv` (a row a network, seed, step and probe), `early_and_late.csv`
(means over the first 200 steps and over the last ten probes) and `accuracy.png`.
"""

import argparse
import pathlib

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf

import keras_freq as kf
from keras_freq.data.batches import collected
from keras_freq.shortcuts.donors import donors_of_other_classes

HERE = pathlib.Path(__file__).parent / "phase_over_training"
EVERY = 20
EARLY = 200
CHANCE = 0.1
PROBES = {
    "untouched": "untouched",
    "amplitude only": "only amplitudes",
    "phase only": "only phases",
    "mixed, phase": "mixed: class of the phases",
    "mixed, amplitude": "mixed: class of the amplitudes",
}


def perceptron(input_shape, num_classes):
    """Two layers, as in the first experiments of the paper."""
    layers = [
        keras.layers.Flatten(),
        keras.layers.Dense(512, "relu"),
        keras.layers.Dense(num_classes),
    ]
    return keras.Sequential([keras.Input(input_shape), *layers], name="perceptron")


NETWORKS = {
    "two layers": perceptron,
    "LeNet5": lambda shape, classes: kf.models.LeNet5(shape, classes, classifier_activation=None),
}


def probes_of(images, labels, amplitude):
    """The probes: data sets by name. Mixed images are asked about twice, once for each cue."""
    donors = donors_of_other_classes(labels, seed=0)
    mixed = kf.swap_phase(images[donors], images)
    return {
        "untouched": (images, labels),
        "amplitude only": (kf.amplitude_only(images, seed=(0, 1)), labels),
        "phase only": (kf.phase_only(images, amplitude), labels),
        "mixed, phase": (mixed, labels),
        "mixed, amplitude": (mixed, labels[donors]),
    }


def accuracies(network, train, probes, steps, seed):
    """Trains one network; a row a step and probe."""
    keras.utils.set_random_seed(seed)
    images, labels = train
    model = NETWORKS[network](images.shape[1:], 10)
    recorder = kf.ClassMetricsRecorder(10, max_steps=steps, probes=probes, probe_every=EVERY)
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[recorder.batch_counts],
    )
    batches = kf.data.arrays(images, labels, batch_size=64, shuffle=True, seed=seed, first_epoch=0)
    model.fit(
        batches, steps_per_epoch=steps, epochs=1, callbacks=[recorder], shuffle=False, verbose=0
    )
    rows = recorder.to_frame()
    rows = rows[rows["source"] != "train"].groupby(["source", "step"], sort=False)
    found = rows[["tp", "support"]].sum().reset_index()
    found["accuracy"] = found["tp"] / found["support"]
    return found.assign(network=network, seed=seed)[
        ["network", "seed", "step", "source", "accuracy", "support"]
    ]


def early_and_late(table):
    """What a probe gained over chance, early and in the end: a row a network, seed and probe."""
    rows = []
    for (network, seed, source), own in table.groupby(["network", "seed", "source"], sort=False):
        early, late = own["accuracy"][own["step"] <= EARLY].mean(), own["accuracy"][-10:].mean()
        share = (early - CHANCE) / (late - CHANCE)
        rows.append((network, seed, source, early, late, share))
    columns = ["network", "seed", "source", "early", "late", "share_gained_early"]
    return pd.DataFrame(rows, columns=columns)


def draw(table, path):
    """Accuracy of each probe over the steps, a panel a network: mean and range over seeds."""
    networks = table["network"].unique()
    figure, axes = plt.subplots(
        1, len(networks), figsize=(4.2 * len(networks), 3.2), sharey=True, layout="constrained"
    )
    colours = dict(zip(PROBES, ("0.2", "C1", "C0", "C0", "C1"), strict=True))
    for ax, network in zip(np.atleast_1d(axes), networks, strict=True):
        for source, label in PROBES.items():
            style = "--" if source.startswith("mixed") else "-"
            own = table[(table["network"] == network) & (table["source"] == source)]
            line = own.groupby("step")["accuracy"].agg(["mean", "min", "max"])
            look = {"color": colours[source], "linestyle": style, "label": label}
            ax.plot(line.index, line["mean"], **look)
            band = line["min"], line["max"]
            ax.fill_between(line.index, *band, color=colours[source], alpha=0.15, linewidth=0)
        ax.axhline(CHANCE, color="0.7", linewidth=0.8)
        ax.set(title=network, xlabel="training step", xscale="log")
        ax.spines[["top", "right"]].set_visible(False)
    np.atleast_1d(axes)[0].set_ylabel("share of test images that are right")
    np.atleast_1d(axes)[-1].legend(
        frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.02, 0.5)
    )
    figure.savefig(path, dpi=90)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=pathlib.Path, help="folder with train and test")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--threads", type=int, default=None)
    arguments = parser.parse_args()
    if arguments.threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
        tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
    train, test = (
        collected(kf.data.image_folder(arguments.images / part, image_size=32))
        for part in ("train", "test")
    )
    amplitude = np.mean(
        [np.mean(kf.amplitude_spectrum(part), axis=0) for part in np.split(train[0], 40)], axis=0
    )
    chosen = np.arange(0, len(test[1]), 8)  # the same number of each class
    probes = probes_of(test[0][chosen], test[1][chosen], amplitude)
    HERE.mkdir(exist_ok=True)
    tables = []
    for network in NETWORKS:
        for seed in range(arguments.seeds):
            tables.append(accuracies(network, train, probes, arguments.steps, seed))
            table = pd.concat(tables, ignore_index=True)
            table.round(4).to_csv(HERE / "accuracy.csv", index=False)
            print(early_and_late(tables[-1]).round(3).to_string(index=False), flush=True)
    early_and_late(table).round(4).to_csv(HERE / "early_and_late.csv", index=False)
    draw(table, HERE / "accuracy.png")


if __name__ == "__main__":
    main()
