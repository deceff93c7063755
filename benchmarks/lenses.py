"""What each lens costs: passes, seconds, and its speed against the bare network.

    python benchmarks/lenses.py
    python benchmarks/lenses.py --model PATH.keras --data FOLDER --inputs=-1..1

Without a model it is AlexNetSmall on 200 random images of 32x32, as drawn: the time of a lens does
not depend on what a network has learned. Otherwise it is that model on 100 images of a folder of
class folders. *Passes* are forward passes that the engine was asked for, *bare* is the compiled
forward pass alone at its best batch size, on images that are there already. Speeds are passes in a
second of processor time, which other work disturbs less than the clock. What a call costs *once*
(checks of the model, tracing; in processor seconds) is taken off by a short run beside the long
one. Each lens is given a short run first, which compiles. Rows are written to
`--out` as they come, and a row that is there is not measured again.
"""

import argparse
import csv
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from masks_speed import bare, best_batch

import keras_freq as kf
from keras_freq.data.even_sample import even_sample
from keras_freq.interventions.work_units import UnitRunner

# Lenses of single images, with how many they are given.
OF_SINGLE_IMAGES = {"scale_occlusion": 4}
COLUMNS = (
    *("network", "images", "lens", "passes", "seconds", "cpu_seconds", "once"),
    *("passes_per_cpu_second", "bare", "ratio"),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a saved network")
    parser.add_argument("--data", help="a folder of class folders, for the network")
    parser.add_argument("--inputs", default="0..1", help="what the network takes, as in kf.adapt")
    parser.add_argument("--images", type=int)
    parser.add_argument("--lenses", nargs="+", default=[], help="only these")
    parser.add_argument("--out", default="benchmarks/lenses.csv")
    arguments = parser.parse_args()
    network, data, name = subject(arguments)
    images, labels = data
    asked = counted_passes()
    forward = tf.function(lambda x: network(x, training=False), autograph=False)
    batch = best_batch(forward, images)
    path = pathlib.Path(arguments.out)
    done = {(row["network"], row["lens"]) for row in read(path)}
    for lens, ask in lenses(network, images.shape[1:3], network.output_shape[-1]).items():
        if (name, lens) in done or (arguments.lenses and lens not in arguments.lenses):
            continue
        number = OF_SINGLE_IMAGES.get(lens, len(images))
        few = images[: min(8, number // 2)], labels[: min(8, number // 2)]
        own = images[:number], labels[:number]
        ask(few)  # compiles
        first, short = processor_time(ask, few, asked)
        # The bare network is timed before and after, since a busy machine slows both.
        alone = [bare_rate(forward, images, batch)]
        start = time.perf_counter()
        passes, took = processor_time(ask, own, asked)
        seconds = time.perf_counter() - start
        alone = np.mean([*alone, bare_rate(forward, images, batch)])
        # What a call costs once is that of the short run, but for its passes.
        speed = (passes - first) / (took - short) if passes > first else 0.0
        row = (
            *(name, number, lens, passes, round(seconds, 1), round(took, 1)),
            *(round(short - first / alone, 1), round(speed), round(alone)),
            round(speed / alone, 2) if speed else "",
        )
        append(path, row)
        print(dict(zip(COLUMNS, row, strict=True)), flush=True)


def processor_time(ask, data, asked):
    """Passes of a call, and its processor time in seconds."""
    asked["passes"], start = 0, time.process_time()
    ask(data)
    return asked["passes"], time.process_time() - start


def bare_rate(forward, images, batch):
    """Passes of the bare network in a second of processor time."""
    start = time.process_time()
    for _ in range(3):
        bare(forward, images, batch)
    return 3 * len(images) / (time.process_time() - start)


def subject(arguments):
    """The network, its images and labels, and what it is called."""
    if arguments.model is None:
        number = arguments.images or 200
        rng = np.random.default_rng(0)
        images = rng.random((number, 32, 32, 3), np.float32)
        network = kf.models.AlexNetSmall((32, 32, 3), num_classes=10)
        return network, (images, np.arange(number) % 10), "AlexNetSmall, 32x32"
    saved = keras.models.load_model(arguments.model, compile=False)
    size = saved.input_shape[1]
    folder = kf.data.image_folder(arguments.data, image_size=size, batch_size=64)
    names = kf.data.class_names_of(folder)
    number = arguments.images or 100
    data = even_sample(folder, number, len(names))
    network = kf.adapt(saved, inputs=arguments.inputs)
    name = f"{pathlib.Path(arguments.model).stem}, {size}x{size}"
    return network, data, name


def counted_passes():
    """Counts the passes that the engine has done, in the dict that it gives."""
    asked, kept = {"passes": 0}, UnitRunner._kept

    def counted(runner, number, unit, result):
        asked["passes"] += unit.passes(runner._classifier)
        return kept(runner, number, unit, result)

    UnitRunner._kept = counted
    return asked


def lenses(network, size, classes):
    """The lenses, each a function of a data set."""
    waves = "all" if size[0] <= 32 else 400
    several = {
        "filter_sweep": {},
        "fourier_heat_map": {"frequencies": waves},
        "band_shapley": {},
        "phase_preference": {},
        "phase_noise_sweep": {},
        "corruption_errors": {},
        "critical_bands": {},
        "gradient_spectrum": {},
    }

    def asking(lens, options):
        return lambda data: getattr(kf, lens)(network, data, classes, progress=False, **options)

    def layers(data):
        return kf.layer_spectra(network, data, progress=False)

    def pieces(data):
        for image, label in zip(*data, strict=True):
            kf.scale_occlusion(network, image, int(label), progress=False)

    found = {lens: asking(lens, options) for lens, options in several.items()}
    return found | {"layer_spectra": layers, "scale_occlusion": pieces}


def read(path):
    """The rows that are there."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def append(path, row):
    """Adds a row to the file, which begins with the names of the columns."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow(row)


if __name__ == "__main__":
    main()
