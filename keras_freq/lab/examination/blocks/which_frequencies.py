"""Which frequencies each class, or the whole network, relies on: importance and maps."""

import warnings

import numpy as np
import pandas as pd

from keras_freq import plots
from keras_freq.fourier import conjugate_pairs, radius_map
from keras_freq.importance import (
    FrequencyImportance,
    dominant_frequency_maps,
    frequency_importance,
)
from keras_freq.importance.screened_search import screened_share
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.planning import FRACTIONS
from keras_freq.lab.pages import table
from keras_freq.shortcuts.readings import percent

# The share of the frequencies in the maps that are tested.
FRACTION = FRACTIONS[-1]
MOST_SHOWN = 12
# Passes for each image where all images make one map.
_PASSES_IN_ALL = 150
COLUMNS = [
    ("class", "{class_name}"),
    ("images", "{images:count}"),
    ("loss", "{loss:.2f} nats"),
    ("above 2 errors", "{significant:.0%}"),
    ("as an exhaustive search", "{known:rate}"),
    ("two halves", "{split_half:rate} (chance {chance:rate})"),
]


def _passes(amount):
    if amount.by == "all":
        return _PASSES_IN_ALL * amount.searched
    pairs = len(conjugate_pairs(amount.size))
    share = screened_share(amount.size, amount.searched / amount.num_classes)
    return share * pairs * amount.searched


def _measure(subject, results, **options):
    if subject.by == "all":
        most = _PASSES_IN_ALL * len(subject.searched[0])
        options |= {"by": "all", "max_evaluations": most}
    return frequency_importance(
        subject.model,
        subject.searched,
        subject.num_classes,
        fractions=FRACTIONS,
        neutral=subject.neutral,
        class_names=subject.class_names,
        **options,
    )


def tested_maps(results):
    """The maps that later blocks test, `(K, H, W)` bool."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the table says how well they are known
        return dominant_frequency_maps(results["importance"], FRACTION)


def stability_table(results):
    """How far the maps of two halves of the searched images agree, a row for each map."""
    importance = results["importance"]
    found = importance.stability(FRACTION)
    names = importance.class_names
    return pd.DataFrame({"class_name": names, "fraction": FRACTION, **found})


def known_overlap(results):
    """The expected overlap of each tested map with that of an exhaustive search, `(K,)`."""
    importance = results["importance"]
    return importance.expected_overlap[:, importance.fractions.index(FRACTION)]


def unstable_classes(results):
    """Names of the classes whose maps two halves of the images do not agree on."""
    stability = stability_table(results)
    doubtful = ~(stability["split_half_low"] > 2 * stability["chance"])
    return stability.loc[doubtful, "class_name"].tolist()


def _draw(subject, results):
    importance = results["importance"]
    shown = slice(0, MOST_SHOWN)
    names = importance.class_names[shown]
    maps = tested_maps(results)[shown]
    searched = f"{int(importance.images.sum())} images"
    more = len(importance.class_names) - len(names)
    rest = f" The first {len(names)} of {len(importance.class_names)} classes." if more else ""
    return {
        "importance": (
            plots.importance_maps(importance)
            if not more
            else plots.importance_maps(importance.loss_change[shown], class_names=names),
            f"How much the loss rises when one frequency alone is removed, on {searched}. The "
            f"centre is the image's mean; each step outwards is one cycle per image more.{rest}",
        ),
        "maps": (
            plots.dominant_frequency_maps(maps, class_names=names, bands=True),
            f"The map: the {FRACTION:.0%} of the frequencies with the largest rise. Orange rings "
            f"are the borders of the four standard bands.{rest}",
        ),
    }


def _tell(results):
    importance, maps = results["importance"], tested_maps(results)
    radii = radius_map(maps.shape[1:])
    middles = np.array([np.median(radii[one]) if one.any() else np.nan for one in maps])
    low, high = np.nanargmin(middles), np.nanargmax(middles)
    names, what = importance.class_names, f"{percent(FRACTION)} most important frequencies"
    if middles[low] == middles[high]:
        whose = "Its" if len(middles) == 1 else "Of every class, the"
        return [f"{whose} {what} have a median radius of {middles[0]:.3g} cycles per image."]
    return [
        f"The {what} lie lowest for {names[low]} (median "
        f"radius {middles[low]:.3g} cycles per image) and highest for {names[high]} "
        f"({middles[high]:.3g})."
    ]


def _table(results):
    importance = results["importance"]
    found = {
        "images": importance.images,
        "loss": importance.base_loss,
        "significant": importance.significant_share(FRACTION),
        "known": known_overlap(results),
    }
    return table(stability_table(results).assign(**found), COLUMNS)


BLOCK = Block(
    name="importance",
    title="Which frequencies it relies on",
    how_to_read=(
        "The importance of a frequency is the rise of the mean cross-entropy when it is removed "
        "from the images. Red: the class needs it. Blue: the class is better off without it. The "
        "table says how well a map is known: the share of its cells above two standard errors, the "
        "share that an exhaustive search would find too (expected), and the share that maps of two "
        "halves of the images have in common. Near chance, other images would give another map."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    table=_table,
    kind=FrequencyImportance,
)
