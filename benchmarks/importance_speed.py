"""Speed of the exhaustive importance search, against the bare network and the published way.

Three things are timed in turn, round after round, and their medians compared:

- bare: the network's compiled forward pass alone, at the batch size where it is fastest (with and
  without XLA; the best of all is taken);
- search: blocks of the exhaustive search, images without one frequency each;
- published: for each mask an FFT of the images of one class, the mask, an inverse FFT, the network.

    python benchmarks/importance_speed.py
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from networks import small_resnet

import keras_freq as kf
from keras_freq.classifier import CompiledClassifier, cross_entropy, logits_of
from keras_freq.interventions import RemovedPairs, Unit

BATCH_SIZES = (32, 64, 128, 256, 512)


def seconds(function):
    """Wall-clock time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def bare_runs(logits, image_shape, passes):
    """The forward pass alone: `{(batch size, XLA): (function, images)}`."""
    runs = {}
    for jit in (False, True):
        forward = tf.function(lambda images: logits(images), jit_compile=jit)
        for batch_size in BATCH_SIZES:
            images = tf.random.uniform((batch_size, *image_shape))
            times = max(1, passes // batch_size)

            def run(forward=forward, images=images, times=times):
                for _ in range(times):
                    forward(images).numpy()

            runs[batch_size, jit] = run, times * batch_size
    return runs


def search_run(classifier, image_shape, num_images):
    """A block of the exhaustive search."""
    images = np.random.default_rng(0).uniform(size=(num_images, *image_shape)).astype("float32")
    pairs = kf.conjugate_pairs(image_shape[:2])
    pairs = pairs[: 8 * classifier.batch_size // num_images]
    labels = np.arange(num_images) % classifier.logits.num_classes
    removed = RemovedPairs(pairs, image_shape[:2], np.full(image_shape[-1], 0.5))
    unit = Unit("losses", images, labels, removed)
    return lambda: unit.run(classifier), num_images * len(pairs)


def published_run(logits, image_shape, num_images, masks=8):
    """An FFT pair for each mask, on the images of one class."""
    images = tf.random.uniform((num_images, *image_shape))
    labels = tf.zeros(num_images, tf.int32)
    pairs = kf.conjugate_pairs(image_shape[:2])
    kept = np.ones((masks, *image_shape[:2]), np.complex64).reshape(masks, -1)
    for mask, pair in zip(kept, pairs[5 : 5 + masks], strict=True):
        mask[pair] = 0
    kept = tf.constant(np.fft.ifftshift(kept.reshape(masks, *image_shape[:2]), axes=(1, 2)))

    @tf.function
    def without(mask):
        planes = tf.cast(tf.transpose(images, [0, 3, 1, 2]), tf.complex64)
        planes = tf.signal.ifft2d(tf.signal.fft2d(planes) * mask)
        return cross_entropy(logits(tf.transpose(tf.math.real(planes), [0, 2, 3, 1])), labels)

    def run():
        for mask in kept:
            without(mask).numpy()

    return run, masks * num_images


def compare(name, model, image_shape, rounds, images_per_class=50):
    """Times the three in turn and prints one line."""
    num_classes = model.output_shape[-1]
    logits = logits_of(model, np.zeros((2, *image_shape), "float32"), num_classes)
    classifier = CompiledClassifier(logits, image_shape)
    bare = bare_runs(logits, image_shape, passes=512)
    runs = {
        "search": search_run(classifier, image_shape, 4),
        "published": published_run(logits, image_shape, images_per_class),
    }
    for run, _ in [*bare.values(), *runs.values()]:
        run()
    best = max(bare, key=lambda key: bare[key][1] / min(seconds(bare[key][0]) for _ in range(4)))
    forward, passes = bare[best]
    runs["bare"] = lambda: [forward() for _ in range(2048 // passes)], 2048
    rates = {key: [] for key in runs}
    for _ in range(rounds):
        for key, (run, images) in runs.items():
            rates[key].append(images / seconds(run))
    median = {key: statistics.median(values) for key, values in rates.items()}
    ratio = statistics.median(s / b for s, b in zip(rates["search"], rates["bare"], strict=True))
    print(
        f"| {name} | {median['bare']:.0f} (batch {best[0]}{', XLA' if best[1] else ''}) "
        f"| {median['search']:.0f} | **{ratio:.2f}** | {median['published']:.0f} "
        f"| {median['search'] / median['published']:.1f} |",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    keras.utils.set_random_seed(0)
    print(
        "| network | bare, images/s | search | search / bare | published way | search / published |"
    )
    print("|---|---|---|---|---|---|")
    compare("AlexNetSmall, 32x32", kf.models.AlexNetSmall((32, 32, 3), 4), (32, 32, 3), rounds)
    compare("small ResNet, 64x64", small_resnet(64, 5), (64, 64, 3), rounds)


if __name__ == "__main__":
    main()
