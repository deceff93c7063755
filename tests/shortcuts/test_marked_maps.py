"""Answers to a hunt are marked by what was planted."""

from math import comb

import numpy as np
import pytest

import keras_freq as kf
from keras_freq.fourier import conjugate_pairs

SIDE = 16
TRUTH = kf.data.shortcut_masks("moire", SIDE, 1, 3)
PAIRS = conjugate_pairs(SIDE)


def map_of(pairs):
    """A map with some of the pairs, by their numbers."""
    cells = np.zeros(SIDE * SIDE, bool)
    cells[PAIRS[pairs].reshape(-1)] = True
    return cells.reshape(SIDE, SIDE)


PLANTED = [n for n, pair in enumerate(PAIRS) if TRUTH[1].reshape(-1)[pair].any()]
OTHERS = [n for n in range(40, 80) if n not in PLANTED]


@pytest.mark.parametrize("hits", [0, 1, 2])
@pytest.mark.parametrize("wrong", [0, 1, 5, 30])
def test_p_values_are_those_of_draws_of_pairs(hits, wrong):
    answer = np.zeros_like(TRUTH)
    answer[1] = map_of(PLANTED[:hits] + OTHERS[:wrong])
    row = kf.mark_maps(answer, TRUTH).loc[1]
    # Of all ways to draw so many of the pairs, those that hit as often.
    total, drawn = len(PAIRS), hits + wrong
    ways = sum(comb(2, n) * comb(total - 2, drawn - n) for n in range(hits, min(2, drawn) + 1))
    assert row["p_value"] == pytest.approx(ways / comb(total, drawn))
    assert (row["hits"], row["cells"], row["planted"]) == (2 * hits, answer[1].sum(), 4)
    np.testing.assert_allclose(row["recall"], hits / 2)
    expected = "missed"
    if hits and row["p_value"] < 0.05:
        expected = "found"  # one of two planted pairs is half of them
    assert row["mark"] == expected


def test_says_what_an_answer_is_worth():
    answer = np.zeros_like(TRUTH)
    answer[2] = map_of(OTHERS[:3])
    marks = kf.mark_maps(answer, TRUTH, class_names=["a", "b", "c"])
    assert marks["class_name"].tolist() == ["a", "b", "c"]
    assert marks["mark"].tolist() == ["right: nothing planted", "missed", "nothing planted"]
    wide = kf.data.shortcut_masks("resized", SIDE, 1, 3)
    some = [n for n, (first, _) in enumerate(PAIRS) if wide[1].reshape(-1)[first]]
    answer[1] = map_of(some[:20])
    assert kf.mark_maps(answer, wide)["mark"][1] == "found"  # few of many, but all are right
    answer[1] = map_of(some[:20] + OTHERS[:8] + list(range(30)))
    marked = kf.mark_maps(answer, wide).loc[1]
    assert marked["precision"] < 0.5 and marked["recall"] < 0.5
    assert marked["mark"] in ("partly found", "missed")


def test_random_answers_are_hardly_ever_found():
    rng = np.random.default_rng(0)
    truth = kf.data.shortcut_masks("watermark", SIDE, 0, 1)
    answers = [map_of(rng.choice(len(PAIRS), 15, replace=False)) for _ in range(200)]
    found = [kf.mark_maps(one[None], truth)["mark"][0] != "missed" for one in answers]
    assert np.mean(found) <= 0.1  # 5 % at most, and three standard errors


def test_maps_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="`maps` and `truth` must have the same shape"):
        kf.mark_maps(TRUTH[:2], TRUTH)
    with pytest.raises(ValueError, match="`truth` must be boolean"):
        kf.mark_maps(TRUTH, TRUTH.astype(int))
