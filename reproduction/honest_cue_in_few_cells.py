"""How well do a few frequencies tell C1 from C2, which differ in how two bands go together?

C1 and C2 of the synthetic sets differ by no single frequency. In C1 two bands are strong together,
in C2 one is strong where the other is weak. For each image, one number: the product of the
standardised log-energies of the two bands, from all their frequencies, or from random 5 % of the
spectrum's cells, half of them in each band, as a map of that size may hold. How well the number
tells C1 from C2 is the area under its ROC curve: 0.5 is not at all, 1 is without error. Where a map
of 5 % tells the two apart, what transplants find in C1 or C2 is no false alarm.

Command:  python reproduction/honest_cue_in_few_cells.py
Time:     about a minute of one CPU core
Result:   reproduction/honest_cue_in_few_cells.csv
"""

import argparse
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

import keras_freq as kf


def powers(images):
    """Power of each frequency of each image, summed over channels: `(N, H * W)`, centred."""
    waves = np.fft.fft2(images - np.float32(0.5), axes=(1, 2))
    power = np.fft.fftshift((np.abs(waves) ** 2).sum(axis=-1), axes=(1, 2))
    return power.reshape(len(images), -1)


def product(power, cells):
    """The product of the standardised log-energies of two sets of cells: `(N,)`."""
    energies = np.log([power[:, own].sum(axis=1) for own in cells])
    energies -= energies.mean(axis=1, keepdims=True)
    return np.prod(energies / energies.std(axis=1, keepdims=True), axis=0)


def areas(band, *, per_class, draws, fraction):
    """Areas under the ROC curve of C1 against C2, for the two bands that tell them best."""
    images, labels = kf.data.frequency_bands(band, per_class=per_class)
    images, is_c1 = (
        images[(labels == 1) | (labels == 2)],
        labels[(labels == 1) | (labels == 2)] == 1,
    )
    power, size = powers(images), images.shape[1]
    reserved = kf.data.planted_masks(band)[0].ravel()
    pairs = kf.conjugate_pairs((size, size))
    radii = kf.fourier.radius_map((size, size)).ravel()[pairs[:, 0]]
    usable = ~reserved[pairs[:, 0]] & (radii > 0)
    bands = {
        number: pairs[usable & (radii >= low) & (radii < high)]
        for number, (low, high) in enumerate(pairwise(kf.band_edges(size)), start=1)
    }
    rng, each = np.random.default_rng(0), round(fraction * size * size / 4)  # pairs of each band

    def area(cells):
        return roc_auc_score(is_c1, product(power, [own.ravel() for own in cells]))

    others = [number for number in bands if number != band]
    two = max(combinations(others, 2), key=lambda two: area([bands[one] for one in two]))
    few = [
        area([rng.choice(bands[one], min(each, len(bands[one])), replace=False) for one in two])
        for _ in range(draws)
    ]
    return {
        "set": f"B{band}",
        "bands": f"{two[0]} and {two[1]}",
        "images": len(images),
        "auc of whole bands": area([bands[one] for one in two]),
        "pairs of each band": each,
        "auc of random pairs": np.mean(few),
        "least": np.min(few),
        "most": np.max(few),
        "draws": draws,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-class", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--fraction", type=float, default=0.05)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    arguments = vars(parser.parse_args())
    out = arguments.pop("out")
    table = pd.DataFrame([areas(band, **arguments) for band in (1, 2, 3, 4)]).round(3)
    table.to_csv(out, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
