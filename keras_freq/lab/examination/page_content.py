"""What the page of an examination shows, as plain data: `page.json` and the pictures."""

from itertools import pairwise

import numpy as np
import pandas as pd

from keras_freq.classifier import input_finding
from keras_freq.classifier.found_inputs import SIGNIFICANT
from keras_freq.fourier import band_edges
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.blocks.accuracy_by_filter import ring_in_words
from keras_freq.lab.examination.result import CONTENT, FACTS
from keras_freq.lab.examination.verdict import class_verdicts, verdict
from keras_freq.lab.pages import table
from keras_freq.lab.tables import read_json, save_figure, write_json

INPUTS = [
    ("images in", "{inputs}"),
    ("right", "{accuracy:percent} ({accuracy_low:percent} to {accuracy_high:percent})"),
    ("loss", "{loss:.2f} nats"),
    ("as good as the best?", "{good}"),
]


def write_content(folder, subject, results, input_table):
    """Draws the pictures that are missing, and writes what the page shows.

    Args:
        folder: The results folder.
        subject: The `Subject`.
        results: The results of the blocks, by name.
        input_table: The DataFrame of the input check.
    """
    facts = read_json(folder / FACTS)
    drawn = {}
    if (folder / CONTENT).exists():
        before = read_json(folder / CONTENT)
        drawn = {block["name"]: block["figures"] for block in before["blocks"]}
    blocks, told = [], {}
    for block in BLOCKS:
        if block.name not in results:
            continue
        if block.name not in drawn:
            drawn[block.name] = _draw(folder, block, subject, results)
        told[block.name] = block.tell(results)
        blocks.append(
            {
                "name": block.name,
                "title": block.title,
                "told": told[block.name],
                "how_to_read": block.how_to_read,
                "figures": drawn[block.name],
                "table": _cells(block.table and block.table(results)),
                "file": block.file,
            }
        )
    titles = {block.name: block.title for block in BLOCKS}
    verdicts = class_verdicts(results)
    content = {
        "verdict": verdict(facts, results, told, verdicts),
        "classes": _cells(_shown_classes(verdicts)),
        "input_check": _cells(_shown_inputs(input_table)),
        "blocks": blocks,
        "left_out": [titles[name] for name in facts["plan"]["left_out"]],
        "bands": _bands(subject.size),
    }
    write_json(folder / CONTENT, content)


def _draw(folder, block, subject, results):
    """Draws and saves the pictures of a block: `[name, caption]` of each."""
    figures = []
    for name, (axes, caption) in block.draw(subject, results).items():
        save_figure(folder / "figures", name, axes)
        figures.append([name, caption])
    return figures


def _cells(frame):
    """A DataFrame of strings as `{"columns": [...], "rows": [[...]]}`."""
    if frame is None:
        return None
    rows = frame.to_numpy().tolist()
    return {"columns": list(frame.columns), "rows": rows}


def _shown_classes(verdicts):
    """The finding of each class, and why."""
    if verdicts is None:
        return None
    why = verdicts["verdict"].str.partition(": ")[2]
    why[verdicts["finding"] == "nothing found"] = "no test shows more than random frequencies do"
    return pd.DataFrame(
        {"class": verdicts["class_name"], "finding": verdicts["finding"], "why": why}
    )


def _shown_inputs(tried):
    """The table of the input check for the page."""
    tied = input_finding(tried).tied
    good = [_how_good(row, row.inputs in tied) for row in tried.itertuples()]
    return table(tried.assign(good=good), INPUTS)


def _how_good(row, is_tied):
    """Says of a row of the input check whether it is as good as the best one."""
    if row.is_best:
        return "the best"
    by_loss = row.p_value >= SIGNIFICANT and not is_tied
    return "no, by its loss" if by_loss else f"p = {row.p_value:.2g}"


def _bands(size):
    """The borders of the four standard bands, in cycles per image and in pixels."""
    side, lines = min(size), []
    for number, (low, high) in enumerate(pairwise(band_edges(size)), 1):
        if low == 0:
            waves = f"longer than {side / high:.3g} pixels"
        elif np.isfinite(high):
            waves = f"of {side / high:.3g} to {side / low:.3g} pixels"
        else:
            waves = f"of {side / low:.3g} pixels and less"
        lines.append(f"band {number}: {ring_in_words(low, high)}, waves {waves}")
    return lines
