"""How accurate the model is through filters of growing radius."""

import numpy as np

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import filter_sweep, half_accuracy_radii
from keras_freq.metrics.rates import percent

_MEAN = "the mean colours"
KINDS = ("low-pass", "high-pass", "band-stop")


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
    untouched = untouched_row(sweep)
    rings = sweep[(sweep["class_id"] == -1) & (sweep["kind"] == "band-stop")]
    worst = rings.loc[rings["recall"].idxmin()]
    ring = ring_in_words(worst["low"], worst["high"])
    fall = f"from {percent(untouched['recall'])} to {percent(worst['recall'])}"
    what = ring if ring == _MEAN else f"frequencies of {ring}"
    sentences = [f"It relies most on {what}: without them alone, accuracy falls {fall}."]
    half = half_accuracy_radii(sweep).set_index("class_id").loc[-1]
    if np.isfinite(half["low_pass"]):
        sentences.append(
            f"Half of its accuracy is left when only frequencies below {half['low_pass']:.3g} "
            "cycles per image are kept."
        )
    if worst["recall_high"] >= untouched["recall_low"]:
        sentences[0] = (
            "Which ring of frequencies it needs cannot be told: accuracy falls most without "
            f"{what}, {fall} of {worst['images']} images. The 95 % intervals overlap, and more "
            "images may tell."
        )
    return sentences


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
        return f"{low:.3g} cycles per image and more"
    if high <= 1:  # of integer frequencies, DC alone is nearer to the centre than 1
        return _MEAN
    return f"{low:.3g} to {high:.3g} cycles per image"


BLOCK = Block(
    name="filter_sweep",
    title="Accuracy through filters",
    how_to_read=(
        "Each point is the same images with some frequencies removed. Where a low-pass curve rises "
        "late, the model needs high frequencies; where a high-pass curve falls early, it needs low "
        "ones. A filtered image is no natural image: a fall shows that the model needs what is "
        "gone, or is misled by what is left."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    compare=lambda found: (
        plots.filter_sweep(found),
        "Share of the scored images that each model is right about, through each filter, with its "
        "95 % interval. Dashed: untouched images.",
    ),
)
