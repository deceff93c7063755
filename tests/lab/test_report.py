"""The tables of a run's page, against results made by hand."""

import numpy as np
import pandas as pd
import pytest
from page_cases import NAMES, header_and_rows, rates, without_maps
from sklearn.metrics import roc_auc_score

from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.analyses import write_class_rates
from keras_freq.lab.pages import table, write_report
from keras_freq.lab.pages.run_page import (
    CLASS_RATES,
    _beyond_chance,
    auc_sentence,
    evidence_table,
    recalls_table,
)
from keras_freq.lab.tables import read_table, write_csv, write_npz


def test_evidence_has_dashes_for_undefined_rates():
    stability = pd.DataFrame({"split_half": [0.7, np.nan], "chance": [0.05, np.nan]})
    stability = stability.assign(significant=[0.25, np.nan])
    rows = evidence_table(rates([True, False]), stability).values.tolist()
    assert [row[2] for row in rows] == ["0.25", "–"]
    assert [row[3] for row in rows] == ["0.70 (chance 0.05)", "– (chance –)"]
    assert rows[0][4:6] == ["0.01 (0.02 to 0.03)", "0.04, up to 0.05"]
    assert rows[0][6:8] == ["0.06 (0.07 to 0.08)", "0.09, up to 0.10"]
    assert rows[1][4:8] == ["– (– to –)", "–, up to –"] * 2


def test_recalls_without_the_maps_have_dashes_where_undefined():
    recalls = without_maps([True, False, False, False]).iloc[:2].assign(images=50)
    header, rows = header_and_rows(recalls_table(recalls))
    assert header[-1] == "needs its map" and len(header) == len(rows[0])
    assert rows == [
        ["cat", "50", "0.90", "0.80 (0.70 to 0.85)", "0.88, down to 0.84", "yes"],
        ["dog", "50", "0.90", "– (– to –)", "–, down to –", "–"],
    ]
    rows = recalls_table(recalls.assign(is_needed=False)).values.tolist()
    assert [row[-1] for row in rows] == ["not shown", "–"]


def test_a_map_is_needed_on_the_page_only_if_its_verdict_says_so():
    recalls = without_maps([True, True, True, False])
    verdicts = recalls[["fraction", "class_name"]].iloc[::-1]
    verdicts = verdicts.assign(finding=["nothing found", "shortcut", "needed", "cannot tell"])
    assert _beyond_chance(recalls, verdicts)["is_needed"].tolist() == [False, True, True, False]
    assert _beyond_chance(recalls, None) is recalls


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


LABELS = np.repeat([0, 1], [4, 6])
CONFUSION = pd.DataFrame({"set": "test", "count": [3, 1, 2, 4]})
DOG = np.array([0.1, 0.2, 0.3, 0.7, 0.4, 0.25, 0.9, 0.8, 0.7, 0.6])


def test_rates_by_class_follow_the_confusion_matrix(tmp_path):
    write_csv(tmp_path / "confusion.csv", CONFUSION)
    write_npz(tmp_path / "scores.npz", labels=LABELS, scores=np.stack([1 - DOG, DOG], axis=1))
    write_class_rates(tmp_path, NAMES)
    header, rows = header_and_rows(table(pd.read_csv(tmp_path / "class_rates.csv"), CLASS_RATES))
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
    sentence = auc_sentence(labels, scores)
    assert f"{pairs:.3f} as the mean over pairs" in sentence
    assert f"{rest:.3f} as the mean of each class against the rest" in sentence


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="there is no results folder"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"has no config.toml, .*: it is no results folder"):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())
