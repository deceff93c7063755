"""The sentence of what a class loses without its map."""

import types

import pandas as pd
import pytest
from exchange_cases import SHORTCUT, exchanged

from keras_freq.lab.examination.blocks import removed
from keras_freq.lab.examination.blocks.removed import BLOCK


def lost(needed=(True, False), left=(0.1, 0.8)):
    """A table of recalls without maps of cat and dog, C0 and C1."""
    rows = {
        "class_id": [0, 1], "class_name": ["C0", "C1"], "cells": [10, 10], "images": [40, 40],
        "recall": [0.9, 0.8], "recall_without": left, "random_recall": [0.9, 0.8],
        "is_needed": needed,
    }  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("share", "looks"), [(0.4, False), (0.6, True), (None, False)])
def test_what_is_most_of_the_picture_is_said_to_be_so(share, looks):
    results = {"without_maps": lost()}
    if share is not None:
        results["transplants"] = exchanged({"donor_energy": share}, {"donor_energy": 0.9})
    (told,) = BLOCK.tell(results)
    assert told.startswith(
        "The recall of C0 hangs on few frequencies: without the 5 % in its map it falls from 90 % "
        "to 10 %, without as many others to 90 %."
    )
    assert told.endswith("they hold most of the energy.") == looks


def test_a_class_with_a_shortcut_is_named_before_one_that_loses_more():
    both = lost(needed=(True, True), left=(0.0, 0.2))
    results = {"without_maps": both, "transplants": exchanged({}, SHORTCUT)}
    assert BLOCK.tell(results) == [
        "The recall of C1, which has a shortcut, hangs on few frequencies: without the 5 % in its "
        "map it falls from 80 % to 20 %, without as many others to 80 % (2 of 2 classes need "
        "theirs)."
    ]


def test_classes_that_need_their_maps_alike_are_told_together():
    results = {"without_maps": lost(needed=(True, True), left=(0.0, 0.2))}
    assert BLOCK.tell(results) == [
        "The recall of C0 and C1 hangs on few frequencies: without the 5 % in its map, 0 to 20 % "
        "of a class's images are right, without as many others 80 to 90 %, and with all 80 to 90 %."
    ]


@pytest.mark.parametrize(("moved", "named"), [({}, "C0"), (SHORTCUT, "C1")])
def test_a_map_that_is_not_well_known_is_quoted_only_if_it_has_shown_a_shortcut(
    moved, named, monkeypatch
):
    monkeypatch.setattr(removed, "doubtful_maps", lambda results: {"C1": "few are sure"})
    both = lost(needed=(True, True), left=(0.3, 0.2))
    results = {"without_maps": both, "transplants": exchanged({}, moved)}
    results["importance"] = types.SimpleNamespace()
    _, told = BLOCK.headline(results)
    assert told.startswith(f"The recall of {named}")
