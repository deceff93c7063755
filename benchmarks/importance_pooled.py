"""Importance for all images together on a real network: memory, passes, and checked errors.

    python benchmarks/importance_pooled.py MODEL.keras FOLDER --inputs -1..1 --passes 150000
    python benchmarks/importance_pooled.py MODEL.keras FOLDER --inputs -1..1 --images 150 --check

The model takes square images of the side `--size`. With `--images N`, N images at random are the
whole data set. With `--check`, about a hundred frequencies, three in each of 40 rings, are then
evaluated on every image, and the errors of the search are compared with what it said of them. What
was evaluated is kept in `--cache`, so that a killed run goes on.
"""

import argparse
import itertools
import os
import pathlib
import resource
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

import keras_freq as kf
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.fourier import radius_map
from keras_freq.importance.held_images import hold_images
from keras_freq.interventions import RemovedPairs, Unit

RESCALING = {"0..1": (1.0, 0.0), "0..255": (255.0, 0.0), "-1..1": (2.0, -1.0)}


START = time.perf_counter()


def say(what):
    """Prints a line with what the process has taken so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, cpu = time.perf_counter() - START, time.process_time()
    load = os.getloadavg()[0]
    print(
        f"{seconds:.0f} s, {cpu:.0f} CPU s, peak {peak:.0f} MB, load {load:.1f}: {what}", flush=True
    )


def checked_pairs(radii):
    """Indices of pairs: DC, and three in each of 40 rings of equal width in log(radius)."""
    rng, edges, chosen = np.random.default_rng(7), np.geomspace(0.9, 160, 41), [0]
    for low, high in itertools.pairwise(edges):
        ring = np.flatnonzero((radii >= low) & (radii < high))
        chosen += list(rng.choice(ring, min(len(ring), 3), replace=False)) if len(ring) else []
    return np.array(sorted(set(chosen)))


def exact_changes(classifier, images, labels, pairs, neutral, path):
    """Changes of the loss of every image without every pair, kept in a file as they come."""
    exact = np.load(path) if path.exists() else np.full((len(images), len(pairs)), np.nan)
    removed = RemovedPairs(pairs, images.shape[1:3], neutral)
    for some in (slice(i, i + 10) for i in range(0, len(images), 10)):
        if np.isnan(exact[some]).any():
            base = Unit("losses", images[some], labels[some]).run(classifier)
            changed = Unit("losses", images[some], labels[some], removed).run(classifier)
            exact[some] = changed - base[:, None]
            np.save(path, exact)
    return exact


def report(found, exact, cells, radii):
    """Compares the estimates of some pairs with exact means, by radius."""
    values, errors = (
        part[0].reshape(-1)[cells] for part in (found.loss_change, found.search_stderr)
    )
    units = (values - exact.mean(axis=0)) / np.where(errors > 0, errors, 1.0)
    population = exact.std(axis=0, ddof=1) / np.sqrt(len(exact))
    print(
        "| radius | pairs | error / search_stderr, root mean square | within 2 | "
        "search_stderr / that of the images |"
    )
    print("|---|---|---|---|---|")
    for low, high in ((0, 8), (8, 24), (24, 60), (60, 200), (0, 200)):
        ring = (radii >= low) & (radii < high) & (errors > 0)
        share = np.median(errors[ring] / population[ring])
        print(
            f"| {low} to {high} | {ring.sum()} | {np.sqrt((units[ring] ** 2).mean()):.2f} | "
            f"{(abs(units[ring]) < 2).mean():.2f} | {share:.2f} |"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--inputs", choices=RESCALING, default="0..1")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--images", type=int)
    parser.add_argument("--passes", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path("runs/benchmarks"))
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    shape = arguments.size, arguments.size, 3
    network = keras.models.load_model(arguments.model, compile=False)
    scale, offset = RESCALING[arguments.inputs]
    rescaling = keras.layers.Rescaling(scale, offset=offset)
    model = keras.Sequential([keras.Input(shape), rescaling, network])
    model(np.zeros((1, *shape), np.float32))
    say("TensorFlow and the network")
    dataset = kf.data.image_folder(arguments.folder, image_size=shape[:2])
    classes = len(dataset.class_names)
    if arguments.images:
        images, labels, _ = hold_images(dataset, classes)
        own = np.random.default_rng(8).permutation(len(images))[: arguments.images]
        dataset = images[own], labels[own]
    data_name = f"{arguments.model.stem}_{arguments.images or 'all'}"
    name = f"pooled_{data_name}_{arguments.passes}_{arguments.seed}"
    found = kf.frequency_importance(
        model,
        dataset,
        classes,
        by="all",
        seed=arguments.seed,
        max_evaluations=arguments.passes,
        progress=False,
        checkpoint=arguments.cache / f"{name}.log",
    )
    found.save(arguments.cache / f"{name}.npz")
    say(found)
    print(
        f"mean loss {found.base_loss[0]:.3f} nats; expected overlap of the maps with the exhaustive"
    )
    print(f"search's at {found.fractions}: {found.expected_overlap[0].round(3)}")
    cells, radii = kf.conjugate_pairs(shape[:2])[:, 0], radius_map(shape[:2]).reshape(-1)
    errors = found.loss_change[0], found.search_stderr[0], found.stderr[0]
    change, search, total = (part.reshape(-1)[cells] for part in errors)
    print("| radius | mean importance, nats | search_stderr | stderr |\n|---|---|---|---|")
    for low, high in ((0, 4), (4, 8), (8, 16), (16, 32), (32, 64), (64, 200)):
        ring = (radii[cells] >= low) & (radii[cells] < high)
        print(
            f"| {low} to {high} | {change[ring].mean():.2e} | {np.median(search[ring]):.1e} | "
            f"{np.median(total[ring]):.1e} |"
        )
    if arguments.check:
        images, labels, _ = hold_images(dataset, classes)
        classifier = CompiledClassifier(logits_of(model, images[:2], classes), shape)
        pairs = kf.conjugate_pairs(shape[:2])
        chosen = checked_pairs(radii[cells])
        path = arguments.cache / f"exact_{data_name}.npy"
        data = images, labels, pairs[chosen], found.neutral, path
        exact = exact_changes(classifier, *data)
        report(found, exact, cells[chosen], radii[cells][chosen])
        say("checked")


if __name__ == "__main__":
    main()
