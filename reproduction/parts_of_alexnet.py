"""What do ReLU, LRN, overlapping pools, dropout and augmentation do? A small AlexNet, part by part.

    python reproduction/parts_of_alexnet.py path/to/cifar10_sample --seeds 0 1

Three convolutions with AlexNet's parts and two dense layers, on photographs of 32x32 pixels (5,000
for training). Each variant changes one thing of "all parts of 2012 but dropout and augmentation",
and is trained with one learning rate. Writes `parts_of_alexnet/accuracy.csv`: a row a variant and
seed, with the accuracy after 1,500 steps, and the first step at which the error of the last 100
training batches was at most 25 %. With ReLU and with tanh training goes on until then, for at most
6,000 steps. Rows that are there are not computed again.
"""

import argparse
import itertools
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd
from keras import layers

import keras_freq as kf
from keras_freq.data.batches import collected

RESULT = pathlib.Path(__file__).parent / "parts_of_alexnet" / "accuracy.csv"
STEPS, MOST_STEPS, EPOCH, BATCH = 1500, 6000, 100, 64
VARIANTS = {
    "all parts": {},
    "tanh for ReLU": {"activation": "tanh"},
    "without LRN": {"lrn": False},
    "pools 2/2 for 3/2": {"pool": 2},
    "with dropout": {"dropout": 0.5},
    "with augmentation": {"augment": True},
}
UNTIL_GOAL = ("all parts", "tanh for ReLU")


def network(num_classes, *, activation="relu", lrn=True, pool=3, dropout=0.0):
    """Three convolutions with pools and LRN, and two dense layers."""
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(4.0, -2.0)(inputs)
    for filters in (32, 32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation=activation)(x)
        x = layers.MaxPooling2D(pool, 2, padding="same")(x)
        if lrn:
            x = kf.LocalResponseNormalization()(x)
    x = layers.Dense(256, activation=activation)(layers.Flatten()(x))
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


class Measured(keras.callbacks.Callback):
    """Notes when the training error was low enough, and the accuracies after `STEPS` steps."""

    def __init__(self, data, *, goal, until_goal):
        super().__init__()
        self.data, self.goal, self.until_goal = data, goal, until_goal
        self.found = {"step_of_25_percent": None}

    def on_epoch_end(self, epoch, logs=None):
        step = (epoch + 1) * EPOCH
        if self.found["step_of_25_percent"] is None and 1 - logs["accuracy"] <= self.goal:
            self.found["step_of_25_percent"] = step
        if step == STEPS:
            for name, (images, labels) in self.data.items():
                answers = self.model.predict(images, verbose=0).argmax(axis=1)
                self.found[f"{name}_accuracy"] = float((answers == labels).mean())
        reached = self.found["step_of_25_percent"] is not None
        self.model.stop_training = step >= STEPS and (reached or not self.until_goal)


def measured(train, test, seed, *, augment=False, until_goal=False, **options):
    """A row: accuracy of one variant, and when it reached the goal."""
    keras.utils.set_random_seed(seed)
    model = network(10, **options)
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    batches = kf.data.arrays(*train, batch_size=BATCH, shuffle=True, seed=seed, first_epoch=0)
    if augment:
        batches = kf.augment.augmented(batches, kf.augment.pad_crop_flip, seed=seed)
    seen = Measured({"train": train, "test": test}, goal=0.25, until_goal=until_goal)
    model.fit(
        batches,
        epochs=MOST_STEPS // EPOCH,
        steps_per_epoch=EPOCH,
        shuffle=False,
        verbose=0,
        callbacks=[seen],
    )
    return seen.found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path, help="with folders train and test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    arguments = parser.parse_args()
    train, test = (
        collected(kf.data.image_folder(arguments.photographs / part, image_size=32))
        for part in ("train", "test")
    )
    rows = pd.read_csv(RESULT).to_dict("records") if RESULT.exists() else []
    done = {(row["seed"], row["variant"]) for row in rows}
    for seed, variant in itertools.product(arguments.seeds, arguments.variants):
        if (seed, variant) in done:
            continue
        options = {"until_goal": variant in UNTIL_GOAL, **VARIANTS[variant]}
        row = {"variant": variant, "seed": seed, "test_images": len(test[1])}
        rows.append(row | measured(train, test, seed, **options))
        RESULT.parent.mkdir(exist_ok=True)
        pd.DataFrame(rows).round(4).to_csv(RESULT, index=False)
        print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
