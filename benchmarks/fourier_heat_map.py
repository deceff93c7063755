"""Images with a wave or with noise more: the lenses against the bare network, in one run.

    python benchmarks/fourier_heat_map.py
    python benchmarks/fourier_heat_map.py --model PATH.keras     (its own network at 224x224)

Side by side in each of several rounds. Times are processor time of this process, which other work
disturbs less than the clock:

- *bare*: the compiled forward pass alone, on images that are there already, at its best batch size.
- *heat map*: `kf.fourier_heat_map`. What a call costs once (checks of the model, tracing) is taken
  off, by a short call beside a long one.
- *one by one*: a frequency after the other, as published codes do it: its wave by an inverse FFT, a
  sign for each image and channel, clipped, batched, and the compiled forward pass.
- *noise bands*: `kf.critical_bands`, likewise.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from masks_speed import best_batch
from networks import small_resnet

import keras_freq as kf

COLUMNS = ("bare", "heat map", "one by one", "noise bands")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a saved network for 224x224 images")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=int, help="only the network of this size")
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
        (f"{arguments.model or 'MobileNetV2'}, 224x224", lambda: large(arguments.model), 16, 40),
    ]
    for name, build, number, num_waves in cases:
        if arguments.only and f"{arguments.only}x" not in name:
            continue
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
        "bare": lambda: bare(forward, images, batch, 8),
        "heat map": lambda: rate_of(
            lambda waves: kf.fourier_heat_map(
                network, data, num_classes, frequencies=waves, by="all", progress=False
            ),
            *(5, num_waves),
        ),
        "one by one": lambda: one_by_one(forward, images, batch, num_waves // 8),
        "noise bands": lambda: rate_of(
            lambda strengths: kf.critical_bands(
                network, data, num_classes, strengths=strengths, progress=False
            ),
            *((0.1, 0.2), np.linspace(0.01, 0.3, 8)),
        ),
    }
    # Fused loops are compiled once in a process.
    kf.fourier_heat_map(network, data, num_classes, frequencies=5, by="all", progress=False)
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


def rate_of(lens, few, many):
    """Passes a second of a lens, between a short and a long call."""
    passes, seconds = [], []
    for how_many in (few, many):
        start = time.process_time()
        passes.append(lens(how_many).evaluations)
        seconds.append(time.process_time() - start)
    return (passes[1] - passes[0]) / (seconds[1] - seconds[0])


def bare(forward, images, batch, times):
    """Images a second of the forward pass alone."""
    batches = [tf.constant(images[i : i + batch]) for i in range(0, len(images), batch)]
    start = time.process_time()
    for one in times * batches:
        forward(one).numpy()
    return times * len(images) / (time.process_time() - start)


def one_by_one(forward, images, batch, num_waves):
    """Images a second, a frequency after the other."""
    size, rng = images.shape[1], np.random.default_rng(0)
    start = time.process_time()
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
    return num_waves * len(images) / (time.process_time() - start)


if __name__ == "__main__":
    main()
