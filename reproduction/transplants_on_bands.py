"""Do transplants find the planted cue of the synthetic sets, and nothing where none is?

    python reproduction/transplants_on_bands.py --cues planted none --seeds 0 1 2
    python reproduction/transplants_on_bands.py --cues two honest planted_and_honest
    python reproduction/transplants_on_bands.py --model ResNet18 --steps 300
    python reproduction/transplants_on_bands.py count

Trains a network for each set and seed, finds maps on validation images and tests them on test
images, by `transplant_rates` and `shortcut_table`. Where there are two cues, the planted
frequencies themselves are tested, too. The seeds are those of networks: all of them see the same
images. It goes on where it was stopped.

Result:   reproduction/transplants_on_bands.csv, a row for each class and map
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import pandas as pd

RESULT = pathlib.Path(__file__).with_suffix(".csv")
CUES = ("planted", "none", "two", "honest", "planted_and_honest")
OPTIONS = {"VGG16": {"head": "gap", "batch_norm": True}}
P_VALUES = ["in_p_value", "in_donor_p_value", "out_p_value", "out_donor_p_value"]


def trained(images, labels, *, seed, arguments):
    """A network after so many steps, by the optimizer of `configs/quickstart.toml`."""
    import keras

    import keras_freq as kf

    keras.utils.set_random_seed(seed)
    options = dict(OPTIONS.get(arguments.model, {}))
    if arguments.model == "AlexNetSmall":
        options["width"] = arguments.width
    model = getattr(kf.models, arguments.model)(images.shape[1:], 4, **options)
    schedule = keras.optimizers.schedules.CosineDecay(arguments.learning_rate, arguments.steps)
    optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=1e-4)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    dataset = kf.data.arrays(images, labels, batch_size=64, shuffle=True, seed=seed, first_epoch=0)
    model.fit(dataset, steps_per_epoch=arguments.steps, shuffle=False, verbose=0)
    return model


def planted_maps(band, cues):
    """The frequencies planted in C0, as maps of all classes by name."""
    import keras_freq as kf

    planted = kf.data.planted_masks(band, cues=cues)
    if cues != "two":
        return {"planted": planted}
    first = kf.data.planted_masks(band)
    return {"first cue": first, "second cue": planted & ~first, "both cues": planted}


def measured(model, search, test, *, band, cues, seed, arguments):
    """The verdicts of all maps, with the rates that they rest on."""
    import keras_freq as kf

    fraction = arguments.fraction
    importance = kf.frequency_importance(model, search, 4, fractions=(fraction,), progress=False)
    maps = {"found": kf.dominant_frequency_maps(importance.loss_change, fraction)}
    if cues in ("two", "planted_and_honest"):
        maps |= planted_maps(band, cues)
    true = kf.data.planted_masks(band, cues=cues)[0]
    tables = []
    for name, of_classes in maps.items():
        rates = kf.transplant_rates(
            model,
            test,
            of_classes,
            random=arguments.random,
            random_images=arguments.random_images,
            seed=seed,
            progress=False,
        )
        table = pd.DataFrame(kf.shortcut_table(transplants=rates)).join(rates[P_VALUES])
        table["planted_cells"] = (of_classes & true).sum(axis=(1, 2))
        tables.append(table[table["cells"] > 0].assign(maps=name))
    return pd.concat(tables)


def measure(arguments):
    """Trains and tests the networks that the table does not have yet."""
    import keras_freq as kf

    for band in arguments.bands:
        for cues in arguments.cues:
            sets = None
            for seed in arguments.seeds:
                facts = {"model": arguments.model, "width": arguments.width, "band": band}
                facts |= {"cues": cues, "seed": seed, "steps": arguments.steps}
                if is_done(facts):
                    continue
                sizes = (
                    ("train", arguments.per_class),
                    ("validation", arguments.images),
                    ("test", 100),
                )
                sets = sets or {
                    split: kf.data.frequency_bands(band, split=split, per_class=each, cues=cues)
                    for split, each in sizes
                }
                start = time.process_time()
                model = trained(*sets["train"], seed=seed, arguments=arguments)
                images, labels = sets["test"]
                right = (model.predict(images, verbose=0).argmax(1) == labels).mean()
                middle = time.process_time()
                table = measured(
                    model,
                    sets["validation"],
                    sets["test"],
                    band=band,
                    cues=cues,
                    seed=seed,
                    arguments=arguments,
                )
                table = table.assign(**facts, accuracy=right, random=arguments.random).round(5)
                before = [pd.read_csv(RESULT)] if RESULT.exists() else []
                pd.concat([*before, table]).to_csv(RESULT, index=False)
                took = f"{middle - start:.0f} and {time.process_time() - middle:.0f} s of CPU time"
                print(f"{facts}: {right:.2f} right, {took}", flush=True)
                print(table[["maps", "class_id", "verdict"]].to_string(index=False), flush=True)


def is_done(facts):
    """Whether the table has a network."""
    if not RESULT.exists():
        return False
    table = pd.read_csv(RESULT)
    return (table[list(facts)] == pd.Series(facts)).all(axis=1).any()


def count():
    """Prints in how many networks something is found in each class."""
    table = pd.read_csv(RESULT).query("maps == 'found'")
    p_value = table[["in_p_value", "in_donor_p_value"]].max(axis=1)
    # Without fine parts, which these networks were not asked for, a shortcut is a suspected one.
    shortcut = table["finding"].isin(["shortcut", "suspected shortcut"])
    table["found"] = shortcut & (p_value < 0.01)
    print("| network | steps | cues | class | shortcut, p < 0.01 | findings | in | out |")
    print("|---|---|---|---|---|---|---|---|")
    for facts, part in table.groupby(["model", "steps", "cues", "class_id"], sort=False):
        findings = ", ".join(f"{n} {name}" for name, n in part["finding"].value_counts().items())
        inwards, outwards = (
            f"{part[f'untouched_{way}'].mean():.2f} to {part[f'swapped_{way}'].mean():.2f} "
            f"({part[f'random_{way}'].mean():.2f})"
            for way in ("in", "out")
        )
        cells = [*facts, f"{part['found'].sum()} of {len(part)}", findings, inwards, outwards]
        print(f"| {' | '.join(map(str, cells))} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["measure", "count"], nargs="?", default="measure")
    parser.add_argument("--bands", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--cues", nargs="+", choices=CUES, default=["planted"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--model", default="AlexNetSmall")
    parser.add_argument("--width", type=float, default=0.25, help="of AlexNetSmall")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--learning-rate", type=float, default=0.02)
    parser.add_argument("--per-class", type=int, default=1000)
    parser.add_argument("--images", type=int, default=30, help="images a class of the search")
    parser.add_argument("--fraction", type=float, default=0.05)
    parser.add_argument("--random-images", type=int, default=40)
    parser.add_argument("--random", choices=["cells", "energy"], default="cells")
    arguments = parser.parse_args()
    if arguments.model != "AlexNetSmall":
        arguments.width = 1.0
    count() if arguments.what == "count" else measure(arguments)


if __name__ == "__main__":
    main()
