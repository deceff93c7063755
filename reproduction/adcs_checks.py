"""What ADCS maps owe to the published code, and what to the contrast of photographs.

    python reproduction/adcs_checks.py --photographs path/to/cifar10_sample/train

Writes two tables. `adcs/published_code.csv`: how the maps of B1 to B4 change with each way in
which the published code differs from the published formula, one at a time and all together.
`adcs/contrast.csv`: the table of `adcs.py` for photographs as they are, and divided by their
contrast.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pandas as pd
from adcs import HERE, measured

import keras_freq as kf
from keras_freq.data.batches import collected

LUMA = (0.2989, 0.5870, 0.1140)


def published(spectra, *, sizes=None, with_itself=False, luma=False):
    """ADCS `(K, H, W)` with some of the differences of the published code.

    Args:
        spectra: `(K, H, W, 3)` means of the classes.
        sizes: numbers of images of the classes: sums are compared instead of means.
        with_itself: whether a class is compared with itself too, and a tie is -1.
        luma: whether channels are joined by luma instead of their mean.
    """
    maps = np.average(spectra, axis=-1, weights=LUMA if luma else None)
    if sizes is not None:
        maps = maps * np.asarray(sizes)[:, None, None]
    difference = maps[:, None] - maps[None]
    if with_itself:
        return np.where(difference > 0, 1, -1).sum(axis=1)
    return np.sign(difference).sum(axis=1).astype(int)


def of_the_code(band):
    """A row a variant: how B1 to B4 look with it."""
    images, labels = kf.data.frequency_bands(band)
    # One class with half of its images, as in sets whose classes are not equally large.
    keep = np.delete(np.arange(len(labels)), np.flatnonzero(labels == 3)[::2])
    spectra = kf.class_spectra((images, labels), 4, progress=False)
    uneven = kf.class_spectra((images[keep], labels[keep]), 4, progress=False)
    sizes, uneven_sizes = np.bincount(labels), np.bincount(labels[keep])
    variants = {
        "channels by luma": (published(spectra, luma=True), published(spectra)),
        "a class against itself, ties -1": (
            published(spectra, with_itself=True),
            published(spectra),
        ),
        "sums, classes of equal size": (published(spectra, sizes=sizes), published(spectra)),
        "sums, C3 with half of its images": (
            published(uneven, sizes=uneven_sizes),
            published(uneven),
        ),
        "all, C3 with half of its images": (
            published(uneven, sizes=uneven_sizes, with_itself=True, luma=True),
            published(uneven),
        ),
    }
    own_band = kf.band_pass_mask(32, *kf.band_edges(32)[band - 1 : band + 1])
    for name, (changed, formula) in variants.items():
        yield {
            "set": f"B{band}",
            "variant": name,
            "cells changed": (changed != formula).mean(),
            "lowest": changed.min(),
            "highest": changed.max(),
            "C3 in its band, formula": formula[3][own_band].mean(),
            "C3 in its band, variant": changed[3][own_band].mean(),
            "C3 elsewhere, formula": formula[3][~own_band].mean(),
            "C3 elsewhere, variant": changed[3][~own_band].mean(),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    table = pd.DataFrame([row for band in (1, 2, 3, 4) for row in of_the_code(band)])
    table.round(3).to_csv(HERE / "published_code.csv", index=False)
    print(table.round(3).to_string(index=False))

    dataset = kf.data.image_folder(arguments.photographs, image_size=32)
    names = dataset.class_names
    images, labels = collected(dataset)
    order = np.random.default_rng(0).permutation(len(labels))  # as in adcs.py
    images, labels = images[order], labels[order]
    contrast = images.std(axis=(1, 2, 3), keepdims=True)
    means = images.mean(axis=(1, 2), keepdims=True)
    # Centred on grey and in [0, 1], as images are; one factor for all leaves ADCS as it is.
    equal = (images - means) / np.maximum(contrast, 1e-3)
    equal = 0.5 + 0.5 * equal / np.abs(equal).max()
    rows = []
    for name, shown in (("as they are", images), ("of equal contrast", equal)):
        own = measured(name, shown.astype("float32"), labels, names)[1]
        for k, row in enumerate(own):
            row["mean contrast"] = shown[labels == k].std(axis=(1, 2, 3)).mean()
        rows += own
    table = pd.DataFrame(rows).round(3)
    table.to_csv(HERE / "contrast.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
