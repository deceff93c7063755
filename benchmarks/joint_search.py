"""Sets of frequencies that suffice: the joint search against single removals, at the same size.

    python benchmarks/joint_search.py bands --band 1
    python benchmarks/joint_search.py folder --train PATH --test PATH --size 32

Both search on the same training images and are scored on the test images: TPR and FPR of every
class seen only through its map, beside the largest TPR of 40 random maps of the same size. The
network is that of `importance_screened.py`, and is taken from `--cache` where it is there.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from importance_screened import bands_data, cached_network, first_of_each_class, folder_data

import keras_freq as kf


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=["bands", "folder"])
    parser.add_argument("--band", type=int, default=1)
    parser.add_argument("--train", type=pathlib.Path)
    parser.add_argument("--test", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--per-class", type=int, default=50)
    parser.add_argument("--keep", type=float, nargs="+", default=[0.32, 0.47, 0.6])
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path("runs/benchmarks"))
    arguments = parser.parse_args()
    train, test = (bands_data if arguments.data == "bands" else folder_data)(arguments)
    num_classes = int(train[1].max()) + 1
    name, network = cached_network(arguments, train)
    neutral = train[0].mean(axis=(0, 1, 2))
    sample = first_of_each_class(*train, arguments.per_class)
    options = {"neutral": neutral, "progress": False}
    importance = kf.frequency_importance(
        network, sample, num_classes, method="exhaustive", **options
    )
    print(f"{name}: mean over {num_classes} classes")
    print("| share of cells | search | passes | loss, nats | TPR | FPR | classes above chance |")
    print("|---|---|---|---|---|---|---|")
    for keep in arguments.keep:
        joint = kf.frequency_search(network, sample, num_classes, keep=keep, **options)
        fraction = joint.maps.sum() / joint.maps.size
        single = kf.dominant_frequency_maps(importance, fraction)
        rows = {
            "single": (single, importance.evaluations),
            "joint": (joint.maps, joint.evaluations),
        }
        for search, (maps, passes) in rows.items():
            rates = kf.rates_under_maps(network, test, maps, **options)
            print(
                f"| {maps.sum() / maps.size:.3f} | {search} | {passes:,} | "
                f"{own_loss(network, sample, maps, neutral):.2f} | {rates.tpr.mean():.2f} | "
                f"{rates.fpr.mean():.2f} | {rates.tpr_above_chance.sum()} |",
                flush=True,
            )
            print("  TPR by class:", rates.tpr.round(2).tolist(), flush=True)


def own_loss(network, sample, maps, neutral):
    """Mean cross-entropy of the searched images, each seen through its own class's map."""
    losses = []
    for label, own in enumerate(maps):
        images = kf.filter_images(sample[0][sample[1] == label], own, neutral=neutral)
        scores = np.asarray(network(images, training=False), np.float64)[:, label]
        losses.append(-np.log(np.maximum(scores, 1e-30)).mean())
    return np.mean(losses)


if __name__ == "__main__":
    main()
