"""Table 1 against written-out means and scipy's bootstrap."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import keras_freq as kf
from keras_freq.transfer.accuracy_boosts import boost_over


def frame_of(seeds, last=7, noise=0.01, directions=("A->B", "B->A"), **columns):
    """Accuracies of an invented experiment, whose boost over the base is 1 % a layer."""
    rng = np.random.default_rng(0)
    rows = []
    for seed in seeds:
        for direction in directions:
            base = 0.5 + noise * rng.normal()
            rows.append(("base", 0, seed, direction, base))
            for n in range(1, last + 1):
                rows.append(("AnB+", n, seed, direction, base + 0.01 * n + noise * rng.normal()))
                rows.append(("BnB+", n, seed, direction, base + noise * rng.normal()))
                rows.append(("AnB", n, seed, direction, base - 0.02 * n))
    frame = pd.DataFrame(rows, columns=["treatment", "n", "seed", "direction", "accuracy"])
    return frame.assign(**columns)


def written_out(frame, first, last, control):
    """The boost of each seed, with loops."""
    cells = {
        (row.treatment, row.n, row.seed, row.direction): row.accuracy for row in frame.itertuples()
    }
    means = []
    for seed in sorted(frame["seed"].unique()):
        boosts = [
            cells["AnB+", n, seed, d] - cells[control, 0 if control == "base" else n, seed, d]
            for n in range(first, last + 1)
            for d in ("A->B", "B->A")
        ]
        means.append(np.mean(boosts))
    return np.array(means)


def test_means_are_those_of_the_definition():
    frame = frame_of(range(5))
    table = kf.transfer_boost(frame)
    assert list(table["layers"]) == ["1-7", "1-7", "3-7", "3-7", "5-7", "5-7"]
    assert list(table["over"]) == ["base", "BnB+"] * 3
    for row in table.itertuples():
        first, last = map(int, row.layers.split("-"))
        assert row.boost == pytest.approx(written_out(frame, first, last, row.over).mean())
        assert (row.observations, row.networks) == (5, 10 * (last - first + 1))


def test_intervals_are_those_of_scipy():
    frame = frame_of(range(6), noise=0.02)
    table = kf.transfer_boost(frame, num_bootstrap=20_000, confidence=0.9)
    for row in table.itertuples():
        means = written_out(frame, *map(int, row.layers.split("-")), row.over)
        expected = stats.bootstrap(
            (means,),
            np.mean,
            n_resamples=20_000,
            confidence_level=0.9,
            method="percentile",
            rng=np.random.default_rng(1),
        ).confidence_interval
        width = expected.high - expected.low
        assert row.low == pytest.approx(expected.low, abs=0.03 * width)
        assert row.high == pytest.approx(expected.high, abs=0.03 * width)
        assert row.low < row.boost < row.high


def test_the_bootstrap_is_a_function_of_its_seed():
    frame = frame_of(range(4))
    first, again = kf.transfer_boost(frame, seed=3), kf.transfer_boost(frame, seed=3)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert (first["low"] != kf.transfer_boost(frame, seed=4, num_bootstrap=77)["low"]).any()


def test_one_seed_has_no_interval():
    table = kf.transfer_boost(frame_of([0]))
    assert table[["low", "high"]].isna().all(axis=None)
    assert table["boost"].notna().all()


def test_splits_are_observations_of_their_own():
    frames = [frame_of([0, 1], split=split) for split in ("first", "second", "third")]
    table = kf.transfer_boost(pd.concat(frames))
    assert set(table["observations"]) == {6}
    with pytest.raises(ValueError, match="column `split`"):
        kf.transfer_boost(pd.concat(frames).drop(columns="split"))


def test_shallow_networks_and_ranges_of_ones_own():
    assert list(kf.transfer_boost(frame_of([0], last=4))["layers"].unique()) == ["1-4", "3-4"]
    table = kf.transfer_boost(frame_of([0, 1]), layers=[(2, 3), 6])
    assert list(table["layers"].unique()) == ["2-3", "6-6"]
    empty = kf.transfer_boost(frame_of([0]), layers=[(9, 12)])
    assert empty["boost"].isna().all() and set(empty["observations"]) == {0}


def test_missing_controls_are_left_out():
    frame = frame_of([0, 1])
    frame = frame[~((frame["treatment"] == "BnB+") & (frame["n"] > 3))]
    table = kf.transfer_boost(frame).set_index(["layers", "over"])
    assert table.loc[("1-7", "BnB+"), "networks"] == 12
    assert table.loc[("1-7", "base"), "networks"] == 28
    assert len(boost_over(frame, "AnB", "BnB+")) == 12


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"confidence": 1}, "`confidence`"),
        ({"num_bootstrap": 0}, "`num_bootstrap`"),
        ({"layers": [(3, 2)]}, "`layers` must be pairs"),
    ],
)
def test_wrong_options_are_refused(options, told):
    with pytest.raises(ValueError, match=told):
        kf.transfer_boost(frame_of([0]), **options)


def test_other_frames_are_refused():
    with pytest.raises(TypeError, match="DataFrame"):
        kf.transfer_boost([1, 2])
    with pytest.raises(ValueError, match="one without treatment"):
        kf.transfer_boost(pd.DataFrame({"n": [1]}))
    with pytest.raises(ValueError, match=r"networks \"AnB\+\""):
        kf.transfer_boost(frame_of([0]).query("treatment == 'AnB'"))
