"""What filters change: recall lost over training, and changes in several settings."""

import numpy as np
import pandas as pd
import pytest
from plot_cases import runs_frame

from keras_freq import plots


def test_reliance_is_the_recall_lost_averaged_over_runs():
    frame = pd.DataFrame(
        {
            "step": [10, 20] * 6,
            "class_id": [0, 0, 1, 1] * 3,
            "source": ["train"] * 4 + ["test"] * 4 + ["low"] * 4,
            "recall": [0.0] * 4 + [0.5, 0.9, 0.2, 1.0] + [0.4, 0.1, 0.3, np.nan],
        }
    )
    other = frame.assign(recall=frame["recall"].where(frame["source"] != "low", 0.0))
    # A training batch between two probes leaves no gap in their lines.
    between = frame.iloc[:1].assign(step=15)
    first = plots.filter_reliance(pd.concat([frame, between]))
    np.testing.assert_allclose(first[0].lines[-1].get_ydata(), [10, 80])
    np.testing.assert_allclose(first[1].lines[-1].get_ydata(), [-10, np.nan])
    both = plots.filter_reliance(pd.concat([frame, other]))
    np.testing.assert_allclose(both[0].lines[-1].get_ydata(), [30, 85])
    with pytest.raises(ValueError, match=r"`reference` must be one of 'test', 'low'.*'tset'"):
        plots.filter_reliance(frame, reference="tset")
    below = plots.filter_reliance(frame, columns=1)
    boxes = [one.get_window_extent() for one in below]
    assert boxes[0].y0 > boxes[1].y1 and below[0].get_legend() and not below[1].get_legend()
    with pytest.raises(ValueError, match="`columns` must be an integer >= 1"):
        plots.filter_reliance(frame, columns=0)
    with pytest.raises(ValueError, match="one without recall"):
        plots.filter_reliance(frame.drop(columns="recall"))
    # A class of which the probes hold no image, and one that has no row.
    none = frame.assign(recall=frame["recall"].where(frame["class_id"] == 0, np.nan))
    gaps = plots.filter_reliance(none.assign(class_id=none["class_id"] * 2))
    np.testing.assert_allclose(gaps[0].lines[-1].get_ydata(), [10, 80])
    assert np.isnan(gaps[2].lines[-1].get_ydata()).all() and not len(gaps[1].lines[-1].get_ydata())


def test_filter_changes_average_runs_and_leave_gaps():
    ax = plots.filter_changes(runs_frame())
    values = ax.collections[0].get_array()
    np.testing.assert_allclose(values[:2], [[-60.0], [-60.0]])
    assert values.mask[2:].all()
    assert [text.get_text() for text in ax.texts] == ["\u221260", "\u221260", "–", "–", "B1", "B2"]
