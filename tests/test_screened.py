"""The screened search: its predictions, its estimates and its errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_freq as kf
from keras_freq.dominance.linearised import MOST_MARGINS, num_margins, strongest_margins
from keras_freq.dominance.logits import cross_entropy, logits_of
from keras_freq.dominance.removal import FrequencyRemoval


def removal_of(shape, num_classes, hidden=None, seed=0):
    """A `FrequencyRemoval` of a linear network, or of one with a hidden tanh layer."""
    keras.utils.set_random_seed(seed)
    body = [layers.Dense(hidden, "tanh")] if hidden else []
    model = keras.Sequential(
        [keras.Input(shape), layers.Flatten(), *body, layers.Dense(num_classes)]
    )
    images = np.random.default_rng(seed).uniform(size=(4, *shape)).astype("float32")
    logits = logits_of(model, images, num_classes, from_logits=True)
    return FrequencyRemoval(logits, shape, images.mean(axis=(0, 1, 2))), images


@pytest.mark.parametrize("shape", [(8, 8, 3), (7, 5, 1), (6, 9, 2)])
@pytest.mark.parametrize("num_classes", [2, 3, MOST_MARGINS + 1])
def test_predictions_are_exact_where_logits_are_linear(shape, num_classes):
    removal, images = removal_of(shape, num_classes)
    labels, pairs = np.arange(4) % num_classes, kf.conjugate_pairs(shape[:2])
    exact = removal.removed(images, labels, pairs) - removal.base(images, labels)[:, None]
    predicted = removal.predicted(images, labels, pairs)
    np.testing.assert_allclose(predicted, exact, rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize("num_classes", [4, MOST_MARGINS + 1, 40])
def test_predictions_are_the_derivative_for_many_classes_too(num_classes):
    """Faint images around a constant: what is left of the change is its linear part."""
    shape = (6, 7, 2)
    removal, images = removal_of(shape, num_classes, hidden=20)
    labels, pairs = np.arange(4), kf.conjugate_pairs(shape[:2])[1:]
    faint = removal.neutral + 0.02 * (images - removal.neutral)
    faint = faint.astype(np.float32)
    exact = removal.removed(faint, labels, pairs) - removal.base(faint, labels)[:, None]
    predicted = removal.predicted(faint, labels, pairs)
    assert abs(predicted - exact).max() < 0.02 * abs(exact).max()


@pytest.mark.parametrize("num_classes", [2, 5, MOST_MARGINS + 1, MOST_MARGINS + 2, 1000])
def test_margins_hold_the_whole_cross_entropy(num_classes):
    rng = np.random.default_rng(0)
    logits = tf.constant(rng.normal(0, 4, size=(6, num_classes)), tf.float32)
    labels = rng.integers(0, num_classes, size=6)
    margins = strongest_margins(logits, labels)
    assert margins.shape == (6, num_margins(num_classes))
    loss = np.log1p(np.exp(margins.numpy().astype(np.float64)).sum(axis=1))
    np.testing.assert_allclose(loss, cross_entropy(logits, labels), rtol=1e-5)


def test_predictions_cost_a_forward_pass_and_two_a_margin():
    assert removal_of((4, 4, 1), 2)[0].prediction_passes == 3
    assert removal_of((4, 4, 1), 4)[0].prediction_passes == 7
    assert removal_of((4, 4, 1), 1000)[0].prediction_passes == 1 + 2 * MOST_MARGINS
