"""The verdict of an examination: at most five plain sentences."""

import numpy as np

from keras_freq.importance.dominant_maps import SETTLED
from keras_freq.lab import pages
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.blocks.accuracy_by_filter import untouched_row
from keras_freq.lab.examination.blocks.exchanged import MEAN, NO_WAVE
from keras_freq.lab.examination.blocks.which_frequencies import (
    doubt_in_words,
    doubtful_maps,
    known_overlap,
)
from keras_freq.lab.pages import class_in_words, names_in_words, others_in_words
from keras_freq.lab.pages.run_findings import carried_finding
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts import shortcut_table
from keras_freq.shortcuts.evidence import LEVEL, matters
from keras_freq.shortcuts.readings import BY_THE_MEAN, MAY_BE_CHANCE, and_dc

_MOST_SENTENCES = 5
# Of more classes, the number is said.
_NAMED = 3
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
        A list of at most five sentences.
    """
    first = [
        f"{facts['inputs']} {_accuracy(results['filter_sweep'])}",
        _shortcuts(table, np.prod(facts["image_shape"][:2])),
        " ".join(told["filter_sweep"]),
    ]
    last = [_unknown(facts, results, table)]
    first, last = ([one for one in part if one] for part in (first, last))
    return [*first, *_quoted(results, _MOST_SENTENCES - len(first + last)), *last]


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
        f"It is right for {right} of the {row['images']} images that are scored (95 % interval "
        f"{low} to {high}){guessing}."
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
    for name in ("fine_wave", "has_dc", *MEAN):
        table[name] = moved[name].tolist()
    # That a map does nothing says little if other images would have given another map.
    doubtful = doubtful_maps(results) if "importance" in results else {}
    for place in np.flatnonzero(table["finding"] == "nothing found"):
        name = table.loc[place, "class_name"]
        if name in doubtful:
            reason = doubt_in_words(results, [name])
            table.loc[place, ["finding", "verdict"]] = "cannot tell", f"cannot tell: {reason}"
    return table


def _shortcuts(table, number):
    """Says which classes have a shortcut, or that none was found, of so many frequencies."""
    if table is None:
        return ""
    shortcuts = _named(table[table["is_shortcut"]], number)
    sentences = [shortcuts, carried_finding(table, also=bool(shortcuts))]
    sentences.append(_by_the_mean(table))
    if any(sentences[:2]):
        return " ".join(filter(None, sentences))
    told = table[table["finding"] != "cannot tell"]
    if told.empty:
        return sentences[-1]
    whole = f"any of the {len(table)} classes"
    where = whole if len(told) == len(table) else names_in_words(told["class_name"].tolist())
    return (
        f"No shortcut was found in {where}: the content of the class's map does not turn other "
        "images into it, or no more than random frequencies do."
        + (sentences[-1] and f" {sentences[-1]}")
    )


def _by_the_mean(table):
    """Names the classes that others become with the mean colour alone, the strongest first."""
    gain = table["mean_in"] - table[["untouched_in", "mean_other_in"]].max(axis=1)
    found = table[(table["mean_p_holm"] < LEVEL) & matters(gain)]
    if found.empty:
        return ""
    strongest = found.sort_values("mean_in", ascending=False, kind="stable").head(_NAMED)
    parts = [
        f"{class_in_words(row.class_name)} ({percent(row.mean_in)}; untouched "
        f"{percent(row.untouched_in)}, with that of other classes {percent(row.mean_other_in)})"
        for row in strongest.itertuples()
    ]
    more = len(found) - len(parts)
    rest = f" and {others_in_words(more)}" if more else ""
    return (
        f"The mean colour alone makes other images {', '.join(parts)}{rest}: a shortcut, or what "
        "the class looks like."
    )


def _named(found, number):
    """Names up to three classes with a shortcut, and how many others become them; or ""."""
    if found.empty:
        return ""
    strongest = found.sort_values("swapped_in", ascending=False, kind="stable")
    first, *others = strongest.head(_NAMED).itertuples()
    parts = [
        f"{class_in_words(first.class_name)} ({percent(first.swapped_in)} of other images become "
        f"it with the content of {first.cells} of its {number:,} frequencies; untouched "
        f"{percent(first.untouched_in)})",
        *(
            f"{class_in_words(row.class_name)} ({percent(row.swapped_in)}; untouched "
            f"{percent(row.untouched_in)})"
            for row in others
        ),
    ]
    more, most = len(found) - len(parts), "" if len(found) == 1 else "at most "
    rest = f" and {others_in_words(more)}" if more else ""
    return (
        f"Shortcut found: {', '.join(parts)}{rest}. With as many "
        f"random frequencies{and_dc(first._asdict())} "
        f"{most}{percent(strongest['random_in'].max())} become it; with the "
        "fine part of the map alone, without the frequencies in which all images are strong, "
        f"{'at least ' if most else ''}{percent(strongest['fine_in'].min())} "
        f"(random frequencies {most}{percent(strongest['fine_random_in'].max())})."
        + _waves(strongest.head(_NAMED))
    )


def _waves(found):
    """Names the strongest wave in the fine part of each of these maps, where it is sure."""
    sure = found[found["fine_wave"] != NO_WAVE]
    waves = [f"{row.fine_wave} ({class_in_words(row.class_name)})" for row in sure.itertuples()]
    if not waves:
        return ""
    which = "The strongest wave of the fine part has" if len(waves) == 1 else "Strongest waves:"
    return f" {which} {', '.join(waves)}."


def _unknown(facts, results, table):
    """Says what cannot be told, and why."""
    reasons, plan = [], facts["plan"]
    if facts.get("missing"):
        reasons.append(f"anything of {names_in_words(facts['missing'])} (no images)")
    if plan["by"] == "all":
        reasons.append(
            "classes apart, since there are too few images of each (10 to search on and 20 to "
            "score are needed)"
        )
    told = []
    if table is not None:
        untold = table[table["finding"] == "cannot tell"]
        told = untold["class_name"].tolist()
        for reason, names in _reasons(untold, results).items():
            has = "has" if len(names) == 1 else "have"
            reasons.append(f"whether {names_in_words(names)} {has} a shortcut ({reason})")
        # Of a shortcut whose strongest wave is sure, what matters is known.
        sure = table["is_shortcut"] & (table["fine_wave"] != NO_WAVE)
        told += table.loc[sure, "class_name"].tolist()
    if "importance" in results:
        reasons += _unknown_maps(results, told)
    if plan["left_out"]:
        reasons.append("what was left out for the time (see the end of the page)")
    return f"This examination cannot tell: {'; '.join(reasons)}." if reasons else ""


def _reasons(untold, results):
    """Why nothing can be told of classes, in short words: `{reason: class names}`."""
    doubtful = doubtful_maps(results) if "importance" in results else {}
    reasons, by_map = {}, {}
    for row in untold.itertuples():
        name, reason = row.class_name, row.verdict.removeprefix("cannot tell: ")
        if name in doubtful and reason == doubt_in_words(results, [name]):
            by_map.setdefault(doubtful[name], []).append(name)
            continue
        for long, short in (
            (MAY_BE_CHANCE, f"an effect {MAY_BE_CHANCE}"),
            (BY_THE_MEAN, f"an effect, but {BY_THE_MEAN}"),
        ):
            reason = short if long in reason else reason
        reasons.setdefault(reason, []).append(name)
    return reasons | {doubt_in_words(results, names): names for names in by_map.values()}


def _unknown_maps(results, told):
    """Says which maps are not well known, and why; of the classes `told` this is said already."""
    kinds = {}
    for name, kind in doubtful_maps(results).items():
        if name not in told:
            kinds.setdefault(kind, []).append(name)
    sentences = [
        "the exact frequencies"
        + ("" if names == ["all"] else f" of {names_in_words(names)}")
        + f" ({doubt_in_words(results, names)})"
        for names in kinds.values()
    ]
    known = np.nanmin(known_overlap(results))
    if known < SETTLED:
        sentences.append(
            "which frequencies exactly are the most important ones (the map is expected to share "
            f"{percent(known)} of its cells with that of an exhaustive search)"
        )
    return sentences
