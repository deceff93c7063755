"""Small models, images and a training loop by hand, shared by the tests of the recorder."""

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import precision_recall_fscore_support

import keras_freq as kf

K, SHAPE = 4, (5, 4, 2)
# Three batches an epoch, of 8, 8 and 5 images.
NUM_IMAGES, BATCH = 21, 8
RATES = ["precision", "recall", "f1"]


def images_and_labels(num_images=NUM_IMAGES, seed=0):
    """Returns images and labels that can be learned, but not at once."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, K, num_images)
    images = rng.random((num_images, *SHAPE), np.float32)
    images[np.arange(num_images), labels] += 0.3
    return images, labels


def ordered_batches(arrays=None, labels_as=np.asarray):
    """Returns unshuffled batches, the last of them smaller."""
    images, labels = arrays or images_and_labels()
    batches = tf.data.Dataset.from_tensor_slices((images, labels_as(labels))).batch(BATCH)
    # Dozens of iterators with tuning threads take up to a minute to be collected.
    return kf.data.without_autotune(batches)


def one_hot(labels):
    return np.eye(K, dtype=np.float32)[labels]


def small_model(seed=0):
    """Returns a classifier without randomness, so that a loop by hand can follow it."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(K, "softmax")]
    )


def noisy_model(seed=0):
    """Returns a classifier with every kind of state that an evaluation could disturb."""
    if seed is not None:
        keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.RandomFlip(),
            keras.layers.Conv2D(8, 3, padding="same"),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.Dropout(0.3),
            keras.layers.Flatten(),
            keras.layers.Dense(K, "softmax", activity_regularizer="l2"),
        ]
    )


def compile_model(model, recorder, loss="sparse_categorical_crossentropy", **options):
    """Compiles for plain gradient descent, fast enough for the predictions to change."""
    model.compile(
        keras.optimizers.SGD(0.5), loss, metrics=["accuracy", recorder.batch_counts], **options
    )


def fit(model, callbacks, dataset=None, **options):
    """Fits on the batches as they come; Keras warns of `shuffle`, its default, with a dataset."""
    dataset = dataset or ordered_batches()
    return model.fit(dataset, callbacks=callbacks, verbose=0, shuffle=False, **options)


def predictions_by_hand(epochs, batches=None):
    """Trains without `fit`: the labels and predictions of each batch, before its update."""
    model = small_model()
    record = []
    for _ in range(epochs):
        for images, labels in batches or ordered_batches():
            with tf.GradientTape() as tape:
                scores = model(images, training=True)
                losses = keras.losses.sparse_categorical_crossentropy(labels, scores)
                loss = tf.reduce_mean(losses)
            for variable, gradient in zip(
                model.trainable_variables,
                tape.gradient(loss, model.trainable_variables),
                strict=True,
            ):
                variable.assign_sub(0.5 * gradient)
            record.append((labels.numpy(), scores.numpy().argmax(-1)))
    return record


def assert_rows(frame, record, source="train", steps=None):
    """Compares the rows of a source with scikit-learn, step by step."""
    frame = frame[frame.source == source]
    steps = range(1, len(record) + 1) if steps is None else steps
    assert frame.step.tolist() == np.repeat(list(steps), K).tolist()
    assert frame.class_id.tolist() == list(range(K)) * len(record)
    for step, (labels, predicted) in zip(steps, record, strict=True):
        rows = frame[frame.step == step]
        precision, recall, f1, support = precision_recall_fscore_support(
            labels, predicted, labels=range(K), zero_division=np.nan
        )
        np.testing.assert_array_equal(rows.support, support)
        np.testing.assert_allclose(rows[RATES], np.stack([precision, recall, f1], axis=1))
        np.testing.assert_array_equal(rows.tp + rows.fp, np.bincount(predicted, minlength=K))
