"""The radius of half of the accuracy: by hand, and how often its interval holds the truth."""

import math

import numpy as np
import pandas as pd
import pytest

import keras_freq as kf
from keras_freq.lenses import half_accuracy_radii

RADII = np.array([1.0, 2, 4, 8, 16])


def sweep_of(untouched, low_pass, high_pass, images, radii=RADII):
    """A sweep of classes from the numbers of right images `(classes,)` and `(classes, radii)`."""
    right = np.column_stack([untouched, low_pass, high_pass])
    rings = [(0, math.inf), *((0, radius) for radius in radii)]
    rings += [(radius, math.inf) for radius in radii]
    kinds = ["untouched", *["low-pass"] * len(radii), *["high-pass"] * len(radii)]
    classes = np.repeat(np.arange(len(right)), len(rings))
    low, high = kf.metrics.wilson_interval(right.reshape(-1), images)
    return pd.DataFrame(
        {
            "kind": kinds * len(right),
            "low": [low for low, _ in rings] * len(right),
            "high": [high for _, high in rings] * len(right),
            "class_id": classes,
            "class_name": classes.astype(str),
            "recall": right.reshape(-1) / images,
            "recall_low": low,
            "recall_high": high,
        }
    )


def test_the_radius_lies_between_those_beside_it():
    low_pass, high_pass = [100, 200, 600, 800, 800], [600, 600, 500, 450, 420]
    found = half_accuracy_radii(sweep_of([800], [low_pass], [high_pass], 1000)).loc[0]
    assert found["low_pass"] == pytest.approx(2**1.5)  # 0.4 lies halfway between 2 and 4
    assert (found["low_pass_low"], found["low_pass_high"]) == (2, 4)
    assert math.isnan(found["high_pass"])
    # 0.45 is surely above 0.4, 0.42 is not.
    assert (found["high_pass_low"], found["high_pass_high"]) == (8, math.inf)
    falling = half_accuracy_radii(sweep_of([80], [low_pass], [low_pass[::-1]], 1000)).loc[0]
    assert falling.filter(like="low_pass_").tolist() == [0, 1]  # each is above 0.04
    falling = half_accuracy_radii(sweep_of([800], [low_pass], [low_pass[::-1]], 1000)).loc[0]
    assert falling["high_pass"] == pytest.approx(2**2.5)
    assert (falling["high_pass_low"], falling["high_pass_high"]) == (4, 8)


def test_few_images_leave_a_wide_interval_and_a_dip_inside_it():
    few = half_accuracy_radii(sweep_of([8], [[1, 2, 6, 8, 8]], [[8] * 5], 10)).loc[0]
    assert (few["low_pass_low"], few["low_pass_high"]) == (0, 8)
    dip = half_accuracy_radii(sweep_of([800], [[100, 600, 200, 800, 800]], [[800] * 5], 1000))
    assert dip.loc[0, "low_pass"] < 2
    assert dip.loc[0, ["low_pass_low", "low_pass_high"]].tolist() == [1, 8]


def test_without_filters_of_a_kind_nothing_is_known():
    sweep = sweep_of([8], [[1, 2, 6, 8, 8]], [[8] * 5], 10)
    found = half_accuracy_radii(sweep[sweep["kind"] != "high-pass"]).loc[0]
    assert found.filter(like="high_pass").isna().all()
    with pytest.raises(ValueError, match="recall_low"):
        half_accuracy_radii(sweep.drop(columns="recall_low"))


@pytest.mark.parametrize(("at_four", "same_images_fail"), [(0.4499, True), (0.42, False)])
def test_the_interval_holds_the_radius_as_often_as_it_says(at_four, same_images_fail):
    rng = np.random.default_rng(0)
    # Half of the untouched is 0.45.
    shares = np.array([0.9, 0.1, 0.25, at_four, 0.75, 0.85])
    drawn = rng.random((150, 200, 1 if same_images_fail else len(shares)))
    untouched, *low_pass = (drawn < shares).sum(axis=1).T
    low_pass = np.stack(low_pass, axis=1)
    found = half_accuracy_radii(sweep_of(untouched, low_pass, low_pass[:, ::-1], 200))
    true = 2 ** (2 + (0.45 - at_four) / (0.75 - at_four))
    low_end = found["low_pass_low"] < true
    high_end = true < found["low_pass_high"]
    assert (low_end & high_end).mean() >= 0.95
    assert (found["low_pass_low"] >= 2).mean() > 0.9 and (found["low_pass_high"] == 8).mean() > 0.9
    # The same curve from the other side, over the same radii in reverse.
    true = 16 / true
    assert ((found["high_pass_low"] < true) & (true < found["high_pass_high"])).mean() >= 0.95
