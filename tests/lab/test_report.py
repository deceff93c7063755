"""What the report says, against tables made by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.stages import write_class_rates
from keras_freq.lab.pages import findings, write_report
from keras_freq.lab.pages.transfer import (
    accuracy_table,
    base_findings,
    boost_table,
    overlap_table,
    tasks_table,
)
from keras_freq.lab.store import read_table, write_csv, write_npz

NAMES = ["cat", "dog"]


def test_accuracy_with_its_interval():
    # 8 of 10: the Wilson interval is 49.0 % to 94.3 %.
    sentence = findings.accuracy_finding(np.array([[4, 1], [1, 4]]))
    assert sentence == (
        "80.0 % of the 10 test images are classified correctly (95 % interval 49.0 % to 94.3 %)."
        " Always naming the commonest class would be right for 50.0 %: the network has not learned"
        " to tell these classes apart, and what follows means little."
    )


def test_a_network_at_chance_is_called_so():
    # 6 of 10, interval 31.3 % to 83.2 %, where half of the images are cats.
    sentence = findings.accuracy_finding(np.array([[3, 2], [2, 3]]))
    assert "Always naming the commonest class would be right for 50.0 %" in sentence
    assert "commonest" not in findings.accuracy_finding(np.array([[40, 1], [1, 40]]))


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
    values = iter(np.arange(1, 11) / 100)
    for rate in ("tpr", "fpr"):
        for name in (rate, f"{rate}_low", f"{rate}_high", f"random_{rate}", f"random_{rate}_high"):
            columns[name] = [next(values), np.nan]
    columns |= {"is_shortcut": is_shortcut, "verdict": ["shortcut: yes", "no evidence"]}
    return pd.DataFrame(columns)


def test_the_classes_with_a_shortcut_are_named():
    sentence = findings.shortcut_finding(rates([True, False]))
    assert sentence.startswith("Signs of a shortcut")
    assert "cat (top 5 % of the frequencies: TPR 1.0 %, FPR 6.0 %)" in sentence
    assert "dog" not in sentence
    weak = rates([True, False]).assign(verdict="weak shortcut: hardly")
    assert "TPR 1.0 %, FPR 6.0 %, weak)" in findings.shortcut_finding(weak)
    # A class is named by its shortcut that is not weak, though a larger map draws more images.
    both = pd.concat([weak.assign(fraction=0.1, fpr=0.9), rates([True, False])])
    assert "cat (top 5 % of" in findings.shortcut_finding(both)
    assert "top 10 %" not in findings.shortcut_finding(both)
    assert "no sign" in findings.shortcut_finding(rates([False, False]))


def test_evidence_has_dashes_for_undefined_rates():
    stability = pd.DataFrame({"split_half": [0.7, np.nan], "chance": [0.05, np.nan]})
    _, rows = findings.evidence_table(rates([True, False]), stability)
    assert [row[2] for row in rows] == ["0.70 (chance 0.05)", "– (chance –)"]
    assert rows[0][3:5] == ["0.01 (0.02 to 0.03)", "0.04, up to 0.05"]
    assert rows[0][5:7] == ["0.06 (0.07 to 0.08)", "0.09, up to 0.10"]
    assert rows[1][3:7] == ["– (– to –)", "–, up to –"] * 2
    assert [row[-1] for row in rows] == ["shortcut: yes", "no evidence"]


def test_the_answer_to_emptiness_is_named():
    table = rates([False, False]).assign(random_tpr=[0.9, 0.1], random_fpr=[0.8, 0.9])
    sentence = findings.emptiness_finding(table)
    assert sentence.startswith("Through random maps, most images are called cat as well")
    assert findings.emptiness_finding(table.assign(random_fpr=0.4)) is None


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


def test_the_classes_that_need_their_maps_are_named_where_it_shows_most():
    assert findings.need_finding(without_maps([False, False, True, False])) == (
        "Recall falls further without the class's map than without as many other frequencies: "
        "cat (0.90 with all, 0.10 without the top 5 %, 0.70 without others)."
    )
    # Without 1 % cat has 0.80 instead of 0.88, without 5 % it has 0.10 instead of 0.70.
    both = findings.need_finding(without_maps([True, False, True, True]))
    assert both.endswith(
        "cat (0.90 with all, 0.10 without the top 5 %, 0.70 without others); "
        "dog (0.90 with all, 0.70 without the top 5 %, 0.75 without others)."
    )
    assert findings.need_finding(without_maps(False)).startswith("No class's recall falls clearly")
    # Maps of half the frequencies leave nothing to compare with.
    assert findings.need_finding(without_maps(False).assign(random_recall=np.nan)) is None


def test_recalls_without_the_maps_have_dashes_where_undefined():
    table = without_maps([True, False, False, False]).iloc[:2].assign(images=50)
    header, rows = findings.recalls_table(table)
    assert header[-1] == "needs its map" and len(header) == len(rows[0])
    assert rows == [
        ["cat", "50", "0.90", "0.80 (0.70 to 0.85)", "0.88, down to 0.84", "yes"],
        ["dog", "50", "0.90", "– (– to –)", "–, down to –", "–"],
    ]
    _, rows = findings.recalls_table(table.assign(is_needed=False))
    assert [row[-1] for row in rows] == ["not shown", "–"]


def test_the_planted_truth_is_told_of_the_class_that_found_most():
    planted = pd.DataFrame(
        {
            "fraction": [0.05, 0.1],
            "class_name": ["C0", "C0"],
            "planted": [12, 12],
            "hits": [5, 9],
            "recall": [5 / 12, 9 / 12],
            "expected": [0.6, 1.25],
        }
    )
    assert findings.planted_finding(planted) == (
        "Ground truth: the top 10 % of the frequencies of C0 hold 9 of its 12 planted pairs "
        "(a random map of that size would hold 1.2)."
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
    header, rows = accuracy_table(frame)
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
    _, rows = boost_table(pd.DataFrame([row]))
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
    header, rows = overlap_table(frame)
    assert header[-1] == "n = 1"
    assert [row[1:] for row in rows] == [
        ["top 5 %", "base of the target", "AnB", "0.06", "0.30"],
        ["top 5 %", "base of the source", "AnB", "0.06", "0.70"],
    ]


def test_names_are_read_as_they_were_written(tmp_path):
    frame = pd.DataFrame(
        {
            "class_name": ["007", "nan"],
            "set": ["8", "9"],
            "source": ["None", "NA"],
            "f1": [0.5, np.nan],
        }
    )
    write_csv(tmp_path / "table.csv", frame)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), frame, check_dtype=False)


def test_images_of_a_stream_are_not_counted_as_none():
    tasks = pd.DataFrame({"split": "random-0", "task": "A", "group": "A", "class_name": NAMES})
    _, rows = tasks_table(tasks.assign(train_images=np.nan, test_images=[2, 3]))
    assert rows == [["random-0", "A", "cat, dog", "–", "5"]]


LABELS = np.repeat([0, 1], [4, 6])
CONFUSION = pd.DataFrame({"set": "test", "count": [3, 1, 2, 4]})
DOG = np.array([0.1, 0.2, 0.3, 0.7, 0.4, 0.25, 0.9, 0.8, 0.7, 0.6])


def test_rates_by_class_follow_the_confusion_matrix(tmp_path):
    write_csv(tmp_path / "confusion.csv", CONFUSION)
    write_npz(tmp_path / "scores.npz", labels=LABELS, scores=np.stack([1 - DOG, DOG], axis=1))
    write_class_rates(tmp_path, NAMES)
    header, rows = findings.rates_table(pd.read_csv(tmp_path / "class_rates.csv"))
    cat = dict(zip(header, rows[0], strict=True))
    assert cat["images"] == "4"
    assert cat["precision"] == "0.60"
    assert cat["recall"] == "0.75"
    assert cat["F1"] == "0.67"
    average = dict(zip(header, rows[-1], strict=True))
    assert average["recall"] == f"{(0.75 + 4 / 6) / 2:.2f}"
    area = roc_auc_score(LABELS, DOG)
    assert cat["AUC"] == average["AUC"] == f"{area:.2f}"
    assert average["images"] == "10"
    assert len(header) == 2 + 8


def test_both_multiclass_areas_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [5, 9, 16])
    scores = rng.dirichlet([1, 1, 1], 30) + 0.4 * np.eye(3)[labels]
    scores /= scores.sum(axis=1, keepdims=True)
    pairs = roc_auc_score(labels, scores, multi_class="ovo")
    rest = roc_auc_score(labels, scores, multi_class="ovr", average="weighted")
    sentence = findings.auc_sentence(labels, scores)
    assert f"{pairs:.3f} as the mean over pairs" in sentence
    assert f"{rest:.3f} as the mean of each class against the rest" in sentence


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="there is no results folder"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"has no config.toml, .*: it is no results folder"):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())
