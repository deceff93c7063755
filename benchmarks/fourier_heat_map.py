"""Images with a wave or with noise more: the lenses against the bare network, in one run.

    python benchmarks/fourier_heat_map.py
    python benchmarks/fourier_heat_map.py --model PATH.keras     (its own network at 224x224)

Side by side in each of several rounds:

- *bare*: the compiled forward pass alone, on images that are there already, at its best batch size.
- *heat map*: `kf.fourier_heat_map`.
- *one by one*: a frequency after the other, as published codes do it: its wave by an inverse FFT, a
  sign for each image and channel, clipped, batched, and the compiled forward pass.
- *noise bands*: `kf.critical_bands`.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from masks_speed import bare, best_batch
from networks import small_resnet

import keras_freq as kf

COLUMNS = ("bare", "heat map", "one by one", "noise bands")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a saved network for 224x224 images")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", action="store_true", help="only the network at 224x224")
    arguments = parser.parse_args()
    print("| network | bare | heat map | / bare | one by one | noise bands | / bare |")
    print("|---|---|---|---|---|---|---|")
    cases = [
        (
            "AlexNetSmall, 32x32",
            lambda: kf.models.AlexNetSmall((32, 32, 3), num_classes=10),
            128,
            80,
        ),
        ("small ResNet, 64x64", lambda: small_resnet(64, 10), 128, 60),
        (f"{arguments.model or 'MobileNetV2'}, 224x224", lambda: large(arguments.model), 32, 40),
    ]
    for name, build, number, num_waves in cases[-1:] if arguments.large else cases:
        print(row(name, build(), number, num_waves, arguments.rounds), flush=True)


def large(path):
    """The network at 224x224."""
    if path:
        return keras.models.load_model(path, compile=False)
    return keras.applications.MobileNetV2(weights=None)


def row(name, network, number, num_waves, rounds):
    """One row of the table: images a second of each way."""
    size, num_classes = network.input_shape[1], network.output_shape[-1]
    images = np.random.default_rng(0).random((number, size, size, 3), np.float32)
    data = images, np.arange(number) % num_classes
    forward = tf.function(lambda x: network(x, training=False), autograph=False)
    batch = best_batch(forward, images)
    ways = {
        "bare": lambda: number / bare(forward, images, batch),
        "heat map": lambda: rate_of(
            kf.fourier_heat_map, network, data, num_classes, frequencies=num_waves, by="all"
        ),
        "one by one": lambda: one_by_one(forward, images, batch, num_waves // 8),
        "noise bands": lambda: rate_of(kf.critical_bands, network, data, num_classes),
    }
    for way in ways.values():
        way()  # compiles
    rates = {name: [] for name in COLUMNS}
    for _ in range(rounds):
        for name_of_way, way in ways.items():
            rates[name_of_way].append(way())
    speed = {way: np.median(found) for way, found in rates.items()}
    return (
        f"| {name} | {speed['bare']:,.0f} (batch {batch}) | {speed['heat map']:,.0f} | "
        f"**{speed['heat map'] / speed['bare']:.2f}** | {speed['one by one']:,.0f} | "
        f"{speed['noise bands']:,.0f} | **{speed['noise bands'] / speed['bare']:.2f}** |"
    )


def rate_of(lens, *arguments, **options):
    """Passes a second of a lens, all it does included."""
    start = time.perf_counter()
    found = lens(*arguments, progress=False, **options)
    return found.evaluations / (time.perf_counter() - start)


def one_by_one(forward, images, batch, num_waves):
    """Images a second, a frequency after the other."""
    size, rng = images.shape[1], np.random.default_rng(0)
    start = time.perf_counter()
    for column in range(num_waves):
        spectrum = np.zeros((size, size // 2 + 1), np.float32)
        spectrum[column % size, column % (size // 2)] = 1
        wave = np.fft.irfft2(spectrum, s=(size, size))
        wave = (4 * wave / np.linalg.norm(wave)).astype(np.float32)

        def with_wave(image, wave=wave):
            sign = rng.choice(np.float32([-1, 1]), 3)
            return np.clip(image + wave[..., None] * sign, 0, 1)

        for first in range(0, len(images), batch):
            changed = np.stack([with_wave(image) for image in images[first : first + batch]])
            forward(tf.constant(changed)).numpy()
    return num_waves * len(images) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
