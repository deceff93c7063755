"""The verdict of an examination: at most five plain sentences."""

import numpy as np

from keras_freq.importance.dominant_maps import SETTLED
from keras_freq.lab import pages
from keras_freq.lab.examination.blocks.accuracy_by_filter import untouched_row
from keras_freq.lab.examination.blocks.exchanged import is_specific
from keras_freq.lab.examination.blocks.which_frequencies import known_overlap, unstable_classes
from keras_freq.shortcuts import shortcut_table
from keras_freq.shortcuts.readings import percent


def verdict(facts, results, told, table):
    """Says what an examination has found.

    Args:
        facts: A dict with what is known of the model beside the blocks: `inputs` (a sentence of the
            input check), `plan` (the `Plan` as a dict), `class_names`.
        results: The results of the blocks, by name.
        told: What the blocks tell, lists of sentences by name.
        table: As from `class_verdicts`.

    Returns:
        A list of at most five sentences.
    """
    sentences = [
        f"{facts['inputs']} {_accuracy(results['filter_sweep'])}",
        " ".join(told["filter_sweep"]),
        _shortcuts(table),
        " ".join(told.get("without_maps", []) or told.get("importance", [])),
        _unknown(facts, results, table),
    ]
    return [sentence for sentence in sentences if sentence]


def _accuracy(sweep):
    """Says how often the model is right on the scored images as they are."""
    row = untouched_row(sweep)
    right, low, high = (pages.percent(row[f"recall{end}"]) for end in ("", "_low", "_high"))
    return (
        f"It is right for {right} of {row['images']} images that chose nothing (95 % interval "
        f"{low} to {high})."
    )


def class_verdicts(results):
    """The table of `keras_freq.shortcut_table` from the tests that were made; None without any.

    The exchange is the first test that is made. A class that random frequencies of the same energy
    carry as well has no shortcut here: its finding is "carried by few".
    """
    moved = results.get("transplants")
    if moved is None:
        return None
    table = shortcut_table(results.get("rates"), results.get("without_maps"), moved)
    common = table["is_shortcut"].to_numpy() & ~is_specific(moved)
    for place in np.flatnonzero(common):
        share = percent(moved["energy_in"].iloc[place])
        also = f"; with random frequencies of the same energy {share}"
        words = table.loc[place, "verdict"].replace("shortcut", "carried by few", 1)
        table.loc[place, ["finding", "verdict"]] = "carried by few", words + also
    table["is_shortcut"] &= ~common
    return table.assign(energy_in=moved["energy_in"].to_numpy())


def _shortcuts(table):
    """Says which classes have a shortcut, or that none was found."""
    if table is None:
        return ""
    sentences = [
        _of_carried(table[table["is_shortcut"]], "Shortcut found: "),
        _of_carried(
            table[table["finding"] == "carried by few"],
            "Carried by few frequencies, but by others of the same energy as well, which may be "
            "what the class looks like: ",
        ),
    ]
    if any(sentences):
        return " ".join(filter(None, sentences))
    told = table[table["finding"] != "cannot tell"]
    if told.empty:
        return ""
    whole = f"any of the {len(table)} classes"
    where = whole if len(told) == len(table) else names_in_words(told["class_name"].tolist())
    return (
        f"No shortcut was found in {where}: the content of the class's map does not turn other "
        "images into it, or no more than random frequencies do."
    )


def _of_carried(found, begin):
    """Names up to three classes that others become, and how often; "" without any."""
    if found.empty:
        return ""
    strongest = found.sort_values("swapped_in", ascending=False, kind="stable")
    parts = [
        f"{row.class_name} ({percent(row.swapped_in)} of other images become it with the content "
        f"of {row.cells} frequencies; untouched {percent(row.untouched_in)}, with as many random "
        f"ones {percent(row.random_in)}, with random ones of the same energy "
        f"{percent(row.energy_in)})"
        for row in strongest.head(3).itertuples()
    ]
    more = len(found) - len(parts)
    return f"{begin}{'; '.join(parts)}{f'; and {more} more' if more else ''}."


def names_in_words(names):
    """A few names, and how many more there are.

    Example:
        >>> names_in_words(["a", "b"]), names_in_words(list("abcdef"))
        ('a and b', 'a, b, c and 3 more')
    """
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _unknown(facts, results, table):
    """Says what cannot be told, and why."""
    reasons, plan = [], facts["plan"]
    if plan["by"] == "all":
        reasons.append(
            "single classes, since there are too few images of each (10 to search on and 20 to "
            "score are needed)"
        )
    if table is not None:
        doubtful = table[table["finding"] == "cannot tell"]
        for reason, own in doubtful.groupby("verdict", sort=False):
            why = reason.removeprefix("cannot tell: ")
            reasons.append(f"a shortcut of {names_in_words(own['class_name'].tolist())} ({why})")
    if "importance" in results:
        unstable = unstable_classes(results) if plan["by"] == "class" else []
        if unstable:
            reasons.append(
                f"the exact frequencies of {names_in_words(unstable)} (two halves of the images "
                "give other maps)"
            )
        known = np.nanmin(known_overlap(results))
        if known < SETTLED:
            reasons.append(
                "which frequencies exactly are the most important ones (the map is expected to "
                f"share {percent(known)} of its cells with that of an exhaustive search)"
            )
    if plan["left_out"]:
        reasons.append("what did not fit into the time (see the end of the page)")
    return f"It cannot tell: {'; '.join(reasons)}." if reasons else ""
