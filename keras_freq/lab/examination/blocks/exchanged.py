"""Whether other images become a class when they get the content of its map."""

import numpy as np

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, tested_maps
from keras_freq.lab.pages import table
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts import shortcut_table, transplant_rates
from keras_freq.shortcuts.evidence import matters

# Random maps are scored on as many images of each class, and of others, as a class has, at most on
# these. Of as many cells, there are enough maps for a p-value below 5 % after correction. Those of
# the same energy do nearly as much as a map, so that more images have to tell the difference.
_CELLS_IMAGES, _ENERGY_IMAGES, _ENERGY_MAPS = 50, 60, 40
_ALPHA = 0.05
COLUMNS = [
    ("class", "{class_name}"),
    ("energy from the donor", "{donor_energy:share}"),
    ("others called it", "{untouched_in:rate}"),
    ("→ with its content", "{swapped_in:rate} ({random_in:rate}, {energy_in:rate})"),
    ("random maps do as much", "{reached_in}"),
    ("its recall", "{untouched_out:rate}"),
    ("→ with others' content", "{swapped_out:rate} ({random_out:rate}, {energy_out:rate})"),
    ("random maps do as much", "{reached_out}"),
]


def _passes(amount):
    own = 2 * (amount.num_classes + 1) * amount.scored
    of_class = min(_ENERGY_IMAGES, amount.scored // amount.num_classes)
    random = _num_random(amount.num_classes) * 2 * min(_CELLS_IMAGES, of_class)
    random += _ENERGY_MAPS * (_ENERGY_IMAGES + of_class)
    return 2 * own + amount.num_classes * random


def _num_random(num_classes):
    """Random maps of each class: enough for a p-value below 5 % after correction."""
    return max(200, 20 * num_classes - 1)


def _measure(subject, results, *, checkpoint, **options):
    """Exchanges against random maps of as many cells, and the rates of maps of as much energy."""
    of_class = max(1, len(subject.scored[1]) // subject.num_classes)
    tables = [
        transplant_rates(
            subject.model,
            subject.scored,
            tested_maps(results),
            num_random=maps,
            random=kind,
            random_images=images,
            class_names=subject.class_names,
            checkpoint=checkpoint.with_suffix(f".{kind}.log"),
            **options,
        )
        for kind, maps, images in (
            ("cells", _num_random(subject.num_classes), min(_CELLS_IMAGES, of_class)),
            ("energy", _ENERGY_MAPS, _ENERGY_IMAGES),
        )
    ]
    for kind in ("cells", "energy"):
        checkpoint.with_suffix(f".{kind}.log").unlink(missing_ok=True)
    cells, energy = tables
    return cells.assign(
        energy_in=energy["random_in"],
        energy_in_p_value=energy["in_p_value"],
        energy_out=energy["random_out"],
    )


def carried_by_few(transplants):
    """Whether other images become each class, more than with as many random frequencies."""
    return shortcut_table(transplants=transplants)["is_shortcut"].to_numpy()


def is_specific(transplants):
    """Whether random frequencies of the same energy carry each class less than its map does.

    The p-value compares both on the same images. It is not corrected: the classes asked about are
    those that passed the corrected test against as many random frequencies.
    """
    more = matters(transplants["swapped_in"].to_numpy() - transplants["energy_in"].to_numpy())
    return more & (transplants["energy_in_p_value"].to_numpy() <= _ALPHA)


def _draw(subject, results):
    moved = results["transplants"]
    found = carried_by_few(moved) & is_specific(moved)
    gain = (moved["swapped_in"] - moved["untouched_in"]).fillna(-1).to_numpy()
    strongest = int(np.where(found, gain, -1 if found.any() else gain).argmax())
    name = subject.class_names[strongest]
    axes = plots.shortcut_examples(
        subject.model,
        subject.scored,
        tested_maps(results),
        strongest,
        random="cells",
        class_names=subject.class_names,
    )
    caption = (
        f"Images of other classes with the content of the map of {name}"
        + (
            ", which has a shortcut. "
            if found.any()
            else ". No class has a shortcut: this is the one that other images become most often. "
        )
        + "The random frequencies are one draw; the table has the mean of many."
    )
    return {
        "hero" if found.any() else "examples": (axes, caption),
        "transplants": (
            plots.transplant_rates(moved),
            "Left: images of other classes that are called the class, untouched, with the content "
            "of its map, and with that of as many random frequencies. Right: recall of the class "
            "when its map's content comes from images of other classes. Random ones are scored on "
            f"{moved['random_images_in'].max():.0f} other images, and on as many of the class.",
        ),
    }


def _table(results):
    moved = results["transplants"]
    maps = moved["num_random"]
    reached = {way: moved[f"{way}_p_value"] * (maps + 1) - 1 for way in ("in", "out")}
    counts = {
        f"reached_{way}": [
            "unknown" if np.isnan(count) else f"{count:.0f} of {number}"
            for count, number in zip(counts, maps, strict=True)
        ]
        for way, counts in reached.items()
    }
    return table(moved.assign(**counts), COLUMNS)


BLOCK = Block(
    name="transplants",
    title="Are they a shortcut?",
    how_to_read=(
        f"The content of a class's map ({percent(FRACTION)} of the frequencies) is put into images "
        "of other classes, which otherwise stay whole. If these are then called the class, and "
        "random frequencies do not do that (in brackets: as many, and of the same energy), the map "
        "decides: a shortcut. Strong low frequencies may just be what the class looks like; then "
        "most of the energy of an exchanged image comes from the donor, or others of the same "
        "energy carry the class as well. The table says how many random maps, of as many "
        "frequencies, do as much as the map on the images that they are scored on."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    table=_table,
    by=("class",),
    columns=("energy_in", "energy_in_p_value", "energy_out", "donor_energy"),
)
