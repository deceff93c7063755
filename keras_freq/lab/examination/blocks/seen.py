"""Images as the model is asked about them: untouched, through a map and without it."""

import numpy as np
import pandas as pd
from scipy.special import softmax

from keras_freq import plots
from keras_freq.classifier import logits_of
from keras_freq.fourier import filter_images
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, tested_maps

MOST = 6
VIEWS = ("untouched", f"only the {FRACTION:.0%} of its map", f"without the {FRACTION:.0%}")


def _passes(amount):
    return len(VIEWS) * MOST


def _chosen(subject):
    """Numbers of the images that are shown: the first of each of the first classes."""
    labels = subject.scored[1]
    first = [np.flatnonzero(labels == k)[:1] for k in range(subject.num_classes)]
    return np.concatenate(first)[:MOST]


def _views(subject, results):
    """The shown images in each view, `(n, views, H, W, C)`."""
    numbers = _chosen(subject)
    images, labels = (array[numbers] for array in subject.scored)
    maps = tested_maps(results)
    rows = []
    for image, label in zip(images, labels, strict=True):
        own = maps[label if len(maps) > 1 else 0]
        kept = (filter_images(image[None], one, neutral=subject.neutral)[0] for one in (own, ~own))
        rows.append([image, *map(np.asarray, kept)])
    return np.array(rows, np.float32)


def _measure(subject, results, **options):
    views = _views(subject, results)
    logits = logits_of(subject.model, views[:, 0], subject.num_classes)
    rows = []
    labels = subject.scored[1][_chosen(subject)]
    for label, own in zip(labels, views, strict=True):
        shares = softmax(np.asarray(logits(own), np.float64), axis=-1)
        for view, share in zip(VIEWS, shares, strict=True):
            answer = int(share.argmax())
            rows.append(
                {
                    "class_name": subject.class_names[label],
                    "view": view,
                    "answer": subject.class_names[answer],
                    "probability": share[answer],
                }
            )
    return pd.DataFrame(rows)


def _draw(subject, results):
    views, answers = _views(subject, results), results["seen"]
    names = answers["class_name"].iloc[:: len(VIEWS)].tolist()
    axes = plots.filtered_images(views, [*VIEWS], row_titles=names)
    for ax, row in zip(axes.flat, answers.itertuples(), strict=True):
        ax.set_xlabel(f"{row.answer}, {row.probability:.0%}", fontsize=7.5, parse_math=False)
    return {
        "seen": (
            axes,
            "One scored image of each class. Below each view stands what the model calls it, and "
            "with which probability.",
        )
    }


BLOCK = Block(
    name="seen",
    title="What it is asked about",
    how_to_read=(
        "The images of the tests before, as the model gets them. The map is that of the image's "
        "class, or that of all images if there is only one. What people see in such an image is no "
        "measure: compare what the model says."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
)
