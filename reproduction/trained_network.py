"""A network with ImageNet's weights: first kernels, a top-12 table, crops and scales.

    python reproduction/trained_network.py lite0.keras --photographs path/to/photographs

The network takes RGB in [-1, 1]; photographs lie in a folder a class, named by WordNet ids in the
order of the classes. Writes into `networks_and_metrics/`: `kernels.csv` and `kernels.png`,
`top_12.csv`, and `views.csv`: how many photographs are right with one view, ten crops and six
scales, and how often the answer stays when the photograph is seen from closer.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
from keras_freq.data.batches import collected
from keras_freq.data.wordnet_ids import imagenet_wordnet_ids
from keras_freq.metrics.intervals import wilson_interval
from keras_freq.models import top_predictions

HERE = pathlib.Path(__file__).parent / "networks_and_metrics"
SCALES = (224, 256, 288, 320, 352, 384)
SHOWN = ("n02099601", "n02391049")  # a golden retriever and a zebra
# The English names of the ids that `top_12.csv` needs.
NAMES = {
    "n01518878": "ostrich",
    "n01704323": "triceratops",
    "n01806143": "peacock",
    "n01872401": "echidna",
    "n01924916": "flatworm",
    "n02051845": "pelican",
    "n02091635": "otterhound",
    "n02091831": "Saluki",
    "n02093991": "Irish terrier",
    "n02099429": "curly-coated retriever",
    "n02099601": "golden retriever",
    "n02099712": "Labrador retriever",
    "n02099849": "Chesapeake Bay retriever",
    "n02101556": "clumber",
    "n02102318": "cocker spaniel",
    "n02104029": "kuvasz",
    "n02106030": "collie",
    "n02123159": "tiger cat",
    "n02129604": "tiger",
    "n02391049": "zebra",
    "n02422106": "hartebeest",
    "n02488702": "colobus",
    "n03803284": "muzzle",
    "n04367480": "swab",
}


def of_kernels(model):
    """A row a kernel of the first layer: where its amplitude is largest, and its colours.

    `direction` is how much of the energy beside DC lies in the half of the directions that has most
    (0.5 for a kernel that is alike in all, near 1 for one of a single orientation). `colour` is the
    share of the kernel's energy that differs between channels.
    """
    kernels = kf.first_layer_kernels(model)
    spectra = kf.kernel_spectra(kernels, 64)
    radius = kf.radius_map(64)
    rows, columns = np.indices((64, 64)) - 32
    angles = np.arctan2(rows, columns) % np.pi
    beside = radius > 0
    for k, (kernel, spectrum) in enumerate(zip(kernels, spectra, strict=True)):
        peak = np.unravel_index(spectrum.argmax(), spectrum.shape)
        energy = (spectrum**2)[beside]
        halves = [
            energy[((angles[beside] - start) % np.pi) < np.pi / 2].sum() / energy.sum()
            for start in np.linspace(0, np.pi, 16, endpoint=False)
        ]
        grey = kernel.mean(axis=-1, keepdims=True)
        yield {
            "kernel": k,
            "side": kernel.shape[0],
            "norm": np.linalg.norm(kernel),
            "peak, cycles a pixel": radius[peak] / 64,
            "direction": max(halves),
            "colour": ((kernel - grey) ** 2).sum() / (kernel**2).sum(),
        }


def six_scales(dense, images):
    """Classes by `kf.predict_multiscale`, for all photographs at once."""
    scores = np.zeros((len(images), dense.output_shape[-1]))
    for scale in SCALES:
        views = keras.ops.image.resize(images, (scale, scale), "bilinear", antialias=True)
        scores += dense.predict(views, batch_size=16, verbose=0).mean(axis=(1, 2)) / len(SCALES)
    alone = kf.predict_multiscale(dense, images[0], SCALES)
    np.testing.assert_allclose(scores[0], alone, rtol=1e-2, atol=1e-4)
    return scores.argmax(axis=1)


def views(model, dense, images, labels):
    """Which photographs are right with each kind of view, and which answers stay from closer."""
    closer = images[:, 22:-22, 22:-22]  # the central four fifths
    larger = keras.ops.image.resize(images, (256, 256), "bilinear")
    larger = np.clip(np.asarray(larger), 0, 1)
    closer = np.clip(np.asarray(keras.ops.image.resize(closer, (224, 224), "bilinear")), 0, 1)
    one, one_closer = (model.predict(x, verbose=0).argmax(axis=1) for x in (images, closer))
    ten = kf.predict_ten_crop(model, larger).argmax(axis=1)
    six, six_closer = (six_scales(dense, x) for x in (images, closer))
    found = {
        "one view, right": one == labels,
        "ten crops, right": ten == labels,
        "six scales, right": six == labels,
        "one view, right from closer": one_closer == labels,
        "six scales, right from closer": six_closer == labels,
        "one view, same answer from closer": one == one_closer,
        "six scales, same answer from closer": six == six_closer,
    }
    for name, right in found.items():
        low, high = wilson_interval(right.sum(), len(right))
        yield {
            "measured": name,
            "images": len(right),
            "count": int(right.sum()),
            "share": right.mean(),
            "low": float(low),
            "high": float(high),
        }
    for name, first, second in (
        ("right: six scales and not one view", "six scales, right", "one view, right"),
        ("right: one view and not six scales", "one view, right", "six scales, right"),
        ("right: ten crops and not one view", "ten crops, right", "one view, right"),
        ("right: one view and not ten crops", "one view, right", "ten crops, right"),
        (
            "same: six scales and not one view",
            "six scales, same answer from closer",
            "one view, same answer from closer",
        ),
        (
            "same: one view and not six scales",
            "one view, same answer from closer",
            "six scales, same answer from closer",
        ),
    ):
        yield {
            "measured": name,
            "images": len(labels),
            "count": int((found[first] & ~found[second]).sum()),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--every", type=int, default=10, help="every n-th photograph for the views")
    arguments = parser.parse_args()
    HERE.mkdir(exist_ok=True)
    model = keras.models.load_model(arguments.model, compile=False)
    table = pd.DataFrame(of_kernels(model)).round(4)
    table.to_csv(HERE / "kernels.csv", index=False)
    print(table.to_string(index=False), flush=True)
    axes = kf.plots.first_layer_kernels(kf.first_layer_kernels(model))
    axes[0].figure.savefig(HERE / "kernels.png", dpi=110, bbox_inches="tight")

    model = kf.adapt(model, inputs="-1..1")
    ids = imagenet_wordnet_ids()
    names = [NAMES.get(one, one) for one in ids]
    dataset = kf.data.image_folder(arguments.photographs, image_size=224)
    images, labels = collected(dataset)
    shown = [dataset.class_names.index(one) for one in SHOWN]
    photographs = images[[int(np.flatnonzero(labels == k)[0]) for k in shown]]
    table = top_predictions(model, photographs, names, k=12, verbose=False)
    table["photograph"] = [NAMES[SHOWN[image]] for image in table["image"]]
    table["wordnet_id"] = [ids[k] for k in table["class_id"]]
    table.drop(columns="image").round(4).to_csv(HERE / "top_12.csv", index=False)
    print(table.to_string(index=False), flush=True)

    images, labels = images[:: arguments.every], labels[:: arguments.every]
    dense = kf.convolutionize(model, (None, None, 3))
    table = pd.DataFrame(views(model, dense, images, labels)).round(4).astype({"count": "Int64"})
    table.to_csv(HERE / "views.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
