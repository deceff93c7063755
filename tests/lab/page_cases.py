"""Results of two classes, made by hand, for the tests of pages."""

import numpy as np
import pandas as pd

NAMES = ["cat", "dog"]


def rates(is_shortcut):
    """Rates of two classes at one fraction."""
    columns = {"class_name": NAMES, "fraction": 0.05, "cells": 52}
    values = iter(np.arange(1, 11) / 100)
    for rate in ("tpr", "fpr"):
        for name in (rate, f"{rate}_low", f"{rate}_high", f"random_{rate}", f"random_{rate}_high"):
            columns[name] = [next(values), np.nan]
    columns |= {"is_shortcut": is_shortcut, "verdict": ["shortcut: yes", "no evidence"]}
    return pd.DataFrame(columns)


def without_maps(is_needed):
    """Recalls of two classes without their maps of 1 % and 5 %."""
    return pd.DataFrame(
        {
            "fraction": [0.01, 0.01, 0.05, 0.05],
            "class_name": NAMES * 2,
            "recall": 0.9,
            "recall_without": [0.8, np.nan, 0.1, 0.7],
            "recall_without_low": [0.7, np.nan, 0.05, 0.6],
            "recall_without_high": [0.85, np.nan, 0.2, 0.8],
            "random_recall": [0.88, np.nan, 0.7, 0.75],
            "random_recall_low": [0.84, np.nan, 0.6, 0.65],
            "is_needed": is_needed,
        }
    )


def header_and_rows(table):
    """Titles and rows of a page's table, as lists."""
    return list(table.columns), table.values.tolist()
