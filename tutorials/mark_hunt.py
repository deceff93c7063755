"""Marks the answers of a class to a hunt for a planted shortcut.

python tutorials/mark_hunt.py ANSWERS moire 3             a table, a row an answer
python tutorials/mark_hunt.py ANSWERS moire 3 --severity 4

ANSWERS is a folder with one `.npz` file a student, written by

    np.savez("name.npz", class_id=3, maps=maps)

`class_id` is the class that they think bears the shortcut, or -1 for none. `maps` is `(K, H, W)`
bool, the frequencies of each class; only that of `class_id` is read. Give `none` and -1 as the
truth of a set without a shortcut.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import keras_freq as kf


def mark(path, shortcut, class_id, severity=3):
    """Marks one answer: a point for the class, and a point for its frequencies.

    Args:
        path: The `.npz` file.
        shortcut: One of `keras_freq.data.SHORTCUTS`, or "none".
        class_id: The class that bears it, or -1.
        severity: As in `keras_freq.data.plant_shortcut`.

    Returns:
        A dict: `name`, `points` (of 2), `named` (the class of the answer), `mark`, `hits`,
        `cells`, `chance` and `remark`, which says what is wrong with the file.
    """
    row = {"name": path.stem, "points": 0, "remark": ""}
    try:
        with np.load(path) as answer:  # without pickle
            named, maps = int(answer["class_id"]), answer["maps"]
        kf.fourier.check_maps(maps)
        if not -1 <= named < len(maps):
            raise ValueError(f"class_id must be from -1 to {len(maps) - 1}. Received: {named}")
    except (KeyError, OSError, TypeError, ValueError) as error:
        return {**row, "remark": str(error)}
    right = named == class_id
    row |= {"named": named, "points": int(right)}
    if class_id == -1:
        return {**row, "points": 2 * right, "mark": "right: nothing planted" if right else "missed"}
    if right:
        truth = kf.data.shortcut_masks(
            shortcut, maps.shape[1:], class_id, len(maps), severity=severity
        )
        found = kf.mark_maps(maps, truth).loc[class_id]
        row |= found[["mark", "hits", "cells", "chance"]].to_dict()
        row["points"] += {"found": 1, "partly found": 0.5}.get(found["mark"], 0)
    return row


def main(arguments=None):
    """Marks a folder, prints the table and returns it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("answers", type=Path)
    parser.add_argument("shortcut", choices=[*kf.data.SHORTCUTS, "none"])
    parser.add_argument("class_id", type=int)
    parser.add_argument("--severity", type=int, default=3)
    given = parser.parse_args(arguments)
    paths = sorted(given.answers.glob("*.npz"))
    rows = [mark(path, given.shortcut, given.class_id, given.severity) for path in paths]
    columns = ["name", "points", "named", "mark", "hits", "cells", "chance", "remark"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    print(table.to_string(index=False, na_rep="", float_format="{:.3g}".format))
    return table


if __name__ == "__main__":
    main()
