"""The screened search of models that have no gradients, or none that can be used."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import keras_freq as kf

IMAGES = np.random.default_rng(0).uniform(size=(9, 8, 8, 3)).astype("float32")
LABELS = np.arange(9) % 3


class Step(layers.Layer):
    """Any function of the images, as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, images):
        return self.function(images)


def doubled_by_numpy(images):
    doubled = tf.numpy_function(lambda values: 2 * values, [images], tf.float32)
    return tf.ensure_shape(doubled, images.shape)


def model_with(function):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [keras.Input((8, 8, 3)), Step(function), layers.Flatten(), layers.Dense(3)]
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda images: ops.round(8 * images) / 8,
        lambda images: ops.cast(ops.cast(255 * images, "uint8"), "float32"),
        ops.stop_gradient,
        doubled_by_numpy,
        lambda images: tf.image.adjust_hue(images, 0.1),  # TensorFlow knows no gradient of it
    ],
    ids=["round", "cast", "stop_gradient", "numpy_function", "adjust_hue"],
)
def test_a_model_without_gradients_is_told_of_the_exhaustive_search(function, tmp_path):
    model, data = model_with(function), (IMAGES, LABELS)
    options = {"from_logits": True, "progress": False}
    log = tmp_path / "log"
    with pytest.raises(ValueError, match=r'`model` must have gradients.*`method="exhaustive"`'):
        kf.frequency_importance(model, data, 3, checkpoint=log, **options)
    assert not log.exists()
    found = kf.frequency_importance(model, data, 3, method="exhaustive", **options)
    assert np.isfinite(found.loss_change).all()


def test_an_image_whose_gradient_is_not_finite_spoils_no_other():
    """The square root's gradient is infinite at 0, and NaN behind a ReLU."""
    model = model_with(lambda images: ops.sqrt(ops.relu(images - 0.3)))
    images = IMAGES.copy()
    images[LABELS != 1] = 0.4 + 0.6 * images[LABELS != 1]  # their gradients are finite
    options = {"from_logits": True, "progress": False}
    found = kf.frequency_importance(model, (images, LABELS), 3, **options)
    exact = kf.frequency_importance(model, (images, LABELS), 3, method="exhaustive", **options)
    assert np.isfinite(found.loss_change).all() and np.isfinite(found.search_stderr).all()
    known = found.search_stderr == 0
    np.testing.assert_allclose(found.loss_change[known], exact.loss_change[known], atol=1e-6)
