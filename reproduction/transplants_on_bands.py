"""Do transplants find the planted cue of the synthetic sets, and nothing where none is?

    python reproduction/transplants_on_bands.py --band 1 --cues planted none --seeds 0

Trains a network for each set and seed, finds maps on validation images and tests them on test
images: `transplant_rates`, `recall_without_maps` and `rates_under_maps`, with `shortcut_table`.

Result:   reproduction/transplants_on_bands.csv, a row for each class and size of the maps
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf

RESULT = pathlib.Path(__file__).with_suffix(".csv")


def small_network(input_shape):
    """A network of three layers, in minutes on a busy machine."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(6.0, -3.0),
            layers.Conv2D(32, 11, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(48, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4, activation="softmax"),
        ]
    )


def trained(name, images, labels, *, steps, seed):
    """A network after so many steps, as in `configs/quickstart.toml`."""
    keras.utils.set_random_seed(seed)
    if name == "small":
        model = small_network(images.shape[1:])
    else:
        model = getattr(kf.models, name)(num_classes=4, input_shape=images.shape[1:])
    schedule = keras.optimizers.schedules.CosineDecay(0.01, steps)
    optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=1e-4)
    if name == "small":
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    dataset = kf.data.arrays(images, labels, batch_size=64, shuffle=True, seed=seed, first_epoch=0)
    model.fit(dataset, steps_per_epoch=steps, epochs=1, verbose=0)
    return model


def measured(model, search, test, *, fractions, random_images, random, seed):
    """The verdicts of all maps, with the rates that they rest on."""
    importance = kf.frequency_importance(
        model, search, 4, fractions=tuple(fractions), progress=False
    )
    options = {"random": random, "seed": seed, "progress": False}
    tables = {"rates": [], "without": [], "transplants": []}
    for fraction in fractions:
        maps = kf.dominant_frequency_maps(importance.loss_change, fraction)
        found = {
            "rates": kf.rates_under_maps(model, test, maps, **options),
            "without": kf.recall_without_maps(model, test, maps, **options),
            "transplants": kf.transplant_rates(
                model, test, maps, random_images=random_images, **options
            ),
        }
        for name, table in found.items():
            tables[name].append(table.assign(fraction=fraction))
    tables = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    verdicts = kf.shortcut_table(**tables)
    extra = ["in_p_value", "in_donor_p_value", "out_p_value", "out_donor_p_value"]
    return pd.DataFrame(verdicts).join(tables["transplants"][extra])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--band", type=int, default=1)
    parser.add_argument("--cues", nargs="+", default=["planted", "none"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--model", default="AlexNetSmall")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--per-class", type=int, default=1000)
    parser.add_argument("--images", type=int, default=30, help="images a class of the search")
    parser.add_argument("--fractions", type=float, nargs="+", default=[0.01, 0.05])
    parser.add_argument("--random-images", type=int, default=50)
    parser.add_argument("--random", choices=["cells", "energy"], default="cells")
    arguments = parser.parse_args()
    for cues in arguments.cues:
        sets = {
            split: kf.data.frequency_bands(arguments.band, split=split, per_class=each, cues=cues)
            for split, each in (
                ("train", arguments.per_class),
                ("validation", arguments.images),
                ("test", 100),
            )
        }
        for seed in arguments.seeds:
            start = time.time()
            model = trained(arguments.model, *sets["train"], steps=arguments.steps, seed=seed)
            accuracy = np.mean(
                model.predict(sets["test"][0], verbose=0).argmax(1) == sets["test"][1]
            )
            print(
                f"{cues}, seed {seed}: {accuracy:.2f} right, {time.time() - start:.0f} s",
                flush=True,
            )
            table = measured(
                model,
                sets["validation"],
                sets["test"],
                fractions=arguments.fractions,
                random_images=arguments.random_images,
                random=arguments.random,
                seed=seed,
            )
            facts = {"model": arguments.model, "band": arguments.band, "cues": cues, "seed": seed}
            facts |= {"steps": arguments.steps, "random": arguments.random}
            table.assign(**facts).round(5).to_csv(
                RESULT, mode="a", header=not RESULT.exists(), index=False
            )
            print(table[["fraction", "class_id", "verdict"]].to_string(), flush=True)


if __name__ == "__main__":
    main()
