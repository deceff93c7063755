"""Whether other images become a class when they get the content of its map."""

import pandas as pd

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, tested_maps
from keras_freq.shortcuts import shortcut_table, transplant_rates

NUM_RANDOM = 200
# Images of each class, and of others, that random maps are scored on.
RANDOM_IMAGES = 20


def _passes(amount):
    own = 2 * amount.scored + (amount.num_classes - 1) * amount.scored
    return own + 2 * amount.num_classes * NUM_RANDOM * RANDOM_IMAGES


def _measure(subject, results, **options):
    return transplant_rates(
        subject.model,
        subject.scored,
        tested_maps(results),
        num_random=NUM_RANDOM,
        random_images=RANDOM_IMAGES,
        class_names=subject.class_names,
        **options,
    )


def verdicts(results):
    """The table of verdicts, from whichever tests have been made."""
    return shortcut_table(
        results.get("rates"),
        without=results.get("without_maps"),
        transplants=results.get("transplants"),
    )


def _draw(subject, results):
    return {
        "transplants": (
            plots.transplant_rates(results["transplants"]),
            "Left: images of other classes that are called the class, untouched, with the content "
            "of its map, and with that of random frequencies. Right: recall of the class when its "
            "map's content comes from images of other classes.",
        )
    }


def _tell(results):
    return []


def _table(results):
    table = results["transplants"]
    return pd.DataFrame(
        {
            "class": table["class_name"],
            "others called it": table["untouched_in"].map("{:.2f}".format),
            "with its content": [
                f"{row.swapped_in:.2f} ({row.swapped_in_low:.2f} to {row.swapped_in_high:.2f})"
                for row in table.itertuples()
            ],
            "random frequencies": table["random_in"].map("{:.2f}".format),
            "p": table["in_p_value"].map("{:.3f}".format),
            "recall": table["untouched_out"].map("{:.2f}".format),
            "with others' content": [
                f"{row.swapped_out:.2f} ({row.swapped_out_low:.2f} to {row.swapped_out_high:.2f})"
                for row in table.itertuples()
            ],
            "random frequencies ": table["random_out"].map("{:.2f}".format),
            "p ": table["out_p_value"].map("{:.3f}".format),
        }
    )


BLOCK = Block(
    name="transplants",
    title="Are they a shortcut?",
    how_to_read=(
        f"The content of a class's map ({FRACTION:.0%} of the frequencies) is put into images of "
        "other classes, which otherwise stay whole. If they are then called the class, and random "
        "frequencies do not do that, these frequencies alone decide: a shortcut."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    table=_table,
    by=("class",),
)
