"""One row for each trained batch, whatever tells the data set's length, against a loop by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from recording_cases import (
    BATCH,
    NUM_IMAGES,
    SHAPE,
    K,
    assert_rows,
    compile_model,
    fit,
    images_and_labels,
    ordered_batches,
    small_model,
)

import keras_freq as kf

# Keras says once a fit, when a data set of unknown length ends, that it has ended.
pytestmark = pytest.mark.filterwarnings("ignore:Your input ran out of data:UserWarning")


def batches():
    images, labels = images_and_labels()
    for start in range(0, NUM_IMAGES, BATCH):
        yield images[start : start + BATCH], labels[start : start + BATCH]


def generated():
    spec = tf.TensorSpec((None, *SHAPE), tf.float32), tf.TensorSpec((None,), tf.int64)
    return kf.data.without_autotune(tf.data.Dataset.from_generator(batches, output_signature=spec))


def filtered():
    return ordered_batches().unbatch().filter(lambda image, label: label >= 0).batch(BATCH)


def records(folder):
    """Returns the same batches, read from a file of TFRecords."""
    path = str(folder / "images.tfrecord")
    with tf.io.TFRecordWriter(path) as writer:
        for image, label in zip(*images_and_labels(), strict=True):
            writer.write(np.append(image.ravel(), label).astype(np.float32).tobytes())

    def parse(record):
        values = tf.ensure_shape(tf.io.decode_raw(record, tf.float32), [np.prod(SHAPE) + 1])
        return tf.reshape(values[:-1], SHAPE), tf.cast(values[-1], tf.int64)

    return tf.data.TFRecordDataset(path).map(parse).batch(BATCH)


def check(by_hand, dataset, epochs=3, compiled=None, **options):
    recorder = kf.ClassMetricsRecorder(K, max_steps=50)
    model = small_model()
    compile_model(model, recorder, **(compiled or {}))
    fit(model, [recorder], dataset, epochs=epochs, **options)
    assert recorder.steps == 3 * epochs
    assert_rows(recorder.to_frame(), by_hand[: 3 * epochs])


@pytest.mark.parametrize(
    "compiled",
    [
        {},
        {"steps_per_execution": 2},
        {"steps_per_execution": 7},
        {"jit_compile": True},
        {"run_eagerly": True},
    ],
    ids=str,
)
def test_a_generator_of_unknown_length(by_hand, compiled):
    check(by_hand, generated(), compiled=compiled)


def test_filters_and_records(by_hand, tmp_path):
    check(by_hand, filtered())
    check(by_hand, records(tmp_path))


def test_data_that_ends_before_the_epoch(by_hand):
    check(by_hand, generated(), steps_per_epoch=5)
    check(by_hand, batches(), epochs=1)


def test_an_epoch_of_more_than_one_pass_and_validation_of_unknown_length(by_hand):
    check(by_hand, generated().repeat(), steps_per_epoch=3)
    check(by_hand, generated(), validation_data=generated())


def test_a_data_set_that_breaks_leaves_the_rows_of_the_batches_before(by_hand):
    def breaks():
        yield from list(batches())[:2]
        raise OSError("the disk is gone")

    spec = generated().element_spec
    dataset = tf.data.Dataset.from_generator(breaks, output_signature=spec)
    recorder = kf.ClassMetricsRecorder(K, max_steps=50)
    model = small_model()
    compile_model(model, recorder)
    with pytest.raises(tf.errors.OpError, match="the disk is gone"):
        fit(model, [recorder], dataset)
    assert_rows(recorder.to_frame(), by_hand[:2])


def test_batches_outside_fit_are_not_counted(by_hand):
    recorder = kf.ClassMetricsRecorder(K, max_steps=50)
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder], generated())
    images, labels = images_and_labels(8, seed=1)
    model.test_on_batch(images, labels)
    model.train_on_batch(images, labels)
    assert_rows(recorder.to_frame(), by_hand[:3])


def test_a_callback_that_ends_the_epoch_early(by_hand):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    recorder = kf.ClassMetricsRecorder(K, max_steps=50)
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder, Stop()], generated(), epochs=3)
    assert_rows(recorder.to_frame(), by_hand[:2])
