"""What each band of frequencies is worth to the model, and which bands do the same work."""

import pandas as pd

from keras_freq import plots
from keras_freq.data.even_sample import even_sample
from keras_freq.lab.examination.blocks.accuracy_by_filter import ring_in_words
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import BandShapley, band_shapley
from keras_freq.metrics.rates import percent

BANDS = 8
# Every image is seen with each subset of the bands.
_MOST_IMAGES = 100


def _bands(size):
    """How many bands of images of a size have a frequency each: their width is 1 at least."""
    return max(2, min(BANDS, min(size) // 2))


def _passes(amount):
    return 2 ** _bands(amount.size) * min(amount.scored, _MOST_IMAGES)


def _measure(subject, results, *, seed, **options):
    return band_shapley(
        subject.model,
        even_sample(subject.scored, _MOST_IMAGES, subject.num_classes, seed=seed),
        subject.num_classes,
        bands=_bands(subject.size),
        neutral=subject.neutral,
        class_names=subject.class_names,
        **options,
    )


def _draw(subject, results):
    shapley = results["band_shapley"]
    images = f"{len(shapley.labels)} of the scored images"
    return {
        "band_shapley": (
            plots.band_shapley(shapley),
            f"What each band is worth, on {images}: its mean gain over all subsets of the others, "
            "with its 95 % interval, and the rise of the loss without this band alone. Thin lines: "
            "the values of each class.",
        ),
        "band_interactions": (
            plots.band_interactions(shapley),
            "Blue: two bands do the same work. Red: each is worth more with the other. Numbers "
            "stand where the interaction is two standard errors from 0.",
        ),
    }


def _tell(results):
    rows, total = _of_all(results)
    best = rows.loc[rows["value"].idxmax()]
    if total <= 0 or best["value_low"] <= 0:
        return []
    return [
        f"Of what all frequencies together are worth to it, {percent(best['value'] / total)} are "
        f"those of {ring_in_words(best['low'], best['high'])}."
    ]


def _headline(results):
    """As strong as the best band is worth more than its share of the bands."""
    told = _tell(results)
    rows, total = _of_all(results)
    if not told:
        return None
    return float(min(1, rows["value"].max() / total) - 1 / len(rows)), told[0]


def _of_all(results):
    """The rows of all images together, and what all bands are worth."""
    frame = results["band_shapley"].to_frame()
    return frame[frame["class_id"] == -1], float(results["band_shapley"].together.total[0])


def _table(results):
    frame, _ = _of_all(results)
    numbers = frame.select_dtypes("number").columns
    frame = frame.assign(**(frame[numbers].round(3) + 0.0))  # a zero without a sign
    columns = {
        title: [
            f"{getattr(row, name):.3f} ({getattr(row, name + '_low'):.3f} to "
            f"{getattr(row, name + '_high'):.3f})"
            for row in frame.itertuples()
        ]
        for title, name in (("worth, nats", "value"), ("leave one out, nats", "leave_one_out"))
    }
    return pd.DataFrame({"band": frame["band"].tolist(), **columns})


BLOCK = Block(
    name="band_shapley",
    title="What bands are worth together",
    how_to_read=(
        "Each image is seen with every subset of the bands. Where a dot lies above its diamond, "
        "the band does what others do as well: without it the model uses the others. The dots add "
        "up to what the whole image is worth, against an image of one colour. An image of few "
        "bands is no natural image: a band may be worth much because the model is very wrong "
        "without it."
    ),
    passes=_passes,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    compare=lambda found: (
        plots.band_shapley(found),
        "What each band of frequencies is worth to each model, in nats, with its 95 % interval.",
    ),
    table=_table,
    kind=BandShapley,
)
