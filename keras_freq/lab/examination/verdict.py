"""The verdict of an examination: at most five plain sentences."""

import numpy as np

from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.blocks.exchanged import is_specific
from keras_freq.lab.examination.blocks.which_frequencies import unstable_classes
from keras_freq.shortcuts import shortcut_table

MOST = 5
# Maps that are expected to share less with those of an exhaustive search are not settled.
_SETTLED = 0.9


def verdict(facts, results):
    """Says what an examination has found.

    Args:
        facts: A dict with what is known of the model beside the blocks: `inputs` (a sentence of the
            input check), `plan` (the `Plan` as a dict), `class_names`.
        results: The results of the blocks, by name.

    Returns:
        A list of at most five sentences.
    """
    told = {block.name: block.tell(results) for block in BLOCKS if block.name in results}
    sentences = [
        f"{facts['inputs']} {_accuracy(results['filter_sweep'])}",
        " ".join(told["filter_sweep"]),
        _shortcuts(results),
        " ".join(told.get("without_maps", []) or told.get("importance", [])),
        _unknown(facts, results),
    ]
    return [sentence for sentence in sentences if sentence][:MOST]


def _accuracy(sweep):
    """Says how often the model is right on the scored images as they are."""
    row = sweep[(sweep["class_id"] == -1) & (sweep["kind"] == "untouched")].iloc[0]
    return (
        f"It is right for {row['recall']:.1%} of {row['images']} images that chose nothing "
        f"(95 % interval {row['recall_low']:.1%} to {row['recall_high']:.1%})."
    )


def class_verdicts(results):
    """The table of `keras_freq.shortcut_table` from whichever tests were made; None without any.

    A class that random frequencies of the same energy carry as well has no shortcut here: its
    finding is "carried by few".
    """
    tables = {"rates": "rates", "without": "without_maps", "transplants": "transplants"}
    given = {name: results[file] for name, file in tables.items() if file in results}
    if not given:
        return None
    table = shortcut_table(**given)
    if "transplants" in given:
        energy = given["transplants"]["energy_in"].to_numpy()
        common = table["is_shortcut"].to_numpy() & ~is_specific(given["transplants"])
        for place in np.flatnonzero(common):
            also = f"; random frequencies of the same energy do so for {energy[place]:.0%}"
            words = table.loc[place, "verdict"].replace("shortcut", "carried by few", 1)
            table.loc[place, ["finding", "verdict"]] = "carried by few", words + also
        table["is_shortcut"] &= ~common
        table["energy_in"] = energy
    return table


def _shortcuts(results):
    """Says which classes have a shortcut, or that none was found."""
    table = class_verdicts(results)
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
    return (
        f"No shortcut was found in {_listed(told['class_name'], len(table))}: the content of the "
        "class's map does not turn other images into it, or no more than random frequencies do."
    )


def _of_carried(found, begin):
    """Names up to three classes that others become, and how often; "" without any."""
    if found.empty:
        return ""
    strongest = found.sort_values("swapped_in", ascending=False, kind="stable")
    parts = [
        f"{row.class_name} ({row.swapped_in:.0%} of other images become it with the content of "
        f"{row.cells} frequencies; {row.untouched_in:.0%} are called it untouched, "
        f"{row.random_in:.0%} with as many random ones, {row.energy_in:.0%} with random ones of "
        "the same energy)"
        for row in strongest.head(3).itertuples()
    ]
    more = len(found) - len(parts)
    return f"{begin}{'; '.join(parts)}{f'; and {more} more' if more else ''}."


def _listed(names, num_classes):
    """Some names of classes, in words."""
    if len(names) == num_classes:
        return f"any of the {num_classes} classes"
    return in_words(names.tolist())


def in_words(names):
    """A few names, and how many more there are.

    Example:
        >>> in_words(["a", "b"]), in_words(list("abcdef"))
        ('a and b', 'a, b, c and 3 more')
    """
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _unknown(facts, results):
    """Says what cannot be told, and why."""
    reasons, plan = [], facts["plan"]
    if plan["by"] == "all":
        reasons.append(
            "single classes, since there are too few images of each (10 to search on and 20 to "
            "score are needed)"
        )
    table = class_verdicts(results)
    if table is not None:
        doubtful = table[table["finding"] == "cannot tell"]
        for reason, own in doubtful.groupby("verdict", sort=False):
            why = reason.removeprefix("cannot tell: ")
            reasons.append(f"a shortcut of {in_words(own['class_name'].tolist())} ({why})")
    if "importance" in results and plan["by"] == "class":
        unstable = unstable_classes(results)
        if unstable:
            reasons.append(
                f"the exact frequencies of {in_words(unstable)} (two halves of the images give "
                "other maps)"
            )
    if "importance" in results:
        known = np.nanmin(results["importance"].expected_overlap)
        if known < _SETTLED:
            reasons.append(
                "which frequencies exactly are the most important ones (the map is expected to "
                f"share {known:.0%} of its cells with that of an exhaustive search)"
            )
    if plan["left_out"]:
        reasons.append("what did not fit into the time (see the end of the page)")
    return f"It cannot tell: {'; '.join(reasons)}." if reasons else ""
