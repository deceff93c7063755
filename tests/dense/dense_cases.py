"""Small classifiers and images for dense prediction."""

import keras
import numpy as np
from keras import layers

from keras_freq.layers import LocalResponseNormalization


def random_images(height, width, channels=3, count=1, seed=0):
    return (
        np.random.default_rng(seed).uniform(size=(count, height, width, channels)).astype("float32")
    )


def valid_classifier(size=24, head=()):
    """A small network without zero padding, whose map must equal the scores of cut-out windows."""
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((size, size, 3)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(12, 3, activation="relu"),
            LocalResponseNormalization(1, 1.0, 0.1),
            layers.MaxPooling2D(3, 2, name="last_pool"),
            *head,
        ],
        name="small",
    )


def fc_head():
    return [
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(16, "relu", bias_initializer="normal", name="hidden"),
        layers.BatchNormalization(axis=1),
        layers.Dense(5, bias_initializer="normal", name="logits"),
        layers.Softmax(),
    ]


def gap_head():
    return [layers.GlobalAveragePooling2D(), layers.Dense(5), layers.Activation("softmax")]


def randomize_statistics(model):
    rng = np.random.default_rng(3)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.weights])


def classifier_with(*middle):
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3), *middle])
