"""What an examination says of shortcuts: found, not found, not to be told, or not tested."""

import math

import numpy as np

from keras_freq.lab.examination.blocks.which_frequencies import NO_WAVE
from keras_freq.lab.examination.planning import IMAGES_OF_A_CLASS, minutes_needed
from keras_freq.lab.pages import class_in_words, counted, names_in_words, others_in_words
from keras_freq.lab.pages.run_findings import carried_finding
from keras_freq.metrics import wilson_interval
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts.evidence import LEAST_EFFECT, LEVEL, matters
from keras_freq.shortcuts.readings import and_dc

# Of more classes, the number is said.
_NAMED = 3


def shortcuts_in_words(table, plan, number):
    """Says which classes have a shortcut, that none was found, or why that is not known.

    Args:
        table: As from `class_verdicts`, or None.
        plan: The `Plan` as a dict.
        number: The number of frequencies of an image.

    Returns:
        A few sentences.
    """
    if table is None:
        return _not_tested(plan)
    shortcuts = _named(table[table["is_shortcut"]], number)
    carried = carried_finding(table, also=bool(shortcuts))
    return " ".join(filter(None, [shortcuts or _none_found(table), carried, _by_the_mean(table)]))


def _not_tested(plan):
    """Says that the exchange was left out, and what to do; "" if it is not known why."""
    begin = "Whether a class has a shortcut was not tested:"
    if plan["by"] == "all":
        searched, scored = IMAGES_OF_A_CLASS[-1]
        return (
            f"{begin} that takes {searched} images of each class to search on, and {scored} to "
            "score. Give more images."
        )
    if "transplants" not in plan["left_out"]:
        return ""
    least = minutes_needed(plan.get("verdict_seconds", 0))
    if least is None:
        return f"{begin} the time was too short. Give more `minutes`."
    return (
        f"{begin} the time was too short. Give it {counted(least, 'minute')} or more "
        f"(--minutes {least})."
    )


def _none_found(table):
    """Says in which classes none was found, and how large one may have been missed."""
    told = table[table["finding"] != "cannot tell"]
    if told.empty:
        return "Whether a class has a shortcut was tested and cannot be told (see the last point)."
    whole = f"any of the {len(table)} classes"
    where = whole if len(told) == len(table) else names_in_words(told["class_name"].tolist())
    most = np.array([_most_gained(row, len(told)) for row in told.to_dict("records")])
    if np.isnan(most).all():
        return f"No shortcut was found in {where}."
    most = np.nanmax(most)
    carried = (told["finding"] == "carried by few").any()
    beside = ", beside those in which all images are strong" if carried else ""
    share = f"{percent(most, int(most < 0.1))} more of other images"
    least = percent(LEAST_EFFECT)
    ruled_out = not matters(most)
    return (
        f"No shortcut was found in {where}. With the frequencies that were tested{beside}, "
        + (f"at most {share} become" if ruled_out else f"up to {share} may become")
        + " a class than with random ones or as they are (95 % interval of all classes together)"
        + (f"; less than {least} does not count." if ruled_out else f", and {least} would count.")
    )


def _most_gained(row, number):
    """The upper end of how many more of other images become a class by what was exchanged.

    Of a class that few frequencies carry, it is by the fine part of its map: that decides. Each end
    comes from Wilson's intervals of both shares, with the confidence that number of classes needs.

    Args:
        row: A row of the table, as a dict.
        number: How many classes there are.

    Source:
        R. G. Newcombe, "Interval estimation for the difference between independent proportions",
        Statistics in Medicine 17 (1998), method 10. These shares are of the same images, so that it
        is rather too wide.
    """
    rate, others = "swapped_in", ("untouched_in", "other_in", "random_in")
    if row["finding"] == "carried by few":
        rate, others = "fine_in", ("untouched_in", "fine_other_in", "fine_random_in")
        if not row["fine_cells"]:
            return math.nan
    share, beside = row[rate], np.nanmax([row[name] for name in others])
    if math.isnan(share):
        return math.nan
    images, confidence = row["negatives"], 1 - LEVEL / number
    _, high = wilson_interval(share * images, images, confidence)
    low, _ = wilson_interval(beside * images, images, confidence)
    return float(share - beside + np.hypot(high - share, beside - low))


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
    if len(found) == 1:
        return f" The strongest wave of the fine part has {sure['fine_wave'].iloc[0]}."
    which = "The strongest wave of the fine part has" if len(waves) == 1 else "Strongest waves:"
    return f" {which} {', '.join(waves)}."
