"""Do shortcuts go away with augmentation, or do they move? Networks trained, and asked, in one go.

    python reproduction/augmentation_shortcuts.py path/to/cifar10 --seeds 0 1 2 3

Trains AlexNetSmall at a quarter of its width, without dropout: with no recipe, with DFM-X (which
needs the maps of the network without one), AutoAugment, AugMix with its Jensen-Shannon loss, and
mixed amplitudes. All have random crops and mirrors. Every network is asked twice: what a class
loses without the frequencies that the network without a recipe leans on, of the same seed (the
*old* map), and without those that it leans on itself (its *own*). And how often others become the
class with the content of these maps, and the class stays itself with that of others.

Maps are found on training images; all rates are of test images. The folder has `train` and `test`
with a folder for each class. 2 to 8 minutes a network on one core. A network that is in the table
is not trained again.

Result:   reproduction/augmentation/classes_of_networks.csv, a row for each network and class
"""

import argparse
import functools
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from transplants_on_photographs import photographs

import keras_freq as kf

RESULT = pathlib.Path(__file__).parent / "augmentation" / "classes_of_networks.csv"
RECIPES = ("none", "dfm_x", "auto_augment_cifar10", "augmix", "amplitude_mix")
BATCH, EPOCHS, FRACTION = 64, 10, 0.1
# Without dropout, whose own noise the consistency loss would punish: with it, and 12 times that
# loss, the network answers the same to every image.
OPTIONS = {"width": 0.25, "dropout": 0.0}
CONSISTENCY = 12.0  # the paper's factor of the Jensen-Shannon loss


def views_as_channels(images, *, seed):
    """An image and two AugMix versions of it, one behind the other in its channels."""
    return tf.concat(kf.augment.augmix_views(images, seed=seed), axis=-1)


def views_below_each_other(images, labels):
    """Batches of clean images, then their first, then their second versions."""
    return tf.concat(tf.split(images, 3, axis=-1), axis=0), tf.tile(labels, [3])


def consistent(labels, probabilities):
    """AugMix's loss: cross-entropy of the clean images, and how much the three answers differ."""
    clean, first, second = tf.split(probabilities, 3)
    right = keras.losses.sparse_categorical_crossentropy(tf.split(labels, 3)[0], clean)
    return right + CONSISTENCY * kf.augment.jensen_shannon(clean, first, second)


def recipe_of(name, maps, means):
    """The augmentation function of a recipe, with crops and mirrors before it."""
    recipes = {
        "dfm_x": functools.partial(kf.augment.dfm_x, maps=maps, neutral=means),
        "auto_augment_cifar10": functools.partial(kf.augment.auto_augment, policy="cifar10"),
        "augmix": views_as_channels,
        "amplitude_mix": kf.augment.random_amplitude_mix,
    }
    parts = [] if name == "none" else [recipes[name]]
    return kf.augment.compose(kf.augment.pad_crop_flip, *parts)


def trained(name, images, labels, *, classes, maps, means, seed):
    """A trained network, in float32."""
    steps = len(images) // BATCH
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = kf.models.AlexNetSmall(images.shape[1:], classes, **OPTIONS)
    keras.config.set_dtype_policy("float32")
    batches = kf.data.arrays(
        images, labels, batch_size=BATCH, shuffle=True, seed=seed, first_epoch=0
    )
    batches = kf.augment.augmented(batches, recipe_of(name, maps, means), seed=seed)
    if name == "augmix":
        batches = batches.map(views_below_each_other)
    rate = keras.optimizers.schedules.CosineDecay(0.02, EPOCHS * steps)
    model.compile(
        keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=1e-4),
        consistent if name == "augmix" else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    model.fit(batches, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=2)
    twin = kf.models.AlexNetSmall(images.shape[1:], classes, **OPTIONS)
    twin.set_weights(model.get_weights())
    return twin


def found_maps(model, searched, classes):
    """The maps of a network, by the change of the loss."""
    importance = kf.frequency_importance(
        model, searched, classes, fractions=(FRACTION,), progress=False
    )
    return kf.dominant_frequency_maps(importance.loss_change, FRACTION)


def of_maps(model, test, maps, means, seed, which):
    """What each class loses without its map, and what an exchange of it does."""
    options = {"seed": seed, "progress": False}
    without = kf.recall_without_maps(model, test, maps, neutral=means, **options)
    moved = kf.transplant_rates(model, test, maps, num_random=40, random_images=50, **options)
    columns = {
        "without": without["recall_without"],
        "random": without["random_recall"],
        "needs": without["is_needed"],
        "energy": moved["donor_energy"],
        "in": moved["swapped_in"],
        "random_in": moved["random_in"],
        "out": moved["swapped_out"],
        "random_out": moved["random_out"],
    }
    found = pd.DataFrame({f"{name}_{which}": values for name, values in columns.items()})
    if which == "old":
        found.insert(0, "recall", without["recall"])
        found.insert(1, "untouched_in", moved["untouched_in"])
    return found


def of_network(name, seed, data, old):
    """Trains and asks one network; gives its rows and its maps. `old` are the maps before."""
    images, labels, searched, test, classes, means = data
    model = trained(name, images, labels, classes=len(classes), maps=old, means=means, seed=seed)
    own = found_maps(model, searched, len(classes))
    old = own if old is None else old
    right = (model.predict(test[0], verbose=0).argmax(axis=1) == test[1]).mean()
    rows = pd.concat(
        [
            of_maps(model, test, maps, means, seed, which)
            for maps, which in ((old, "old"), (own, "own"))
        ],
        axis=1,
    )
    rows.insert(0, "recipe", name)
    rows.insert(1, "seed", seed)
    rows.insert(2, "class_name", classes)
    rows.insert(3, "accuracy", right)
    rows["overlap"] = kf.map_overlap(own, old)
    return rows, own


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path)
    parser.add_argument("--recipes", nargs="+", default=RECIPES, choices=RECIPES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--runs", type=pathlib.Path, default="runs/augmentation_shortcuts")
    arguments = parser.parse_args()
    arguments.runs.mkdir(parents=True, exist_ok=True)
    images, labels, classes = photographs(arguments.photographs, "train")
    *searched, _ = photographs(arguments.photographs, "train", per_class=50)
    *test, _ = photographs(arguments.photographs, "test", per_class=100)
    means = images.mean(axis=(0, 1, 2))
    data = (images, labels, tuple(searched), tuple(test), classes, means)
    for seed in arguments.seeds:
        kept = arguments.runs / f"maps_of_seed_{seed}.npy"
        for name in arguments.recipes:
            done = pd.read_csv(RESULT) if RESULT.exists() else pd.DataFrame()
            if len(done) and ((done["recipe"] == name) & (done["seed"] == seed)).any():
                continue
            begun = time.monotonic()
            old = None if name == "none" else np.load(kept)
            rows, own = of_network(name, seed, data, old)
            if name == "none":
                np.save(kept, own)
            rows.round(4).to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
            took = time.monotonic() - begun
            means_of = rows[["accuracy", "recall", "without_old", "random_old"]].mean().round(3)
            print(f"{name}, seed {seed}: {took:.0f} s, {means_of.to_dict()}", flush=True)


if __name__ == "__main__":
    main()
