"""Freeze or tune copied layers, with few and with many images of the target task?

    python reproduction/small_targets.py path/to/cifar10_sample --per-class 50

The network and the first random split of `configs/transfer_cifar10.toml`. Base A learns from all
its images, task B from few of each class; the lower 3 or 5 layers of A are frozen (AnB) or learn
on (AnB+). Appends to `transfer_cifar10/small_targets.csv`: one row a network. Seeds that are there
are not computed again. With all images the networks of `transfer_cifar10/transfer.csv` tell the
same.
"""

import argparse
import functools
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd
from base_networks import BATCH, HERE, STEPS, chosen

import keras_freq as kf
from keras_freq.data.batches import collected

RESULT = HERE / "small_targets.csv"


def build(num_classes):
    """AlexNet for small images at a quarter of its width, as in the experiment file."""
    return kf.models.AlexNetSmall((32, 32, 3), num_classes, width=0.25, weight_decay=1e-4)


def optimizer(steps):
    """SGD along a cosine, as in the experiment file."""
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path, help="with folders train and test")
    parser.add_argument("--per-class", type=int, default=50)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    arguments = parser.parse_args()
    train_set = kf.data.image_folder(arguments.photographs / "train", image_size=32)
    names = list(train_set.class_names)
    train = collected(train_set)
    test = collected(kf.data.image_folder(arguments.photographs / "test", image_size=32))
    tasks = pd.read_csv(HERE / "tasks.csv").query("split == 'random-0'")
    ids = {
        task: sorted(names.index(one) for one in own["class_name"])
        for task, own in tasks.groupby("task")
    }
    halves = {task: (chosen(*train, own), chosen(*test, own)) for task, own in ids.items()}
    images, labels = halves["B"][0]
    few = np.concatenate([np.flatnonzero(labels == k)[: arguments.per_class] for k in range(5)])
    task_b = (images[few], labels[few]), halves["B"][1]
    done = pd.read_csv(RESULT) if RESULT.exists() else pd.DataFrame(columns=["per_class", "seed"])
    for seed in arguments.seeds:
        if ((done["per_class"] == arguments.per_class) & (done["seed"] == seed)).any():
            continue
        result = kf.layerwise_transfer(
            build,
            halves["A"],
            task_b,
            layers=[3, 5],
            treatments=["AnB", "AnB+"],
            seeds=[seed],
            directions=["A->B"],
            steps=STEPS,
            batch_size=BATCH,
            make_optimizer=functools.partial(optimizer, STEPS),
            save_models=False,
        )
        table = result.frame.assign(per_class=arguments.per_class, test_images=len(task_b[1][1]))
        table.to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
        print(table.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
