"""Dominant-frequency maps, and the rates under them and without them."""

import numpy as np
import pytest
from matplotlib.patches import Circle
from plot_cases import rates_frame, recalls_frame

from keras_freq import plots


def test_dominant_frequency_maps_show_cells_counts_and_bands():
    maps = np.zeros((2, 32, 48), dtype=bool)
    maps[0, 10:12, :8] = True
    axes = plots.dominant_frequency_maps(maps, class_names=["cat", "dog"], bands=True)
    np.testing.assert_array_equal(axes[0].images[0].get_array(), maps[0])
    assert [ax.texts[0].get_text() for ax in axes] == ["16 cells (1.0 %)", "0 cells (0.0 %)"]
    for ax in axes:
        rings = [patch for patch in ax.patches if isinstance(patch, Circle)]
        assert [ring.radius for ring in rings] == [4, 8, 12]
        assert {ring.center for ring in rings} == {(0, 0)}
    assert not plots.dominant_frequency_maps(maps)[0].patches


def test_rates_have_bars_intervals_and_the_reach_of_random_maps():
    frame = rates_frame()
    ax = plots.rates_under_maps(frame)
    bars = {round(bar.get_y() + bar.get_height() / 2, 2): bar for bar in ax.patches}
    tpr, fpr = bars[-0.24], bars[0.18]
    assert (tpr.get_width(), fpr.get_width()) == (0.5, 0.2)
    # 0.4 > 0.35: above chance, so solid; 0.1 is not, so pale.
    assert (tpr.get_facecolor()[3], fpr.get_facecolor()[3]) == (1.0, 0.35)
    assert tpr.get_facecolor()[:3] != fpr.get_facecolor()[:3]
    segments = [segment for lines in ax.collections for segment in lines.get_segments()]
    for y, low, high in ((-0.24, 0.4, 0.55), (0.18, 0.1, 0.25), (1.18, 0.1, 0.25)):
        assert any(
            len(segment) == 2 and np.allclose(segment, [(low, y), (high, y)])
            for segment in segments
        )
    random = [line for line in ax.lines if line.get_marker() == "D"]
    assert len(random) == 4
    for line in random:
        np.testing.assert_allclose(line.get_xdata(), [0.3, 0.35])
        assert line.get_markevery() == [0]  # the diamond is the mean
    assert [text.get_text() for text in ax.texts] == ["undefined"]
    assert ax.texts[0].get_position()[1] == pytest.approx(0.76)  # the second class's TPR
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog"]
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (1.5, -0.5))


def test_wrong_rates_are_refused():
    with pytest.raises(TypeError, match="`rates` must be a DataFrame"):
        plots.rates_under_maps({"tpr": [1]})
    with pytest.raises(ValueError, match="without random_tpr_high"):
        plots.rates_under_maps(rates_frame().drop(columns="random_tpr_high"))
    with pytest.raises(ValueError, match="no rows"):
        plots.rates_under_maps(rates_frame().iloc[:0])


def test_recalls_have_bars_intervals_strokes_and_the_reach_of_other_frequencies():
    ax = plots.recall_without_maps(recalls_frame(("cat", "cow", "dog")))
    assert [bar.get_width() for bar in ax.patches][:2] == [0.3, 0.5]
    # 0.35 < 0.45: the class needs its map, so solid; 0.55 is not, so pale.
    assert [bar.get_facecolor()[3] for bar in ax.patches] == [1.0, 0.35, 0.35]
    segments = [segment for lines in ax.collections for segment in lines.get_segments()]
    for y, low, high in ((-0.1, 0.2, 0.35), (0.9, 0.4, 0.55)):
        assert any(
            len(segment) == 2 and np.allclose(segment, [(low, y), (high, y)])
            for segment in segments
        )
    others = [line for line in ax.lines if line.get_marker() == "D"]
    for line in others[:2]:
        np.testing.assert_allclose(line.get_xdata(), [0.6, 0.45])
        assert line.get_markevery() == [0]  # the diamond is the mean
    caps = {cap for bars in ax.containers if hasattr(bars, "lines") for cap in bars.lines[1]}
    (untouched,) = (line for line in set(ax.lines) - caps if line.get_marker() == "|")
    np.testing.assert_allclose(untouched.get_xydata()[:2], [(0.9, -0.1), (0.9, 0.9)])
    assert [text.get_text() for text in ax.texts] == ["undefined"]
    assert ax.texts[0].get_position()[1] == pytest.approx(1.9)


def test_a_class_that_loses_everything_is_seen_to_need_its_map():
    frame = recalls_frame(("cat", "cow", "dog")).assign(recall_without=0.0)
    ends = [line for line in plots.recall_without_maps(frame).lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in ends] == [0, 0, 0]
    assert ends[0].get_markerfacecolor() != ends[1].get_markerfacecolor() == "white"


def test_wrong_recalls_are_refused():
    with pytest.raises(TypeError, match=r"`recalls` must be .*keras_freq\.recall_without_maps"):
        plots.recall_without_maps([0.5])
    with pytest.raises(ValueError, match="without is_needed"):
        plots.recall_without_maps(recalls_frame().drop(columns="is_needed"))
