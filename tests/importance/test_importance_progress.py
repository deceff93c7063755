"""The progress bar of a search: its total is true, or there is none."""

import pytest
from importance_cases import CLASSES, small_model, some_images

import keras_freq as kf
from keras_freq.importance import importance_search


@pytest.mark.parametrize("method", ["exhaustive", "screened"])
def test_the_total_is_that_of_the_end_or_nobody_knows_it(monkeypatch, method):
    bars, totals, make = [], [], importance_search.pass_bar

    def watched(*arguments):
        bars.append(make(*arguments))
        update = bars[0].update
        bars[0].update = lambda passes: (totals.append(bars[0].total), update(passes))
        return bars[0]

    monkeypatch.setattr(importance_search, "pass_bar", watched)
    # Groups of classes are searched one after the other: the total holds them all.
    monkeypatch.setattr(importance_search, "_groups", lambda labels, pairs: [[0], [1], [2]])
    data = some_images((9, 6, 2))
    found = kf.frequency_importance(small_model((9, 6, 2)), data, CLASSES, method=method)
    assert len(totals) > 3
    assert set(totals) == {found.evaluations if method == "exhaustive" else None}
