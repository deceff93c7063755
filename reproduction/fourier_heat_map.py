"""Does training with Gaussian noise move where a network of CIFAR-10 breaks?

Two networks of one architecture and seed are trained, one on images as they are and one with
Gaussian noise of standard deviation 0.1 added in training. To test images, the wave of each
frequency is added (norm 4.0). The plain network should break everywhere but at the lowest
frequencies, and the other one not at high ones.

Command:  python reproduction/fourier_heat_map.py path/to/cifar10 --out runs/fourier_heat_map
Time:     about half an hour of one CPU core; a killed run goes on from its last epoch
Result:   reproduction/fourier_heat_map/ (maps.png, profile.csv, summary.csv)
"""

import argparse
from pathlib import Path

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
from keras_freq.data.batches import collected

NETWORKS = {"plain": 0.0, "trained with noise": 0.1}
RESULTS = Path(__file__).parent / "fourier_heat_map"


def network(noise):
    """A small convolutional network; the noise is added in training only."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.GaussianNoise(noise)(inputs)
    x = keras.layers.RandomFlip("horizontal")(x)
    for filters in (24, 48, 96):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.MaxPooling2D()(keras.layers.Activation("relu")(x))
    x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
    model = keras.Model(inputs, keras.layers.Dense(10)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.001), loss, metrics=["accuracy"])
    return model


def trained(name, noise, data, epochs, folder):
    """The trained network, from its file if there is one."""
    path = folder / f"{name.replace(' ', '_')}.keras"
    if not path.exists():
        model = network(noise)
        resume = keras.callbacks.BackupAndRestore(folder / f"{path.stem}_epochs")
        images, labels = data()
        model.fit(images, labels, batch_size=64, epochs=epochs, callbacks=[resume], verbose=2)
        model.save(path)
    return keras.models.load_model(path, compile=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path, help="folder with train/ and test/")
    parser.add_argument("--out", type=Path, default=Path("runs/fourier_heat_map"))
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--images", type=int, default=500, help="test images")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    def images_of(part):
        return collected(kf.data.image_folder(arguments.photographs / part, image_size=32), 10)

    images, labels = images_of("test")
    chosen = np.random.default_rng(0).permutation(len(labels))[: arguments.images]
    test = images[chosen], labels[chosen]
    maps = {}
    for name, noise in NETWORKS.items():
        model = trained(name, noise, lambda: images_of("train"), arguments.epochs, arguments.out)
        log = arguments.out / f"{name.replace(' ', '_')}.log"
        maps[name] = kf.fourier_heat_map(model, test, 10, checkpoint=log)
        print(maps[name], flush=True)
    write(maps, arguments)


def write(maps, arguments):
    """Writes the tables and the picture."""
    RESULTS.mkdir(exist_ok=True)
    profiles = [heat.profile().assign(network=name) for name, heat in maps.items()]
    pd.concat(profiles).round(4).to_csv(RESULTS / "profile.csv", index=False)
    radii, rows = kf.radius_map(32), []
    parts = {"below 2": (0, 2), "2 to 8": (2, 8), "8 to 16": (8, 16), "16 and more": (16, 99)}
    for name, heat in maps.items():
        row = {"network": name, "images": len(heat.labels), "epochs": arguments.epochs}
        row["error without a wave"] = heat.base_error
        for part, (low, high) in parts.items():
            cells = (radii >= low) & (radii < high)
            row[f"error, radius {part}"] = heat.error[cells].mean()
        rows.append(row)
    pd.DataFrame(rows).round(4).to_csv(RESULTS / "summary.csv", index=False)
    axes = kf.plots.fourier_heat_map(maps)
    axes[0].figure.savefig(RESULTS / "maps.png", dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main()
