"""Models of several or named outputs: the recorder counts the one that has its metric."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from recording_cases import SHAPE, K, assert_rows, fit, images_and_labels, small_model

import keras_freq as kf

LOSS = "sparse_categorical_crossentropy"
STRUCTURES = {
    "list": lambda scores, other: [other, scores],
    "dict": lambda scores, other: {"scores": scores, "a": other},
    "dict of layer names": lambda scores, other: {"scores": other, "other": scores},
    "dict of one": lambda scores, other: {"scores": scores},
    "list of one": lambda scores, other: [scores],
}


def model_of(structure):
    """The model that is trained by hand, with an output of 7 more classes that trains nothing."""
    single = small_model()
    x = single.layers[0].output
    other = keras.layers.Dense(7, "softmax", name="other")(keras.ops.stop_gradient(x))
    scores = keras.layers.Identity(name="scores")(single.outputs[0])
    return keras.Model(single.inputs, STRUCTURES[structure](scores, other))


def compile_for(model, metrics):
    losses = keras.tree.map_structure(lambda output: LOSS, model.output)
    model.compile(keras.optimizers.SGD(0.5), losses, metrics=metrics)


def labelled(model, labels):
    return keras.tree.map_structure(lambda output: labels, model.output)


@pytest.mark.parametrize(
    ("structure", "metrics"),
    [
        ("list", lambda metric: {"scores": ["accuracy", metric]}),
        ("list", lambda metric: [["accuracy"], [metric]]),
        ("dict", lambda metric: {"scores": [metric], "a": "accuracy"}),
        ("dict", lambda metric: [None, [metric]]),
        ("dict of layer names", lambda metric: {"other": metric}),
        ("dict of one", lambda metric: {"scores": [metric]}),
        ("dict of one", lambda metric: ["accuracy", metric]),
        ("list of one", lambda metric: [metric]),
    ],
)
def test_one_output_of_several_is_recorded_and_probed(by_hand, structure, metrics):
    probe = images_and_labels(30, seed=1)
    recorder = kf.ClassMetricsRecorder(K, max_steps=50, probes={"probe": probe})
    model = model_of(structure)
    compile_for(model, metrics(recorder.batch_counts))
    images, labels = images_and_labels()
    # The labels have the structure of the outputs: a list, or a dict by name.
    dataset = tf.data.Dataset.from_tensor_slices(
        (images, keras.tree.lists_to_tuples(labelled(model, labels)))
    )
    predicted = []

    class Predict(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            outputs = keras.tree.flatten(self.model.predict_on_batch(probe[0]))
            (scores,) = [output for output in outputs if output.shape[1] == K]
            predicted.append((probe[1], scores.argmax(-1)))

    fit(model, [recorder, Predict()], dataset.batch(8), epochs=2)
    frame = recorder.to_frame()
    assert_rows(frame, by_hand[:6])
    assert_rows(frame, predicted, "probe")


def test_googlenet_with_its_auxiliary_classifiers():
    rng = np.random.default_rng(0)
    images, labels = rng.random((12, 64, 64, 3), np.float32), rng.integers(0, 3, 12)
    model = kf.models.GoogLeNet((64, 64, 3), 3, torchvision=True, auxiliary=True)
    recorder = kf.ClassMetricsRecorder(3, max_steps=50, probes={"probe": (images, labels)})
    metrics = {"predictions": ["accuracy", recorder.batch_counts]}
    model.compile("sgd", [LOSS] * 3, metrics=metrics, run_eagerly=True)
    dataset = tf.data.Dataset.from_tensors((images, dict.fromkeys(model.output_names, labels)))
    history = fit(model, [recorder], dataset).history
    frame = recorder.to_frame()
    predicted = model.predict_on_batch(images)[0].argmax(-1)
    for k, row in enumerate(frame[frame.source == "probe"].itertuples()):
        assert row.tp == ((labels == k) & (predicted == k)).sum()
        assert row.fp == ((labels != k) & (predicted == k)).sum()
        assert row.fn == ((labels == k) & (predicted != k)).sum()
    train = frame[frame.source == "train"]
    assert train.support.tolist() == np.bincount(labels, minlength=3).tolist()
    assert train.tp.sum() / 12 == pytest.approx(history["predictions_accuracy"][0])
    # The counts show in no log.
    assert not any("counts" in name for name in history)


def test_a_second_fit_with_the_metric_on_another_output_probes_that_one():
    single = small_model()
    second = keras.layers.Dense(K, "softmax", name="second")(single.layers[0].output)
    model = keras.Model(single.inputs, [single.outputs[0], second])
    images, labels = images_and_labels()
    recorder = kf.ClassMetricsRecorder(K, max_steps=50, probes={"probe": (images, labels)})
    for step, place in enumerate((0, 1), start=1):
        metrics = [[], []]
        metrics[place] = [recorder.batch_counts]
        model.compile("sgd", [LOSS] * 2, metrics=metrics)
        model.fit(images, [labels, labels], batch_size=64, callbacks=[recorder], verbose=0)
        frame = recorder.to_frame()
        rows = frame[(frame.source == "probe") & (frame.step == step)]
        answers = np.asarray(model.predict_on_batch(images)[place]).argmax(-1)
        assert (rows.tp + rows.fp).tolist() == np.bincount(answers, minlength=K).tolist()


def test_a_metric_on_two_outputs_and_a_subclassed_model_with_probes_are_refused():
    images, labels = images_and_labels()
    model = model_of("list")
    recorder = kf.ClassMetricsRecorder(K)
    compile_for(model, [None, [recorder.batch_counts, recorder.batch_counts]])
    with pytest.raises(RuntimeError, match="2 counted, 1 trained"):
        model.fit(images, [labels, labels], callbacks=[recorder], verbose=0)

    class Twice(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = small_model()

        def call(self, images):
            scores = self.inner(images)
            return {"a": scores, "b": scores}

    for probes in (None, {"probe": (images, labels)}):
        model, recorder = Twice(), kf.ClassMetricsRecorder(K, probes=probes)
        model.compile("sgd", {"a": LOSS, "b": LOSS}, metrics={"a": [recorder.batch_counts]})
        model.build((None, *SHAPE))
        data = tf.data.Dataset.from_tensors((images, {"a": labels, "b": labels}))
        if probes is None:
            fit(model, [recorder], data)
            assert recorder.steps == 1
        else:
            with pytest.raises(ValueError, match=r"probes\['probe'\].*one output"):
                fit(model, [recorder], data)
