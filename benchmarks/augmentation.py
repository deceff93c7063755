"""Images per second of the augmentations, beside the Keras layers that do the like.

    python benchmarks/augmentation.py [--side 256] [--batch 32] [--repeats 5] [--only augmix]

Every augmentation runs in a `tf.data` pipeline, batch after batch in one thread. The two sides take
turns, and the fastest of the repeats counts. "once" is the first batch, with its tracing. Keras'
layers do not do quite the same: its geometric layers interpolate once each, its RandAugment draws
one choice of operations for a whole batch, and its AugMix has the choices of its tracing for ever.
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
from keras_freq import augment


def pairs(side):
    """Name -> our function of (images, seed), and the Keras layers or None."""
    layers = keras.layers
    crop = side * 7 // 8
    pca = augment.PcaColour(np.array([0.2, 0.02, 0.005]), np.eye(3))
    maps = np.stack([kf.low_pass_mask(side, side / 4)] * 2)

    def dfm_x(images, *, seed):
        labels = tf.zeros(tf.shape(images)[0], tf.int32)
        return augment.dfm_x(images, labels, maps, seed=seed, probability=1)

    def sequence(*parts):
        return lambda: keras.Sequential(parts)

    affine = functools.partial(
        augment.random_affine,
        rotation_degrees=15,
        shift=0.2,
        zoom=0.2,
        shear_degrees=11.5,
        flip=True,
    )
    keras_affine = sequence(
        layers.RandomRotation(15 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
        layers.RandomShear(0.2, 0.0, fill_mode="nearest"),
        layers.RandomZoom(0.2, 0.2, fill_mode="nearest"),
        layers.RandomFlip("horizontal"),
    )
    rotation = functools.partial(augment.random_affine, rotation_degrees=15)
    return {
        "random_crop": (
            functools.partial(augment.random_crop, size=crop),
            lambda: layers.RandomCrop(crop, crop),
        ),
        "random_flip": (augment.random_flip, lambda: layers.RandomFlip("horizontal")),
        "random_affine, rotation": (
            rotation,
            lambda: layers.RandomRotation(15 / 360, fill_mode="nearest"),
        ),
        "random_affine, all five": (affine, keras_affine),
        "rand_augment": (augment.rand_augment, lambda: layers.RandAugment((0, 1))),
        "augmix": (augment.augmix, lambda: layers.AugMix((0, 1), all_ops=False)),
        "auto_augment": (augment.auto_augment, None),
        "random_resized_crop": (functools.partial(augment.random_resized_crop, size=crop), None),
        "pad_crop_flip": (augment.pad_crop_flip, None),
        "pca_colour": (functools.partial(augment.pca_colour, pca=pca), None),
        "random_amplitude_mix": (augment.random_amplitude_mix, None),
        "dfm_x": (dfm_x, None),
    }


def ours(images, function):
    """An endless pipeline of our augmentation, without the prefetching of `augmented`."""
    dataset = tf.data.Dataset.from_tensors(images).repeat().enumerate()
    return dataset.map(lambda number, x: function(x, seed=tf.stack([0, number])))


def theirs(images, make_layer):
    """An endless pipeline of a Keras layer."""
    layer = make_layer()
    dataset = tf.data.Dataset.from_tensors(images).repeat()
    return dataset.map(lambda x: layer(x, training=True))


def one_thread(dataset):
    """An iterator in which only the operations themselves use several cores."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.inject_prefetch = False
    options.threading.private_threadpool_size = 1
    return iter(dataset.with_options(options))


def seconds(iterator, batches):
    """How long so many batches take."""
    start = time.perf_counter()
    for _ in range(batches):
        next(iterator)
    return time.perf_counter() - start


def main():
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=256, help="pixels")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--batches", type=int, default=5, help="in each repeat")
    parser.add_argument("--repeats", type=int, default=5, help="the fastest counts")
    parser.add_argument("--only", help="part of a name")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    images = rng.random((arguments.batch, arguments.side, arguments.side, 3)).astype("float32")

    print(f"{arguments.batch} images of {arguments.side} x {arguments.side}, images per second")
    print(f"{'':26} {'ours':>8} {'once, s':>8} {'Keras':>8} {'once, s':>8} {'ratio':>6}")
    for name, (function, make_layer) in pairs(arguments.side).items():
        if arguments.only and arguments.only not in name:
            continue
        makers = [functools.partial(ours, images, function)]
        if make_layer:
            makers.append(functools.partial(theirs, images, make_layer))
        iterators, first = [], []
        for make in makers:
            start = time.perf_counter()
            iterators.append(one_thread(make()))
            next(iterators[-1])
            first.append(time.perf_counter() - start)
        best = [np.inf] * len(iterators)
        for _ in range(arguments.repeats):
            for side, iterator in enumerate(iterators):
                best[side] = min(best[side], seconds(iterator, arguments.batches))
        speeds = [arguments.batch * arguments.batches / value for value in best]
        line = "".join(f" {s:8.0f} {f:8.1f}" for s, f in zip(speeds, first, strict=True))
        ratio = f" {speeds[0] / speeds[1]:6.1f}" if make_layer else ""
        print(f"{name:26}{line}{ratio}", flush=True)


if __name__ == "__main__":
    main()
