"""The sentences of an examination, from results whose truth is known."""

import types

import numpy as np
import pandas as pd
import pytest

from keras_freq.lab.examination.blocks import which_frequencies
from keras_freq.lab.examination.blocks.exchanged import NO_WAVE
from keras_freq.lab.examination.page_content import _shown_inputs
from keras_freq.lab.examination.verdict import class_verdicts, verdict

SHORTCUT = {"swapped_in": 0.35, "in_p_value": 1 / 201, "in_donor_p_value": 1e-9}


def exchanged(*rows):
    """A table of exchanges, with what a test changes."""
    plain = {
        "cells": 10, "untouched_in": 0.05, "swapped_in": 0.06, "random_in": 0.05, "other_in": 0.05,
        "in_p_value": 0.4, "in_donor_p_value": 0.4, "untouched_out": 0.9, "swapped_out": 0.88,
        "random_out": 0.89, "same_out": 0.9, "out_p_value": 0.5, "out_donor_p_value": 0.5,
        "positives": 60, "negatives": 120, "num_random": 200, "what": "content",
        "donor_energy": 0.2, "fine_cells": 4, "fine_in": 0.35, "fine_other_in": 0.05,
        "fine_random_in": 0.05, "fine_in_p_value": 0.024, "fine_in_donor_p_value": 1e-9,
        "has_dc": False, "random_overlap": 0.0, "fine_wave": NO_WAVE, "mean_in": 0.06,
        "mean_other_in": 0.05, "mean_p_holm": 0.5,
    }  # fmt: skip
    named = [{"class_id": k, "class_name": f"C{k}"} for k in range(len(rows))]
    return pd.DataFrame([key | plain | row for key, row in zip(named, rows, strict=True)])


def sentences(results, **facts):
    """The verdict of results beside a sweep of 40 images, with more facts of the examination."""
    sweep = {
        "class_id": [-1], "kind": ["untouched"], "recall": [0.9], "images": [40],
        "recall_low": [0.8], "recall_high": [0.95],
    }  # fmt: skip
    facts |= {
        "inputs": "It takes [0, 1].",
        "plan": {"by": "class", "left_out": []},
        "image_shape": [32, 32, 3],
    }
    results = {"filter_sweep": pd.DataFrame(sweep), **results}
    return verdict(facts, results, {"filter_sweep": []}, class_verdicts(results))


def test_effects_that_may_be_chance_are_said_in_few_words():
    chance = SHORTCUT | {"in_p_value": 9 / 201}
    told = sentences({"transplants": exchanged(chance, chance | {"swapped_in": 0.5}, {})})
    assert told[2] == (
        "This examination cannot tell: whether C0 and C1 have a shortcut (an effect which may be "
        "chance)."
    )


def test_the_strongest_wave_of_a_shortcut_is_named():
    wave = SHORTCUT | {"fine_wave": "9 cycles across and 5 down", "has_dc": True}
    told = sentences({"transplants": exchanged(wave, {})})[1]
    assert "With as many random frequencies and the mean 5 % become it" in told
    assert told.endswith("The strongest wave of the fine part has 9 cycles across and 5 down (C0).")
    told = sentences({"transplants": exchanged(wave, SHORTCUT, wave | {"fine_wave": "1 cycle up"})})
    assert told[1].endswith("Strongest waves: 9 cycles across and 5 down (C0), 1 cycle up (C2).")


def test_classes_that_others_become_with_the_mean_colour_are_named():
    mean = {"mean_in": 0.44, "mean_other_in": 0.2, "mean_p_holm": 1e-4}
    small = mean | {"mean_in": 0.24}  # 4 points above that of other classes
    told = sentences({"transplants": exchanged({}, mean, small, mean | {"mean_p_holm": 0.06})})[1]
    assert told.endswith(
        "random frequencies do. The mean colour alone makes other images C1 (44 %; untouched "
        "5 %, with that of other classes 20 %): a shortcut, or what the class looks like."
    )


def test_what_the_mean_may_do_cannot_be_told():
    mean = SHORTCUT | {"random_in": 0.3, "in_p_value": 0.2, "random_in_high": 0.4, "has_dc": True}
    told = sentences({"transplants": exchanged(mean, {})})
    assert told[-1].endswith(
        "whether C0 has a shortcut (an effect, but the mean of the image, which random maps hold "
        "as the map does, may do it)."
    )


def test_classes_without_images_are_named():
    told = sentences({}, missing=["dog", "frog"])
    assert told[-1] == "This examination cannot tell: anything of dog and frog (no images)."


def test_of_several_classes_three_are_named():
    strong = [SHORTCUT | {"swapped_in": share} for share in (0.3, 0.9, 0.5, 0.4)]
    picture = SHORTCUT | {"fine_in": 0.06}
    small = {"in_p_value": 1e-4}  # six tests
    told = sentences(
        {"transplants": exchanged(*(one | small for one in [*strong, picture, picture]))}
    )
    assert told[1] == (
        "Shortcut found: C1 (90 % of other images become it with the content of 10 of its "
        "1,024 frequencies; untouched 5 %), C2 (50 %; untouched 5 %), C3 (40 %; untouched 5 %) and "
        "1 other. With as many random frequencies at most 5 % become it; with the fine part of the "
        "map alone, without the frequencies in which all images are strong, at least 35 % "
        "(random frequencies at most 5 %). Few frequencies carry C4 and C5, too, but it may be "
        "that these are just what the class looks like: without the frequencies in which all "
        "images are strong, others do not become it."
    )


def test_names_that_are_numbers_are_not_read_as_amounts():
    chance = SHORTCUT | {"in_p_value": 9 / 401}
    table = exchanged(SHORTCUT | {"in_p_value": 1e-4}, *[chance] * 6)
    table["class_name"] = [str(k) for k in range(7)]
    told = sentences({"transplants": table})
    assert "Shortcut found: class 0 (35 % of other images become it" in told[1]
    assert "whether class 1, class 2, class 3 and 3 others have a shortcut" in told[2]


def test_the_table_of_inputs_says_what_the_loss_rules_out():
    rows = {
        "inputs": ["0..1", "-1..1", "0..255", "caffe"], "accuracy": [0.9, 0.9, 0.9, 0.1],
        "accuracy_low": 0.8, "accuracy_high": 0.95, "loss": [0.11, 0.3, 13.9, 40.0],
        "is_best": [True, False, False, False], "images": 100, "p_value": [np.nan, 1, 1, 1e-9],
        "loss_p_value": 0.5, "guessing_p_value": [1, 1, 1e-4, 1e-4], "chance": 0.1,
        "chance_p_value": 1e-4,
    }  # fmt: skip
    shown = _shown_inputs(pd.DataFrame(rows))
    assert shown.iloc[:, -1].tolist() == ["the best", "p = 1", "no, by its loss", "p = 1e-09"]


def importance_of(maps, expected_overlap, above=1.0, split_half=0.9):
    """An importance whose maps are given, one cell and its conjugate in each."""
    return types.SimpleNamespace(
        loss_change=maps.astype(float),
        class_names=[f"C{k}" for k in range(len(maps))],
        fractions=which_frequencies.FRACTIONS,
        expected_overlap=np.array(expected_overlap),
        significant_share=lambda fraction: np.broadcast_to(above, len(maps)),
        stability=lambda fraction: {"split_half_low": split_half, "chance": 0.1},
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
    assert len(told) == 2
    assert ("expected to share 50 % of its cells" in told[1]) == doubtful
    # What is not known is not quoted.
    assert ("lie lowest for C0" in told[1]) != doubtful


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


@pytest.mark.parametrize(
    ("number", "told"), [(1, "Its map is not well known,"), (2, "None of its maps is well known,")]
)
def test_maps_that_are_not_known_are_said_to_be_so(number, told):
    importance = importance_of(np.stack([pair_at(1)] * number), [[0.5, 0.5]] * number)
    assert which_frequencies.BLOCK.tell({"importance": importance})[0].startswith(told)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"above": [1.0, 0.0]}, "of the 2 frequencies of its map, 0 are above two standard errors"),
        ({"split_half": [0.9, 0.1]}, "two halves of the images give other maps"),
    ],
)
def test_a_map_that_is_not_known_is_listed_and_not_used(options, why):
    maps = np.stack([pair_at(1), pair_at(2)])
    importance = importance_of(maps, [[1, 1]] * 2, **options)
    told = sentences({"importance": importance})
    assert told[-1] == f"This examination cannot tell: the exact frequencies of C1 ({why})."
    assert which_frequencies.BLOCK.tell({"importance": importance}) == [
        "Of C0, the 5 % most important frequencies have a median radius of 1 cycles per image."
    ]
    # That nothing was found with it says nothing. What was found stands: it was tested.
    results = {"importance": importance, "transplants": exchanged({}, {})}
    assert class_verdicts(results)["finding"].tolist() == ["nothing found", "cannot tell"]
    told = sentences(results)
    assert "No shortcut was found in C0:" in told[1]
    assert told[-1] == f"This examination cannot tell: whether C1 has a shortcut ({why})."
    results["transplants"] = exchanged({}, SHORTCUT)
    assert class_verdicts(results)["finding"].tolist() == ["nothing found", "shortcut"]
    assert told[-1] != sentences(results)[-1]


def lens(name, strength):
    return types.SimpleNamespace(
        name=name, headline=lambda results: strength and (strength, f"{name} says so.")
    )


def test_the_strongest_facts_of_lenses_are_quoted_and_five_sentences_are_the_most(monkeypatch):
    blocks = [lens("weak", 0.05), lens("a", 0.3), lens("none", None), lens("b", 0.9), lens("c", 1)]
    monkeypatch.setattr("keras_freq.lab.examination.verdict.BLOCKS", blocks)
    results = dict.fromkeys([block.name for block in blocks])
    assert sentences(results)[1:] == ["c says so.", "b says so.", "a says so."]
    results |= {"transplants": exchanged({}, {}), "more": None}
    blocks += [lens("more", 0.8)]
    told = sentences(results)
    assert len(told) == 5 and told[2:] == ["c says so.", "b says so.", "more says so."]
