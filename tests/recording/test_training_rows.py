"""The rows of training batches against scikit-learn on a training loop written by hand."""

import keras
import numpy as np
import pytest
from recording_cases import (
    K,
    assert_rows,
    compile_model,
    fit,
    images_and_labels,
    one_hot,
    ordered_batches,
    small_model,
)

import keras_freq as kf


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"steps_per_execution": 2},
        {"steps_per_execution": 7},
        {"jit_compile": True},
        {"jit_compile": True, "steps_per_execution": 3},
        {"run_eagerly": True},
    ],
    ids=str,
)
def test_training_rows_agree_with_scikit_learn(by_hand, options):
    recorder = kf.ClassMetricsRecorder(K, max_steps=12)
    model = small_model()
    compile_model(model, recorder, **options)
    fit(model, [recorder], epochs=4)
    assert recorder.steps == 12
    assert_rows(recorder.to_frame(), by_hand)


@pytest.mark.parametrize(
    ("labels_as", "loss"),
    [
        (one_hot, "categorical_crossentropy"),
        (lambda labels: labels[:, None], "sparse_categorical_crossentropy"),
        (lambda labels: labels.astype(np.float32), "sparse_categorical_crossentropy"),
        (lambda labels: labels.astype(np.uint8), "sparse_categorical_crossentropy"),
    ],
    ids=["one-hot", "column", "float", "uint8"],
)
def test_labels_may_come_in_any_form(by_hand, labels_as, loss):
    recorder = kf.ClassMetricsRecorder(K, max_steps=6)
    model = small_model()
    compile_model(model, recorder, loss)
    fit(model, [recorder], dataset=ordered_batches(labels_as=labels_as), epochs=2)
    assert_rows(recorder.to_frame(), by_hand[:6])


class Evaluate(keras.callbacks.Callback):
    """Evaluates the model inside `fit`, at one of the hooks."""

    def __init__(self, hook, steps_per_call=1):
        super().__init__()
        setattr(self, hook, self._evaluate)

    def _evaluate(self, *args, **kwargs):
        self.model.evaluate(ordered_batches(images_and_labels(30, seed=1)), verbose=0)


@pytest.mark.parametrize(
    ("hook", "first"),
    [
        ("on_train_begin", True),
        ("on_epoch_begin", True),
        ("on_train_batch_end", True),
        ("on_train_batch_end", False),
        ("on_epoch_end", True),
        ("on_train_end", False),
    ],
)
def test_evaluations_inside_fit_are_not_recorded(by_hand, hook, first):
    recorder = kf.ClassMetricsRecorder(K, max_steps=6)
    model = small_model()
    compile_model(model, recorder)
    callbacks = [recorder, Evaluate(hook)]
    fit(model, callbacks[:: 1 if first else -1], epochs=2)
    model.evaluate(ordered_batches(), verbose=0)
    assert_rows(recorder.to_frame(), by_hand[:6])


@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_validation_is_not_recorded(by_hand, steps_per_execution):
    recorder = kf.ClassMetricsRecorder(K, max_steps=12)
    model = small_model()
    compile_model(model, recorder, steps_per_execution=steps_per_execution)
    history = fit(
        model, [recorder], epochs=4, validation_data=ordered_batches(images_and_labels(20, seed=1))
    )
    assert_rows(recorder.to_frame(), by_hand)
    # The counts show in no log.
    assert sorted(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert len(model.evaluate(ordered_batches(), verbose=0)) == 2


def test_evaluation_at_the_start_of_a_batch_is_right_before_the_recorder_and_refused_after(by_hand):
    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = small_model()
    compile_model(model, recorder)
    evaluate = Evaluate("on_train_batch_begin")
    fit(model, [evaluate, recorder])
    assert_rows(recorder.to_frame(), by_hand[:3])

    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = small_model()
    compile_model(model, recorder)
    with pytest.raises(RuntimeError, match="on_train_batch_begin"):
        fit(model, [recorder, evaluate])


def test_an_interrupted_fit_leaves_its_rows_and_records_no_later_evaluation(by_hand):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                raise KeyboardInterrupt

    recorder = kf.ClassMetricsRecorder(K, max_steps=12)
    model = small_model()
    compile_model(model, recorder)
    with pytest.raises(KeyboardInterrupt):
        fit(model, [recorder, Interrupt()])
    model.evaluate(ordered_batches(), verbose=0)
    assert_rows(recorder.to_frame(), by_hand[:2])


def test_a_second_fit_continues_the_rows(by_hand):
    recorder = kf.ClassMetricsRecorder(K, max_steps=12, stop_training=True)
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder], epochs=1)
    fit(model, [recorder], epochs=3)
    assert_rows(recorder.to_frame(), by_hand)
    with pytest.raises(ValueError, match="recorder is full"):
        fit(model, [recorder])


@pytest.mark.parametrize(("steps_per_execution", "trained"), [(1, 7), (2, 8)])
def test_training_stops_at_the_first_call_at_or_after_max_steps(
    by_hand, steps_per_execution, trained, capsys
):
    recorder = kf.ClassMetricsRecorder(
        K, max_steps=7, probes={"probe": images_and_labels(9)}, stop_training=True
    )
    model = small_model()
    compile_model(model, recorder, steps_per_execution=steps_per_execution)
    fit(model, [recorder], epochs=4)
    assert int(model.optimizer.iterations) == recorder.steps == trained
    said = f"has stopped the training after step {trained}, since max_steps=7"
    assert capsys.readouterr().out.count(said) == 1
    frame = recorder.to_frame()
    assert_rows(frame, by_hand[:7])
    probed = frame.loc[frame["source"] == "probe", "step"]
    assert probed.max() == (7 if steps_per_execution == 1 else 6)


def test_training_goes_on_without_recording_unless_asked_to_stop(by_hand, capsys):
    recorder = kf.ClassMetricsRecorder(
        K, max_steps=4, probes={"probe": images_and_labels(9)}, probe_every=2
    )
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder], epochs=3)
    fit(model, [recorder], epochs=1)
    assert int(model.optimizer.iterations) == recorder.steps == 12
    assert capsys.readouterr().out == ""
    frame = recorder.to_frame()
    assert_rows(frame, by_hand[:4])
    assert frame[frame.source == "probe"].step.unique().tolist() == [2, 4]


def test_nan_outputs_count_as_no_prediction():
    recorder = kf.ClassMetricsRecorder(K, max_steps=3, probes={"probe": images_and_labels()})
    model = small_model()
    model.layers[-1].set_weights([w * np.nan for w in model.layers[-1].get_weights()])
    compile_model(model, recorder)
    fit(model, [recorder])
    frame = recorder.to_frame()
    assert not frame.tp.any() and not frame.fp.any()
    assert (frame.fn == frame.support).all()
    assert frame.precision.isna().all()
