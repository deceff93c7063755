"""What recording the counts of each training batch costs, as a ratio of step times.

Two models of the same weights train on the same batch, one with the recorder and one without, by
the inner loop of `fit`: callbacks, one step, callbacks. They take turns step by step, and each pair
of steps gives one ratio, so that a machine that slows down for a while favours neither. The same
with a model of one small layer shows the cost itself, free of the noise of a long step.

    python benchmarks/recording.py [--model AlexNetSmall] [--classes 4] [--pairs 100]
"""

import argparse
import time

import keras
import numpy as np
import tensorflow as tf

import keras_freq as kf


def smallest_model(input_shape, num_classes):
    """Returns a model whose steps take no longer than Keras needs around them."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(num_classes, "softmax"),
        ]
    )


def training_step(build, num_classes, batch_size, recorded):
    """Returns a function that trains a new model for one step, as `fit` does."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    images = rng.random((batch_size, 32, 32, 3), np.float32)
    labels = rng.integers(0, num_classes, batch_size)
    dataset = kf.data.without_autotune(tf.data.Dataset.from_tensors((images, labels)).repeat())

    model = build((32, 32, 3), num_classes)
    recorder = kf.ClassMetricsRecorder(num_classes, max_steps=500, stop_training=False)
    model.compile(
        keras.optimizers.SGD(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy", recorder.batch_counts] if recorded else ["accuracy"],
        jit_compile=False,
    )
    callbacks = keras.callbacks.CallbackList([recorder] if recorded else [], model=model)
    batches = iter(dataset)
    model.make_train_function()
    callbacks.on_train_begin()

    def step():
        callbacks.on_train_batch_begin(0)
        logs = model.train_function(batches)
        callbacks.on_train_batch_end(0, logs)

    return step


def compare(build, options, pairs):
    """Returns `(pairs, 2)` seconds: steps with the recorder, and without."""
    steps = [
        training_step(build, options.classes, options.batch_size, recorded)
        for recorded in (True, False)
    ]
    seconds = np.empty((pairs, 2))
    for pair in range(-5, pairs):  # the first five, which trace and warm up, are overwritten
        for which in (0, 1) if pair % 2 else (1, 0):
            start = time.perf_counter()
            steps[which]()
            seconds[pair, which] = time.perf_counter() - start
    return seconds


def main():
    """Prints the ratio for the model, and the cost in microseconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="AlexNetSmall")
    parser.add_argument("--classes", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=100)
    options = parser.parse_args()

    seconds = compare(getattr(kf.models, options.model), options, options.pairs)
    recorded, plain = np.median(seconds, axis=0)
    low, ratio, high = np.percentile(seconds[:, 0] / seconds[:, 1], [25, 50, 75])
    print(f"{options.model}, 32x32, batch {options.batch_size}, {options.classes} classes")
    print(f"a step: {plain * 1e3:.1f} ms, recorded {recorded * 1e3:.1f} ms")
    print(f"ratio: {ratio:.4f}, quartiles {low:.4f} to {high:.4f} ({len(seconds)} pairs; bar 1.03)")

    seconds = compare(smallest_model, options, 1000)
    cost, small = np.median(seconds[:, 0] - seconds[:, 1]), np.median(seconds[:, 1])
    print(
        f"cost: {cost * 1e6:.0f} us a step, on a model whose step takes {small * 1e6:.0f} us; that "
        f"is {cost / plain:.2%} of a step of {options.model}"
    )


if __name__ == "__main__":
    main()
