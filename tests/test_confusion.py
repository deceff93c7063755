"""Confusion matrices against scikit-learn; what they refuse."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import confusion_matrix as reference_confusion

from keras_freq.classifier import CompiledClassifier, Logits
from keras_freq.confusion import confusion_matrix, relative_confusion

K = 4


def _data(num_images=50, seed=0):
    """Returns random images (N, 6, 5, 2) and labels of K classes."""
    rng = np.random.default_rng(seed)
    return rng.random((num_images, 6, 5, 2), np.float32), rng.integers(0, K, num_images)


def _model(num_outputs=K, activation="softmax", seed=0):
    """Returns a small classifier of random weights."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((6, 5, 2)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(
                num_outputs, activation, bias_initializer="zeros", kernel_initializer="he_normal"
            ),
        ]
    )


class PooledScores(keras.Model):
    """A subclassed model that is built by its first call."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(K)

    def call(self, images):
        return self.dense(keras.ops.mean(images, axis=(1, 2)))


@pytest.fixture(scope="module")
def model():
    return _model()


@pytest.fixture(scope="module")
def expected(model):
    images, labels = _data()
    return reference_confusion(labels, model.predict(images, verbose=0).argmax(-1), labels=range(K))


@pytest.mark.parametrize("form", ["arrays", "dataset", "one-hot", "float labels"])
def test_matrix_agrees_with_scikit_learn(model, expected, form):
    images, labels = _data()
    dataset = {
        "arrays": (images, labels),
        # The last batch holds 2 images.
        "dataset": tf.data.Dataset.from_tensor_slices((images, labels)).batch(8),
        "one-hot": (images, np.eye(K)[labels]),
        "float labels": tf.data.Dataset.from_tensor_slices((images, labels.astype("f4"))).batch(7),
    }[form]
    matrix = confusion_matrix(model, dataset, K)
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(matrix, expected)


def test_logits_count_like_probabilities(model, expected):
    head = keras.layers.Dense(K)
    logits = keras.Sequential([*model.layers[:-1], head])
    logits.build((None, 6, 5, 2))
    head.set_weights(model.layers[-1].get_weights())
    np.testing.assert_array_equal(confusion_matrix(logits, _data(), K), expected)


def test_a_subclassed_model_is_built_when_needed():
    keras.utils.set_random_seed(1)
    model = PooledScores()
    images, labels = _data()
    matrix = confusion_matrix(model, (images, labels), K)
    expected = reference_confusion(labels, model.predict(images, verbose=0).argmax(-1))
    np.testing.assert_array_equal(matrix, expected)


def test_absent_and_never_predicted_classes_keep_their_places(model):
    images, labels = _data()
    matrix = confusion_matrix(model, (images[labels == 2], labels[labels == 2]), K)
    assert matrix.shape == (K, K)
    assert matrix[2].sum() == matrix.sum() == (labels == 2).sum()


def test_the_first_of_equal_scores_wins():
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.GlobalMaxPooling2D()])
    model.add(keras.layers.Dense(3, kernel_initializer="ones"))
    matrix = confusion_matrix(model, (np.ones((5, 2, 2, 1)), np.full(5, 2)), 3)
    assert matrix[2].tolist() == [5, 0, 0]


def test_predictor_is_traced_once_and_changes_no_state():
    calls = []

    class Counted(keras.layers.Layer):
        def call(self, images):
            calls.append(images.shape)
            return images

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 5, 2)),
            Counted(),
            keras.layers.RandomFlip(),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(K, activity_regularizer="l2"),
        ]
    )
    before = [np.asarray(variable) for variable in model.variables]
    calls.clear()
    predict = CompiledClassifier(Logits(model, K), (6, 5, 2), frozen=False).answers
    images, _ = _data()
    whole = predict(images)
    in_parts = np.concatenate([predict(images[:1]), predict(images[1:30]), predict(images[30:])])
    assert calls == [(None, 6, 5, 2)]
    np.testing.assert_array_equal(whole, in_parts)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    assert not model.losses
    # It follows the weights rather than keeping those of its making.
    model.layers[-1].set_weights([np.zeros((60, K)), np.eye(K)[2]])
    assert set(predict(images)) == {2}


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: _model(num_outputs=K + 1), r"\(N, 4\).*\(2, 5\)"),
        (lambda: _model(num_outputs=1, activation="sigmoid"), r"sigmoid.*Dense\(2"),
        (lambda: keras.Sequential([keras.Input((6, 5, 2)), keras.layers.ReLU()]), r"6, 5, 2"),
        (lambda: keras.Sequential([keras.Input((8, 5, 2)), keras.layers.Flatten()]), "8, 5, 2"),
        (lambda: keras.Sequential([keras.Input((6,)), keras.layers.Dense(K)]), r"\(6,\)"),
        (lambda: _two_outputs(), "one output.*2 outputs"),
        (lambda: _two_inputs(), "one input"),
    ],
)
def test_models_that_do_not_fit_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        confusion_matrix(build(), _data(), K)


def _two_outputs():
    """Returns a model of two outputs."""
    images = keras.Input((6, 5, 2))
    scores = keras.layers.Dense(K)(keras.layers.Flatten()(images))
    return keras.Model(images, [scores, scores])


def _two_inputs():
    """Returns a model of two inputs."""
    first, second = keras.Input((6, 5, 2)), keras.Input((6, 5, 2))
    return keras.Model([first, second], keras.layers.Dense(K)(keras.layers.Flatten()(first)))


def test_what_is_no_model_data_or_number_is_refused(model):
    images, labels = _data()
    with pytest.raises(TypeError, match=r"keras.Model.*function"):
        confusion_matrix(lambda x: x, (images, labels), K)
    with pytest.raises(ValueError, match="num_classes=1"):
        confusion_matrix(model, (images, labels), 1)
    with pytest.raises(ValueError, match=r"\[0, 2\].*num_classes=3"):
        confusion_matrix(_model(3), (images, labels), 3)
    with pytest.raises(ValueError, match="must be finite"):
        confusion_matrix(model, (images * np.nan, labels), K)


def test_a_diverged_model_is_refused():
    diverged = _model()
    diverged.layers[-1].set_weights([w * np.nan for w in diverged.layers[-1].get_weights()])
    with pytest.raises(ValueError, match="NaN or infinity for 2 of 2 images"):
        confusion_matrix(diverged, _data(), K)


def test_relative_confusion_by_hand():
    reference = [[8, 2, 0], [1, 3, 0], [0, 0, 0]]
    filtered = [[3, 2, 5], [4, 0, 0], [0, 0, 0]]
    expected = [[-50, 0, 50], [75, -75, 0], [np.nan] * 3]
    np.testing.assert_array_equal(relative_confusion(filtered, reference), expected)
    # 7 of 100 are 7 points, and not 7.000000000000001.
    assert relative_confusion([[7, 93], [0, 1]], [[0, 100], [0, 1]])[0].tolist() == [7, -7]


def test_relative_confusion_refuses_other_images():
    with pytest.raises(ValueError, match="class 1 with 5 filtered and 4 reference"):
        relative_confusion([[1, 0], [2, 3]], [[0, 1], [2, 2]])
    with pytest.raises(ValueError, match=r"\(3, 3\) and \(2, 2\)"):
        relative_confusion(np.eye(3), np.eye(2))
    with pytest.raises(ValueError, match=r"`filtered` must be a \(K, K\)"):
        relative_confusion(np.ones((2, 3)), np.eye(2))
    with pytest.raises(ValueError, match="`reference` must hold counts"):
        relative_confusion(np.eye(2), np.eye(2) / 2)
