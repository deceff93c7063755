"""The sentences of an examination, from results whose truth is known."""

import types

import numpy as np
import pandas as pd
import pytest
from exchange_cases import SHORTCUT, exchanged

from keras_freq.lab.examination.blocks import which_frequencies
from keras_freq.lab.examination.page_content import _shown_inputs
from keras_freq.lab.examination.verdict import class_verdicts, verdict


def sentences(results, plan=(), **facts):
    """The verdict of results beside a sweep of 40 images, with more facts of the examination."""
    sweep = {
        "class_id": [-1], "kind": ["untouched"], "recall": [0.9], "images": [40],
        "recall_low": [0.8], "recall_high": [0.95],
    }  # fmt: skip
    facts = {
        "inputs": "It takes [0, 1].",
        "plan": {"by": "class", "left_out": []} | dict(plan),
        "image_shape": [32, 32, 3],
    } | facts
    results = {"filter_sweep": pd.DataFrame(sweep), **results}
    return verdict(facts, results, {"filter_sweep": []}, class_verdicts(results))


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ({"verdict_seconds": 55.0}, "Give it 2 minutes or more (--minutes 2)."),
        ({}, "Give more `minutes`."),  # of an earlier version
    ],
)
def test_a_verdict_without_the_exchange_says_what_to_do(plan, told):
    left = {"left_out": ["transplants", "rates"]} | plan
    first = sentences({}, left)[0]
    begin = "Whether a class has a shortcut was not tested: the time was too short."
    assert first == f"{begin} {told}"


def test_that_no_shortcut_was_found_is_said_first_with_what_may_have_been_missed():
    """Newcombe's interval for 97.5 %, of 2 of 2000 images and none, and of 6 % and 5 % of 120."""
    few = {"negatives": 2000, "untouched_in": 0, "other_in": 0, "random_in": 0, "swapped_in": 0.001}
    first = sentences({"transplants": exchanged(few, few)})[0]
    assert first == (
        "No shortcut was found in any of the 2 classes. With the frequencies that were tested, at "
        "most 0.4 % more of other images become a class than with random ones or as they are (95 % "
        "interval of all classes together); less than 5 % does not count."
    )
    first = sentences({"transplants": exchanged(few, {})})[0]
    assert "tested, up to 8.4 % more of other images may become a class" in first
    assert first.endswith("together), and 5 % would count.")


def test_of_classes_that_few_frequencies_carry_the_fine_part_tells_what_may_have_been_missed():
    picture = SHORTCUT | {"fine_in": 0.05, "negatives": 2000}
    first = sentences({"transplants": exchanged(picture, picture)})[0]
    assert first.startswith(
        "No shortcut was found in any of the 2 classes. With the frequencies that were tested, "
        "beside those in which all images are strong, at most 1.6 % more of other images become"
    )
    assert "Few frequencies carry C0 and C1, but it may be" in first
    # Without a fine part nothing is known of it.
    none = sentences({"transplants": exchanged(*[picture | {"fine_cells": 0}] * 2)})[0]
    assert none.startswith("No shortcut was found in any of the 2 classes. Few frequencies carry")


def test_of_classes_of_which_nothing_can_be_told_no_absence_is_claimed():
    chance = SHORTCUT | {"in_p_value": 9 / 201}
    first = sentences({"transplants": exchanged(chance, chance)})[0]
    assert first == (
        "Whether a class has a shortcut was tested and cannot be told (see the last point)."
    )


def test_what_losses_rule_out_stands_in_its_section_alone():
    finding = (
        "Of 256 images, it is right about 95 % with [0, 1]. The loss rules out 0 to 255 (32.3 "
        "nats): it is 0.16 nats with [0, 1]. It was examined with 0..1."
    )
    assert sentences({}, inputs=finding)[0] == (
        "Of 256 images, it is right about 95 % with [0, 1]. It was examined with 0..1. It is right "
        "for 90.0 % of the 40 scored images (95 % interval 80.0 % to 95.0 %)."
    )


def test_effects_that_may_be_chance_are_said_in_few_words():
    chance = SHORTCUT | {"in_p_value": 9 / 201}
    told = sentences({"transplants": exchanged(chance, chance | {"swapped_in": 0.5}, {})})
    assert told[0].startswith("No shortcut was found in C2. ")
    assert told[2] == (
        "This examination cannot tell: whether C0 and C1 have a shortcut (an effect which may be "
        "chance)."
    )


def test_the_strongest_wave_of_a_shortcut_is_named():
    wave = SHORTCUT | {"fine_wave": "9 cycles across and 5 down", "has_dc": True}
    told = sentences({"transplants": exchanged(wave, {})})[0]
    assert "With as many random frequencies and the mean 5 % become it" in told
    assert told.endswith("The strongest wave of the fine part has 9 cycles across and 5 down.")
    told = sentences({"transplants": exchanged(wave, SHORTCUT, wave | {"fine_wave": "1 cycle up"})})
    assert told[0].endswith("Strongest waves: 9 cycles across and 5 down (C0), 1 cycle up (C2).")


def test_classes_that_others_become_with_the_mean_colour_are_named():
    mean = {"mean_in": 0.44, "mean_other_in": 0.2, "mean_p_holm": 1e-4}
    small = mean | {"mean_in": 0.24}  # 4 points above that of other classes
    told = sentences({"transplants": exchanged({}, mean, small, mean | {"mean_p_holm": 0.06})})[0]
    assert told.endswith(
        "would count. The mean colour alone makes other images C1 (44 %; untouched "
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
    assert told[0] == (
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
    assert "Shortcut found: class 0 (35 % of other images become it" in told[0]
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
        ([1, 2], "The 5 % most important frequencies lie lowest for C0 (median radius 1 cycle per"),
        ([2, 2], "Of every class, the 5 % most important frequencies have a median radius of 2 "),
        ([2], "Its 5 % most important frequencies have a median radius of 2 cycles per image."),
    ],
)
def test_where_the_maps_lie(radii, told):
    importance = importance_of(np.stack([pair_at(radius) for radius in radii]), [[1, 1]])
    assert which_frequencies.BLOCK.tell({"importance": importance})[0].startswith(told)


def test_the_map_of_a_class_with_a_shortcut_is_told_first():
    importance = importance_of(np.stack([pair_at(1), pair_at(2), pair_at(1)]), [[1, 1]] * 3)
    wave = SHORTCUT | {"fine_wave": "2 cycles across"}
    results = {"importance": importance, "transplants": exchanged({}, wave, {})}
    assert which_frequencies.BLOCK.tell(results) == [
        "The map of C1, which has a shortcut, has a median radius of 2 cycles per image; those of "
        "the other classes, of 1 cycle per image. Of its fine part, it needs 2 cycles across most."
    ]
    results["transplants"] = exchanged({}, {}, {})
    assert which_frequencies.BLOCK.tell(results)[0].startswith("The 5 % most important frequencies")


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
        "Of the 2 maps, only that of C0 is well known: it has a median radius of 1 cycle per image."
    ]
    assert which_frequencies.BLOCK.headline({"importance": importance}) is None
    # That nothing was found with it says nothing. What was found stands: it was tested.
    results = {"importance": importance, "transplants": exchanged({}, {})}
    assert class_verdicts(results)["finding"].tolist() == ["nothing found", "cannot tell"]
    told = sentences(results)
    assert told[0].startswith("No shortcut was found in C0. ")
    assert told[-1] == f"This examination cannot tell: whether C1 has a shortcut ({why})."
    results["transplants"] = exchanged({}, SHORTCUT)
    assert class_verdicts(results)["finding"].tolist() == ["nothing found", "shortcut"]
    assert told[-1] != sentences(results)[-1]


def lens(name, strength):
    return types.SimpleNamespace(
        name=name, headline=lambda results: strength and (strength, f"{name} says so.")
    )


def test_the_strongest_facts_of_lenses_are_quoted_and_five_points_are_the_most(monkeypatch):
    blocks = [lens("weak", 0.05), lens("a", 0.3), lens("none", None), lens("b", 0.9), lens("c", 1)]
    monkeypatch.setattr("keras_freq.lab.examination.verdict.BLOCKS", blocks)
    results = dict.fromkeys([block.name for block in blocks])
    assert sentences(results)[1:] == ["c says so.", "b says so.", "a says so."]
    results |= {"transplants": exchanged({}, {}), "more": None}
    blocks += [lens("more", 0.8)]
    told = sentences(results)
    assert len(told) == 5 and told[2:] == ["c says so.", "b says so.", "more says so."]
