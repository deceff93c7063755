"""The networks that transfer begins with: ten classes against five, and how far they over-fit.

    python reproduction/base_networks.py path/to/cifar10_sample

Trains the network of `configs/transfer_cifar10.toml` (400 steps, as there) on all ten classes and
on each of the eight halves of the four random splits of `transfer_cifar10/tasks.csv`, two seeds
each. Writes `transfer_cifar10/bases.csv`: accuracy on the test images and on the training images.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
from keras_freq.data.batches import collected

HERE = pathlib.Path(__file__).parent / "transfer_cifar10"
STEPS, BATCH = 400, 64


def trained(images, labels, num_classes, seed, steps=STEPS):
    """A network of a quarter of AlexNet's width, trained for some steps."""
    keras.utils.set_random_seed(seed)
    model = kf.models.AlexNetSmall((32, 32, 3), num_classes, width=0.25, weight_decay=1e-4)
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    model.compile(
        keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
        "sparse_categorical_crossentropy",
        jit_compile=False,
    )
    batches = kf.data.arrays(
        images, labels, batch_size=BATCH, shuffle=True, seed=seed, first_epoch=0
    )
    model.fit(batches, steps_per_epoch=steps, verbose=0)
    return model


def chosen(images, labels, classes):
    """The images of some classes, with labels from 0."""
    own = np.isin(labels, classes)
    return images[own], np.searchsorted(classes, labels[own])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path, help="with folders train and test")
    folder = parser.parse_args().photographs
    train_set = kf.data.image_folder(folder / "train", image_size=32)
    names = list(train_set.class_names)
    train = collected(train_set)
    test = collected(kf.data.image_folder(folder / "test", image_size=32))
    tasks = pd.read_csv(HERE / "tasks.csv").query("type == 'random'")
    halves = {
        f"{split} {task}": sorted(names.index(one) for one in own["class_name"])
        for (split, task), own in tasks.groupby(["split", "task"])
    }
    rows = []
    for seed in (0, 1):
        for task, classes in {"all ten": list(range(len(names))), **halves}.items():
            own_train, own_test = chosen(*train, classes), chosen(*test, classes)
            model = trained(*own_train, len(classes), seed)
            right = {
                name: float((model.predict(x, verbose=0).argmax(axis=1) == y).mean())
                for name, (x, y) in (("test", own_test), ("train", own_train))
            }
            facts = {"task": task, "classes": len(classes), "seed": seed, "steps": STEPS}
            rows.append({**facts, "test_images": len(own_test[1]), **right})
            print(rows[-1], flush=True)
            pd.DataFrame(rows).round(4).to_csv(HERE / "bases.csv", index=False)


if __name__ == "__main__":
    main()
