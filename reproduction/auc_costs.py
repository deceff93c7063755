"""What both areas under ROC curves of more than two classes cost, over the number of classes.

    python reproduction/auc_costs.py

The definitions written out, with scikit-learn's area of two classes: Hand and Till's over all
pairs of classes, Provost and Domingos' over each class against the rest; and `kf.multiclass_auc`.
Writes `networks_and_metrics/auc_costs.csv`: seconds of a processor, the least of three, and both
values, of 20,000 images.
"""

import functools
import pathlib
import time

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

import keras_freq as kf

HERE = pathlib.Path(__file__).parent / "networks_and_metrics"
IMAGES = 5_000


def scores_of(num_classes):
    """Labels and probabilities of a classifier that is somewhat right."""
    rng = np.random.default_rng(num_classes)
    weights = np.arange(1, num_classes + 1)  # of equal classes, both areas would be the same
    labels = rng.choice(num_classes, IMAGES, p=weights / weights.sum())
    logits = rng.normal(size=(IMAGES, num_classes)) + 2 * np.eye(num_classes)[labels]
    exponents = np.exp(logits)
    return labels, exponents / exponents.sum(axis=1, keepdims=True)


def pairs(labels, scores):
    """Hand and Till's area, with all images sorted for each pair, as their bound counts it."""
    areas = []
    for i in range(scores.shape[1]):
        order = [np.argsort(scores[:, i]) for _ in range(scores.shape[1])]
        for j in range(scores.shape[1]):
            if i != j:
                own, column = labels[order[j]], scores[order[j], i]
                either = (own == i) | (own == j)
                areas.append(roc_auc_score(own[either] == i, column[either]))
    return np.mean(areas)


def against_rest(labels, scores):
    """Provost and Domingos' area: each class against the rest, by its size."""
    areas = [roc_auc_score(labels == k, scores[:, k]) for k in range(scores.shape[1])]
    return np.average(areas, weights=np.bincount(labels))


WAYS = {
    "each pair": pairs,
    "each against the rest": against_rest,
    "kf, hand_till": kf.multiclass_auc,
    "kf, provost_domingos": functools.partial(kf.multiclass_auc, average="provost_domingos"),
}


def main():
    rows = []
    for num_classes in (5, 10, 20, 40):
        labels, scores = scores_of(num_classes)
        for name, way in WAYS.items():
            seconds = []
            for _ in range(3):
                begun = time.process_time()
                value = way(labels, scores)
                seconds.append(time.process_time() - begun)
            facts = {"classes": num_classes, "images": IMAGES, "way": name}
            rows.append(
                {**facts, "value": round(float(value), 6), "seconds": round(min(seconds), 4)}
            )
            print(rows[-1], flush=True)
    HERE.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_csv(HERE / "auc_costs.csv", index=False)


if __name__ == "__main__":
    main()
