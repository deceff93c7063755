"""Arguments, labels and models that a recorder refuses, and what it says then."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from recording_cases import (
    SHAPE,
    K,
    compile_model,
    fit,
    images_and_labels,
    ordered_batches,
    small_model,
)

import keras_freq as kf


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 1}, "num_classes=1"),
        ({"num_classes": 2.0}, "num_classes=2.0"),
        ({"max_steps": 0}, "max_steps=0"),
        ({"max_steps": 2.5}, "max_steps=2.5"),
        ({"probe_every": -1}, "probe_every=-1"),
        ({"probes": {"train": images_and_labels()}}, "'train'"),
        ({"probes": {3: images_and_labels()}}, "strings.*3"),
        ({"probes": {"x": tf.data.Dataset.range(3)}}, r"probes\['x'\].*pairs"),
        ({"probes": {"x": (np.zeros((3, 2)), [0, 1, 2])}}, r"probes\['x'\].*rank 4"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        kf.ClassMetricsRecorder(**{"num_classes": K, **arguments})


def test_wrong_types_of_probes_are_refused():
    with pytest.raises(TypeError, match=r"dict.*tuple"):
        kf.ClassMetricsRecorder(K, probes=images_and_labels())
    with pytest.raises(TypeError, match=r"probes\['x'\].*str"):
        kf.ClassMetricsRecorder(K, probes={"x": "cifar10"})


def test_a_recorder_that_was_no_callback_says_so():
    recorder, model = kf.ClassMetricsRecorder(K, max_steps=9), small_model()
    compile_model(model, recorder)
    fit(model, [])
    with pytest.warns(UserWarning, match=r"no training step.*callbacks=\[recorder\]"):
        frame = recorder.to_frame()
    assert frame.empty and "f1" in frame
    fit(model, [recorder])
    assert recorder.to_frame()["step"].max() == 3


def test_labels_out_of_range_are_refused_at_once():
    images, labels = images_and_labels()
    recorder = kf.ClassMetricsRecorder(K, max_steps=9)
    model = small_model()
    # A loss that does not look at the labels: the usual ones raise an error of their own.
    compile_model(model, recorder, loss=lambda labels, scores: scores[:, 0])
    with pytest.raises(ValueError, match=r"\[0, 3\].*batch of step 1"):
        fit(model, [recorder], dataset=ordered_batches((images, labels + 1)))
    assert int(model.optimizer.iterations) == 1

    labels[12] = -1
    recorder = kf.ClassMetricsRecorder(K, max_steps=9)
    compile_model(model, recorder, loss=lambda labels, scores: scores[:, 0])
    with pytest.raises(ValueError, match="batch of step 2"):
        fit(model, [recorder], dataset=ordered_batches((images, labels)), epochs=3)


def test_a_recorder_outside_compile_is_refused():
    recorder, other = kf.ClassMetricsRecorder(K), kf.ClassMetricsRecorder(K)
    model = small_model()
    compile_model(model, other)
    with pytest.raises(ValueError, match=r"metrics=\['accuracy', recorder.batch_counts\]"):
        fit(model, [recorder])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"metrics=\['accuracy', recorder.batch_counts\]"):
        fit(model, [recorder])
    # Twice is once too often.
    recorder = kf.ClassMetricsRecorder(K)
    metrics = [recorder.batch_counts, recorder.batch_counts]
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics)
    with pytest.raises(RuntimeError, match="2 counted, 1 trained"):
        fit(model, [recorder])


def test_models_of_other_outputs_are_refused():
    recorder = kf.ClassMetricsRecorder(K + 1)
    model = small_model()
    compile_model(model, recorder)
    with pytest.raises(ValueError, match=r"\(N, 5\).*\(None, 4\)"):
        fit(model, [recorder])

    recorder = kf.ClassMetricsRecorder(2)
    model = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten()])
    model.add(keras.layers.Dense(1, "sigmoid"))
    model.compile("sgd", "binary_crossentropy", metrics=[recorder.batch_counts])
    images, labels = images_and_labels()
    with pytest.raises(ValueError, match="sigmoid"):
        model.fit(images, labels > 1, callbacks=[recorder], verbose=0)


def test_a_probe_of_another_range_than_the_model_takes_is_refused():
    single = small_model()
    model = keras.Sequential([keras.Input(SHAPE), keras.layers.Rescaling(1 / 255), *single.layers])
    images, labels = images_and_labels()
    recorder = kf.ClassMetricsRecorder(K, probes={"test": (images, labels)})
    compile_model(model, recorder)
    with pytest.raises(ValueError, match=r"probes\['test'\].*images in \[0, 1\].*Rescaling"):
        fit(model, [recorder], ordered_batches((255 * images, labels)))
    assert int(model.optimizer.iterations) == 0
