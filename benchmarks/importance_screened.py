"""How many passes the screened search needs, and how its maps compare with the exhaustive ones.

    python benchmarks/importance_screened.py bands --band 1
    python benchmarks/importance_screened.py folder --train PATH --test PATH --size 64
    python benchmarks/importance_screened.py folder --train PATH --test PATH --size 64 --cost 1 5 50

Trains a network (kept in `--cache` with its exhaustive search, and taken from there the next time),
then runs the screened search with several seeds on the same images. A map passes if its overlap
with the exhaustive one is at least 0.95; at 1 % of 32x32, which is six pairs, one may be wrong.
With `--cost` no exhaustive search is made: only the passes are told, for these numbers of images a
class.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from networks import small_resnet

import keras_freq as kf
from keras_freq.importance import map_overlap
from keras_freq.importance.screened_search import screened_share

FRACTIONS = (0.01, 0.05, 0.1)


def bands_data(arguments):
    """A synthetic set in memory: train and test arrays."""
    return [kf.data.frequency_bands(arguments.band, split=split) for split in ("train", "test")]


def folder_data(arguments):
    """Photographs in class folders: train and test arrays."""
    sets = []
    for path in (arguments.train, arguments.test):
        batches = kf.data.image_folder(path, image_size=(arguments.size, arguments.size))
        images, labels = zip(*kf.data.checked_batches(batches), strict=True)
        sets.append((np.concatenate(images), np.concatenate(labels)))
    return sets


def trained(network, data, epochs, rate, augment):
    """Trains with Adam and a cosine schedule, on photographs with flips and small shifts."""
    images, labels = data
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images), seed=0)
    batches = batches.batch(64, drop_remainder=True)
    if augment:
        change = keras.Sequential(
            [keras.layers.RandomFlip("horizontal"), keras.layers.RandomTranslation(0.1, 0.1)]
        )
        batches = batches.map(lambda x, y: (change(x, training=True), y))
    schedule = keras.optimizers.schedules.CosineDecay(rate, epochs * (len(images) // 64))
    network.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy")
    network.fit(batches, epochs=epochs, verbose=0)
    return network


def cached_network(arguments, train, epochs=25):
    """The network of a data set, trained now or taken from the cache: its name, and it."""
    bands = arguments.data == "bands"
    size, num_classes = train[0].shape[1], int(train[1].max()) + 1
    name = f"bands{arguments.band}" if bands else f"{arguments.train.parent.name}{size}"
    arguments.cache.mkdir(parents=True, exist_ok=True)
    if not bands and epochs != 25:
        name += f"_{epochs}epochs"
    path = arguments.cache / f"{name}.keras"
    if not path.exists():
        keras.utils.set_random_seed(0)
        if bands:
            network = trained(kf.models.AlexNetSmall((32, 32, 3), num_classes), train, 8, 1e-4, 0)
        else:
            network = trained(small_resnet(size, num_classes), train, epochs, 2e-3, 1)
        network.save(path)
    return name, keras.models.load_model(path, compile=False)


def first_of_each_class(images, labels, count):
    """The first `count` images of every class."""
    chosen = [np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]
    chosen = np.concatenate(chosen)
    return np.asarray(images)[chosen], np.asarray(labels)[chosen]


def report(exhaustive, screened, small):
    """Prints a line for each class and says whether all maps pass."""
    overlaps, passed = [], True
    for fraction in FRACTIONS:
        reference = kf.dominant_frequency_maps(exhaustive, fraction)
        overlap = map_overlap(kf.dominant_frequency_maps(screened, fraction), reference)
        wrong = np.round((1 - overlap) * reference.sum(axis=(1, 2)) / 2)
        passed &= bool(((overlap >= 0.95) | (small & (fraction == 0.01) & (wrong <= 1))).all())
        overlaps.append(overlap)
    open_cells = screened.search_stderr > 0
    error = (screened.loss_change - exhaustive.loss_change)[open_cells]
    units = error / screened.search_stderr[open_cells]
    lowest = " ".join(f"{overlap.min():.3f}" for overlap in overlaps)
    print(
        f"| {screened.seed} | {screened.evaluations / exhaustive.evaluations:.3f} | {lowest} | "
        f"{np.mean(overlaps):.3f} | {np.nanmin(screened.expected_overlap):.3f} | "
        f"{(abs(units) < 2).mean():.3f} | {'yes' if passed else 'NO'} |",
        flush=True,
    )


def report_cost(network, test, num_classes, arguments):
    """Prints the passes that screened searches take for several numbers of images a class."""
    print("| images a class | passes, share of the exhaustive search | guessed |\n|---|---|---|")
    for count in arguments.cost:
        images, labels = first_of_each_class(*test, count)
        few = labels < arguments.classes
        data = images[few], labels[few]
        shares = []
        for seed in range(arguments.seeds):
            found = kf.frequency_importance(
                network, data, num_classes, fractions=FRACTIONS, seed=seed, progress=False
            )
            shares.append(found.evaluations / found.exhaustive_evaluations)
        guess = screened_share(images.shape[1:3], count)
        shares = f"{100 * min(shares):.1f} to {100 * max(shares):.1f} %"
        print(f"| {count} | {shares} | {100 * guess:.1f} % |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=["bands", "folder"])
    parser.add_argument("--band", type=int, default=1)
    parser.add_argument("--train", type=pathlib.Path)
    parser.add_argument("--test", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--per-class", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--cost", type=int, nargs="+", help="numbers of images a class")
    parser.add_argument("--classes", type=int, default=1000, help="so many classes of --cost")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path("runs/benchmarks"))
    arguments = parser.parse_args()
    bands = arguments.data == "bands"
    train, test = (bands_data if bands else folder_data)(arguments)
    size, num_classes = train[0].shape[1], int(train[1].max()) + 1
    name, network = cached_network(arguments, train, arguments.epochs)
    scores = network.predict(test[0], verbose=0)
    print(f"{name}: accuracy {np.mean(scores.argmax(axis=1) == test[1]):.3f}", flush=True)
    if arguments.cost:
        return report_cost(network, test, num_classes, arguments)
    data = first_of_each_class(*test, arguments.per_class)

    path = arguments.cache / f"{name}_{arguments.per_class}.npz"
    if not path.exists():
        start = time.perf_counter()
        exhaustive = kf.frequency_importance(network, data, num_classes, method="exhaustive")
        exhaustive.save(path)
        print(f"{exhaustive}: {time.perf_counter() - start:.0f} s", flush=True)
    exhaustive = kf.FrequencyImportance.load(path)
    print(
        "| seed | passes | lowest overlap 1, 5, 10 % | mean | expected | |error| < 2 se | passed |"
    )
    print("|---|---|---|---|---|---|---|")
    for seed in range(arguments.seeds):
        start = time.perf_counter()
        screened = kf.frequency_importance(
            network, data, num_classes, fractions=FRACTIONS, seed=seed, progress=False
        )
        elapsed = time.perf_counter() - start
        report(exhaustive, screened, small=size <= 32)
    print(f"{screened}: {elapsed:.0f} s", flush=True)


if __name__ == "__main__":
    main()
