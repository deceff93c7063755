"""Multiply-adds against counts by hand."""

import keras
import pytest
from models_cases import build

from keras_freq import models


def test_multiply_adds_of_a_network_counted_by_hand():
    model = keras.Sequential(
        [
            keras.Input((10, 10, 4)),
            keras.Sequential(
                [
                    keras.Input((10, 10, 4)),
                    keras.layers.Conv2D(6, 3, groups=2),  # 8 x 8 positions, 2 channels a group
                    keras.layers.DepthwiseConv2D(3, strides=2),  # 3 x 3 positions
                ]
            ),
            keras.layers.SeparableConv2D(5, 2),  # 2 x 2 positions
            keras.layers.BatchNormalization(),
            keras.layers.Dense(7),  # on a map: at each position
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    expected = 64 * 9 * 2 * 6 + 9 * 9 * 6 + 4 * (4 * 6 + 6 * 5) + 4 * 5 * 7 + 28 * 3
    assert models.multiply_adds(model) == expected


def test_multiply_adds_refuses_what_it_cannot_count():
    with pytest.raises(ValueError, match="fixed input size"):
        models.multiply_adds(build("NiN", input_shape=(None, None, 3)))
    inputs = keras.Input((4, 3))
    attention = keras.layers.MultiHeadAttention(1, 2, name="attention")(inputs, inputs)
    with pytest.raises(ValueError, match="'attention'"):
        models.multiply_adds(keras.Model(inputs, attention))
    inputs, shared = keras.Input((4,)), keras.layers.Dense(4, name="shared")
    with pytest.raises(ValueError, match="'shared' more than once"):
        models.multiply_adds(keras.Model(inputs, shared(shared(inputs))))
