"""Which classes of photographs have shortcuts by transplants, and which by the old rule?

    python reproduction/transplants_on_photographs.py train --photographs path/to/cifar10
    python reproduction/transplants_on_photographs.py measure --photographs path/to/cifar10

Trains a narrow ResNet18 on photographs of 32x32 pixels with random crops and mirroring, and goes on
at the last epoch where it was stopped. Then finds maps on training images, and tests them on test
images: `transplant_rates` of content, amplitude and phase, and of the content of fine parts alone;
and `rates_under_maps`, the published rule. `photographs` has a folder `train` and a folder `test`,
each with a folder for each class.

Result:   reproduction/transplants_on_photographs.csv, a row for each class
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
from keras_freq.models.residual_blocks import conv_bn, residual_block

RESULT = pathlib.Path(__file__).with_suffix(".csv")
BATCH = 128
PARTS = ("content", "amplitude", "phase")


def narrow_resnet18(num_classes, width):
    """ResNet18 for 32x32 images, with `width` channels in its first stage instead of 64."""
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(4.0, -2.0)(inputs)
    x = keras.layers.ReLU()(conv_bn(x, width, 3, names=("conv1", "bn1")))
    for stage in range(4):
        for block in range(2):
            strides = 2 if stage and not block else 1
            name = f"layer{stage + 1}_{block}"
            x = residual_block(x, width * 2**stage, strides=strides, name=name)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(x))


def photographs(folder, split, *, per_class=None):
    """Images and labels of a split as arrays, and the names of the classes."""
    dataset = kf.data.image_folder(folder / split, image_size=32, batch_size=256)
    images, labels = (
        np.concatenate(part) for part in zip(*dataset.as_numpy_iterator(), strict=True)
    )
    if per_class is not None:
        chosen = [np.flatnonzero(labels == k)[:per_class] for k in np.unique(labels)]
        images, labels = images[np.concatenate(chosen)], labels[np.concatenate(chosen)]
    return images, labels, dataset.class_names


def train(arguments):
    """Trains, and saves the network."""
    images, labels, names = photographs(arguments.photographs, "train")
    keras.utils.set_random_seed(arguments.seed)
    model = narrow_resnet18(len(names), arguments.width)
    batches = kf.data.arrays(
        images, labels, batch_size=BATCH, shuffle=True, seed=arguments.seed, first_epoch=0
    )
    batches = kf.augment.augmented(batches, kf.augment.pad_crop_flip, seed=arguments.seed)
    steps = len(images) // BATCH
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, arguments.epochs * steps - steps, warmup_target=0.1, warmup_steps=steps
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4)
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)
    backup = keras.callbacks.BackupAndRestore(arguments.folder / "backup")
    model.fit(
        batches,
        epochs=arguments.epochs,
        steps_per_epoch=steps,
        callbacks=[backup],
        shuffle=False,
        verbose=2,
    )
    model.save(arguments.folder / "model.keras")


def measure(arguments):
    """Measures, and writes the table."""
    model = keras.models.load_model(arguments.folder / "model.keras")
    *searched, names = photographs(arguments.photographs, "train", per_class=arguments.images)
    *test, _ = photographs(arguments.photographs, "test")
    right = (model.predict(test[0], verbose=0).argmax(1) == test[1]).mean()
    print(f"{right:.4f} of {len(test[1])} test images right", flush=True)
    importance = kf.frequency_importance(
        model,
        tuple(searched),
        len(names),
        fractions=(arguments.fraction,),
        checkpoint=arguments.folder / "importance.log",
        progress=False,
    )
    maps = kf.dominant_frequency_maps(importance.loss_change, arguments.fraction)
    some = [np.flatnonzero(test[1] == k)[: arguments.test_images] for k in range(len(names))]
    scored = tuple(part[np.concatenate(some)] for part in test)
    options = {"class_names": names, "progress": False}
    transplants = pd.concat(
        kf.transplant_rates(
            model,
            scored,
            maps,
            what=what,
            num_random=240 if what == "content" else 40,
            random_images=arguments.random_images,
            checkpoint=arguments.folder / f"{what}.log",
            **options,
        )
        for what in PARTS
    )
    fine = kf.transplant_rates(
        model,
        scored,
        kf.fine_parts(maps, tuple(searched)),
        num_random=40,
        random_images=arguments.random_images,
        checkpoint=arguments.folder / "fine.log",
        **options,
    )
    rates = kf.rates_under_maps(
        model, scored, maps, checkpoint=arguments.folder / "rates.log", **options
    )
    content = transplants[transplants["what"] == "content"]
    table = pd.DataFrame(kf.shortcut_table(transplants=content, fine=fine))
    by_energy = kf.shortcut_table(transplants=content)["finding"].to_numpy()
    old = kf.shortcut_table(rates)
    for what in PARTS[1:]:
        table[f"{what}_in"] = transplants.loc[transplants["what"] == what, "swapped_in"].to_numpy()
    columns = ["tpr", "random_tpr_high", "fpr", "random_fpr_high", "untouched_fpr"]
    table = table.join(rates[columns]).assign(
        finding_by_energy=by_energy,
        finding_by_rates=old["finding"],
        tpr_and_fpr_above_random=rates["tpr_above_chance"] & rates["fpr_above_chance"],
        accuracy=right,
    )
    table.round(5).to_csv(RESULT, index=False)
    shown = ["class_name", "finding", "finding_by_energy", "fine_in", "untouched_in", "swapped_in"]
    shown += ["other_in", "random_in"]
    print(table[[*shown, "finding_by_rates", "tpr_and_fpr_above_random"]].to_string())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["train", "measure"])
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, default="runs/transplants_on_photographs")
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, default=50, help="images a class of the search")
    parser.add_argument("--test-images", type=int, default=100, help="a class, for the tests")
    parser.add_argument("--random-images", type=int, default=100)
    parser.add_argument("--fraction", type=float, default=0.05)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    {"train": train, "measure": measure}[arguments.what](arguments)


if __name__ == "__main__":
    main()
