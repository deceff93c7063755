"""A metric of each class: over steps, and in several settings."""

import numpy as np
import pandas as pd
import pytest
from plot_cases import GREY, metric_frame, runs_frame

from keras_freq import plots


def texts_of_ticks(axis):
    """The labels of an axis."""
    return [label.get_text() for label in axis.get_ticklabels()]


def test_heatmap_has_classes_as_rows_and_steps_as_columns():
    frame = metric_frame()
    ax = plots.class_metric_heatmap(
        frame.sample(frac=1, random_state=0), class_names=["a", "b", "c"]
    )
    mesh = ax.collections[0]
    expected = frame[frame.source == "train"].pivot(index="class_id", columns="step", values="f1")
    np.testing.assert_array_equal(mesh.get_array().filled(np.nan), expected)
    colours = mesh.to_rgba(mesh.get_array())
    assert np.allclose(colours[1, 0], GREY)
    assert (mesh.norm.vmin, mesh.norm.vmax) == (0, 1)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert ax.get_ylim() == (3, 0)  # the first class on top
    assert ax.get_xlim() == (0, 6)
    # A label stands at the middle of its step's column, and of its class's row.
    assert dict(zip(ax.get_xticks(), texts_of_ticks(ax.xaxis), strict=True)) == {
        step - 0.5: str(step) for step in range(1, 7)
    }
    assert list(ax.get_yticks()) == [0.5, 1.5, 2.5]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("training step", "class")
    assert mesh.colorbar.ax.get_ylabel() == "F1"
    assert "grey: undefined" in [text.get_text() for text in ax.texts]


def test_heatmap_of_a_probe_has_a_column_for_each_step_that_was_measured():
    frame = metric_frame(sources=("low-pass",))
    frame["step"] *= 25
    ax = plots.class_metric_heatmap(frame, source="low-pass")
    assert ax.get_xlim() == (0, 6)
    labels = dict(zip(texts_of_ticks(ax.xaxis), ax.get_xticks(), strict=True))
    assert labels["50"] == 1.5 and labels["150"] == 5.5
    assert ax.get_title() == "low-pass"
    assert not ax.texts  # nothing undefined, so no remark
    steps = (1, 2, 7, 30, 31, 999)
    frame["step"] = np.repeat(steps, 3)
    uneven = plots.class_metric_heatmap(frame, source="low-pass")
    labels = zip(texts_of_ticks(uneven.xaxis), uneven.get_xticks(), strict=True)
    assert list(labels) == [(str(step), place + 0.5) for place, step in enumerate(steps)]


def test_heatmap_shows_what_was_not_recorded_as_grey():
    frame = metric_frame().query("not (step == 3 and class_id == 2)")
    mesh = plots.class_metric_heatmap(frame, source="low-pass").collections[0]
    assert np.argwhere(mesh.get_array().mask).tolist() == [[2, 2]]


def test_curves_pool_the_counts_of_training_batches_and_leave_probes():
    frame = metric_frame(steps=9)
    axes = plots.class_metric_curves(frame, window=3, class_names=["a", "b", "c"])
    assert [ax.get_title() for ax in axes] == ["train (3 batches together)", "low-pass"]
    for k in range(3):
        rows = frame[(frame.source == "train") & (frame.class_id == k)].sort_values("step")
        tp, fp, fn = (rows[c].to_numpy() for c in ("tp", "fp", "fn"))
        for t in range(9):
            near = slice(max(t - 1, 0), t + 2)
            f1 = 2 * tp[near].sum() / (2 * tp[near] + fp[near] + fn[near]).sum()
            assert axes[0].lines[k].get_ydata()[t] == pytest.approx(f1)
        probe = frame[(frame.source == "low-pass") & (frame.class_id == k)].f1
        np.testing.assert_allclose(axes[1].lines[k].get_ydata(), probe)
        assert axes[0].lines[k].get_color() == axes[1].lines[k].get_color()
    legend = axes[-1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c"]


def test_curves_leave_a_gap_where_a_rate_is_undefined():
    axes = plots.class_metric_curves(metric_frame(), sources="train", window=1)
    assert np.isnan(axes[0].lines[1].get_ydata()[0])
    assert not np.isnan(axes[0].lines[1].get_ydata()[1:]).any()


def test_curves_of_many_classes_differ_in_colour_or_style():
    (ax,) = plots.class_metric_curves(metric_frame(20), sources=["train"], window=1)
    looks = {f"{line.get_color()} {line._dash_pattern}" for line in ax.lines}
    assert len(looks) == 20


@pytest.mark.parametrize("draw", [plots.class_metric_heatmap, plots.class_metric_curves])
def test_wrong_frames_are_refused(draw):
    frame = metric_frame()
    with pytest.raises(ValueError, match=r"`metric` must be one of 'f1', 'precision', .*'auc'"):
        draw(frame, metric="auc")
    with pytest.raises(TypeError, match=r"`frame` must be a DataFrame.*list"):
        draw([1, 2])
    with pytest.raises(ValueError, match=r"`frame` must .* the columns.*without step"):
        draw(frame.drop(columns="step"))
    with pytest.raises(ValueError, match=r"`frame` must .*callbacks=\[recorder\].*no rows"):
        draw(frame.iloc[:0])
    with pytest.raises(ValueError, match="one row for each step and class"):
        draw(pd.concat([frame, frame]))


def test_wrong_sources_and_windows_are_refused():
    with pytest.raises(ValueError, match=r"`source` must be one of 'train', 'low-pass'.*'test'"):
        plots.class_metric_heatmap(metric_frame(), source="test")
    with pytest.raises(ValueError, match=r"`sources` must be one of 'train', 'low-pass'.*'test'"):
        plots.class_metric_curves(metric_frame(), sources=["train", "test"])
    for window, message in ((0, "integer >= 1"), (2, "odd number"), (1.5, "integer >= 1")):
        with pytest.raises(ValueError, match=f"`window` must be an {message}"):
            plots.class_metric_curves(metric_frame(), window=window)


def test_comparison_has_a_dot_a_run_and_a_marker_at_the_mean():
    ax = plots.class_comparison(runs_frame(), value="mean_f1")
    dots = np.concatenate([dots.get_offsets() for dots in ax.collections])
    assert sorted(np.round(dots[:, 1], 6)) == [0.2, 0.2, 0.4, 0.4, 0.9, 0.9]
    np.testing.assert_array_equal(np.round(dots[dots[:, 1] == 0.9, 0]), [1, 1])
    cat, dog = means_of(ax)
    for line in (cat, dog):
        np.testing.assert_allclose(line.get_ydata(), [0.3, 0.9])
        np.testing.assert_array_equal(np.round(line.get_xdata()), [0, 1])
        # The dots of a class stand above and below its mean.
        for x in line.get_xdata():
            assert np.isclose(dots[:, 0], x).any()
    assert (cat.get_xdata() < dog.get_xdata()).all()
    # A line joins the least and the largest run.
    ranges = [line.get_ydata() for line in ax.lines if line.get_marker() == "None"]
    assert any(np.allclose(ends, [0.2, 0.4]) for ends in ranges)
    with pytest.raises(ValueError, match="`value` must be one of"):
        plots.class_comparison(runs_frame(), value="accuracy")
    with pytest.raises(ValueError, match="no rows"):
        plots.class_comparison(runs_frame().iloc[:0], value="mean_f1")


def means_of(ax):
    """The lines that carry the markers of the means, one a class."""
    return [line for line in ax.lines if line.get_marker() not in ("None", "")]


def test_comparison_tells_many_classes_apart():
    names = [f"class {k}" for k in range(21)]
    frame = pd.DataFrame({"setting": "B1", "class_name": names, "mean_f1": 0.5})
    lines = means_of(plots.class_comparison(frame, value="mean_f1"))
    assert len(lines) == 21
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 21
