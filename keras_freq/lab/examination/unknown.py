"""What an examination cannot tell, and why."""

import numpy as np

from keras_freq.importance.dominant_maps import SETTLED
from keras_freq.lab.examination.blocks.which_frequencies import (
    NO_WAVE,
    doubt_in_words,
    doubtful_maps,
    known_overlap,
)
from keras_freq.lab.pages import names_in_words
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts.readings import BY_THE_MEAN, MAY_BE_CHANCE


def unknown_in_words(facts, results, table):
    """Says what cannot be told, and why."""
    reasons, plan = [], facts["plan"]
    if facts.get("missing"):
        reasons.append(f"anything of {names_in_words(facts['missing'])} (no images)")
    if plan["by"] == "all":
        reasons.append("classes apart, since there are too few images of each")
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
