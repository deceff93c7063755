"""Importance for all images together on a real network: memory, passes, and checked errors.

    python benchmarks/importance_pooled.py MODEL.keras FOLDER --inputs=-1..1 --passes 150000
    python benchmarks/importance_pooled.py MODEL.keras FOLDER --inputs=-1..1 --check 160

The model takes square images of the side `--size`. With `--check N`, about a hundred frequencies,
three in each of 40 rings, are evaluated on each of N images at random. Then the draws of the search
are made 60 times over from these changes, and the errors of its estimates are compared with what it
says of them. What was evaluated is kept in `--cache`, so that a killed run goes on.
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
from keras_freq.importance.drawn_changes import (
    Draws,
    estimates,
    first_images,
    image_sizes,
    usual_changes,
)
from keras_freq.importance.held_images import hold_images
from keras_freq.importance.linearised_logits import LinearisedLossUnit
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


def replayed(exact, base, linear, radii, seed):
    """Draws from exact changes as the search does, with 60 pilot pairs and some draws of others.

    Returns:
        Three arrays of pairs: errors over their standard errors, draws, and standard errors.
    """
    rng, count, pairs = np.random.default_rng(seed), *exact.shape
    sizes = image_sizes(base)
    image, until = first_images(sizes, min(100, count), rng)
    chances = -np.expm1(-sizes[image, None] * until)
    scale = np.sqrt((linear[image] ** 2 / chances).sum(axis=0) / count)
    times = rng.choice([0, 8, 12, 18, 40, 80], pairs)
    pilot = np.sort(rng.choice(pairs, 60, replace=False))
    times[pilot] = 32
    draws = Draws(pairs, sizes, [seed])
    items = draws.next_items(np.flatnonzero(times), times[times > 0])
    draws.add(items, exact[tuple(items.T)])
    usual = usual_changes(draws, scale, pilot, radii)
    values, stderr, *_ = estimates(draws, usual, scale)
    return (values - exact.mean(axis=0)) / stderr, draws.number, stderr


def check(model, dataset, num_classes, count, path):
    """Prints how far the errors of the search are true, by radius and number of draws."""
    images, labels, neutral = hold_images(dataset, num_classes)
    own = np.random.default_rng(8).permutation(len(images))[:count]
    images, labels, size = images[own], labels[own], images.shape[1:3]
    classifier = CompiledClassifier(logits_of(model, images[:2], num_classes), images.shape[1:])
    pairs = kf.conjugate_pairs(size)
    radii = radius_map(size).reshape(-1)[pairs[:, 0]]
    chosen = checked_pairs(radii)
    pairs, radii = pairs[chosen], radii[chosen]
    exact = exact_changes(classifier, images, labels, pairs, neutral, path)
    base = Unit("losses", images, labels).run(classifier)
    linear = LinearisedLossUnit(images, labels, pairs, neutral).run(classifier)
    say(f"{exact.size:,} exact changes")
    found = [replayed(exact, base, linear, radii, seed) for seed in range(60)]
    units, number, stderr = (np.array(part) for part in zip(*found, strict=True))
    population = exact.std(axis=0, ddof=1) / np.sqrt(count)
    print(
        "| radius | draws | estimates | error / search_stderr, root mean square | within 2 | "
        "search_stderr / standard error over the images |\n|---|---|---|---|---|---|"
    )
    for low, high in ((0, 8), (8, 24), (24, 60), (60, 200), (0, 200)):
        for least, most in ((0, 1), (1, 20), (20, 200)):
            own = (number >= least) & (number < most) & (radii >= low) & (radii < high)
            share = np.median((stderr / population)[own])
            print(
                f"| {low} to {high} | {least} to {most - 1} | {own.sum()} | "
                f"{np.sqrt((units[own] ** 2).mean()):.2f} | {(abs(units[own]) < 2).mean():.3f} | "
                f"{share:.2f} |"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--inputs", choices=RESCALING, default="0..1")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--passes", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check", type=int)
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
    if arguments.check:
        path = arguments.cache / f"exact_{arguments.model.stem}_{arguments.check}.npy"
        return check(model, dataset, classes, arguments.check, path)
    name = f"pooled_{arguments.model.stem}_{arguments.passes}_{arguments.seed}"
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


if __name__ == "__main__":
    main()
