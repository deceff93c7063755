"""Verdicts in words: which maps are shortcuts, which are needed, and what cannot be told."""

import html

import numpy as np
import pandas as pd

from keras_freq.notebooks import table_html
from keras_freq.shortcuts.checked_tables import FINE, KEYS, checked_tables, content_first, rows_of
from keras_freq.shortcuts.evidence import LEVEL
from keras_freq.shortcuts.network_state import is_recognised, network_state
from keras_freq.shortcuts.readings import (
    percent,
    read_rates,
    read_transplants,
    read_without,
    untouched_rates,
)

# With fewer images of the class, even a rate of 0 or 1 is known too poorly.
_FEWEST_IMAGES = 20
SUSPECTED = "suspected shortcut"
_SHOWN = {
    "rates": [
        *("tpr", "random_tpr_high", "untouched_tpr", "fpr", "random_fpr_high", "untouched_fpr"),
        "auc",
    ],
    "without": ["recall", "recall_without", "random_recall", "auc_without"],
    "transplants": [
        *("untouched_in", "swapped_in", "other_in", "random_in", "in_p_holm"),
        *("untouched_out", "swapped_out", "same_out", "random_out", "out_p_holm", "donor_energy"),
        *FINE.values(),
    ],
}


class ShortcutTable(pd.DataFrame):
    """The table of `shortcut_table`. It prints its findings and rates, and holds more columns."""

    @property
    def _constructor(self):
        return pd.DataFrame  # a part of it is a plain table

    def __repr__(self):
        short, more = self._short()
        text = short.to_string(index=False, max_rows=60, float_format="{:.3g}".format)
        return f"{text}\n{more}"

    def _repr_html_(self):
        short, more = self._short()
        return table_html(short) + html.escape(more)

    def _short(self):
        """Gives the columns that are shown, and a line that names the others."""
        rates = ("tpr", "fpr", "recall", "recall_without", "untouched_in", "swapped_in")
        shown = ["fraction", "class_name", "finding", *rates, "untouched_out", "swapped_out"]
        short = self[[name for name in shown if name in self]]
        more = [str(name) for name in self.columns if name not in short]
        return short, f"(and the columns {', '.join(more)}; verdicts are sentences)"


def shortcut_table(rates=None, without=None, transplants=None, fine=None):
    """Says of each class what its map is to the network, from whichever tests are given.

    - *shortcut*: other images become the class with the map's frequencies of one of its images, and
      with the fine part of the map alone. Only `fine` can tell.
    - *suspected shortcut*, without `fine`: others become the class with the whole map, and at most
      half of the energy of such an image is its donor's. That alone is wrong often: it named
      classes of 6 of 10 networks on photographs that had no planted one. Or from rates without
      transplants: seen alone, the map is enough for the class, and it draws other images. That is
      the published rule. It named classes without a shortcut in 11 of 30 networks of a set with a
      planted one.
    - *carried by few*: others become the class, but it may be that these frequencies are just what
      the class looks like. With `fine`: its fine part alone does not make them the class. Without
      `fine`: more than half of the energy of an exchanged image is its donor's.
    - *needed and specific*: the class loses itself with these frequencies of other classes, and not
      with those of its own; or it needs them, they are enough for it, and draw no others. Others
      do not become it, or as often with these frequencies of any class.
    - *needed*: without these frequencies the class is recognised less often than without others.
    - *enough*: seen alone, they suffice for the class, with half of its recall at least, and draw
      no others.
    - *draws others*: seen alone, they draw other images, and suffice for no more of the class.
    - *below random*: seen alone, they draw fewer images than random frequencies do.
    - *nothing found*, or *cannot tell*, with the reason: a network that has hardly learned, a class
      that it does not recognise or that is its answer to images of which nearly nothing is left,
      too few images or random maps, no map, or an effect that is large enough and may be chance.

    What is found is significant and matters: p-values are corrected for all classes and sizes of
    maps (Holm, 5 %), and each effect is at least 5 points, beyond every comparison there is:
    untouched images, random maps, donors of other classes.

    Args:
        rates: The DataFrame of `rates_under_maps`, or several of them one below the other, told
            apart by a column `fraction`. Defaults to None.
        without: Likewise of `recall_without_maps`. Defaults to None.
        transplants: Likewise of `transplant_rates`; those of content, amplitude and phase may stand
            one below the other. Then the verdict says which of them it rests on. Defaults to None.
        fine: The DataFrame of `transplant_rates` of the fine parts of the same maps
            (`keras_freq.fine_parts`), with the rows of `transplants` in their order; 40 random maps
            are enough. They are asked only of classes that others become with the whole map, so
            that their p-values are not corrected. Defaults to None: to the columns `fine_in` and so
            on of `transplants`, which results folders have, or else to the energy.

    Returns:
        A DataFrame, one row a class (and fraction): `fraction` if it was there, `class_id`,
        `class_name`, `cells`, the main columns of each table, `is_shortcut` (bool, also for a
        suspected one), `finding` (the words above) and `verdict`, a sentence. The p-values in it
        are corrected over all rows. Columns `fine_...` are those of `fine`. It prints itself in a
        short form.

    Raises:
        TypeError: If a table is no DataFrame.
        ValueError: If no table is given, or `fine` without `transplants`, if columns are missing,
            or if the tables are not of the same maps.

    Example:
        >>> import pandas as pd
        >>> rates = pd.DataFrame(
        ...     {
        ...         "class_id": [0, 1], "class_name": ["cat", "dog"], "cells": [11, 11],
        ...         "tpr": [0.9, 0.8], "random_tpr_high": [0.3, 0.2],
        ...         "fpr": [0.5, 0.1], "random_fpr_high": [0.3, 0.2],
        ...         "tpr_above_chance": [True, True], "fpr_above_chance": [True, False],
        ...     }
        ... )
        >>> shortcut_table(rates)[["class_name", "finding"]].values.tolist()
        [['cat', 'suspected shortcut'], ['dog', 'enough']]

    See Also:
        `transplant_rates`, the strongest of the three tests; `fine_parts`; `shortcut_transfer`.

    Source:
        Wang et al., "What do neural networks learn in image classification? A frequency shortcut
        perspective", ICCV 2023, read a class with a high TPR and a high FPR on images
        filtered by its map as a shortcut, without saying how high. All else is ours. How often
        verdicts are wrong is measured by `reproduction/transplant_calibration.py` and
        `reproduction/fine_part_calibration.py`.
    """
    tables = checked_tables(rates, without, transplants, fine)
    keys = [name for name in KEYS if name in next(iter(tables.values()))]
    first = content_first(next(iter(tables.values())))
    table = first[keys].reset_index(drop=True)
    for name, given in tables.items():
        columns = [column for column in _SHOWN[name] if column in given]
        shown = content_first(given)[columns].reset_index(drop=True)
        table = pd.concat([table, shown], axis=1)
    found = [_finding(row, tables, keys) for row in table[keys].itertuples(index=False)]
    table["is_shortcut"] = [finding in ("shortcut", SUSPECTED) for finding, _ in found]
    table["finding"] = [finding for finding, _ in found]
    table["verdict"] = [sentence for _, sentence in found]
    return ShortcutTable(table)


def _finding(key, tables, keys):
    """The finding of one class and fraction, and the sentence that says it."""
    rows = {name: rows_of(table, key, keys) for name, table in tables.items()}
    known = _untouched(tables, key)
    state, collapsed = network_state(*known[:3]) if known else ("", False)
    stranger = _not_recognised(*known, key) if known else ""
    read = {}
    if "transplants" in rows:
        read["transplants"] = read_transplants(rows["transplants"])
    if "without" in rows:
        read["without"] = read_without(rows["without"].iloc[0])
    if "rates" in rows:
        read["rates"] = read_rates(rows["rates"].iloc[0])
    finding, sentence = ("", "") if collapsed else _strongest(read, bool(stranger))
    reason = state or _why_not(rows, tables) or stranger
    for name in ("transplants", "without", "rates"):
        # What rates alone leave open, another test has looked at.
        if name != "rates" or len(read) == 1:
            reason = reason or read.get(name, {}).get("unclear", "")
    if not finding and reason:
        return "cannot tell", f"cannot tell: {reason}"
    if not finding:
        finding, sentence = "nothing found", _nothing(read)
    return finding, f"{finding}: {sentence}" + (f". But {state}" if state else "")


def _strongest(read, stranger):
    """The strongest finding of all tests, and its sentence; empty if there is none.

    A class that the network does not recognise (`stranger`) has nothing to lose.
    """
    moved, lost, alone = (read.get(name, {}) for name in ("transplants", "without", "rates"))
    needed = "" if stranger else moved.get("needed") or lost.get("needed")
    also = f"; {needed}" if needed else ""
    carried = {"shortcut": "shortcut", "suspected": SUSPECTED, "carried": "carried by few"}
    for kind, finding in carried.items():
        if moved.get(kind):
            return finding, moved[kind] + also
    if not moved and not stranger and alone.get("shortcut"):
        return SUSPECTED, alone["shortcut"]
    if needed and (moved.get("needed") or alone.get("enough")):
        others = moved.get("others") or alone.get("enough")
        return "needed and specific", f"{needed}; {others}"
    if needed:
        return "needed", needed
    for finding in ("enough", "draws others", "below random"):
        if alone.get(finding) and not (stranger and finding == "enough"):
            return finding, alone[finding]
    return "", ""


def _nothing(read):
    """What has been looked at without finding anything."""
    return "; ".join(found.get("nothing") or next(iter(found.values())) for found in read.values())


def _why_not(rows, tables):
    """Why nothing can be told of a class, or ""."""
    row = pd.concat([part.iloc[0] for part in rows.values()])
    row = row[~row.index.duplicated()]
    if not row["cells"]:
        return "its map is empty"
    images = row.get("positives", row.get("images", np.nan))
    if images == 0:
        return "there are no images of it"
    if images < _FEWEST_IMAGES:
        return f"there are too few images of it ({images:.0f}; at least {_FEWEST_IMAGES})"
    transplants = tables.get("transplants")
    if transplants is not None:
        tests = int(transplants["in_p_value"].notna().sum())
        if tests > LEVEL * (1 + transplants["num_random"].min()):
            return f"too few random maps for {tests} tests: num_random={20 * tests - 1} is enough"
    elif row.get("random_fpr", 0) >= 0.5:
        return (
            "it is what the network answers to images of which nearly nothing is left (to "
            f"{percent(row['random_fpr'])} of other images through random maps)"
        )
    return ""


def _untouched(tables, key):
    """Untouched recalls, false alarms and images of all classes; None if no table has them."""
    for table in tables.values():
        part = content_first(table)
        if hasattr(key, "fraction"):
            part = part[part["fraction"] == key.fraction]
        images = part.get("positives", part.get("images"))
        rates = [untouched_rates(row) for _, row in part.iterrows()]
        if images is not None and all(recall is not None for recall, _ in rates):
            recalls, false_alarms = np.array(rates, float).T
            return recalls, false_alarms, images.to_numpy(), part["class_id"].to_numpy()
    return None


def _not_recognised(recalls, false_alarms, images, class_ids, key):
    """Says that the network does not recognise a class, or ""."""
    (place,) = np.flatnonzero(class_ids == key.class_id)[:1]
    recall, false, number = recalls[place], false_alarms[place], images[place]
    if is_recognised(recall, false, number, images.sum() - number):
        return ""
    return (
        f"the network does not recognise it: its recall is {percent(recall)}, and {percent(false)} "
        "of other images are called so too"
    )
