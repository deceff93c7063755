"""Marks the answers of a class to a hunt for a planted shortcut.

python tutorials/mark_hunt.py ANSWERS moire 3 --severity 4      one mark, for all answers
python tutorials/mark_hunt.py ANSWERS --planted planted.csv     each answer has its own
python tutorials/mark_hunt.py ANSWERS moire 3 --csv points.csv  the table as a file, too

ANSWERS is a folder with one `.npz` file an answer, written by

    np.savez("anna.npz", class_id=3, maps=maps)

`class_id` is the class that they think bears the shortcut, or -1 for none, which needs no maps.
`maps` is `(K, H, W)` bool, the frequencies of each class; only that of `class_id` is marked. It may
have 5 % of the frequencies at most: a map of many holds the mark by itself. Give `none -1` as the
truth of a set without a shortcut.

`planted.csv` has a line an answer: the name of its file, and what the network that it is about
had learned from.

    answer,shortcut,class_id,severity
    anna,moire,3,4
    ben,none,-1,
"""

import argparse
import textwrap
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

import keras_freq as kf

COLUMNS = ["name", "planted", "points", "named", "mark", "hits", "cells", "chance", "remark"]
IN_PLANTED = ["answer", "shortcut", "class_id", "severity"]
LONGEST_REMARK = 60
MOST_OF_SPECTRUM = 0.05


def whole(name, value):
    """Reads a whole number, or raises a ValueError."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not float(number).is_integer():
        raise ValueError(f"{name} must be a whole number. Received: {value}")
    return int(number)


def checked_plant(shortcut, class_id, severity, classes):
    """Checks what was planted, and gives it as a tuple `(shortcut, class_id, severity)`."""
    class_id = whole("class_id", class_id)
    if shortcut == "none":
        if class_id != -1:
            raise ValueError(f"`none` has the class_id -1. Received: {class_id}")
        return shortcut, class_id, None
    severity = whole("severity", severity)
    kf.data.shortcut_masks(shortcut, 32, class_id, classes, severity=severity)  # which checks
    return shortcut, class_id, severity


def read_planted(path, classes):
    """Reads what was planted for each answer: `{answer: (shortcut, class_id, severity)}`."""
    # Spreadsheets write semicolons in many countries, and a mark at the beginning of the file.
    options = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
    table = pd.read_csv(path, sep="[,;]", engine="python", **options)
    if list(table.columns) != IN_PLANTED:
        raise ValueError(
            f"{path} must have the columns {','.join(IN_PLANTED)}. "
            f"Received: {','.join(table.columns)}"
        )
    planted = {}
    for line, (answer, *plant) in enumerate(table.itertuples(index=False), start=2):
        if answer in planted:
            raise ValueError(f"{path}, line {line}: {answer} is there twice")
        try:
            planted[answer] = checked_plant(*plant, classes)
        except ValueError as error:
            raise ValueError(f"{path}, line {line}: {error}") from error
    return planted


def mark(path, plant, classes=10):
    """Marks one answer: a point for the class, and a point for its frequencies.

    Args:
        path: The `.npz` file.
        plant: What was planted, `(shortcut, class_id, severity)`; `("none", -1, None)` for nothing.
            None if that is not known.
        classes: The number of classes.

    Returns:
        A dict: `name`, `planted`, `points` (of 2), `named` (the class of the answer), `mark`,
        `hits`, `cells`, `chance` and `remark`, which says why points are missing.
    """
    if plant is None:
        return {"name": path.stem, "remark": "not marked: no line of this name says what was planted"}
    shortcut, class_id, severity = plant
    text = "nothing" if class_id == -1 else f"{shortcut} in {class_id}, severity {severity}"
    row = {"name": path.stem, "planted": text, "points": 0, "remark": ""}
    if not path.exists():
        return {**row, "remark": "no answer"}
    try:
        answer = _read(path)
        row["named"] = named = _named(answer, classes)
    except (OSError, ValueError) as error:
        return {**row, "remark": str(error)}
    if named != class_id:
        if class_id == -1:
            return {**row, "mark": "false alarm", "remark": "nothing was planted"}
        said = "the answer is nothing" if named == -1 else "wrong class"
        return {**row, "mark": "missed", "remark": f"{said}, it was {class_id}"}
    if class_id == -1:
        return {**row, "points": 2, "mark": "right: nothing planted"}
    row["points"] = 1
    try:
        return row | _marked_map(answer, plant, classes)
    except (TypeError, ValueError) as error:
        return {**row, "remark": f"no point for the map: {error}"}


def _read(path):
    """The arrays of an answer. Files of others are read without pickle, which could run code."""
    if not zipfile.is_zipfile(path):
        raise ValueError("not a whole file of np.savez")
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError("not a whole file of np.savez with plain arrays") from error


def _named(answer, classes):
    """The class that an answer names, or -1."""
    if "class_id" not in answer:
        raise ValueError("the file has no class_id")
    named = whole("class_id", answer["class_id"])
    if not -1 <= named < classes:
        raise ValueError(f"class_id must be from -1 to {classes - 1}. Received: {named}")
    return named


def _marked_map(answer, plant, classes):
    """The columns about the map of the right class."""
    shortcut, class_id, severity = plant
    if "maps" not in answer:
        raise ValueError("the file has no maps")
    maps = kf.fourier.check_maps(answer["maps"])
    cells = int(maps[class_id].sum()) if class_id < len(maps) else 0
    if cells > MOST_OF_SPECTRUM * maps[0].size:
        raise ValueError(f"it has {cells} of {maps[0].size} cells, more than 5 %")
    truth = kf.data.shortcut_masks(shortcut, maps.shape[1:], class_id, classes, severity=severity)
    found = kf.mark_maps(maps, truth).loc[class_id]
    points = 1 + {"found": 1, "partly found": 0.5}.get(found["mark"], 0)
    remark = "" if points == 2 else f"{found['hits']} of {found['planted']} planted cells"
    return {"points": points, "remark": remark, **found[["mark", "hits", "cells", "chance"]]}


def answer_files(folder):
    """The files of answers by their names, `{"anna": path}`."""
    if not folder.is_dir():
        raise ValueError(f"ANSWERS must be a folder. Received: {folder}")
    files = {path.stem: path for path in sorted(folder.glob("*.[nN][pP][zZ]"))}
    if not files:
        raise ValueError(f"{folder} must have answers, files that end with .npz. It has none")
    return files


def plant_of_each(given, answers):
    """Finds what was planted for each answer, by the arguments of the command."""
    if (given.planted is None) == (given.class_id is None):
        raise ValueError("give either a mark and a class, such as `moire 3`, or --planted FILE")
    if given.planted is None:
        plant = checked_plant(given.shortcut, given.class_id, given.severity, given.classes)
        return dict.fromkeys(answers, plant)
    # An answer without a line has its row, so that one stray name holds up nobody.
    planted = read_planted(given.planted, given.classes)
    return planted | dict.fromkeys(name for name in answers if name not in planted)


def main(arguments=None):
    """Marks a folder, prints the table and returns it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("answers", type=Path, help="the folder of .npz files")
    parser.add_argument("shortcut", nargs="?", choices=[*kf.data.SHORTCUTS, "none"])
    parser.add_argument("class_id", nargs="?", type=int, help="-1 with none")
    parser.add_argument("--severity", type=int, default=3, help="of the mark, defaults to 3")
    parser.add_argument("--planted", type=Path, help="a CSV file: a mark for each answer")
    parser.add_argument("--classes", type=int, default=10, help="their number, defaults to 10")
    parser.add_argument("--csv", type=Path, help="where to write the table, too")
    given = parser.parse_intermixed_args(arguments)
    try:
        if given.csv and not given.csv.parent.is_dir():
            raise ValueError(f"--csv must be in a folder that is there. Received: {given.csv}")
        files = answer_files(given.answers)
        planted = plant_of_each(given, files)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    rows = [
        mark(files.get(name, given.answers / f"{name}.npz"), plant, given.classes)
        for name, plant in planted.items()
    ]
    whole_numbers = dict.fromkeys(["named", "hits", "cells"], "Int64")
    table = pd.DataFrame(rows).reindex(columns=COLUMNS).astype(whole_numbers)
    if given.csv:
        table.to_csv(given.csv, index=False)
    shown = table.assign(
        remark=[textwrap.shorten(text, LONGEST_REMARK, placeholder=" ...") for text in table.remark]
    )
    print(shown.to_string(index=False, na_rep="", float_format="{:.3g}".format))
    return table


if __name__ == "__main__":
    main()
