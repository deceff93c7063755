"""The tables of a sweep's page, against results made by hand."""

import numpy as np
import pandas as pd
from page_cases import NAMES, header_and_rows, rates

from keras_freq.lab.pages.sweep_frames import Run, maps_of
from keras_freq.lab.pages.sweep_page import class_table, shortcut_table


def test_values_of_classes_are_means_with_their_range_over_seeds():
    classes = pd.DataFrame(
        {
            "setting": ["B2", "B2", "B2", "A1", "A1"],
            "class_name": ["z", "a", "z", "a", "q"],
            "mean_f1": [0.5, np.nan, 0.7, 0.2, 0.3],
        }
    )
    header, rows = header_and_rows(class_table(classes, "mean_f1"))
    assert header == ["setting", "z", "a", "q"]
    assert rows == [
        ["B2", "0.60 (0.50 to 0.70)", "–", "–"],
        ["A1", "–", "0.20", "0.30"],
    ]


def test_shortcuts_are_counted_over_seeds_for_classes_that_have_one():
    maps = pd.DataFrame(
        {
            "setting": ["B2"] * 4 + ["A1"] * 3,
            "class_name": ["z", "z", "z", "a", "z", "a", "a"],
            "fraction": [0.1, 0.05, 0.1, 0.1, 0.1, 0.1, 0.05],
            "is_shortcut": [True, False, True, False, False, True, False],
        }
    )
    header, rows = header_and_rows(shortcut_table(maps))
    assert header == ["setting", "class", "top 5 %", "top 10 %"]
    assert rows == [["B2", "z", "0 of 1", "2 of 2"], ["A1", "a", "0 of 1", "1 of 1"]]
    _, rows = header_and_rows(shortcut_table(maps.assign(is_shortcut=False)))
    assert rows == []


def test_verdicts_of_all_tests_stand_where_there_are_any(tmp_path):
    rates([True, False]).to_csv(tmp_path / "rates.csv", index=False)
    run = Run(tmp_path, "B1", 3, NAMES)
    alone = maps_of(run)
    assert alone["is_shortcut"].tolist() == [True, False]
    assert alone[["setting", "seed"]].values.tolist() == [["B1", 3]] * 2
    verdicts = pd.DataFrame(
        {
            "fraction": 0.05,
            "class_name": NAMES[::-1],
            "cells": 52,
            "swapped_in": [0.75, 0.125],
            "is_shortcut": [True, False],
            "finding": ["shortcut", "nothing found"],
            "verdict": ["shortcut: dog", "nothing found: cat"],
        }
    )
    verdicts.to_csv(tmp_path / "verdicts.csv", index=False)
    together = maps_of(run)
    shown = ["class_name", "cells", "tpr", "swapped_in", "is_shortcut", "finding", "verdict"]
    assert together[shown].fillna(-1).values.tolist() == [
        ["cat", 52, 0.01, 0.125, False, "nothing found", "nothing found: cat"],
        ["dog", 52, -1, 0.75, True, "shortcut", "shortcut: dog"],
    ]
    # Without an exchange there is nothing to show of it.
    verdicts.drop(columns="swapped_in").to_csv(tmp_path / "verdicts.csv", index=False)
    assert maps_of(run)["finding"].tolist() == ["nothing found", "shortcut"]
    assert "swapped_in" not in maps_of(run)
