"""Learned against hand-made features: what a linear classifier makes of each, on flowers.

    python reproduction/features_of_flowers.py lite0.keras --photographs path/to/flowers

Features of a network with ImageNet's weights (RGB in [-1, 1], the input of its last layer), which
is not trained on; and histograms of colours and of the directions of edges. A logistic regression
on each, its strength chosen by three folds of the training photographs. Writes
`flowers/features.csv`: a row a kind of features, with both areas under ROC curves of more than
two classes, on 800 training photographs and on a quarter of them, and
`flowers/features_scores.csv`: the probabilities of each validation photograph.
"""

import argparse
import itertools
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import keras_freq as kf
from keras_freq.data.batches import collected
from keras_freq.metrics.intervals import wilson_interval

HERE = pathlib.Path(__file__).parent / "flowers"
CELLS, DIRECTIONS, COLOURS = 8, 9, 6
STRENGTHS = [1e-4, 1e-3, 1e-2]  # of the regularisation, its inverse


def extractor(model):
    """The model from images in [0, 1] to what its last dense layer takes."""
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][-1]
    features = keras.Model(model.inputs, dense.input)
    inputs = keras.Input((224, 224, 3))
    return keras.Model(inputs, features(keras.layers.Rescaling(255 / 128, -127 / 128)(inputs)))


def histograms(images):
    """Hand-made features `(N, F)`: colours of the image, and directions of edges in 8 x 8 cells.

    A histogram of 6 x 6 x 6 colours; and, as in histograms of oriented gradients (Dalal and Triggs,
    2005), the gradients of luma by direction, summed up in cells and divided by their norm in the
    image.
    """
    features = []
    for image in np.asarray(images, np.float64):
        colours, _ = np.histogramdd(image.reshape(-1, 3), COLOURS, [(0, 1)] * 3)
        vertical, horizontal = np.gradient(image @ (0.2989, 0.5870, 0.1140))
        size = np.hypot(vertical, horizontal)
        direction = np.arctan2(vertical, horizontal) % np.pi
        place = np.minimum(np.arange(len(image)) * CELLS // len(image), CELLS - 1)
        bins = np.minimum((direction / np.pi * DIRECTIONS).astype(int), DIRECTIONS - 1)
        index = (place[:, None] * CELLS + place[None]) * DIRECTIONS + bins
        edges = np.bincount(index.ravel(), size.ravel(), CELLS * CELLS * DIRECTIONS)
        colours = np.sqrt(colours.ravel() / colours.sum())
        features.append(np.concatenate([colours, edges / (np.linalg.norm(edges) + 1e-9)]))
    return np.array(features)


def features_of(dataset, network):
    """Both kinds of features of a data set, and its labels."""
    images, labels = collected(dataset)
    return network.predict(images, verbose=0), histograms(images), labels


def draw(table, path):
    """ROC curves of each kind of flower, by each kind of features."""
    kinds = table["features"].unique()
    figure, axes = plt.subplots(1, len(kinds), figsize=(9, 4.2), layout="constrained")
    for ax, (name, own) in zip(axes, table.groupby("features", sort=False), strict=True):
        scores = own.drop(columns=["features", "label"])
        kf.plots.roc_curves(own["label"], scores, class_names=list(scores), ax=ax)
        ax.set_title(name)
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--batches", type=int, default=25, help="of 32 training images")
    arguments = parser.parse_args()
    network = extractor(keras.models.load_model(arguments.model, compile=False))
    train, val = (
        kf.data.image_folder(arguments.photographs / part, image_size=224, shuffle=part == "train")
        for part in ("train", "val")
    )
    names = train.class_names
    begun = time.perf_counter()
    learned, made, labels = features_of(train.take(arguments.batches), network)
    learned_val, made_val, labels_val = features_of(val, network)
    print(f"features after {time.perf_counter() - begun:.0f} s", flush=True)
    kinds = {
        "network of ImageNet": (learned, learned_val),
        "histograms": (made, made_val),
    }
    rows, scores = [], []
    for name, number in itertools.product(kinds, (len(labels) // 4, len(labels))):
        begun = time.perf_counter()
        own, own_val = kinds[name]
        classifier = make_pipeline(
            StandardScaler(), LogisticRegressionCV(Cs=STRENGTHS, cv=3, max_iter=300)
        )
        classifier.fit(own[:number], labels[:number])
        probabilities = classifier.predict_proba(own_val)
        right = int((probabilities.argmax(axis=1) == labels_val).sum())
        low, high = wilson_interval(right, len(labels_val))
        rows.append(
            {
                "features": name,
                "numbers": own.shape[1],
                "training_images": number,
                "images": len(labels_val),
                "right": right,
                "accuracy": right / len(labels_val),
                "low": float(low),
                "high": float(high),
                "hand_till": kf.multiclass_auc(labels_val, probabilities),
                "provost_domingos": kf.multiclass_auc(
                    labels_val, probabilities, average="provost_domingos"
                ),
                "seconds": time.perf_counter() - begun,
            }
        )
        print(rows[-1], flush=True)
        if number < len(labels):
            continue
        columns = {kind: probabilities[:, k] for k, kind in enumerate(names)}
        facts = {"features": name, "label": labels_val}
        scores.append(pd.DataFrame({**facts, **columns}))
    pd.DataFrame(rows).round(4).to_csv(HERE / "features.csv", index=False)
    table = pd.concat(scores).round(5)
    table.to_csv(HERE / "features_scores.csv", index=False)
    draw(table, HERE / "features_roc.png")


if __name__ == "__main__":
    main()
