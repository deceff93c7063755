"""Figures of transfer: the points and means that they draw, and what they refuse."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from plot_cases import TREATMENTS, overlap_frame, transfer_frame

from keras_freq import plots


def test_axes_say_what_is_drawn():
    for axes in (
        plots.transfer_curves(transfer_frame(), chance=0.2),
        plots.transfer_degradation(transfer_frame(), transfer_frame(0.02)),
        plots.transfer_map_overlap(overlap_frame()),
    ):
        assert all("lower layers n" in ax.get_xlabel() for ax in np.atleast_1d(axes))
        assert np.atleast_1d(axes)[0].get_ylabel()


def lines_of(ax):
    """The lines through means by the name of their treatment."""
    return {line.get_label(): line for line in ax.lines if line.get_label() in TREATMENTS}


def test_curves_go_from_the_base_through_the_means():
    ax = plots.transfer_curves(transfer_frame())
    lines = lines_of(ax)
    assert list(lines) == list(TREATMENTS)
    for slope, treatment in enumerate(TREATMENTS):
        np.testing.assert_allclose(
            lines[treatment].get_ydata(), 0.61 - 0.01 * slope * np.arange(4), atol=1e-12
        )
        np.testing.assert_allclose(lines[treatment].get_xdata(), np.arange(4), atol=0.3)
    points = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert sorted(len(line.get_xdata()) for line in points) == [4, 12, 12, 12, 12, 12]
    assert len({to_hex(line.get_color()) for line in lines.values()}) == len(TREATMENTS)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[0] == "base networks" and len(texts) == 6


def test_curves_minus_the_base_of_each_network():
    frame = transfer_frame()
    # The tasks are of different difficulty, and the changes are the same.
    frame.loc[frame["direction"] == "B->A", "accuracy"] -= 0.3
    lines = lines_of(plots.transfer_curves(frame, minus_base=True))
    for slope, treatment in enumerate(TREATMENTS):
        np.testing.assert_allclose(
            lines[treatment].get_ydata(), -0.01 * slope * np.arange(4), atol=1e-12
        )
    with pytest.raises(ValueError, match="and the base networks"):
        plots.transfer_curves(frame[frame["treatment"] != "base"], minus_base=True)


def test_curves_of_some_treatments_and_without_a_base():
    frame = transfer_frame(treatments=("AnB",))
    assert list(lines_of(plots.transfer_curves(frame))) == ["AnB"]
    ax = plots.transfer_curves(frame[frame["treatment"] != "base"])
    assert len(lines_of(ax)["AnB"].get_xdata()) == 3


def test_degradation_is_the_change_against_the_own_base():
    ax = plots.transfer_degradation(transfer_frame(), transfer_frame(0.02))
    lines = {line.get_label(): line for line in ax.lines}
    found = [lines[name].get_ydata() for name in ("AnB", "dissimilar", "random")]
    expected = [-0.02 * np.arange(4), -0.04 * np.arange(4), -0.04 * np.arange(4)]
    for values, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(values, wanted, atol=1e-12)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["layers of a similar task", "layers of a dissimilar task", "random layers"]


def test_random_layers_are_found_where_they_are():
    plain = transfer_frame(treatments=("AnB",))
    assert len(lines_of(plots.transfer_degradation(plain))) == 1
    for options in ({"dissimilar": transfer_frame()}, {"random": transfer_frame()}):
        assert "random" in lines_of(plots.transfer_degradation(plain, **options))


def test_overlap_has_a_panel_for_each_reference():
    axes = plots.transfer_map_overlap(overlap_frame())
    assert len(axes) == 2
    np.testing.assert_allclose(lines_of(axes[0])["AnB"].get_ydata(), [0.95, 0.85, 0.75])
    np.testing.assert_allclose(lines_of(axes[1])["AnB"].get_ydata(), [1.0, 0.9, 0.8])
    only = overlap_frame().query("reference == 'target'")
    assert len(plots.transfer_map_overlap(only)) == 1


def test_overlap_of_several_splits_keeps_their_networks_apart():
    one, other = overlap_frame(), overlap_frame()
    joined = pd.concat([one.assign(split="one"), other.assign(split="other")])
    points = []
    for frame in (one, joined):
        ax = plots.transfer_map_overlap(frame)[0]
        points.append(sum(len(p.get_xdata()) for p in ax.lines if p.get_linestyle() == "None"))
    assert points == [6, 12]


def test_other_frames_are_refused():
    for draw in (plots.transfer_curves, plots.transfer_degradation, plots.transfer_map_overlap):
        with pytest.raises(TypeError, match="DataFrame"):
            draw([1])
        with pytest.raises(ValueError, match="one without"):
            draw(pd.DataFrame({"n": [1]}))
    with pytest.raises(ValueError, match="`similar` must hold networks 'AnB'"):
        plots.transfer_degradation(transfer_frame(treatments=("random",)))
    with pytest.raises(ValueError, match="at least 2 axes"):
        plots.transfer_map_overlap(overlap_frame(), ax=plt.figure().add_subplot())
