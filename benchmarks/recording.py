"""What recording the counts of each training batch costs, as a ratio of step times.

Two models of the same weights train on the same batches in turns, one with the recorder and one
without; the step time is from the end of one batch to the end of the next, callbacks included.

    python benchmarks/recording.py [--model AlexNetSmall] [--classes 4] [--repeats 15] [--steps 12]
"""

import argparse
import time

import keras
import numpy as np
import tensorflow as tf

import keras_freq as kf


class StepTimes(keras.callbacks.Callback):
    """Keeps the times between the ends of batches; last in the list, so that it sees all hooks."""

    def on_train_begin(self, logs=None):
        self.times = []
        self.last = None

    def on_train_batch_end(self, batch, logs=None):
        now = time.perf_counter()
        if self.last is not None:
            self.times.append(now - self.last)
        self.last = now


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="AlexNetSmall")
    parser.add_argument("--classes", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--steps", type=int, default=12)
    options = parser.parse_args()

    rng = np.random.default_rng(0)
    images = rng.random((options.batch_size, 32, 32, 3), np.float32)
    labels = rng.integers(0, options.classes, options.batch_size)
    dataset = tf.data.Dataset.from_tensors((images, labels)).repeat()

    def setting(recorded):
        keras.utils.set_random_seed(0)
        model = getattr(kf.models, options.model)((32, 32, 3), options.classes)
        recorder = kf.ClassMetricsRecorder(options.classes, max_steps=500, stop_training=False)
        metrics = ["accuracy", recorder.batch_counts] if recorded else ["accuracy"]
        model.compile(
            keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy", metrics=metrics
        )
        return model, [recorder] if recorded else []

    def step_time(model, callbacks):
        times = StepTimes()
        model.fit(
            dataset,
            steps_per_epoch=options.steps,
            callbacks=[*callbacks, times],
            verbose=0,
            shuffle=False,
        )
        return np.median(times.times)

    with_recorder, without = setting(True), setting(False)
    step_time(*with_recorder), step_time(*without)  # traces
    pairs = []
    for repeat in range(options.repeats):
        # Turn about, so that a machine that slows down favours neither.
        if repeat % 2:
            pairs.append((step_time(*with_recorder), step_time(*without)))
        else:
            pairs.append((step_time(*without), step_time(*with_recorder))[::-1])
    recorded, plain = np.median(pairs, axis=0)
    ratios = np.divide(*np.transpose(pairs))
    low, middle, high = np.percentile(ratios, [25, 50, 75])
    print(
        f"{options.model}, 32x32, batch {options.batch_size}, {options.classes} classes: a step of "
        f"{plain * 1e3:.1f} ms takes {recorded * 1e3:.1f} ms recorded"
    )
    print(
        f"ratio {middle:.4f} (median of {options.repeats} pairs of {options.steps} steps, "
        f"quartiles {low:.4f} to {high:.4f}; bar: 1.03)"
    )


if __name__ == "__main__":
    main()
