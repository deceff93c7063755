"""The rows of probes against Keras' own predictions; and a training that does not notice them."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from recording_cases import (
    BATCH,
    SHAPE,
    K,
    assert_rows,
    compile_model,
    fit,
    images_and_labels,
    noisy_model,
    one_hot,
    ordered_batches,
    small_model,
)

import keras_freq as kf


class Predict(keras.callbacks.Callback):
    """Predicts data sets after every batch, by Keras' own function."""

    def __init__(self, **datasets):
        super().__init__()
        self.datasets = datasets
        self.record = {name: [] for name in datasets}

    def on_train_batch_end(self, batch, logs=None):
        for name, (images, labels) in self.datasets.items():
            predicted = self.model.predict_on_batch(images).argmax(-1)
            self.record[name].append((labels, predicted))


def test_probe_rows_agree_with_scikit_learn_after_each_update():
    low, high = images_and_labels(30, seed=1), images_and_labels(19, seed=2)
    probes = {"low-pass": ordered_batches(low, one_hot), "high-pass": high}
    recorder = kf.ClassMetricsRecorder(K, max_steps=12, probes=probes, probe_every=2)
    model = noisy_model()
    compile_model(model, recorder)
    predict = Predict(low=low, high=high)
    fit(model, [recorder, predict], epochs=4)
    frame = recorder.to_frame()
    assert frame.source.unique().tolist() == ["train", "low-pass", "high-pass"]
    steps = range(2, 13, 2)
    assert_rows(frame, predict.record["low"][1::2], "low-pass", steps)
    assert_rows(frame, predict.record["high"][1::2], "high-pass", steps)


def test_probes_run_at_the_first_call_at_or_after_their_step():
    recorder = kf.ClassMetricsRecorder(
        K, max_steps=20, probes={"probe": images_and_labels(9)}, probe_every=3, stop_training=False
    )
    model = small_model()
    compile_model(model, recorder, steps_per_execution=2)
    fit(model, [recorder], epochs=3)
    frame = recorder.to_frame()
    # Keras calls back after 2 and 1 batches of each epoch of 3.
    assert frame[frame.source == "probe"].step.unique().tolist() == [3, 6, 9]


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_fit_with_probes_is_bit_for_bit_the_fit_without(jit_compile):
    def train(make_probes):
        keras.utils.set_random_seed(0)
        recorder = kf.ClassMetricsRecorder(K, max_steps=100, probes=make_probes())
        model = noisy_model(seed=None)
        model.compile(
            keras.optimizers.Adam(0.01),
            "sparse_categorical_crossentropy",
            metrics=["accuracy", recorder.batch_counts],
            jit_compile=jit_compile,
        )
        images, labels = images_and_labels()
        train_set = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(50).batch(BATCH)
        validation = ordered_batches(images_and_labels(9, seed=3))
        history = fit(model, [recorder], train_set, epochs=3, validation_data=validation)
        values = [*model.trainable_variables, *model.non_trainable_variables]
        values += model.optimizer.variables
        frame = recorder.to_frame()
        return history.history, [np.asarray(v) for v in values], frame[frame.source == "train"]

    history, values, frame = train(
        lambda: {
            "arrays": images_and_labels(20, seed=1),
            "batches": ordered_batches(images_and_labels(20, seed=2)),
        }
    )
    expected_history, expected_values, expected_frame = train(lambda: None)
    assert history == expected_history
    for value, expected in zip(values, expected_values, strict=True):
        np.testing.assert_array_equal(value, expected)
    pd.testing.assert_frame_equal(frame, expected_frame)


def test_probes_are_traced_once_whatever_their_batches():
    class Counted(keras.layers.Layer):
        calls = 0

        def call(self, images):
            Counted.calls += 1
            return images

    def traces(probes):
        model = keras.Sequential([keras.Input(SHAPE), Counted(), *small_model().layers])
        recorder = kf.ClassMetricsRecorder(K, max_steps=12, probes=probes)
        compile_model(model, recorder)
        Counted.calls = 0
        fit(model, [recorder], epochs=2)
        fit(model, [recorder], epochs=2)
        return Counted.calls

    probes = {
        "one": ordered_batches(),
        "two": images_and_labels(100),
        "three": images_and_labels(2),
    }
    # Once to look at its graph, and once to evaluate it.
    assert traces(probes) == traces(None) + 2


def test_a_model_built_by_its_first_batch_can_be_probed(by_hand):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(K, "softmax")])
    recorder = kf.ClassMetricsRecorder(K, max_steps=6, probes={"probe": images_and_labels(10)})
    compile_model(model, recorder)
    fit(model, [recorder], epochs=2)
    frame = recorder.to_frame()
    assert_rows(frame, by_hand[:6])
    assert len(frame) == 2 * 6 * K


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ((np.zeros((3, 9, 9, 2)), [0, 1, 2]), r"\(5, 4, 2\).*\(9, 9, 2\)"),
        ((np.zeros((3, *SHAPE)), [0, 1, K]), r"\[0, 3\].*Received: 4"),
        (ordered_batches().map(lambda images, labels: (images * np.nan, labels)), "finite"),
        (ordered_batches().take(0), "empty"),
        (ordered_batches().repeat(), "must end"),
    ],
)
def test_broken_probes_are_refused_before_the_first_step(probe, message):
    recorder = kf.ClassMetricsRecorder(K, probes={"good": images_and_labels(), "bad": probe})
    model = small_model()
    compile_model(model, recorder)
    with pytest.raises(ValueError, match=r"probes\['bad'\].*" + message):
        fit(model, [recorder])
    assert int(model.optimizer.iterations) == 0


@pytest.mark.parametrize("reshuffled", [True, False])
def test_a_probe_must_hold_the_same_images_at_each_evaluation(reshuffled):
    """A shuffled data set of which a part is taken is another one each time."""
    images = tf.data.Dataset.from_tensor_slices(images_and_labels(60))
    shuffled = images.shuffle(60, seed=0, reshuffle_each_iteration=reshuffled)
    recorder = kf.ClassMetricsRecorder(K, probes={"part": shuffled.take(20).batch(8)})
    model = small_model()
    compile_model(model, recorder)
    if reshuffled:
        with pytest.raises(ValueError, match=r"`probes\['part'\]`.*the same images each time"):
            fit(model, [recorder], epochs=1)
    else:
        fit(model, [recorder], epochs=1)
