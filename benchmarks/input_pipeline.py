"""Is the input the bottleneck? Images per second of the input alone, beside the training step's.

    python benchmarks/input_pipeline.py [--side 224] [--batch 128] [--batches 4] [--repeats 3]

As in `keras-freq run configs/flowers_alexnet.toml`: images in memory, shuffled, and changed by
`flowers_recipe` in `tf.data`, and AlexNetFlowers with SGD, momentum and L2. The three sides take
turns, and the fastest of the repeats counts. *Step* has the same batch again and again; *training*
is both together, where they share the processor: on a CPU it is slower than either alone.
"""

import argparse
import functools
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

import keras_freq as kf


def training_stream(side, batch, count=512):
    """The endless batches of a training, of random images."""
    rng = np.random.default_rng(0)
    images = rng.random((count, side, side, 3), dtype=np.float32)
    batches = kf.data.arrays(
        images, rng.integers(0, 5, count), batch_size=batch, shuffle=True, first_epoch=0
    )
    return kf.augment.augmented(batches, kf.augment.flowers_recipe)


def compiled_model(side):
    """AlexNetFlowers, as the experiment file trains it."""
    model = kf.models.AlexNetFlowers((side, side, 3), weight_decay=5e-4)
    sgd = keras.optimizers.SGD(0.01, momentum=0.9)
    model.compile(sgd, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def read(stream, batches):
    """Takes batches from a new iterator: an old one has some ready."""
    iterator = iter(stream)
    for _ in range(batches):
        next(iterator)


def fit(model, dataset, batches):
    """Trains for so many batches."""
    model.fit(dataset, steps_per_epoch=batches, shuffle=False, verbose=0)


def main():
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=224, help="pixels")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--batches", type=int, default=4, help="in each repeat")
    parser.add_argument("--repeats", type=int, default=3, help="the fastest counts")
    arguments = parser.parse_args()
    stream = training_stream(arguments.side, arguments.batch)
    model = compiled_model(arguments.side)
    same = tf.data.Dataset.from_tensors(next(iter(stream))).repeat()
    sides = {
        "input alone": functools.partial(read, stream),
        "training step alone": functools.partial(fit, model, same),
        "training, with its input": functools.partial(fit, model, stream),
    }
    for work in sides.values():
        work(1)  # traces and compiles
    seconds = dict.fromkeys(sides, np.inf)
    for _ in range(arguments.repeats):
        for name, work in sides.items():
            start = time.perf_counter()
            work(arguments.batches)
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    images = arguments.batch * arguments.batches
    print(f"batches of {arguments.batch} images of {arguments.side} x {arguments.side}, 'flowers'")
    for name, value in seconds.items():
        print(f"{name:26} {images / value:7.0f} images a second")
    step = seconds["training step alone"]
    together = seconds["training, with its input"]
    print(f"input / step: {step / seconds['input alone']:.1f} times as many images a second")
    print(f"training / step alone: {together / step:.2f} of the time")


if __name__ == "__main__":
    main()
