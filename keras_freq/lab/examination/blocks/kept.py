"""Whether the frequencies of a class's map are enough for the class."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, tested_maps
from keras_freq.lab.pages import table
from keras_freq.shortcuts import rates_under_maps

_RANDOM = 40
COLUMNS = [
    ("class", "{class_name}"),
    ("true positive rate", "{tpr:rate} ({tpr_low:rate} to {tpr_high:rate})"),
    ("random maps", "{random_tpr:rate}"),
    ("false positive rate", "{fpr:rate} ({fpr_low:rate} to {fpr_high:rate})"),
    ("random maps", "{random_fpr:rate}"),
]


def _passes(amount):
    return amount.scored * (amount.num_classes + _RANDOM)


def _measure(subject, results, **options):
    return rates_under_maps(
        subject.model,
        subject.scored,
        tested_maps(results),
        num_random=_RANDOM,
        neutral=subject.neutral,
        class_names=subject.class_names,
        **options,
    )


def _draw(subject, results):
    return {
        "rates": (
            plots.rates_under_maps(results["rates"]),
            f"Images through the map of a class alone, {FRACTION:.0%} of the frequencies. Blue: "
            "images of the class that are still called it. Red: other images that are called it. "
            "Diamonds: through random maps.",
        )
    }


BLOCK = Block(
    name="rates",
    title="Are they enough?",
    how_to_read=(
        "All other frequencies are removed from all images. A high true positive rate says that "
        "the map is enough for the class. Nearly everything is gone from these images, and a "
        "network has a favourite answer to that: compare with the random maps."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    table=lambda results: table(results["rates"], COLUMNS),
    by=("class",),
)
