"""Do neighbouring layers hang together in a network without BatchNormalization?

    python reproduction/without_batch_norm.py path/to/cifar10_sample --seeds 0 1
    python reproduction/without_batch_norm.py path/to/cifar10_sample --seeds 0 1 --batch-norm

The network and both random splits of `configs/transfer_cifar10.toml`, trained for 1,000 steps
instead of 400, in bfloat16: base networks, and those whose lower 3 to 6 layers are their own,
frozen, and whose other layers learn anew (BnB). If layers have adapted to each other, these have
less right than the base. Appends to `transfer_cifar10/without_batch_norm.csv`: one row a network.
Seeds that are there are not computed again. 5 minutes of one core for a seed of a split.
"""

import argparse
import functools
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd
from base_networks import BATCH, HERE, chosen
from small_targets import optimizer

import keras_freq as kf
from keras_freq.data.batches import collected

RESULT = HERE / "without_batch_norm.csv"
STEPS = 1000


def build(num_classes, *, batch_norm):
    """AlexNet for small images at a quarter of its width."""
    return kf.models.AlexNetSmall(
        (32, 32, 3), num_classes, width=0.25, weight_decay=1e-4, batch_norm=batch_norm
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path, help="with folders train and test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--batch-norm", action="store_true")
    arguments = parser.parse_args()
    keras.config.set_dtype_policy("mixed_bfloat16")
    train_set = kf.data.image_folder(arguments.photographs / "train", image_size=32)
    names = list(train_set.class_names)
    train = collected(train_set)
    test = collected(kf.data.image_folder(arguments.photographs / "test", image_size=32))
    tasks = pd.read_csv(HERE / "tasks.csv").query("type == 'random'")
    for seed in arguments.seeds:
        for split, own in tasks.groupby("split"):
            facts = {"split": split, "type": "random", "batch_norm": arguments.batch_norm}
            done = pd.read_csv(RESULT) if RESULT.exists() else pd.DataFrame(columns=[*facts])
            for name, value in (facts | {"seed": seed}).items():
                done = done[done[name] == value] if len(done) else done
            if len(done):
                continue
            halves = [
                (chosen(*train, ids), chosen(*test, ids))
                for ids in (
                    sorted(names.index(one) for one in own.loc[own["task"] == task, "class_name"])
                    for task in "AB"
                )
            ]
            result = kf.layerwise_transfer(
                functools.partial(build, batch_norm=arguments.batch_norm),
                *halves,
                layers=[3, 4, 5, 6],
                treatments=["BnB"],
                seeds=[seed],
                steps=STEPS,
                batch_size=BATCH,
                make_optimizer=functools.partial(optimizer, STEPS),
                save_models=False,
                progress=False,
            )
            table = result.frame.assign(**facts)
            table.to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
            print(table.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
