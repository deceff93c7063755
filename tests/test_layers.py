"""LocalResponseNormalization against the written-out sum, TensorFlow's and PyTorch's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_freq.layers import LocalResponseNormalization

CONSTANTS = [
    # depth_radius, bias, alpha, beta, alpha_per_channel
    (2, 2.0, 1e-4, 0.75, False),  # the 2012 paper
    (5, 1.0, 1e-4, 0.75, False),  # the flowers' AlexNet
    (2, 1.0, 0.7, 0.6, True),  # large enough for the sum to matter
    (0, 1.0, 0.5, 1.0, False),  # a channel alone
    (9, 1.5, 0.3, 0.5, False),  # a window wider than the channels
]


def written_out(x, depth_radius, bias, alpha, beta, alpha_per_channel):
    """The formula, one channel at a time, in float64."""
    x = x.astype("float64")
    if alpha_per_channel:
        alpha /= 2 * depth_radius + 1
    y = np.empty_like(x)
    for c in range(x.shape[-1]):
        window = x[..., max(0, c - depth_radius) : c + depth_radius + 1]
        y[..., c] = x[..., c] / (bias + alpha * (window**2).sum(axis=-1)) ** beta
    return y


def activations(channels=7, seed=0):
    return np.random.default_rng(seed).normal(0, 3, (2, 4, 5, channels)).astype("float32")


@pytest.mark.parametrize("constants", CONSTANTS)
def test_equals_the_written_out_sum(constants):
    x = activations()
    np.testing.assert_allclose(
        LocalResponseNormalization(*constants)(x), written_out(x, *constants), rtol=2e-6, atol=1e-6
    )


@pytest.mark.parametrize("constants", CONSTANTS)
def test_gradient_equals_the_written_out_derivative(constants):
    """d/dx of sum(g * y), by hand: g s^-b - 2 alpha b x sum over the window of g x s^(-b-1)."""
    radius, bias, alpha, beta, per_channel = constants
    x, g = activations(), activations(seed=1)
    with tf.GradientTape() as tape:
        variable = tf.Variable(x)
        value = tf.reduce_sum(g * LocalResponseNormalization(*constants)(variable))
    received = tape.gradient(value, variable)

    a = alpha / (2 * radius + 1) if per_channel else alpha
    wide = x.astype("float64")
    near = np.abs(np.subtract.outer(np.arange(7), np.arange(7))) <= radius
    scale = bias + a * wide**2 @ near
    expected = g * scale**-beta - 2 * a * beta * wide * ((g * wide * scale ** (-beta - 1)) @ near)
    np.testing.assert_allclose(received, expected, rtol=2e-5, atol=2e-6)


def test_is_tensorflows_formula():
    x = activations(channels=12)
    np.testing.assert_allclose(
        LocalResponseNormalization(3, 1.5, 0.2, 0.6)(x),
        tf.nn.local_response_normalization(x, 3, 1.5, 0.2, 0.6),
        rtol=1e-5,
    )


def test_alpha_per_channel_is_pytorchs_formula():
    torch = pytest.importorskip("torch")
    x = activations(channels=12)
    theirs = torch.nn.LocalResponseNorm(5, alpha=0.2, beta=0.6, k=1.5)
    theirs = theirs(torch.from_numpy(x.transpose(0, 3, 1, 2))).numpy().transpose(0, 2, 3, 1)
    layer = LocalResponseNormalization(2, 1.5, 0.2, 0.6, alpha_per_channel=True)
    np.testing.assert_allclose(layer(x), theirs, rtol=1e-5)


def test_mixed_precision_sums_in_float32():
    """300^2 is infinite in float16; the layer's output is not 0."""
    layer = LocalResponseNormalization(2, 1.0, 1e-4, 0.75, dtype="mixed_float16")
    x = np.full((1, 1, 1, 8), 300.0, "float32")
    y = layer(x)
    assert keras.backend.standardize_dtype(y.dtype) == "float16"
    np.testing.assert_allclose(y, written_out(x, 2, 1.0, 1e-4, 0.75, False), rtol=1e-3)


def test_config_round_trip():
    layer = LocalResponseNormalization(3, 1.5, 0.2, 0.6, alpha_per_channel=True, name="lrn")
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert again.get_config() == layer.get_config()
    np.testing.assert_array_equal(again(activations()), layer(activations()))


def test_works_on_any_rank_and_symbolic_sizes():
    x = activations()
    layer = LocalResponseNormalization()
    np.testing.assert_allclose(layer(x[0, 0]), layer(x)[0, 0], rtol=1e-6)
    assert layer(keras.Input((None, None, 96))).shape == (None, None, None, 96)


@pytest.mark.parametrize(
    "arguments",
    [{"depth_radius": -1}, {"depth_radius": 1.5}, {"bias": 0}, {"alpha": -1e-4}, {"beta": 0}],
)
def test_refuses_what_makes_no_sense(arguments):
    name = next(iter(arguments))
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        LocalResponseNormalization(**arguments)
