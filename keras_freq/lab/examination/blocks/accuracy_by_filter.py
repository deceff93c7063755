"""How accurate the model is through filters of growing radius."""

import numpy as np

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.pages import between, counted, cycles, names_in_words, p_in_words, table
from keras_freq.lenses import filter_sweep, half_accuracy_radii
from keras_freq.metrics.intervals import fall_interval
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts.evidence import LEAST_EFFECT, LEVEL, matters

_MEAN = "the mean colours"
# Of a class with fewer images, no fall of the recall is named.
_FEWEST_IMAGES = 20
KINDS = ("low-pass", "high-pass", "band-stop")
COLUMNS = [
    ("without", "{ring}"),
    ("right", "{recall:percent} ({recall_low:percent} to {recall_high:percent})"),
    ("lost", "{lost:count}"),
    ("won", "{won:count}"),
    ("chance", "{chance}"),
    ("needed", "{needed}"),
]


def _passes(amount):
    octaves = int(np.log2(min(amount.size)))
    return (1 + len(KINDS) * octaves + 1) * amount.scored


def _measure(subject, results, *, seed, **options):
    return filter_sweep(
        subject.model,
        subject.scored,
        subject.num_classes,
        kinds=KINDS,
        neutral=subject.neutral,
        class_names=subject.class_names,
        **options,
    )


def _draw(subject, results):
    axes = plots.filter_sweep(results["filter_sweep"], image_size=min(subject.size))
    return {
        "filter_sweep": (
            axes,
            "Share of the scored images that are right through each filter: all of them (thick, "
            "with its 95 % interval) and those of each class (thin). Dashed: untouched images.",
        )
    }


def _tell(results):
    sweep = results["filter_sweep"]
    return [*_needed_ring(sweep), *_half_accuracy(sweep)]


def _needed_ring(sweep):
    """Says which ring the model needs, that it needs none, or that it cannot be told.

    A ring is needed if more images are lost than won without it, after Holm's correction for all
    rings. No ring is needed if the interval of no fall reaches what matters.
    """
    before = untouched_row(sweep)
    rings = _rings(sweep)
    rings = rings.assign(fall=(rings["lost"] - rings["won"]) / rings["images"])
    needed = rings[rings["p_holm"] < LEVEL]
    asked = rings if needed.empty else needed
    worst = asked.loc[asked["fall"].idxmax()]
    ring = ring_in_words(worst["low"], worst["high"])
    what = ring if ring == _MEAN else f"frequencies of {ring}"
    fall = f"{_fall(before, worst)} of {worst['images']} images"
    changed = f"{worst['lost']} lost and {worst['won']} won"
    test = f"{changed}; {p_in_words(worst['p_holm'])}, corrected for {len(rings)} rings"
    if not needed.empty:
        more = f", of which {len(needed)} are needed" if len(needed) > 1 else ""
        little = "" if matters(worst["fall"]) else ", and little on any"
        return [
            f"It relies most on {what}{little}: without them alone, accuracy falls {fall} "
            f"({test}{more}).",
            *_class_that_falls_most(sweep, worst),
        ]
    _, high = fall_interval(*(rings[name].to_numpy() for name in ("lost", "won", "images")))
    seen = (
        f"accuracy falls most without {what}, {fall} ({test})"
        if worst["fall"] > 0
        else f"of {worst['images']} images, no fewer are right without any one of them"
    )
    most = counted(float(f"{100 * high.max():.2g}"), "point")
    if not matters(high.max()):
        return [
            f"No single ring of frequencies is worth {100 * LEAST_EFFECT:.0f} points of accuracy "
            f"to it: {seen}, and a fall of more than {most} is ruled out (95 % interval)."
        ]
    return [
        f"Which ring of frequencies it needs cannot be told: {seen}, and a fall of up to {most} is "
        "not ruled out (95 % interval). More images may tell."
    ]


def _class_that_falls_most(sweep, ring):
    """Names the class that loses most without a ring: chosen after the fact, so not tested."""
    of_classes = sweep[(sweep["class_id"] >= 0) & (sweep["images"] >= _FEWEST_IMAGES)]
    before = of_classes[of_classes["kind"] == "untouched"].set_index("class_id")
    own = (of_classes["kind"] == "band-stop") & (of_classes["low"] == ring["low"])
    after = of_classes[own].set_index("class_id")
    falls = (after["lost"] - after["won"]) / after["images"]
    if len(falls) < 2 or falls.max() <= max(0, falls.min()):
        return []
    first, *others = falls.index[falls == falls.max()]
    name = names_in_words([after.loc[first, "class_name"]])
    equal = names_in_words(after.loc[others, "class_name"].tolist()) if others else ""
    return [
        f"Of the classes, {name} falls most then, {_fall(before.loc[first], after.loc[first])} of "
        f"its {after.loc[first, 'images']} images{equal and f' (as far: {equal})'}. This is the "
        f"largest of {len(falls)} falls, described and not tested."
    ]


def _fall(before, after):
    """From what share to what share, with as many digits as tell them apart."""
    digits = int(percent(before["recall"]) == percent(after["recall"]))
    return f"from {percent(before['recall'], digits)} to {percent(after['recall'], digits)}"


def _half_accuracy(sweep):
    """Says below which radius half of the accuracy is left, and how well that is known."""
    half = half_accuracy_radii(sweep[sweep["class_id"] == -1]).iloc[0]
    if not np.isfinite(half["low_pass"]):
        return []
    within = between(half["low_pass_low"], half["low_pass_high"])
    return [
        f"Half of its accuracy is left when only frequencies below "
        f"{cycles(half['low_pass'])} are kept (95 % interval {within})."
    ]


def _rings(sweep):
    """The rows of all images without each ring."""
    return sweep[(sweep["class_id"] == -1) & (sweep["kind"] == "band-stop")]


def _table(results):
    rings = _rings(results["filter_sweep"])
    shown = rings.assign(
        ring=list(map(ring_in_words, rings["low"], rings["high"])),
        chance=list(map(p_in_words, rings["p_holm"])),
        needed=np.where(rings["p_holm"] < LEVEL, "yes", "not shown"),
    )
    return table(shown, COLUMNS)


def untouched_row(sweep):
    """Gives the row of a `filter_sweep` of all images as they are."""
    return sweep[(sweep["class_id"] == -1) & (sweep["kind"] == "untouched")].iloc[0]


def ring_in_words(low, high):
    """Writes the radii of a ring.

    Example:
        >>> ring_in_words(2, 4), ring_in_words(16, np.inf)
        ('2 to 4 cycles per image', '16 cycles per image and more')
        >>> ring_in_words(0, 1), ring_in_words(0, 2)
        ('the mean colours', '0 to 2 cycles per image')
    """
    if not np.isfinite(high):
        return f"{cycles(low)} and more"
    if high <= 1:  # of integer frequencies, DC alone is nearer to the centre than 1
        return _MEAN
    return f"{low:.3g} to {cycles(high)}"


BLOCK = Block(
    name="filter_sweep",
    title="Accuracy through filters",
    how_to_read=(
        "Each point is the same images with some frequencies removed. Where a low-pass curve rises "
        "late, the model needs high frequencies; where a high-pass curve falls early, it needs low "
        "ones. A filtered image is no natural image: a fall shows that the model needs what is "
        "gone, or is misled by what is left. Points are compared image by image: what counts are "
        "the images that are right untouched and wrong without a ring (lost), against the reverse "
        "(won; McNemar's exact test, one-sided, corrected for all rings). So a ring may be needed "
        "though the intervals overlap."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    table=_table,
    columns=("lost", "won", "p_value", "p_holm"),
    compare=lambda found: (
        plots.filter_sweep(found),
        "Share of the scored images that each model is right about, through each filter, with its "
        "95 % interval. Dashed: untouched images.",
    ),
)
