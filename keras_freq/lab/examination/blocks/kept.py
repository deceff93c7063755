"""Whether the frequencies of a class's map are enough for the class."""

import pandas as pd

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, tested_maps
from keras_freq.shortcuts import rates_under_maps

_RANDOM = 40


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


def _table(results):
    table = results["rates"]
    return pd.DataFrame(
        {
            "class": table["class_name"],
            "true positive rate": [
                f"{row.tpr:.2f} ({row.tpr_low:.2f} to {row.tpr_high:.2f})"
                for row in table.itertuples()
            ],
            "random maps": table["random_tpr"].map("{:.2f}".format),
            "false positive rate": [
                f"{row.fpr:.2f} ({row.fpr_low:.2f} to {row.fpr_high:.2f})"
                for row in table.itertuples()
            ],
            "random maps ": table["random_fpr"].map("{:.2f}".format),
        }
    )


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
    tell=lambda results: [],
    table=_table,
    by=("class",),
)
