"""The sentences of an examination, from results whose truth is known."""

import types

import numpy as np
import pandas as pd
import pytest

from keras_freq.lab.examination.blocks import which_frequencies
from keras_freq.lab.examination.blocks.exchanged import is_specific
from keras_freq.lab.examination.verdict import class_verdicts, verdict

SHORTCUT = {"swapped_in": 0.35, "in_p_value": 1 / 201, "in_donor_p_value": 1e-9}


def exchanged(*rows):
    """A table of exchanges, with what a test changes."""
    plain = {
        "cells": 10, "untouched_in": 0.05, "swapped_in": 0.06, "random_in": 0.05, "other_in": 0.05,
        "in_p_value": 0.4, "in_donor_p_value": 0.4, "untouched_out": 0.9, "swapped_out": 0.88,
        "random_out": 0.89, "same_out": 0.9, "out_p_value": 0.5, "out_donor_p_value": 0.5,
        "positives": 60, "negatives": 120, "num_random": 200, "what": "content", "energy_in": 0.05,
        "energy_in_p_value": 0.024,
    }  # fmt: skip
    named = [{"class_id": k, "class_name": f"C{k}"} for k in range(len(rows))]
    return pd.DataFrame([key | plain | row for key, row in zip(named, rows, strict=True)])


def sentences(results):
    """The verdict of results beside a sweep of 40 images."""
    sweep = {
        "class_id": [-1], "kind": ["untouched"], "recall": [0.9], "images": [40],
        "recall_low": [0.8], "recall_high": [0.95],
    }  # fmt: skip
    facts = {"inputs": "It takes [0, 1].", "plan": {"by": "class", "left_out": []}}
    results = {"filter_sweep": pd.DataFrame(sweep), **results}
    return verdict(facts, results, {"filter_sweep": []}, class_verdicts(results))


def test_five_points_above_random_maps_of_the_same_energy_are_enough():
    table = exchanged(SHORTCUT | {"energy_in": 0.3}, SHORTCUT | {"energy_in": 0.301})
    assert is_specific(table).tolist() == [True, False]
    # On the same images, random ones do as much: their means over other images say nothing.
    table = exchanged(SHORTCUT | {"energy_in": 0.3, "energy_in_p_value": 0.2}, {})
    assert not is_specific(table)[0]
    table = exchanged(SHORTCUT | {"energy_in": 0.3}, SHORTCUT | {"energy_in": 0.301})
    found = class_verdicts({"transplants": table})
    assert found["is_shortcut"].tolist() == [True, False]
    assert found["finding"].tolist() == ["shortcut", "carried by few"]
    assert found["verdict"][1].endswith("; with random frequencies of the same energy 30 %")


def test_what_is_not_known_is_said_in_words():
    told = sentences({"transplants": exchanged(SHORTCUT | {"energy_in": np.nan}, {}, {})})
    assert told[0] == (
        "It takes [0, 1]. It is right for 90.0 % of 40 images that chose nothing (95 % interval "
        "80.0 % to 95.0 %)."
    )
    assert "C0 (35 % of other images become it with the content of 10 frequencies" in told[1]
    assert "with random ones of the same energy unknown)" in told[1]
    assert "nan" not in " ".join(told)


def importance_of(maps, expected_overlap):
    """An importance whose maps are given, one cell and its conjugate in each."""
    return types.SimpleNamespace(
        loss_change=maps.astype(float),
        class_names=[f"C{k}" for k in range(len(maps))],
        fractions=which_frequencies.FRACTIONS,
        expected_overlap=np.array(expected_overlap),
        stability=lambda fraction: {"split_half_low": 0.9, "chance": 0.1},
    )


def pair_at(radius):
    """The map of the pair of a radius across, in images of 6 x 6 pixels."""
    one = np.zeros((6, 6), bool)
    one[3, [3 - radius, 3 + radius]] = True
    return one


@pytest.mark.parametrize(("overlaps", "doubtful"), [([0.5, 1.0], False), ([1.0, 0.5], True)])
def test_only_the_maps_that_are_tested_have_to_be_settled(overlaps, doubtful):
    maps = np.stack([pair_at(1), pair_at(2)])
    told = sentences({"importance": importance_of(maps, [overlaps, overlaps])})
    assert (len(told) == 2) == doubtful
    if doubtful:
        assert "expected to share 50 % of its cells" in told[1]


@pytest.mark.parametrize(
    ("radii", "told"),
    [
        ([1, 2], "The 5 % most important frequencies lie lowest for C0 (median radius 1 cycles"),
        ([2, 2], "Of every class, the 5 % most important frequencies have a median radius of 2 "),
        ([2], "Its 5 % most important frequencies have a median radius of 2 cycles per image."),
    ],
)
def test_where_the_maps_lie(radii, told):
    importance = importance_of(np.stack([pair_at(radius) for radius in radii]), [[1, 1]])
    assert which_frequencies.BLOCK.tell({"importance": importance})[0].startswith(told)
