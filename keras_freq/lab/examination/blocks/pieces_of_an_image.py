"""Which frequencies, in which part of one image, the answer hangs on."""

import numpy as np

from keras_freq import plots
from keras_freq.classifier import logits_of
from keras_freq.lab.examination.blocks.accuracy_by_filter import ring_in_words
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.pages import class_in_words
from keras_freq.lenses import ScaleOcclusion, scale_occlusion
from keras_freq.metrics.rates import percent

BANDS, WINDOWS, RANDOM = 4, 7, 20
_POINTS = 21
# So many images are looked at for one that the model is right about.
_TRIED = 32
_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "middle", "right")


def _passes(amount):
    bands, windows = _pieces(amount.size)
    curves = 2 * (1 + RANDOM) * min(_POINTS, bands * windows**2 + 1)
    return 1 + bands * (windows**2 + 1) + curves


def _pieces(size):
    """The number of bands, and of windows along a side."""
    return min(BANDS, min(size)), min(WINDOWS, min(size))


def _chosen(subject):
    """The number of the first scored image that the model is right about; else of the first."""
    images, labels = (array[:_TRIED] for array in subject.scored)
    logits = logits_of(subject.model, images, subject.num_classes, labels=labels)
    right = np.flatnonzero(np.asarray(logits(images)).argmax(axis=1) == labels)
    return int(right[0]) if len(right) else 0


def _measure(subject, results, *, seed, progress, **options):
    chosen = _chosen(subject)
    image, label = (array[chosen] for array in subject.scored)
    bands, windows = _pieces(subject.size)
    return scale_occlusion(
        subject.model,
        image,
        int(label),
        bands=bands,
        windows=windows,
        num_random=RANDOM,
        neutral=subject.neutral,
        seed=seed,
        progress=progress,
    )


def _draw(subject, results):
    found = results["scale_occlusion"]
    name, rival = (class_in_words(subject.class_names[k]) for k in (found.label, found.rival))
    (deletion, insertion) = found.faithfulness()["p_value"]
    faithful = (
        "The red and the blue line are on the right sides of the pale ones, so that the order of "
        "the pieces can be believed."
        if max(deletion, insertion) <= 0.05
        else "The lines are not clearly better than random orders (pale): do not believe the order "
        "of the pieces."
    )
    return {
        "scale_occlusion": (
            plots.scale_occlusion(found, class_names=subject.class_names),
            f"A scored image of {name}. Red: a band of frequencies at this place speaks for "
            f"{name}. Blue: it speaks for {rival}, the next class. Right: the probability of "
            f"{name} while pieces are removed, the strongest first, and while they are put into "
            f"an empty image. {faithful}",
        )
    }


def _tell(results):
    found = results["scale_occlusion"]
    band, row, column = np.unravel_index(found.margin_lost.argmax(), found.margin_lost.shape)
    windows = found.margin_lost.shape[1]
    where = _place(row, windows, _ROWS), _place(column, windows, _COLUMNS)
    where = "middle" if where == ("middle", "middle") else " ".join(dict.fromkeys(where))
    lost = found.margin_lost[band, row, column]
    if found.margin <= 0 or lost <= 0:
        return []
    return [
        f"In the image shown, its answer hangs most on {ring_in_words(*found.edges[band:][:2])} at "
        f"the {where}: this one piece of {found.margin_lost.size} takes "
        f"{percent(min(lost / found.margin, 1))} of its lead over the next class."
    ]


def _place(number, windows, names):
    """Names a third of a side."""
    return names[min(3 * number // windows, 2)]


BLOCK = Block(
    name="scale_occlusion",
    title="Why it names one image so",
    how_to_read=(
        "One band of frequencies is taken out of one image, at one place at a time, and the lead "
        "of the image's class over the next class is measured again. It tells of this image alone: "
        "another image of the class may be named for other reasons. Pieces that do the same work "
        "both seem worth little."
    ),
    passes=_passes,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    kind=ScaleOcclusion,
)
