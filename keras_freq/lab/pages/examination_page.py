"""The page of an examination."""

from pathlib import Path

import pandas as pd

from keras_freq.lab import pages
from keras_freq.lab.tables import read_json

FACTS, CONTENT = "examination.json", "page.json"


def is_examination(folder):
    """Tells whether a folder holds an examination."""
    return (Path(folder) / FACTS).exists()


def write_examination_page(folder):
    """Writes `report.html` of an examination.

    Args:
        folder: A results folder of `keras_freq.examine`.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If it is no such folder, or the examination has not come to its end.
    """
    folder = pages.check_finished(folder, (FACTS, CONTENT, "figures"))
    facts, content = read_json(folder / FACTS), read_json(folder / CONTENT)
    blocks = [block | {"table": _frame(block["table"])} for block in content["blocks"]]
    hero = next((name for block in blocks for name, _ in block["figures"] if name == "hero"), None)
    captions = {name: caption for block in blocks for name, caption in block["figures"]}
    titles = {block["name"]: block["title"] for block in blocks}
    warned = [text for texts in facts["warnings"].values() for text in texts]
    model = Path(facts["names"]["model"]).name
    shown = {
        "title": f"{model}: the frequencies it relies on",
        "facts": facts,
        "verdict": content["verdict"],
        "hero": hero or blocks[0]["figures"][0][0],
        "captions": captions,
        "blocks": blocks,
        "classes": _frame(content["classes"]),
        "bands": content["bands"],
        "left_out": content["left_out"],
        "times": [(titles.get(name, name), time) for name, time in facts["seconds"].items()],
        "input_check": _frame(content["input_check"]),
        "warned": list(dict.fromkeys(warned)),
    }
    return pages.write_page(folder, "examination.html", shown)


def _frame(cells):
    """A table of strings as a DataFrame; None stays None."""
    return cells and pd.DataFrame(cells["rows"], columns=cells["columns"])
