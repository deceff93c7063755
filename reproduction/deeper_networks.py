"""Do passes around the layers let a network be deeper?

    python reproduction/deeper_networks.py path/to/cifar10 --depths 20 56 --seeds 0 1 2

Trains networks for 32x32 images of 3 x 3 convolutions in three stages, as section 4.2 of He et al.
(2016) has them, with a fourth of the channels: *residual* ones of blocks whose input is added to
their output, and *plain* ones that only lack this sum. Each has 8 epochs with random crops and
mirrors. The folder has `train` and `test` with a folder for each class. A network that is in the
table is not trained again. 6 (depth 20) to 20 minutes (depth 56) a network on a busy core.

Result:   reproduction/networks_and_metrics/depth.csv, a row a network
"""

import argparse
import itertools
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd
from keras import layers
from transplants_on_photographs import photographs

import keras_freq as kf
from keras_freq.models.residual_blocks import conv_bn, residual_block

RESULT = pathlib.Path(__file__).parent / "networks_and_metrics" / "depth.csv"
BATCH, EPOCHS, WIDTH = 128, 8, 4
RATE, WARMUP = 0.1, 1  # epochs of warm-up, without which deep plain networks do not start


def plain_block(x, filters, *, strides, name):
    """A residual block without its sum."""
    for number, stride in ((1, strides), (2, 1)):
        x = conv_bn(x, filters, 3, stride, names=(f"{name}_conv{number}", f"{name}_bn{number}"))
        x = layers.ReLU(name=f"{name}_relu{number}")(x)
    return x


BLOCKS = {"residual": residual_block, "plain": plain_block}


def network(kind, depth, classes):
    """A network of 6n + 2 layers, `depth`."""
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(4.0, -2.0)(inputs)
    x = layers.ReLU()(conv_bn(x, WIDTH, 3, names=("conv1", "bn1")))
    for stage in range(3):
        for number in range((depth - 2) // 6):
            strides = 2 if stage and not number else 1
            name = f"stage{stage + 1}_{number}"
            x = BLOCKS[kind](x, WIDTH * 2**stage, strides=strides, name=name)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", dtype="float32")(x))


def trained(kind, depth, train, classes, seed):
    """A trained network."""
    keras.utils.set_random_seed(seed)
    model = network(kind, depth, classes)
    steps = len(train[0]) // BATCH
    batches = kf.data.arrays(*train, batch_size=BATCH, shuffle=True, seed=seed, first_epoch=0)
    batches = kf.augment.augmented(batches, kf.augment.pad_crop_flip, seed=seed)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, (EPOCHS - WARMUP) * steps, warmup_target=RATE, warmup_steps=WARMUP * steps
    )
    model.compile(
        keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    model.fit(batches, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=2)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path)
    parser.add_argument("--kinds", nargs="+", choices=BLOCKS, default=list(BLOCKS))
    parser.add_argument("--depths", type=int, nargs="+", default=[20, 56], help="6n + 2")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    done = set()
    if RESULT.exists():
        done = set(
            pd.read_csv(RESULT)[["kind", "depth", "seed"]].itertuples(index=False, name=None)
        )
    *train, names = photographs(arguments.photographs, "train")
    *test, _ = photographs(arguments.photographs, "test")
    for seed, depth, kind in itertools.product(arguments.seeds, arguments.depths, arguments.kinds):
        if (kind, depth, seed) in done:
            continue
        begun = time.monotonic()
        model = trained(kind, depth, train, len(names), seed)
        row = {
            "kind": kind,
            "depth": depth,
            "seed": seed,
            "parameters": model.count_params(),
            "train": model.evaluate(*(part[::5] for part in train), verbose=0)[1],
            "test": model.evaluate(*test, verbose=0)[1],
            "seconds": time.monotonic() - begun,
        }
        frame = pd.DataFrame([row]).round(4)
        frame.to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
        print(frame.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
