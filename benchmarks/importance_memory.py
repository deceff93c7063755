"""Peak memory and time of importance searches, over the number of classes of the head.

    python benchmarks/importance_memory.py --out runs/importance_memory.csv

There is one image in each class, and a small network whose head has K classes. Two classes are of
interest. Every search is exhaustive and runs in a process of its own. Its rows are:

- `class`: one row for each class of the head, from the images of the two classes alone. This is all
  that a version without `classes=` can do;
- `classes`: `classes=` names the two, out of the images of all classes;
- `all`: the same with `by="all"`, one row.

`start` is the peak before the search, which is TensorFlow's; `peak` is that after it.
"""

import argparse
import csv
import os
import pathlib
import resource
import subprocess
import sys
import time

OF_INTEREST = 2
WAYS = ("class", "classes", "all")


def peak_memory():
    """The most memory that this process has taken so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def images_of(labels, size):
    """A data set of noise in 8 bits, one image for each label, made as it is read."""
    import numpy as np
    import tensorflow as tf

    def image(label):
        shape = size, size, 3
        seed = tf.stack([tf.cast(label, tf.int32), 0])
        codes = tf.random.stateless_uniform(shape, seed, 0, 256, tf.int32)
        return tf.cast(codes, tf.float32) / 255.0, label

    return tf.data.Dataset.from_tensor_slices(np.array(labels)).map(image).batch(16)


def network(num_classes, size):
    """A small network: what is measured is the search."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    images = keras.Input((size, size, 3))
    x = layers.Flatten()(layers.AveragePooling2D(16)(images))
    return keras.Model(images, layers.Dense(num_classes, "softmax")(x))


def measure(way, num_classes, size):
    """Searches once, and gives a row of the table."""
    import keras_freq as kf

    model = network(num_classes, size)
    model(next(iter(images_of([0], size)))[0])
    chosen = range(OF_INTEREST)
    options = {} if way == "class" else {"classes": list(chosen)}
    if way == "all":
        options["by"] = "all"
    dataset = images_of(chosen if way == "class" else range(num_classes), size)
    before, start, cpu = peak_memory(), time.perf_counter(), time.process_time()
    found = kf.frequency_importance(
        model, dataset, num_classes, method="exhaustive", progress=False, **options
    )
    return {
        "way": way,
        "head": num_classes,
        "size": size,
        "rows": len(found.loss_change),
        "start_mb": round(before),
        "peak_mb": round(peak_memory()),
        "passes": found.evaluations,
        "seconds": round(time.perf_counter() - start),
        "cpu_seconds": round(time.process_time() - cpu),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--heads", nargs="+", type=int, default=[10, 100, 1000])
    parser.add_argument("--size", type=int, default=224, help="side of the images")
    parser.add_argument("--version", default="now", help="what the CSV calls this version")
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path("runs/importance_memory.csv")
    )
    parser.add_argument("--one", action="store_true", help="measure one way in this process")
    arguments = parser.parse_args()
    if arguments.one:
        row = {
            "version": arguments.version,
            **measure(arguments.ways[0], arguments.heads[0], arguments.size),
        }
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        new = not arguments.out.exists()
        with open(arguments.out, "a", newline="") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)
        return
    for way in arguments.ways:
        for head in arguments.heads:
            names = ["--ways", way, "--heads", str(head), "--version", arguments.version]
            names += ["--size", str(arguments.size)]
            command = [sys.executable, __file__, "--one", *names, "--out", str(arguments.out)]
            subprocess.run(command, check=True, env={"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ})


if __name__ == "__main__":
    main()
