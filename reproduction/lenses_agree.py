"""Which lenses agree about a network? Six measures of the same eight rings of frequencies.

    python reproduction/lenses_agree.py bands --band 1
    python reproduction/lenses_agree.py photographs --photographs path/to/cifar10

`bands` trains the network of `transplants_on_bands.py` (600 steps) and looks at C0, whose planted
cells are known, and at all classes together. `photographs` takes the network that
`transplants_on_photographs.py train` has saved, and looks at all classes together. All lenses see
the same test images. The rings are equally wide in radius, from 0 to half the side, and what lies
outside of them, in the corners, belongs to the last one. For each ring:

- *fall*: how far the recall falls without the ring (`filter_sweep`, band-stop).
- *worth*: its Shapley value in nats (`band_shapley`).
- *importance*: the sum of the changes of the loss without each of its frequencies, in nats.
- *waves*: the mean error with a wave of the ring, less the error without (`fourier_heat_map`).
- *slope*: its share of the gradient's power (`gradient_spectrum`).
- *noise*: 1 over the threshold of octave noise, at the ring's middle (`critical_bands`, linear in
  the logarithm of the radius). That lens has no classes.

Result:   reproduction/lenses_agree.csv, a row for each network, class and ring. The rank
correlations between lenses over the rings are printed: with eight rings, one below 0.74 may be
chance (p = 0.05, two-sided).
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
from keras_freq.fourier import radius_map
from keras_freq.fourier.grid import pair_weights

RESULT = pathlib.Path(__file__).with_suffix(".csv")
RINGS = 8
LENSES = ("fall", "worth", "importance", "waves", "slope", "noise")


def ring_of(radii, size):
    """The ring of each radius, 0 to 7; -1 for DC."""
    ring = np.minimum(radii // (size / 2 / RINGS), RINGS - 1).astype(int)
    return np.where(radii == 0, -1, ring)


def ring_masks(size):
    """The rings as masks `{name: (H, W)}`; here the mean colour belongs to the first."""
    ring = np.maximum(ring_of(radius_map((size, size)), size), 0)
    return {f"{number}": ring == number for number in range(RINGS)}


def means(values, ring, weights=None):
    """The weighted mean of `values` in each ring."""
    weights = np.ones(len(values)) if weights is None else weights
    own = ring >= 0
    total = np.bincount(ring[own], (weights * values)[own], RINGS)
    return total / np.bincount(ring[own], weights[own], RINGS)


def profiles(model, data, num_classes, class_id):
    """What each lens says of each ring, for a class or, with -1, for all images together."""
    images, labels = data
    size, options = images.shape[1], {"progress": False}
    edges = np.linspace(0, size / 2, RINGS + 1)
    own = data if class_id < 0 else (images[labels == class_id], labels[labels == class_id])
    found = {}

    sweep = kf.filter_sweep(
        model, own, num_classes, kinds=["band-stop"], radii=edges[1:-1], **options
    )
    sweep = sweep[sweep["class_id"] == -1]
    untouched = sweep.loc[sweep["kind"] == "untouched", "recall"].item()
    found["fall"] = untouched - sweep.loc[sweep["kind"] == "band-stop", "recall"].to_numpy()

    worth = kf.band_shapley(model, own, num_classes, bands=ring_masks(size), **options)
    found["worth"] = worth.together.values[0]

    importance = kf.frequency_importance(
        model, own, num_classes, by="all", method="exhaustive", **options
    )
    pairs = kf.conjugate_pairs((size, size))
    radii = radius_map((size, size)).ravel()[pairs[:, 0]]
    ring = ring_of(radii, size)
    change = importance.loss_change[0].ravel()[pairs[:, 0]]
    found["importance"] = np.bincount(ring[ring >= 0], change[ring >= 0], RINGS)

    heat = kf.fourier_heat_map(model, own, num_classes, by="all", **options)
    error = heat.error.ravel()[pairs[:, 0]]
    wrong = np.asarray(model.predict(own[0], verbose=0)).argmax(1) != own[1]
    found["waves"] = means(error, ring, pair_weights(pairs)) - wrong.mean()

    spectrum = kf.gradient_spectrum(model, own, num_classes, **options)
    spectrum = spectrum[(spectrum["class_id"] == -1) & (spectrum["part"] == "ring")]
    middle = (spectrum["low"] + spectrum["high"]).to_numpy() / 2
    ring = np.minimum(middle // (size / 2 / RINGS), RINGS - 1).astype(int)
    found["slope"] = np.bincount(ring, spectrum["share"], RINGS)

    bands = kf.critical_bands(model, own, num_classes, contrast=1.0, grey=False, **options)
    known = np.isfinite(bands.thresholds) & (bands.thresholds > 0)
    centres = (edges[:-1] + edges[1:]) / 2
    found["noise"] = np.full(RINGS, np.nan)
    if known.sum() > 2:
        sensitivity = np.log(1 / bands.thresholds[known])
        found["noise"] = np.exp(
            np.interp(np.log(centres), np.log(bands.centres[known]), sensitivity)
        )
    return pd.DataFrame(found).assign(low=edges[:-1], high=edges[1:])


def of_bands(arguments):
    """The network of a synthetic set, and what is to be looked at."""
    from transplants_on_bands import trained

    options = argparse.Namespace(model="AlexNetSmall", width=0.25, learning_rate=0.02, steps=600)
    band = arguments.band
    model = trained(*kf.data.frequency_bands(band), seed=arguments.seed, arguments=options)
    data = kf.data.frequency_bands(band, split="test", per_class=arguments.images)
    planted = kf.data.planted_masks(band)[0].ravel()
    ring = ring_of(radius_map((32, 32)).ravel(), 32)
    cells = np.bincount(ring[planted], minlength=RINGS)
    return f"AlexNetSmall, B{band}", model, data, 4, {0: cells, -1: None}


def of_photographs(arguments):
    """The network of photographs, and what is to be looked at."""
    from transplants_on_photographs import photographs

    model = keras.models.load_model(arguments.folder / "model.keras")
    *data, names = photographs(arguments.photographs, "test", per_class=arguments.images)
    return "narrow ResNet18, CIFAR-10", model, tuple(data), len(names), {-1: None}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["bands", "photographs"])
    parser.add_argument("--band", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, default=40, help="a class")
    parser.add_argument("--photographs", type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path, default="runs/transplants_on_photographs")
    arguments = parser.parse_args()
    source = of_bands if arguments.what == "bands" else of_photographs
    name, model, data, num_classes, wanted = source(arguments)
    right = (model.predict(data[0], verbose=0).argmax(1) == data[1]).mean()
    for class_id, cells in wanted.items():
        table = profiles(model, data, num_classes, class_id)
        table.insert(0, "ring", range(1, RINGS + 1))
        table["planted_cells"] = cells if cells is not None else 0
        table = table.assign(network=name, class_id=class_id, accuracy=right, seed=arguments.seed)
        table.round(5).to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
        print(f"{name}, class {class_id}, {right:.3f} right")
        print(table.round(3).to_string(index=False))
        shown = [*LENSES, *(["planted_cells"] if cells is not None else [])]
        print(table[shown].corr("spearman").round(2).to_string())


if __name__ == "__main__":
    main()
