"""Whether the frequencies of a class's map are enough for the class."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, tested_maps
from keras_freq.lab.pages import table
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts import rates_under_maps

_RANDOM = 40
COLUMNS = [
    ("class", "{class_name}"),
    ("true positive rate", "{tpr:share} ({tpr_low:share} to {tpr_high:share})"),
    ("random maps", "{random_tpr:share}"),
    ("false positive rate", "{fpr:share} ({fpr_low:share} to {fpr_high:share})"),
    ("random maps", "{random_fpr:share}"),
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
            f"Images with nothing but the {percent(FRACTION)} of the frequencies in a class's map. "
            "Blue: images of the class that are still called it. Red: other images that are called "
            "it. Diamonds: through random maps.",
        )
    }


BLOCK = Block(
    name="rates",
    title="Are they enough?",
    how_to_read=(
        "Here all frequencies but those of a class's map are removed. If images of the class are "
        "still called it (a high true positive rate), the map is enough. But so little is left of "
        "these images that a network often gives one and the same answer to all of them: compare "
        "with the random maps."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    table=lambda results: table(results["rates"], COLUMNS),
    by=("class",),
)
