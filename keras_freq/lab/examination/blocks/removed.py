"""Which classes cannot do without the frequencies of their maps."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.shortcut_names import shortcut_names
from keras_freq.lab.examination.blocks.which_frequencies import (
    FRACTION,
    doubtful_maps,
    tested_maps,
)
from keras_freq.lab.pages import names_in_words, table
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
    lost = results["without_maps"]
    needed = lost[lost["is_needed"]]
    return [] if needed.empty else [_in_words(needed, results)]


def _headline(results):
    """Of classes whose maps are well known, or have shown a shortcut, which is a test of them."""
    lost = results["without_maps"]
    unsure = set(doubtful_maps(results)) - set(shortcut_names(results))
    needed = lost[lost["is_needed"] & ~lost["class_name"].isin(list(unsure))]
    if needed.empty:
        return None
    falls = needed["random_recall"] - needed["recall_without"]
    return float(falls.max()), _in_words(needed, results)


def _in_words(needed, results):
    """Says what classes lose without their maps: one with a shortcut, else one or all of these."""
    lost = results["without_maps"]
    by_name = needed.set_index("class_name", drop=False)
    shortcuts = [name for name in shortcut_names(results) if name in by_name.index]
    named = by_name.loc[shortcuts[:1]] if shortcuts else by_name
    number = int(lost["is_needed"].sum())
    others = f" ({number} of {len(lost)} classes need theirs)" if number > len(named) else ""
    which = names_in_words(named["class_name"].tolist()) + ", which has a shortcut," * len(
        shortcuts[:1]
    )
    before, after, random = (
        _range(named[name]) for name in ("recall", "recall_without", "random_recall")
    )
    falls = (
        f" it falls from {before} to {after}, without as many others to {random}"
        if len(named) == 1
        else f", {after} of a class's images are right, without as many others {random}, and with "
        f"all {before}"
    )
    return (
        f"The recall of {which} hangs on few frequencies: without the {percent(FRACTION)} in its "
        f"map{falls}{others}.{_picture(named, results)}"
    )


def _range(shares):
    """One share, or the least and the largest."""
    low, high = percent(shares.min()), percent(shares.max())
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def _picture(named, results):
    """Says which of these maps hold most of the picture; or ""."""
    moved = results.get("transplants")
    if moved is None:
        return ""
    energy = moved.set_index("class_id")["donor_energy"]
    most = named[energy.reindex(named["class_id"]).to_numpy() > MOST]
    if most.empty:
        return ""
    if len(named) == 1:
        return " These may be what it looks like: they hold most of the energy."
    names = names_in_words(most["class_name"].tolist())
    return f" Those of {names} may be what it looks like: they hold most of the energy."


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
