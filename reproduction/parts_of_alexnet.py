"""What do ReLU, LRN, overlapping pools, dropout and augmentation do? A small AlexNet, part by part.

    python reproduction/parts_of_alexnet.py path/to/cifar10_sample --seeds 2

Three convolutions with AlexNet's parts and two dense layers, on photographs of 32x32 pixels (5,000
for training). Each variant changes one thing of "all parts of 2012 but dropout and augmentation",
and is trained with one learning rate. Writes `parts_of_alexnet/accuracy.csv`: a row a variant and
seed, with the first step at which the error of the last 100 training batches was at most 25 %, and
the accuracy at the end. Rows that are there are not computed again.
"""

import argparse
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


class Goal(keras.callbacks.Callback):
    """Notes the step after which the error of the last 100 training batches is low enough."""

    def __init__(self, error, stop):
        super().__init__()
        self.error, self.stop, self.steps, self.reached = error, stop, 0, None

    def on_epoch_end(self, epoch, logs=None):
        self.steps += EPOCH
        if self.reached is None and 1 - logs["accuracy"] <= self.error:
            self.reached = self.steps
            self.model.stop_training = self.stop


def measured(train, test, seed, *, augment=False, steps, goal=0.25, stop=False, **options):
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
    seen = Goal(goal, stop)
    model.fit(batches, epochs=steps // EPOCH, steps_per_epoch=EPOCH, verbose=0, callbacks=[seen])
    right = {
        f"{name}_accuracy": float((model.predict(x, verbose=0).argmax(axis=1) == y).mean())
        for name, (x, y) in (("train", train), ("test", test))
    }
    return {"steps": seen.steps, "step_of_25_percent": seen.reached, **right}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path, help="with folders train and test")
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    train, test = (
        collected(kf.data.image_folder(arguments.photographs / part, image_size=32))
        for part in ("train", "test")
    )
    table = pd.read_csv(RESULT) if RESULT.exists() else pd.DataFrame(columns=["question", "seed"])
    questions = [("25 % training error: " + one, one, True) for one in list(VARIANTS)[:2]]
    questions += [(one, one, False) for one in VARIANTS]
    for seed in range(arguments.seeds):
        for question, variant, until in questions:
            if ((table["question"] == question) & (table["seed"] == seed)).any():
                continue
            options = {"steps": MOST_STEPS if until else STEPS, "stop": until}
            found = measured(train, test, seed, **options, **VARIANTS[variant])
            row = {"question": question, "seed": seed, "test_images": len(test[1]), **found}
            table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
            RESULT.parent.mkdir(exist_ok=True)
            table.round(4).to_csv(RESULT, index=False)
            print(row, flush=True)


if __name__ == "__main__":
    main()
