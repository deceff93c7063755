"""Training curves: which columns are drawn, over what and on which scale."""

import numpy as np
import pandas as pd
import pytest

from keras_freq import plots


class FakeHistory:
    """What `model.fit` returns."""

    def __init__(self):
        self.epoch = [0, 1, 2]
        self.history = {"accuracy": [0.2, 0.5, 0.7], "loss": [3, 2, 1.0], "val_loss": [3, 2.5, 2]}


def test_training_curves_of_a_history_count_epochs_from_1():
    axes = plots.training_curves(FakeHistory())
    assert [ax.get_ylabel() for ax in axes] == ["loss", "accuracy"]
    assert [ax.get_xlabel() for ax in axes] == ["epoch", "epoch"]
    train, validation = axes[0].lines
    np.testing.assert_array_equal(train.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(train.get_ydata(), [3, 2, 1])
    np.testing.assert_array_equal(validation.get_ydata(), [3, 2.5, 2])
    assert [t.get_text() for t in axes[0].get_legend().get_texts()] == ["training", "validation"]
    assert axes[1].get_legend() is None
    assert axes[0].get_ylim()[0] == 0


def test_training_curves_of_steps_skip_missing_validation():
    frame = pd.DataFrame({"step": range(1, 101), "epoch": 0, "loss": np.linspace(2, 1, 100)})
    frame["val_loss"] = np.where(frame.step % 25 == 0, 1.5, np.nan)
    (ax,) = plots.training_curves(frame)
    assert ax.get_xlabel() == "training step"
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [25, 50, 75, 100])
    assert ax.lines[0].get_xdata()[-1] == 100


def test_learning_rate_is_logarithmic():
    history = {"loss": [2.0, 1.0], "learning_rate": [0.01, 0.001]}
    assert plots.training_curves(history)[1].get_yscale() == "log"
    history["learning_rate"] = [0.01, 0.01]
    assert plots.training_curves(history)[1].get_ylim()[0] == 0


def test_wrong_histories_are_refused():
    with pytest.raises(TypeError, match=r"`history` must be.*list"):
        plots.training_curves([1, 2])
    with pytest.raises(ValueError, match="at least one quantity"):
        plots.training_curves({"epoch": [1, 2]})
    with pytest.raises(ValueError, match=r"one length.*NaN.*{'loss': 2, 'val_loss': 1}"):
        plots.training_curves({"loss": [1, 2], "val_loss": [1]})
