"""What a recorder gives: its table, and its state, by which a training is resumed."""

import keras
import numpy as np
import pandas as pd
import pytest
from recording_cases import RATES, K, compile_model, fit, images_and_labels, small_model

import keras_freq as kf


def test_the_frame_is_tidy_and_typed():
    recorder = kf.ClassMetricsRecorder(
        K, max_steps=3, probes={"b": images_and_labels(9), "a": images_and_labels(5)}
    )
    with pytest.warns(UserWarning, match="holds no training step"):
        empty = recorder.to_frame()
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder])
    frame = recorder.to_frame()
    columns = ["step", "source", "class_id", "tp", "fp", "fn", "support", *RATES]
    assert list(frame.columns) == list(empty.columns) == columns
    assert len(empty) == 0
    assert all(frame[name].dtype == np.int64 for name in columns if name not in ["source", *RATES])
    assert all(frame[name].dtype == np.float64 for name in RATES)
    assert frame.dtypes.equals(empty.dtypes)
    assert frame.source.drop_duplicates().tolist() == ["train", "b", "a"]
    assert (frame.tp + frame.fn == frame.support).all()

    named = recorder.to_frame(class_names=["ant", "bee", "cow", "dog"])
    assert list(named.columns) == [*columns[:3], "class_name", *columns[3:]]
    pd.testing.assert_frame_equal(named.drop(columns="class_name"), frame)
    wanted = [["ant", "bee", "cow", "dog"][k] for k in frame.class_id]
    assert named["class_name"].tolist() == wanted
    with pytest.raises(ValueError, match=r"4 classes.*2 names"):
        recorder.to_frame(class_names=["ant", "bee"])


def test_a_resumed_fit_is_the_uninterrupted_one(tmp_path):
    probes = {"low-pass": images_and_labels(9), "a/b é": images_and_labels(5)}

    def setting():
        recorder = kf.ClassMetricsRecorder(K, max_steps=12, probes=probes, probe_every=2)
        model = small_model()
        compile_model(model, recorder)
        return model, recorder

    whole, expected = setting()
    fit(whole, [expected], epochs=4)

    class Checkpoint(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            np.savez(tmp_path / "state.npz", **recorder.get_state())
            self.model.save_weights(tmp_path / "model.weights.h5")
            self.model.stop_training = epoch == 2

    model, recorder = setting()
    fit(model, [recorder, Checkpoint()], epochs=4)
    model, recorder = setting()
    model.load_weights(tmp_path / "model.weights.h5")
    with np.load(tmp_path / "state.npz", allow_pickle=False) as state:
        recorder.set_state(state)
    assert recorder.steps == 9
    fit(model, [recorder], epochs=4, initial_epoch=3)
    pd.testing.assert_frame_equal(recorder.to_frame(), expected.to_frame())

    # What does not fit is refused.
    state = expected.get_state()
    for other, message in [
        (kf.ClassMetricsRecorder(K + 1, 12, probes), "5 classes.*4 classes"),
        (kf.ClassMetricsRecorder(K, 12), r"probes \[\]"),
        (kf.ClassMetricsRecorder(K, 11, probes), "12 rows"),
        (kf.ClassMetricsRecorder(K, 13, probes, stop_training=False), None),
    ]:
        if message is None:
            other.set_state(state)
        else:
            with pytest.raises(ValueError, match=message):
                other.set_state(state)


def test_a_full_recorder_cannot_be_extended():
    recorder = kf.ClassMetricsRecorder(K, max_steps=2, stop_training=False)
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder])
    with pytest.raises(ValueError, match="2 rows"):
        kf.ClassMetricsRecorder(K, max_steps=5).set_state(recorder.get_state())


def test_the_state_is_refused_before_the_recorder_has_counted_the_step():
    class TooEarly(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            recorder.get_state()

    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = small_model()
    compile_model(model, recorder)
    with pytest.raises(RuntimeError, match="before one that calls `get_state`"):
        fit(model, [TooEarly(), recorder])
