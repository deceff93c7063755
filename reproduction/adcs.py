"""ADCS of the synthetic sets B1 to B4 and of a folder of photographs, original and stylised.

    python reproduction/adcs.py --photographs path/to/images --size 32

Writes `adcs/adcs.csv` and the figures beside it. `path/to/images` holds one folder for each class.
Stylised images keep their phases and take the amplitudes of other photographs, mostly of other
classes, by half on average.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import keras_freq as kf

HERE = pathlib.Path(__file__).parent / "adcs"


def halves(images, labels):
    """Every other image of each class, and the rest."""
    place = np.zeros(len(labels), int)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        place[own] = np.arange(len(own)) % 2
    return [(images[place == half], labels[place == half]) for half in (0, 1)]


def measured(name, images, labels, class_names):
    """ADCS maps `(K, H, W)`, and a row a class.

    Mean over each band, mean size as a share of the largest possible, and the correlation of the
    maps of two halves of the images: 0 where classes differ by chance only.
    """
    num_classes = len(class_names)
    maps = kf.adcs(kf.class_spectra((images, labels), num_classes))
    first, second = (
        kf.adcs(kf.class_spectra(half, num_classes)) for half in halves(images, labels)
    )
    edges = kf.band_edges(maps.shape[1:])
    bands = [kf.band_pass_mask(maps.shape[1:], *edges[b : b + 2]) for b in range(4)]
    rows = []
    for k, class_name in enumerate(class_names):
        row = {"set": name, "class_name": class_name}
        row |= {f"band {b + 1}": maps[k][mask].mean() for b, mask in enumerate(bands)}
        row["mean size"] = np.abs(maps[k]).mean() / (num_classes - 1)
        row["split-half correlation"] = np.corrcoef(first[k].ravel(), second[k].ravel())[0, 1]
        rows.append(row)
    return maps, rows


def saved(maps, class_names, name):
    axes = kf.plots.adcs_maps(maps, class_names=class_names)
    np.asarray(axes).flat[0].figure.savefig(HERE / f"{name}.png", dpi=110, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=32)
    arguments = parser.parse_args()
    HERE.mkdir(exist_ok=True)
    rows = []
    figure, axes = plt.subplots(4, 4, figsize=(10, 9.5), layout="constrained")
    for band in (1, 2, 3, 4):
        names = [f"C{k}" for k in range(4)]
        images, labels = kf.data.frequency_bands(band)
        maps, own = measured(f"B{band}", images, labels, names)
        planted = kf.data.planted_masks(band)[0]
        own[0]["planted pairs"] = maps[0][planted].mean()
        rows += own
        titles = [f"B{band}: {name}" for name in names]
        kf.plots.adcs_maps(maps, class_names=titles, ax=axes[band - 1])
    figure.savefig(HERE / "synthetic.png", dpi=90, bbox_inches="tight")

    dataset = kf.data.image_folder(arguments.photographs, image_size=arguments.size)
    names = dataset.class_names
    batches = [(images.numpy(), labels.numpy()) for images, labels in dataset]
    images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order], labels[order]
    stylised = np.concatenate(
        [
            kf.augment.random_amplitude_mix(images[i : i + 500], seed=(0, i)).numpy()
            for i in range(0, len(images), 500)
        ]
    )
    for name, shown in (("photographs", images), ("stylised", stylised)):
        maps, own = measured(name, shown, labels, names)
        rows += own
        saved(maps, names, name)
    table = pd.DataFrame(rows).round(3)
    table.to_csv(HERE / "adcs.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
