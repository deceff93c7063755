"""Each model has rows of its own: another model is refused, a deep copy starts anew."""

import copy

import pytest
from recording_cases import (
    K,
    assert_rows,
    compile_model,
    fit,
    images_and_labels,
    small_model,
)

import keras_freq as kf


def trained(recorder, model=None, callback=None, **options):
    model = model or small_model()
    compile_model(model, recorder)
    fit(model, [callback or recorder], **options)
    return model


def test_a_second_model_is_refused_and_a_recompiled_one_is_not(by_hand):
    recorder = kf.ClassMetricsRecorder(K, max_steps=50)
    model = trained(recorder)
    another = small_model()
    with pytest.raises(ValueError, match=r"recorder of its own.*3 steps of another.*new one"):
        trained(recorder, another)
    assert int(another.optimizer.iterations) == 0
    trained(recorder, model, epochs=3)
    assert_rows(recorder.to_frame(), by_hand)


def test_a_model_is_refused_after_the_first_is_gone():
    recorder = kf.ClassMetricsRecorder(K, max_steps=50)
    trained(recorder)
    recorder.set_model(None)
    for _ in range(3):
        with pytest.raises(ValueError, match="recorder of its own"):
            trained(recorder)


def test_a_fit_that_never_began_binds_no_model(by_hand):
    recorder = kf.ClassMetricsRecorder(K, max_steps=50)
    model = small_model()
    compile_model(model, recorder, loss=lambda labels, scores: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fit(model, [recorder])
    trained(recorder)
    assert_rows(recorder.to_frame(), by_hand[:3])


def test_rows_go_on_with_another_model_by_the_state(by_hand):
    first = kf.ClassMetricsRecorder(K, max_steps=50)
    model = trained(first)
    second, twin = kf.ClassMetricsRecorder(K, max_steps=50), small_model()
    twin.set_weights(model.get_weights())
    second.set_state(first.get_state())
    trained(second, twin)
    assert_rows(second.to_frame(), by_hand[:6])
    # Also in the recorder itself.
    first.set_state(first.get_state())
    twin = small_model()
    twin.set_weights(model.get_weights())
    trained(first, twin)
    assert_rows(first.to_frame(), by_hand[:6])


@pytest.mark.parametrize("compiled_with", ["the original", "the copy"])
def test_deep_copies_have_rows_of_their_own(by_hand, compiled_with):
    probes = {"arrays": images_and_labels(9), "batches": kf.data.as_batches(images_and_labels(9))}
    original = kf.ClassMetricsRecorder(K, max_steps=50, probes=probes)
    # As KerasTuner does: the model is built with the original, and fitted with a copy.
    copies = [copy.deepcopy([original])[0] for _ in range(3)]
    for epochs, one in enumerate(copies, start=1):
        metric_of = original if compiled_with == "the original" else one
        trained(metric_of, callback=one, epochs=epochs)
    for epochs, one in enumerate(copies, start=1):
        frame = one.to_frame()
        assert one.steps == 3 * epochs
        assert_rows(frame, by_hand[: 3 * epochs])
        assert frame[frame.source == "batches"].step.nunique() == 3 * epochs
        assert len(one.get_state()["counts"]) == 3 * epochs
    with pytest.warns(UserWarning, match="holds no training step"):
        assert original.steps == 0 and len(original.to_frame()) == 0


def test_copies_take_turns(by_hand):
    original = kf.ClassMetricsRecorder(K, max_steps=50)
    first = trained(original)
    fresh = kf.ClassMetricsRecorder(K, max_steps=50)
    other = copy.deepcopy(fresh)
    second = trained(other)
    trained(original, first)
    trained(other, second)
    copied = copy.deepcopy(other)
    trained(other, second)
    assert_rows(original.to_frame(), by_hand[:6])
    assert_rows(other.to_frame(), by_hand[:9])
    assert_rows(copied.to_frame(), by_hand[:6])
    with pytest.raises(ValueError, match="6 steps of another"):
        trained(copied)


def test_a_subclass_is_copied_with_what_it_holds():
    class Noted(kf.ClassMetricsRecorder):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.notes = []

        def on_train_end(self, logs=None):
            super().on_train_end(logs)
            self.notes.append(len(self.to_frame()))

    original = Noted(K, max_steps=50)
    copied = copy.deepcopy(original)
    trained(original, callback=copied)
    assert (original.notes, copied.notes) == ([], [3 * K])
