"""The tables of a sweep's page, against results made by hand."""

import numpy as np
import pandas as pd
from page_cases import header_and_rows

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
