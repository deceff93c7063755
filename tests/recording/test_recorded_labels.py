"""Which labels a recorder counts: those of one class, mixed ones by their largest entry."""

import numpy as np
import pytest
import tensorflow as tf
from recording_cases import K, compile_model, fit, images_and_labels, one_hot, small_model

import keras_freq as kf


def batches_of(labels):
    images, _ = images_and_labels()
    return kf.data.without_autotune(tf.data.Dataset.from_tensor_slices((images, labels)).batch(8))


def record(labels, epochs=1, max_steps=50, nan=False, compiled=None, **options):
    recorder = kf.ClassMetricsRecorder(K, max_steps=max_steps)
    model = small_model()
    if nan:
        model.layers[-1].set_weights([w * np.nan for w in model.layers[-1].get_weights()])

    def loss(labels, scores):  # one that does not look at the labels: Keras' own may refuse some
        return scores[:, 0]

    compile_model(model, recorder, loss, **(compiled or {}))
    fit(model, [recorder], batches_of(labels), epochs=epochs, **options)
    return recorder.to_frame()


def support(labels):
    """The images of each class in each batch, by NumPy."""
    parts = [labels[start : start + 8] for start in range(0, len(labels), 8)]
    return np.concatenate([np.bincount(part, minlength=K) for part in parts])


def mixed(rng, labels):
    share = rng.uniform(0.51, 1, (len(labels), 1))
    return share * one_hot(labels) + (1 - share) * one_hot(rng.permutation(labels))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_mixed_and_smoothed_labels_count_by_their_largest_entry(dtype):
    _, labels = images_and_labels()
    rng = np.random.default_rng(0)
    for soft in (mixed(rng, labels), 0.9 * one_hot(labels) + 0.1 / K):
        frame = record(soft.astype(dtype))
        assert frame.support.tolist() == support(labels).tolist()


def wrong_rows():
    """Labels of which the 11th, in the second batch, names no class."""
    _, labels = images_and_labels()
    for row in ([1, 1, 0, 0], [0, 0, 0, 0], [255, 0, 0, 0], [2, -1, 0, 0], [np.nan, 1, 0, 0]):
        rows = one_hot(labels)
        rows[10] = row
        yield pytest.param(rows, id=str(row))
    for value in (-1, K, 1.5, np.nan):
        values = labels.astype(np.float64)
        values[10] = value
        yield pytest.param(values, id=str(value))


@pytest.mark.parametrize("labels", list(wrong_rows()))
def test_labels_of_no_class_or_of_several_end_the_training(labels):
    with pytest.raises(ValueError, match=r"one class.* sum to 1.*batch of step 2\. .*several"):
        record(labels)
    # Where every image has such a label, the first batch ends it.
    with pytest.raises(ValueError, match=r"batch of step 1\. "):
        record(np.repeat(labels[10:11], 21, axis=0), epochs=9)


def test_a_network_of_nan_hides_no_wrong_label():
    rows = one_hot(images_and_labels()[1])
    rows[3] = [1, 1, 0, 0]
    with pytest.raises(ValueError, match="batch of step 1"):
        record(rows, nan=True)


def test_wrong_labels_are_found_when_compiled_too():
    rows = one_hot(images_and_labels()[1])
    rows[10] = [0, 1, 0, 1]
    for compiled in ({"jit_compile": True}, {"steps_per_execution": 3}):
        with pytest.raises(ValueError, match="batch of step 2"):
            record(rows, compiled=compiled)


def test_labels_that_are_not_recorded_may_be_any():
    _, labels = images_and_labels()
    rows = one_hot(labels)
    several = rows.copy()
    several[:] = [1, 1, 0, 0]
    frame = record(rows, epochs=2, validation_data=batches_of(several))
    assert frame.support.tolist() == [*support(labels), *support(labels)]
    rows[-1] = [1, 1, 0, 0]
    frame = record(rows, max_steps=2)
    assert frame.support.tolist() == support(labels)[: 2 * K].tolist()
