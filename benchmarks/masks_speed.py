"""Images through masks: the engine against the bare network, and against one filter at a time.

    python benchmarks/masks_speed.py
    python benchmarks/masks_speed.py --model PATH.keras     (its own network at 224x224)

Three ways see the same images through the same masks, side by side in each of several rounds:

- *bare*: the compiled forward pass alone, on images that are there already, at its best batch size.
- *engine*: `kf.confusion_matrix(..., masks=masks)`, which rates, recalls and searches stand on.
- *one by one*: `kf.confusion_matrix` of `kf.data.filtered` for each mask, as a script would do it.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from networks import small_resnet

import keras_freq as kf

BATCHES = (16, 32, 64, 128, 256, 512)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a saved network for 224x224 images")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print("| network | bare | engine | engine / bare | one by one | engine / one by one |")
    print("|---|---|---|---|---|---|")
    large = arguments.model and keras.models.load_model(arguments.model, compile=False)
    cases = [
        ("AlexNetSmall, 32x32", kf.models.AlexNetSmall((32, 32, 3), num_classes=10), 256, 160),
        ("small ResNet, 64x64", small_resnet(64, 10), 256, 160),
        (
            f"{arguments.model or 'MobileNetV2'}, 224x224",
            large or keras.applications.MobileNetV2(weights=None),
            64,
            120,
        ),
    ]
    for name, network, number, num_masks in cases:
        print(row(name, network, number, num_masks, arguments.rounds), flush=True)


def row(name, network, number, num_masks, rounds):
    """One row of the table: images a second of the three ways."""
    size, num_classes = network.input_shape[1], network.output_shape[-1]
    rng = np.random.default_rng(0)
    images = rng.random((number, size, size, 3), np.float32)
    data = images, np.arange(number) % num_classes
    masks = np.stack(
        [kf.low_pass_mask(size, radius) for radius in np.linspace(2, size / 2, num_masks)]
    )
    forward = tf.function(lambda x: network(x, training=False), autograph=False)
    seconds = {"bare": [], "engine": [], "one by one": []}
    batch = best_batch(forward, images)
    few = masks[:: num_masks // 4]
    engine(network, data, num_classes, few)
    for _ in range(rounds):
        seconds["bare"].append(bare(forward, images, batch))
        seconds["engine"].append(engine(network, data, num_classes, masks) / num_masks)
        seconds["one by one"].append(one_by_one(network, data, num_classes, few) / len(few))
    speed = {way: number / np.median(times) for way, times in seconds.items()}
    return (
        f"| {name} | {speed['bare']:,.0f} (batch {batch}) | {speed['engine']:,.0f} | "
        f"**{speed['engine'] / speed['bare']:.2f}** | {speed['one by one']:,.0f} | "
        f"{speed['engine'] / speed['one by one']:.1f} |"
    )


def best_batch(forward, images):
    """The batch size at which the bare forward pass is fastest."""
    times = {}
    for size in (size for size in BATCHES if size <= len(images)):
        bare(forward, images, size)
        times[size] = min(bare(forward, images, size) for _ in range(2))
    return min(times, key=times.get)


def bare(forward, images, batch):
    """Seconds of the forward pass over all images."""
    batches = [tf.constant(images[i : i + batch]) for i in range(0, len(images), batch)]
    start = time.perf_counter()
    for one in batches:
        forward(one).numpy()
    return time.perf_counter() - start


def engine(network, data, num_classes, masks):
    """Seconds of all masks by the engine."""
    start = time.perf_counter()
    kf.confusion_matrix(network, data, num_classes, masks=masks, neutral=0.5, progress=False)
    return time.perf_counter() - start


def one_by_one(network, data, num_classes, masks):
    """Seconds of all masks, filter by filter."""
    start = time.perf_counter()
    for mask in masks:
        filtered = kf.data.filtered(kf.data.as_batches(data), mask, neutral=0.5)
        kf.confusion_matrix(network, filtered, num_classes, progress=False)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
