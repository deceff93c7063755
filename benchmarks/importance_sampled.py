"""The screened search where an exhaustive one is out of reach: 224x224, 25,090 pairs.

    python benchmarks/importance_sampled.py --train PATH --test PATH

Runs the screened search, then evaluates a stratified random sample of pairs on every image. From
these the overlap with the exhaustive maps is estimated: the threshold of the exhaustive map is
where the sample's weighted number of more important pairs is the map's, and the overlap is the
weighted share of those that the screened map holds.
"""

import argparse
import itertools
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from importance_screened import FRACTIONS, first_of_each_class, folder_data, trained
from networks import small_resnet

import keras_freq as kf
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.interventions import RemovedPairs, Unit

# Ranks that cut the pairs into strata, in units of the largest map's pairs.
CUTS = np.array([0, 0.05, 0.1, 0.15, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1, 1.1, 1.3, 2, 4])


def stratified(values, largest, each, rng):
    """Draws `each` pairs from every stratum of ranks: indices, and the weight of each."""
    order = np.argsort(-values, kind="stable")
    edges = np.unique(np.minimum(np.append(CUTS * largest, len(values)).astype(int), len(values)))
    chosen, weights = [], []
    for first, last in itertools.pairwise(edges):
        drawn = rng.choice(order[first:last], min(each, last - first), replace=False)
        chosen.append(drawn)
        weights.append(np.full(len(drawn), (last - first) / len(drawn)))
    return np.concatenate(chosen), np.concatenate(weights)


def estimated_overlap(exact, inside, weights, pairs):
    """Estimates the overlap of a map with the exact one of as many pairs."""
    order = np.argsort(-exact, kind="stable")
    reach = np.cumsum(weights[order])
    top = order[: np.searchsorted(reach, pairs) + 1]
    return weights[top][inside[top]].sum() / weights[top].sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=pathlib.Path, required=True)
    parser.add_argument("--test", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--per-class", type=int, default=50)
    parser.add_argument("--each", type=int, default=25, help="pairs evaluated in every stratum")
    parser.add_argument("--classes", type=int, help="search the first classes only")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path("runs/benchmarks"))
    arguments = parser.parse_args()
    train, test = folder_data(arguments)
    size, num_classes = train[0].shape[1], int(train[1].max()) + 1
    arguments.cache.mkdir(parents=True, exist_ok=True)
    path = arguments.cache / f"{arguments.train.parent.name}{size}.keras"
    if not path.exists():
        keras.utils.set_random_seed(0)
        network = small_resnet(size, num_classes, width=16, stages=5)
        trained(network, train, arguments.epochs, 2e-3, augment=True).save(path)
    network = keras.models.load_model(path, compile=False)
    scores = network.predict(test[0], verbose=0)
    print(f"accuracy {np.mean(scores.argmax(axis=1) == test[1]):.3f}", flush=True)
    images, labels = first_of_each_class(*test, arguments.per_class)
    searched = num_classes if arguments.classes is None else arguments.classes
    images, labels = images[labels < searched], labels[labels < searched]

    start = time.perf_counter()
    screened = kf.frequency_importance(network, (images, labels), num_classes, fractions=FRACTIONS)
    print(f"{screened}: {time.perf_counter() - start:.0f} s", flush=True)
    share = screened.evaluations / screened.exhaustive_evaluations
    print(f"share of the exhaustive search's passes: {share:.4f}")

    pairs = kf.conjugate_pairs(size)
    cells = pairs[:, 0]
    maps = [kf.dominant_frequency_maps(screened, f).reshape(num_classes, -1) for f in FRACTIONS]
    maps = [found[:, cells] for found in maps]
    logits = logits_of(network, images[:2], num_classes)
    classifier = CompiledClassifier(logits, images.shape[1:])
    rng = np.random.default_rng(0)
    print("| class | overlap 1, 5, 10 % | expected | |error| < 2 se | rms error / se |")
    print("|---|---|---|---|---|")
    for label in range(searched):
        own = labels == label
        values = screened.loss_change[label].reshape(-1)[cells]
        stderr = screened.search_stderr[label].reshape(-1)[cells]
        chosen, weights = stratified(values, maps[-1][label].sum(), arguments.each, rng)
        removed = RemovedPairs(pairs[chosen], size, screened.neutral)
        base = Unit("losses", images[own], labels[own]).run(classifier)
        exact = Unit("losses", images[own], labels[own], removed).run(classifier) - base[:, None]
        exact = exact.mean(axis=0)
        overlaps = [
            estimated_overlap(exact, found[label][chosen], weights, found[label].sum())
            for found in maps
        ]
        unsure = stderr[chosen] > 0
        units = ((values[chosen] - exact) / np.where(unsure, stderr[chosen], 1))[unsure]
        print(
            f"| {label} | {' '.join(f'{overlap:.3f}' for overlap in overlaps)} | "
            f"{screened.expected_overlap[label].min():.3f} | {(abs(units) < 2).mean():.3f} | "
            f"{np.sqrt((units**2).mean()):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
