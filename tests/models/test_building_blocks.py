"""Blocks of layers against their definitions."""

import keras
import numpy as np

from keras_freq import models


def test_residual_block_adds_its_input():
    inputs = keras.Input((6, 6, 16))
    model = keras.Model(inputs, models.residual_block(inputs, 16, name="b"))
    x = np.random.default_rng(0).normal(size=(1, 6, 6, 16)).astype("float32")
    model.get_layer("b_conv2").set_weights([np.zeros((3, 3, 16, 16))])
    np.testing.assert_allclose(model(x), np.maximum(x, 0), atol=1e-6)


def test_blocks_have_the_sources_parameters():
    """Fleuret's counts of the kernels: 73k and 1.2M, 70k for the bottleneck; ResNeXt's 70k."""

    def kernels(block, channels, **arguments):
        inputs = keras.Input((8, 8, channels))
        model = keras.Model(inputs, block(inputs, **arguments))
        return sum(int(np.prod(x.kernel.shape)) for x in model.layers if hasattr(x, "kernel"))

    assert kernels(models.residual_block, 64, filters=64) == 2 * 9 * 64 * 64
    assert kernels(models.residual_block, 256, filters=256) == 2 * 9 * 256 * 256
    bottleneck = 256 * 64 + 9 * 64 * 64 + 64 * 256
    assert kernels(models.bottleneck_block, 256, filters=64) == bottleneck
    aggregated = 256 * 128 + 32 * 9 * 4 * 4 + 128 * 256
    assert kernels(models.aggregated_block, 256, filters=64) == aggregated


def test_aggregated_block_is_a_sum_over_paths():
    """Xie et al., figure 3: (a) sum of 32 paths of width 4 equals (c) a grouped convolution."""
    inputs = keras.Input((5, 5, 256))
    model = keras.Model(inputs, models.aggregated_block(inputs, 64, name="b"))
    x = np.random.default_rng(0).normal(size=(1, 5, 5, 256)).astype("float32")
    first, grouped, last = (model.get_layer(f"b_conv{i}").kernel for i in (1, 2, 3))
    conv = keras.ops.conv
    hidden = model.get_layer("b_relu1").output
    between = keras.Model(inputs, [hidden, model.get_layer("b_conv2").output])(x)
    total = 0
    for path in range(32):
        channels = slice(4 * path, 4 * path + 4)
        y = conv(between[0][..., channels], grouped[..., channels], padding="same")
        total = total + conv(y, last[:, :, channels, :])
    np.testing.assert_allclose(total, conv(between[1], last), rtol=1e-3, atol=1e-4)
    assert first.shape == (1, 1, 256, 128)


def test_strided_convolutions_pad_both_sides_alike():
    """An impulse in the middle of an odd map stays in the middle."""
    inputs = keras.Input((9, 9, 1))
    from keras_freq.models.residual_blocks import conv_bn

    model = keras.Model(inputs, conv_bn(inputs, 1, 3, 2, names=("c", "n")))
    model.get_layer("c").set_weights([np.ones((3, 3, 1, 1))])
    x = np.zeros((1, 9, 9, 1), "float32")
    x[0, 4, 4] = 1
    y = np.asarray(model(x))[0, :, :, 0]
    np.testing.assert_array_equal(y, y[::-1, ::-1])
    assert y[2, 2] == y.max() > 0


def test_inception_naive_keeps_the_channels_of_its_pool():
    inputs = keras.Input((7, 7, 5))
    model = keras.Model(inputs, models.inception_naive(inputs, (2, 3, 4), name="i"))
    x = np.random.default_rng(0).normal(size=(1, 7, 7, 5)).astype("float32")
    y = np.asarray(model(x))
    assert y.shape == (1, 7, 7, 14)
    np.testing.assert_allclose(y[0, 3, 3, 9:], x[0, 2:5, 2:5].max(axis=(0, 1)))


def test_mlp_convolution_is_a_perceptron_at_each_position():
    inputs = keras.Input((6, 6, 3))
    model = keras.Model(inputs, models.mlp_convolution(inputs, (8, 4), 3, padding="valid"))
    x = np.random.default_rng(0).normal(size=(1, 6, 6, 3)).astype("float32")
    (k1, b1), (k2, b2) = (layer.get_weights() for layer in model.layers[1:])
    patch = x[0, 1:4, 2:5].reshape(-1)
    hidden = np.maximum(patch @ k1.reshape(-1, 8) + b1, 0)
    expected = np.maximum(hidden @ k2[0, 0] + b2, 0)
    np.testing.assert_allclose(model(x)[0, 1, 2], expected, rtol=1e-4, atol=1e-5)
