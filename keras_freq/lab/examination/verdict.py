"""The verdict of an examination: at most five points, each of a few plain sentences."""

import re

import numpy as np

from keras_freq.lab import pages
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.blocks.accuracy_by_filter import untouched_row
from keras_freq.lab.examination.blocks.exchanged import MEAN
from keras_freq.lab.examination.blocks.which_frequencies import doubt_in_words, doubtful_maps
from keras_freq.lab.examination.shortcut_sentences import shortcuts_in_words
from keras_freq.lab.examination.unknown import unknown_in_words
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts import shortcut_table

_MOST_POINTS = 5
# What is weaker is no news of this model.
_LEAST_STRENGTH = 0.1
# Guessing is named if a model is right less than so many times as often.
_WEAK = 2


def verdict(facts, results, told, table):
    """Says what an examination has found.

    Args:
        facts: A dict with what is known of the model beside the blocks: `inputs` (a sentence of the
            input check), `plan` (the `Plan` as a dict), `image_shape`.
        results: The results of the blocks, by name.
        told: What the blocks tell, lists of sentences by name.
        table: As from `class_verdicts`.

    Returns:
        A list of at most five points, each of a few sentences: shortcuts first, since they are what
        people ask for, and last what cannot be told.
    """
    first = [
        shortcuts_in_words(table, facts["plan"], np.prod(facts["image_shape"][:2])),
        f"{_inputs(facts['inputs'])} {_accuracy(results['filter_sweep'])}",
        # The first sentence tells which ring is needed. The others stand in its section.
        *told["filter_sweep"][:1],
    ]
    last = [unknown_in_words(facts, results, table)]
    first, last = ([one for one in part if one] for part in (first, last))
    return [*first, *_quoted(results, _MOST_POINTS - len(first + last)), *last]


def _inputs(finding):
    """What the input check found, without what its losses rule out: that stands in its section."""
    sentences = re.split(r"(?<=\.) (?=[A-Z])", finding)
    return " ".join(one for one in sentences if not one.startswith("The loss rules out"))


def _quoted(results, number):
    """The strongest sentences of the blocks, the strongest first."""
    found = [block.headline(results) for block in BLOCKS if block.name in results]
    strong = [one for one in found if one is not None and one[0] >= _LEAST_STRENGTH]
    strong.sort(key=lambda one: one[0], reverse=True)
    return [sentence for _, sentence in strong[:number]]


def _accuracy(sweep):
    """Says how often the model is right on the scored images as they are."""
    row = untouched_row(sweep)
    right, low, high = (pages.percent(row[f"recall{end}"]) for end in ("", "_low", "_high"))
    number = int(sweep.loc[sweep["class_id"] >= 0, "class_id"].nunique())
    # Not far from guessing: what is found then is of a model that hardly knows these images.
    weak = number > 1 and row["recall"] < _WEAK / number
    guessing = f"; guessing among {number} classes, for {percent(1 / number)}" if weak else ""
    return (
        f"It is right for {right} of the {row['images']} scored images (95 % interval {low} to "
        f"{high}){guessing}."
    )


def class_verdicts(results):
    """The table of `keras_freq.shortcut_table` from the tests that were made; None without any.

    The exchange is the first test that is made. With a map that is not well known, that nothing was
    found says nothing: its finding is "cannot tell".
    """
    moved = results.get("transplants")
    if moved is None:
        return None
    table = shortcut_table(results.get("rates"), results.get("without_maps"), moved)
    for name in ("fine_wave", "has_dc", "negatives", *MEAN):
        table[name] = moved[name].tolist()
    # That a map does nothing says little if other images would have given another map.
    doubtful = doubtful_maps(results) if "importance" in results else {}
    for place in np.flatnonzero(table["finding"] == "nothing found"):
        name = table.loc[place, "class_name"]
        if name in doubtful:
            reason = doubt_in_words(results, [name])
            table.loc[place, ["finding", "verdict"]] = "cannot tell", f"cannot tell: {reason}"
    return table
