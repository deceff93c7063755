"""Images as the model is asked about them: untouched, through a map and without it."""

import numpy as np
import pandas as pd
from scipy.special import softmax

from keras_freq import plots
from keras_freq.classifier import logits_of
from keras_freq.fourier import filter_images
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, tested_maps
from keras_freq.metrics.rates import percent

MOST = 6
VIEWS = ("untouched", "its map alone", "without its map")


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
        ax.set_xlabel(f"{row.answer}, {percent(row.probability)}", fontsize=7.5, parse_math=False)
    return {
        "seen": (
            axes,
            f"One scored image of each class (of up to {MOST}): untouched, with nothing but the "
            f"{percent(FRACTION)} of the frequencies in its map, and without them. Below each "
            "stands what the model calls it, and how probable it finds that.",
        )
    }


BLOCK = Block(
    name="seen",
    title="The images of these tests",
    how_to_read=(
        "This is what the model gets in the tests above. The map is that of the image's class, or "
        "the one of all images if there is no other. Do not judge by what you see in such an "
        "image: compare what the model says."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
)
