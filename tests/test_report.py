"""What the report says, against tables made by hand."""

import numpy as np
import pandas as pd
import pytest

from keras_freq.config import ConfigError
from keras_freq.report import findings, write_report

NAMES = ["cat", "dog"]


def test_accuracy_with_its_interval():
    # 8 of 10: the Wilson interval is 49.0 % to 94.3 %.
    sentence = findings.accuracy_finding(np.array([[4, 1], [1, 4]]))
    assert sentence == (
        "80.0 % of the 10 test images are classified correctly (95 % interval 49.0 % to 94.3 %)."
    )


def test_what_is_learned_first_counts_training_batches_only():
    frame = pd.DataFrame(
        {
            "step": [1, 1, 2, 2, 2, 2],
            "source": ["train"] * 4 + ["test"] * 2,
            "class_id": [0, 1, 0, 1, 0, 1],
            "f1": [np.nan, 0.5, 0.4, 0.7, 1.0, 0.0],
        }
    )
    sentence = findings.learning_finding(frame, NAMES)
    assert sentence == (
        "Learned first: dog. Mean F1 of the first 2 training batches: dog 0.60, cat 0.20."
    )


def test_what_hurts_most_names_filter_and_loss():
    relative = {
        "without band 1": np.array([[-5.0, 5.0], [0.0, 0.0]]),
        "low-pass": np.array([[-60.0, 60.0], [2.0, -2.0]]),
    }
    assert findings.filter_finding(relative, NAMES) == (
        "What hurts most: cat loses 60 points of recall on “low-pass”; "
        "dog loses 2 points of recall on “low-pass”."
    )
    assert findings.filter_finding({}, NAMES) is None
    harmless = {"low-pass": np.zeros((2, 2))}
    assert findings.filter_finding(harmless, NAMES) == "No filter lowers the recall of any class."


def rates(is_shortcut):
    """Rates of two classes at one fraction."""
    columns = {"class_name": NAMES, "fraction": 0.05, "cells": 52}
    for rate in ("tpr", "fpr"):
        for name in (rate, f"{rate}_low", f"{rate}_high", f"random_{rate}", f"random_{rate}_high"):
            columns[name] = [0.5, np.nan]
    columns |= {"is_shortcut": is_shortcut, "verdict": ["shortcut: yes", "no evidence"]}
    return pd.DataFrame(columns)


def test_the_classes_with_a_shortcut_are_named():
    sentence = findings.shortcut_finding(rates([True, False]))
    assert sentence.startswith("Signs of a shortcut")
    assert "cat (top 5 %" in sentence
    assert "dog" not in sentence
    assert "no sign" in findings.shortcut_finding(rates([False, False]))


def test_evidence_has_dashes_for_undefined_rates():
    stability = pd.DataFrame({"split_half": [0.7, np.nan], "chance": [0.05, np.nan]})
    _, rows = findings.evidence_table(rates([True, False]), stability)
    assert [row[2] for row in rows] == ["0.70 (chance 0.05)", "– (chance –)"]
    assert [row[3] for row in rows] == ["0.50 (0.50 to 0.50)", "– (– to –)"]
    assert [row[-1] for row in rows] == ["shortcut: yes", "no evidence"]


def test_rates_by_class_follow_the_confusion_matrix():
    header, rows = findings.rates_table(np.array([[3, 1], [2, 4]]), NAMES)
    cat = dict(zip(header, rows[0], strict=True))
    assert cat["images"] == "4"
    assert cat["precision"] == "0.60"
    assert cat["recall"] == "0.75"
    assert cat["F1"] == "0.67"
    average = dict(zip(header, rows[-1], strict=True))
    assert average["recall"] == f"{(0.75 + 4 / 6) / 2:.2f}"


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="there is no results folder"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"has no config.toml, .*: it is no results folder"):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())
