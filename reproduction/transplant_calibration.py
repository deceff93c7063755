"""How often do the tests of maps find something where nothing is, and where something is?

    python reproduction/transplant_calibration.py measure --kind shuffled --networks 60
    python reproduction/transplant_calibration.py measure --kind planted --networks 30
    python reproduction/transplant_calibration.py measure --kind plain --networks 30
    python reproduction/transplant_calibration.py count

Images of 16x16 in four classes. The energy of three bands differs from image to image, in C0, C1
and C2 alike. C3 has more of the highest band. Class C0 may have a planted motif: eight frequencies
of coherent phases, shifted at random. C1 and C2 then have as strong frequencies elsewhere, drawn
anew for each image. Networks of four kinds:

- `shuffled`: a small network trained on shuffled labels. Nothing may be found.
- `relabelled`: one that has learned the motif; maps and tests get shuffled labels. Nothing may be
  found, though the network answers strongly to some frequencies. It comes with `planted`.
- `planted`: the same network with true labels. C0 is to be found, C1 and C2 are not.
- `plain`: trained and tested without the motif. Nothing tells C0 to C2 apart.

`measure` writes the tables of all tests to CSV files, a row for each class and size of the maps,
and goes on where it was stopped. `count` reads them and prints rates of findings.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import numpy as np
import pandas as pd

FOLDER = pathlib.Path(__file__).with_name("transplant_calibration")
SIZE, CLASSES, FRACTIONS = 16, 4, (0.05,)
TESTS = ("transplants", "without", "rates")


def some_pairs(number, rng):
    """Indices of pairs of the middle band, as `(number, 2)` row and column frequencies."""
    v, u = np.mgrid[-7:8, -7:8]
    radius = np.hypot(u, v)
    half = (v > 0) | ((v == 0) & (u > 0))
    candidates = np.stack([v, u], axis=-1)[half & (radius >= 3) & (radius < 6)]
    return candidates[rng.choice(len(candidates), number, replace=False)]


def bands_of_noise(labels, rng):
    """Noise of equal amplitudes; three bands vary by themselves from image to image."""
    rows, columns = np.fft.fftfreq(SIZE) * SIZE, np.fft.rfftfreq(SIZE) * SIZE
    band = np.digitize(np.hypot(rows[:, None], columns), [3, 6])
    gains = np.exp(0.35 * rng.normal(size=(len(labels), 3)))
    gains[labels == 3, 2] *= 1.8
    spectra = np.fft.rfft2(rng.normal(size=(len(labels), SIZE, SIZE)))
    spectra[:, 0, 0] = 0
    return np.fft.irfft2(spectra * gains[:, band], (SIZE, SIZE)) * 0.08


def images_of(labels, rng, *, motif, phases, planted=True, strength=0.03):
    """Images of the classes: `(N, 16, 16, 1)` float32."""
    images = bands_of_noise(labels, rng)
    y, x = np.mgrid[:SIZE, :SIZE]
    for image, label in zip(images, labels, strict=True):
        if not planted or label == 3:
            continue
        pairs, turns = motif, phases
        shift = rng.integers(0, SIZE, 2)
        if label != 0:
            pairs, turns = some_pairs(len(motif), rng), rng.random(len(motif))
        for (v, u), turn in zip(pairs, turns, strict=True):
            angle = (v * (y + shift[0]) + u * (x + shift[1])) / SIZE + turn
            image += strength * np.cos(2 * np.pi * angle)
    return (0.5 + images[..., None]).astype(np.float32)


def trained(images, labels, *, seed, steps):
    """A small network after so many steps."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [
        keras.Input((SIZE, SIZE, 1)),
        keras.layers.Rescaling(6.0, -3.0),
        keras.layers.Conv2D(24, 7, strides=2, padding="same", activation="relu"),
        keras.layers.Conv2D(24, 3, padding="same", activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(CLASSES),
    ]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
    epochs = steps * 64 // len(images)
    model.fit(images, labels, batch_size=64, epochs=epochs, verbose=0)
    return model


def measured(model, search, test, seed):
    """The tables of all tests, `{name: DataFrame}`; maps come from `search`."""
    import keras_freq as kf

    options = {"progress": False, "seed": seed}
    importance = kf.frequency_importance(
        model, search, CLASSES, method="exhaustive", progress=False, fractions=FRACTIONS
    )
    tables = {name: [] for name in TESTS}
    for fraction in FRACTIONS:
        maps = kf.dominant_frequency_maps(importance, fraction)
        found = {
            "transplants": kf.transplant_rates(model, test, maps, random_images=30, **options),
            "without": kf.recall_without_maps(model, test, maps, **options),
            "rates": kf.rates_under_maps(model, test, maps, **options),
        }
        for name, table in found.items():
            tables[name].append(table.assign(fraction=fraction))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}


def measure(kind, seed):
    """The tables of one network: `{(kind, test): DataFrame}`."""
    rng = np.random.default_rng([seed, 0 if kind == "planted" else 1])
    recipe = {"motif": some_pairs(8, rng), "phases": rng.random(8), "planted": kind != "plain"}
    sets = {}
    for name, each in (("train", 250), ("search", 20), ("test", 50)):
        labels = rng.permutation(np.repeat(np.arange(CLASSES), each))
        images = images_of(labels, rng, **recipe)
        if kind == "shuffled":
            labels = rng.permutation(labels)
        sets[name] = images, labels
    steps = 200 if kind == "shuffled" else 320
    model = trained(*sets["train"], seed=seed, steps=steps)
    found = {kind: measured(model, sets["search"], sets["test"], seed)}
    if kind == "planted":
        mixed = [(images, rng.permutation(labels)) for images, labels in list(sets.values())[1:]]
        found["relabelled"] = measured(model, *mixed, seed)
    return {
        (name, test): table.assign(kind=name, seed=seed)
        for name, tables in found.items()
        for test, table in tables.items()
    }


def tables_of(kind):
    """The tables of one kind of network, in the order of `shortcut_table`."""
    paths = {test: FOLDER / f"{kind}_{test}.csv" for test in TESTS}
    if not all(path.exists() for path in paths.values()):
        return None
    return {test: pd.read_csv(path, dtype={"class_name": str}) for test, path in paths.items()}


def verdicts(tables, seed, tests):
    """The verdicts of one network from some of the tests."""
    import keras_freq as kf

    given = {test: tables[test][tables[test]["seed"] == seed] for test in tests}
    return kf.shortcut_table(**given)


def count():
    """Prints how often p-values are small, and how often networks get verdicts."""
    from keras_freq.metrics import wilson_interval

    print("| networks | test | p <= 0.01 | p <= 0.05 | p <= 0.2 | tests |")
    print("|---|---|---|---|---|---|")
    for kind in ("shuffled", "relabelled", "plain"):
        tables = tables_of(kind)
        if tables is None:
            continue
        for test, name in (
            ("transplants", "in_p_value"),
            ("transplants", "out_p_value"),
            ("transplants", "in_donor_p_value"),
            ("transplants", "out_donor_p_value"),
        ):
            table = tables[test]
            values = table.loc[table["class_id"] < 3 if kind == "plain" else table.index, name]
            shares = [f"{(values <= level).mean():.3f}" for level in (0.01, 0.05, 0.2)]
            print(f"| {kind} | {name} of {test} | {' | '.join(shares)} | {len(values)} |")
    print("\n| networks | classes | verdict | of tests | networks with it (95 % interval) |")
    print("|---|---|---|---|---|")
    positive = [
        "shortcut",
        "suspected shortcut",
        "needed and specific",
        "needed",
        "enough",
        "draws others",
    ]
    for kind, classes in (
        ("shuffled", [0, 1, 2, 3]),
        ("relabelled", [0, 1, 2, 3]),
        ("plain", [0, 1, 2]),
        ("planted", [1, 2]),
        ("planted", [0]),
        ("planted", [3]),
    ):
        tables = tables_of(kind)
        for tests in [("transplants",), ("rates",), TESTS] if tables is not None else []:
            seeds = tables["rates"]["seed"].unique()
            found = {seed: verdicts(tables, seed, tests) for seed in seeds}
            named = {
                seed: table.loc[table["class_id"].isin(classes), "finding"].tolist()
                for seed, table in found.items()
            }
            for words in (["shortcut", "suspected shortcut"], positive, ["cannot tell"]):
                hits = sum(any(one in words for one in names) for names in named.values())
                low, high = (100 * float(end) for end in wilson_interval(hits, len(seeds)))
                what = "any finding" if words is positive else words[0]
                print(
                    f"| {kind} | {', '.join(f'C{k}' for k in classes)} | {what} | "
                    f"{' + '.join(tests)} | {hits} of {len(seeds)} ({low:.0f} to {high:.0f} %) |"
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["measure", "count"])
    parser.add_argument("--kind", choices=["shuffled", "planted", "plain"], default="shuffled")
    parser.add_argument("--networks", type=int, default=60)
    arguments = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    if arguments.what == "count":
        return count()
    done = FOLDER / f"{arguments.kind}_{TESTS[-1]}.csv"
    seeds = set(pd.read_csv(done)["seed"]) if done.exists() else set()
    for seed in range(arguments.networks):
        if seed in seeds:
            continue
        for (kind, test), table in measure(arguments.kind, seed).items():
            path = FOLDER / f"{kind}_{test}.csv"
            table.round(6).to_csv(path, mode="a", header=not path.exists(), index=False)
        print(arguments.kind, seed, flush=True)


if __name__ == "__main__":
    main()
