"""The sentences and tables of a transfer experiment's page, against results made by hand."""

import numpy as np
import pandas as pd
from page_cases import header_and_rows

from keras_freq.lab.pages.transfer_page import (
    accuracy_table,
    base_findings,
    boost_table,
    overlap_table,
    tasks_table,
)


def transfer_frame():
    """Two base networks, and two of AnB at n = 1."""
    return pd.DataFrame(
        {
            "type": "random",
            "treatment": ["base", "base", "AnB", "AnB"],
            "n": [0, 0, 1, 1],
            "accuracy": [0.8, 0.9, 0.5, 0.7],
            "chance": 0.5,
            "test_images": 100,
        }
    )


def test_accuracies_of_a_transfer_are_means_in_per_cent():
    frame = transfer_frame()
    header, rows = header_and_rows(accuracy_table(frame))
    assert header == ["tasks", "treatment", "base", "n = 1"]
    assert rows == [["random halves", "base", "85.0 %", ""], ["random halves", "AnB", "", "60.0 %"]]
    assert base_findings(frame) == [
        "Base networks (random halves) classify 85.0 % of the test images correctly, from 80.0 % "
        "to 90.0 % over 2 networks; chance is 50.0 %."
    ]
    # 59 of 100: the Wilson interval begins at 49.2 %.
    (sentence,) = base_findings(frame.assign(accuracy=0.59))
    assert "Not all of them are above chance" in sentence
    (sentence,) = base_findings(frame.assign(accuracy=0.61))
    assert "Not all" not in sentence


def test_boosts_are_points_with_their_intervals():
    row = {
        "splits": "random",
        "layers": "1 to 7",
        "over": "base",
        "boost": -0.083,
        "low": -0.1,
        "high": 0.021,
        "observations": 4,
        "networks": 28,
    }
    rows = boost_table(pd.DataFrame([row])).values.tolist()
    assert rows == [
        ["random halves", "1 to 7", "base", "\u22128.3", "\u221210.0 to +2.1", "4", "28"]
    ]


def test_overlaps_are_means_over_classes_or_of_the_pooled_map():
    frame = pd.DataFrame(
        {
            "type": "random",
            "fraction": 0.05,
            "reference": ["target"] * 3 + ["source"] * 3,
            "treatment": "AnB",
            "n": 1,
            "class_name": ["cat", "dog", "all"] * 2,
            "overlap": [0.2, 0.4, 0.9, 0.1, 0.1, 0.7],
            "chance": 0.06,
        }
    )
    header, rows = header_and_rows(overlap_table(frame))
    assert header[-1] == "n = 1"
    assert [row[1:] for row in rows] == [
        ["top 5 %", "base of the target", "AnB", "0.06", "0.30"],
        ["top 5 %", "base of the source", "AnB", "0.06", "0.70"],
    ]


def test_images_of_a_stream_are_not_counted_as_none():
    tasks = pd.DataFrame(
        {"split": "random-0", "task": "A", "group": "A", "class_name": ["cat", "dog"]}
    )
    rows = tasks_table(tasks.assign(train_images=np.nan, test_images=[2, 3])).values.tolist()
    assert rows == [["random-0", "A", "cat, dog", "–", "5"]]
