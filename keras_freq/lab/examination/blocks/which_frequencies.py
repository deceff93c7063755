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
from keras_freq.importance.dominant_maps import SETTLED
from keras_freq.importance.screened_search import screened_share
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.examination.blocks.shortcut_names import shortcut_names
from keras_freq.lab.examination.planning import FRACTIONS
from keras_freq.lab.pages import class_in_words, cycles, names_in_words, table
from keras_freq.metrics.rates import percent

# Of a fine part whose strongest wave is not known.
NO_WAVE = "none is sure"
# The share of the frequencies in the maps that are tested.
FRACTION = FRACTIONS[-1]
MOST_SHOWN = 12
# Of more classes with a shortcut, the strongest are named.
_NAMED = 3
# A map of which fewer cells are above two standard errors is not known.
_LEAST_ABOVE = 0.5
# Of its headline: where maps lie is not yet what they do.
_STRENGTH = 0.15
# Passes for each image where all images make one map.
_PASSES_IN_ALL = 150
COLUMNS = [
    ("class", "{class_name}"),
    ("images", "{images:count}"),
    ("loss", "{loss:.2f} nats"),
    ("cells above 2 errors", "{significant:share}"),
    ("shared with an exhaustive search", "{known:share}"),
    ("shared by two halves", "{split_half:share}{by_chance}"),
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


def doubtful_maps(results):
    """Maps that other images would not give, and what speaks against them: `{class name: kind}`."""
    importance, stability = results["importance"], stability_table(results)
    kinds = {}
    above = importance.significant_share(FRACTION)
    for row, share in zip(stability.itertuples(), above, strict=True):
        if share < _LEAST_ABOVE:
            kinds[row.class_name] = "few are sure"
        elif row.split_half_low <= 2 * row.chance:  # NaN where there are no halves
            kinds[row.class_name] = "halves differ"
    return kinds


def doubt_in_words(results, names):
    """Says what speaks against the maps of these classes, which are doubtful for one reason."""
    if doubtful_maps(results)[names[0]] == "halves differ":
        return "two halves of the images give other maps"
    importance = results["importance"]
    places = [importance.class_names.index(name) for name in names]
    cells = tested_maps(results)[places].sum(axis=(1, 2))
    sure = np.round(importance.significant_share(FRACTION)[places] * cells).astype(int)
    least, most = sure.min(), sure.max()
    number = f"{most}" if least == most else f"{least} to {most}"
    whose = "its map" if len(names) == 1 else "each map"
    are = "is" if number == "1" else "are"
    return f"of the {cells.max()} frequencies of {whose}, {number} {are} above two standard errors"


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
            f"The map: the {percent(FRACTION)} of the frequencies with the largest rise. Orange "
            f"rings are the borders of the four standard bands.{rest}",
        ),
    }


def _tell(results):
    return _of_shortcuts(results) or _of_known_maps(results)


def _of_shortcuts(results):
    """Says where the maps of classes with a shortcut lie, and where those of others."""
    importance, maps = results["importance"], tested_maps(results)
    names = [name for name in shortcut_names(results) if name in importance.class_names]
    if not names:
        return []
    middles = dict(zip(importance.class_names, _middles(maps), strict=True))
    others = [middle for name, middle in middles.items() if name not in names]
    beside = f"; those of the other classes, of {_range(others)}" if others else ""
    return [
        f"The map of {class_in_words(name)}, which has a shortcut, has a median radius of "
        f"{cycles(middles[name])}{beside}.{_wave(results, name)}"
        for name in names[:_NAMED]
    ]


def _wave(results, name):
    """Names the strongest wave of the fine part of a class's map, where it is sure; or ""."""
    wave = results["transplants"].set_index("class_name")["fine_wave"][name]
    return "" if wave == NO_WAVE else f" Of its fine part, it needs {wave} most."


def _of_known_maps(results):
    """Says where the well-known maps lie."""
    importance, maps = results["importance"], tested_maps(results)
    known = _known(results)
    if not known.any():
        which = "Its map is not" if len(maps) == 1 else "None of its maps is"
        return [f"{which} well known, as the table says: other images may give another."]
    middles = _middles(maps[known])
    low, high = middles.argmin(), middles.argmax()
    names = np.array(importance.class_names)[known]
    what = f"{percent(FRACTION)} most important frequencies"
    median = f"a median radius of {cycles(middles[0])}"
    if len(maps) == 1:
        return [f"Its {what} have {median}."]
    if len(names) == 1:
        return [
            f"Of the {len(maps)} maps, only that of {class_in_words(names[0])} is well known: it "
            f"has {median}."
        ]
    if middles[low] == middles[high]:
        each = "every class" if known.all() else names_in_words(names.tolist())
        return [f"Of {each}, the {what} have {median}."]
    begin = "The" if known.all() else "Of the classes whose maps are well known, the"
    return [
        f"{begin} {what} lie lowest for {class_in_words(names[low])} (median radius "
        f"{cycles(middles[low])}) and highest for {class_in_words(names[high])} "
        f"({middles[high]:.3g})."
    ]


def _middles(maps):
    """The median radius of each map."""
    radii = radius_map(maps.shape[1:])
    return np.array([np.median(radii[one]) for one in maps])


def _range(values):
    low, high = min(values), max(values)
    return cycles(low) if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {cycles(high)}"


def _headline(results):
    """Where maps lie, if they can be compared."""
    known = _known(results)
    if known.sum() < min(2, len(known)):
        return None
    return _STRENGTH, _of_known_maps(results)[0]


def _known(results):
    """Which maps are well known, `(K,)` bool."""
    doubtful = doubtful_maps(results)
    sure = [name not in doubtful for name in results["importance"].class_names]
    return np.array(sure) & (known_overlap(results) >= SETTLED)


def _table(results):
    importance = results["importance"]
    found = {
        "images": importance.images,
        "loss": importance.base_loss,
        "significant": importance.significant_share(FRACTION),
        "known": known_overlap(results),
    }
    stability = stability_table(results)
    by_chance = [f" (chance {percent(one)})" if one > 0 else "" for one in stability["chance"]]
    return table(stability.assign(**found, by_chance=by_chance), COLUMNS)


BLOCK = Block(
    name="importance",
    title="Which frequencies it relies on",
    how_to_read=(
        "The importance of a frequency is the rise of the loss (mean cross-entropy) when it is "
        "removed from the images. Red: the class needs it. Blue: the class is better off without "
        "it. The table says how well a map is known: the share of its cells whose importance is "
        "above two standard errors, the share that a search of every image and frequency would "
        "find as well (expected), and the share that the maps of two halves of the images have in "
        "common. If that is near chance, other images would give another map."
    ),
    passes=_passes,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    table=_table,
    kind=FrequencyImportance,
)
