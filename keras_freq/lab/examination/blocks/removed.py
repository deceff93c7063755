"""Which classes cannot do without the frequencies of their maps."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import (
    FRACTION,
    doubtful_maps,
    tested_maps,
)
from keras_freq.lab.pages import class_in_words, table
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts import recall_without_maps
from keras_freq.shortcuts.donor_energy import MOST

_RANDOM = 40
COLUMNS = [
    ("class", "{class_name}"),
    ("images", "{images:count}"),
    ("recall", "{recall:share}"),
    (
        "without its map",
        "{recall_without:share} ({recall_without_low:share} to {recall_without_high:share})",
    ),
    ("without others", "{random_recall:share}"),
    ("needs its map", "{needed}"),
]


def _passes(amount):
    return amount.scored * (2 + _RANDOM)


def _measure(subject, results, **options):
    return recall_without_maps(
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
        "without_maps": (
            plots.recall_without_maps(results["without_maps"]),
            f"Recall of each class without the {percent(FRACTION)} of the frequencies in its map, "
            "with its 95 % interval; the diamond is the recall without as many other frequencies.",
        )
    }


def _tell(results):
    worst = _worst(results["without_maps"])
    return [] if worst is None else [_in_words(worst, results)]


def _headline(results):
    """Of a class whose map is well known."""
    lost = results["without_maps"]
    sure = lost[~lost["class_name"].isin(list(doubtful_maps(results)))]
    worst = _worst(sure)
    if worst is None:
        return None
    return float(worst["random_recall"] - worst["recall_without"]), _in_words(worst, results)


def _worst(lost):
    """The row of the class that is left least without the map that it needs; None without any."""
    needed = lost[lost["is_needed"]]
    return None if needed.empty else needed.sort_values("recall_without").iloc[0]


def _in_words(worst, results):
    """Says what a class loses, and whether that is most of its picture."""
    lost, moved = results["without_maps"], results.get("transplants")
    most = (
        moved is not None and moved.set_index("class_id")["donor_energy"][worst["class_id"]] > MOST
    )
    picture = " These may be what it looks like: they hold most of the energy." if most else ""
    number, name = int(lost["is_needed"].sum()), class_in_words(worst["class_name"])
    others = "" if number == 1 else f" ({number} of {len(lost)} classes need theirs)"
    return (
        f"The recall of {name} hangs on few frequencies: without the {percent(FRACTION)} in its "
        f"map it falls from {worst['recall']:.2f} to {worst['recall_without']:.2f}, "
        f"without as many others to {worst['random_recall']:.2f}{others}.{picture}"
    )


def _table(results):
    lost = results["without_maps"]
    needed = lost["is_needed"].map({True: "yes", False: "not shown"})
    return table(lost.assign(needed=needed), COLUMNS)


BLOCK = Block(
    name="without_maps",
    title="Does it need them?",
    how_to_read=(
        "The frequencies of a class's map are removed from its images. If recall falls further "
        "than without as many other frequencies, the class needs them. Needing them is no fault "
        "yet: they may be what the object looks like."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    table=_table,
    by=("class",),
)
