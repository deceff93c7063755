"""Whether other images become a class when they get the content of its map."""

import numpy as np

from keras_freq import plots
from keras_freq.importance import strongest_frequencies
from keras_freq.importance.wave_names import in_words
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.which_frequencies import FRACTION, NO_WAVE, tested_maps
from keras_freq.lab.pages import class_in_words, table
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts import fine_parts, shortcut_table, transplant_rates
from keras_freq.shortcuts.checked_tables import FINE, with_fine_parts
from keras_freq.shortcuts.evidence import maps_that_do_as_much
from keras_freq.shortcuts.random_baseline import LEAST_RANDOM

# Random maps are scored on as many images of each class, and of others, as a class has, at most on
# these, and there are enough maps for a p-value below 5 % after correction. Of fine parts only the
# classes matter that passed this test, so that fewer maps are enough.
_MOST_IMAGES, _FINE_IMAGES, _FINE_MAPS = 50, 60, LEAST_RANDOM
# Columns of the exchange of DC alone.
MEAN = {"mean_in": "swapped_in", "mean_other_in": "other_in", "mean_p_holm": "in_p_holm"}
COLUMNS = [
    ("class", "{class_name}"),
    ("energy from the donor", "{donor_energy:share}"),
    ("others called it", "{untouched_in:share}"),
    ("→ with its content", "{swapped_in:share} ({random_in:share})"),
    ("→ of its fine part", "{fine_in:share} ({fine_random_in:share})"),
    ("whose strongest wave is", "{fine_wave}"),
    ("→ with its mean colour", "{mean_in:share} ({mean_other_in:share})"),
    ("random maps do as much", "{reached_in}"),
    ("its recall", "{untouched_out:share}"),
    ("→ with others' content", "{swapped_out:share} ({random_out:share})"),
    ("random maps do as much", "{reached_out}"),
]


def _passes(amount):
    own = 2 * (amount.num_classes + 1) * amount.scored
    of_class = min(_FINE_IMAGES, amount.scored // amount.num_classes)
    random = _num_random(amount.num_classes) * 2 * min(_MOST_IMAGES, of_class)
    random += _FINE_MAPS * (_FINE_IMAGES + of_class)
    return 3 * own + amount.num_classes * random


def _num_random(num_classes):
    """Random maps of each class: enough for a p-value below 5 % after correction."""
    return max(200, 20 * num_classes - 1)


def _measure(subject, results, *, checkpoint, **options):
    """Exchanges of the maps, of their fine parts alone, and of DC alone."""
    of_class = max(1, len(subject.scored[1]) // subject.num_classes)
    maps = tested_maps(results)
    fine, mean = fine_parts(maps, subject.searched), np.zeros_like(maps)
    mean[:, maps.shape[1] // 2, maps.shape[2] // 2] = True
    tables = [
        transplant_rates(
            subject.model,
            subject.scored,
            exchanged,
            num_random=number,
            random_images=images,
            class_names=subject.class_names,
            checkpoint=checkpoint.with_suffix(f".{part}.log"),
            **options,
        )
        for part, exchanged, number, images in (
            ("map", maps, _num_random(subject.num_classes), min(_MOST_IMAGES, of_class)),
            ("fine", fine, _FINE_MAPS, _FINE_IMAGES),
            ("mean", mean, LEAST_RANDOM, _FINE_IMAGES),
        )
    ]
    for part in ("map", "fine", "mean"):
        checkpoint.with_suffix(f".{part}.log").unlink(missing_ok=True)
    moved, of_fine, of_mean = tables
    return with_fine_parts(moved, of_fine).assign(
        fine_wave=_strongest_waves(results["importance"], fine),
        **{name: of_mean[column] for name, column in MEAN.items()},
    )


def _strongest_waves(importance, fine):
    """The wave of each fine part that the class needs most, if that is sure: K words."""
    found = strongest_frequencies(importance, fine, number=1)
    sure = found[found["loss_change"] > 2 * found["stderr"]]
    words = {wave.class_id: in_words(wave.across, wave.down) for wave in sure.itertuples()}
    return [words.get(class_id, NO_WAVE) for class_id in importance.class_ids]


def _draw(subject, results):
    moved = results["transplants"]
    found = shortcut_table(transplants=moved)["is_shortcut"].to_numpy()
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
        f"Images of other classes with the content of the map of {class_in_words(name)}"
        + (
            ", which has a shortcut. "
            if found.any()
            else ". No shortcut was found: this is the class that other images become most often. "
        )
        + "The random frequencies are one draw; the table has the mean of many. The last two "
        "columns have these frequencies of the image of the class alone, and the random ones alone."
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
    counts = {
        f"reached_{way}": [
            "unknown" if np.isnan(count) else f"{count:.0f} of {number}"
            for count, number in zip(
                maps_that_do_as_much(moved[f"{way}_p_value"], maps), maps, strict=True
            )
        ]
        for way in ("in", "out")
    }
    return table(moved.assign(**counts), COLUMNS)


BLOCK = Block(
    name="transplants",
    title="Are they a shortcut?",
    how_to_read=(
        f"The content of a class's map ({percent(FRACTION)} of the frequencies) is put into images "
        "of other classes, which otherwise stay whole. If these are then called the class, and as "
        "many random frequencies (in brackets) do not do that, the map carries the class. But "
        "frequencies in which all images are strong may just be what the class looks like. So the "
        "fine part of the map is exchanged alone, too: what it has beside the strongest "
        "frequencies of other classes. If that still makes others the class, it is a shortcut. The "
        "strongest wave is the frequency of the fine part without which the loss rises most, if "
        "by more than two standard errors. The mean colour is exchanged alone as well; in brackets "
        "stands what that of other classes does. The table says how many random maps do as much as "
        "the map on the images that they are scored on."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    table=_table,
    by=("class",),
    columns=("donor_energy", "has_dc", "random_overlap", *FINE.values(), "fine_wave", *MEAN),
)
