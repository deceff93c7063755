"""Normalisation, width, precision, ReLUs and dropout of the networks."""

import keras
import numpy as np
import pytest
from models_cases import NAMES, build, images_for, small

from keras_freq import models


def test_normalization_is_inside():
    images = np.random.default_rng(0).uniform(size=(2, 32, 32, 3)).astype("float32")
    mean, std = np.array([0.4, 0.5, 0.6]), np.array([0.1, 0.2, 0.3])
    inside = models.AlexNetSmall(mean=tuple(mean), std=list(std), width=0.1)
    outside = models.AlexNetSmall(mean=None, std=None, width=0.1)
    outside.set_weights(inside.get_weights())
    assert inside.layers[1].name == "normalization"
    assert "normalization" not in [layer.name for layer in outside.layers]
    normalized = ((images - mean) / std).astype("float32")
    np.testing.assert_allclose(inside(images), outside(normalized), rtol=1e-4, atol=1e-6)


def test_width_scales_every_layer_but_the_last(without_random_weights):
    plain, narrow = models.AlexNetSmall(), models.AlexNetSmall(width=0.25)
    assert models.trainable_parameters(plain) == 24_343_786
    filters, units = (24, 64, 96, 96, 64), (1024, 1024)
    inputs = (3, *filters[:-1])
    kernels = sum(9 * a * b for a, b in zip(inputs, filters, strict=True))
    dense = 4 * 64 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 * 10 + 10
    assert models.trainable_parameters(narrow) == kernels + 2 * sum(filters) + dense == 1_531_714
    assert [narrow.get_layer(f"dense{i}").units for i in (6, 7)] == list(units)
    assert models.AlexNetSmall((15, 15, 3), 2, width=1e-4).get_layer("conv1").filters == 1
    for width in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="`width` must be a factor, > 0"):
            models.AlexNetSmall(width=width)


@pytest.mark.parametrize("name", NAMES)
def test_batch_normalization_forgets_fast_enough(name):
    norms = [x for x in small(name).layers if isinstance(x, keras.layers.BatchNormalization)]
    assert all((norm.momentum, norm.epsilon) == (0.9, 1e-5) for norm in norms)
    assert bool(norms) == (name in ("AlexNetSmall", "VGG19") or name.startswith("ResNe"))


@pytest.mark.parametrize("name", ["AlexNet2012", "NiN", "AlexNetSmall"])
def test_mixed_precision_ends_in_float32(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build(name)
    finally:
        keras.config.set_dtype_policy(before)
    scores = model(images_for(model))
    assert scores.dtype == "float32"
    assert model.get_layer("logits").compute_dtype == "bfloat16"
    np.testing.assert_allclose(keras.ops.sum(scores, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(("name", "options"), [("LeNet5", {}), ("AlexNetSmall", {"width": 0.25})])
def test_learns_two_classes(name, options):
    """Dark and bright images are told apart after some steps on the same batch."""
    keras.utils.set_random_seed(0)
    model = build(name, num_classes=2, weight_decay=1e-4, **options)
    images = images_for(model, 16) * 0.3
    labels = np.arange(16) % 2
    images[labels == 1] += 0.6
    adam = keras.optimizers.Adam(1e-3)
    model.compile(adam, "sparse_categorical_crossentropy", jit_compile=False)
    losses = [float(model.train_on_batch(images, labels)) for _ in range(12)]
    assert losses[-1] < 0.7 * losses[0]


def test_builders_that_pool_globally_take_any_size(without_random_weights):
    for name in ("VGG16", "NiN", "GoogLeNet", "ResNet18"):
        model = build(name, input_shape=(None, None, 3))
        for side in (67, 70):
            assert model(np.zeros((1, side, side + 3, 3), "float32")).shape == (1, 4)
    with pytest.raises(ValueError, match="`input_shape` of VGG16 must give height and width"):
        models.VGG16((None, None, 3))
    with pytest.raises(ValueError, match=r"keras_freq\.convolutionize"):
        models.AlexNet((None, None, 3))


def test_channels_first_is_refused():
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="channels_last"):
            models.LeNet5()
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("name", ["LeNet5", "AlexNet", "AlexNet2012", "AlexNetFlowers"])
def test_every_layer_with_a_kernel_but_the_last_has_a_relu(name):
    model = small(name)
    kernels = [layer for layer in model.layers if hasattr(layer, "kernel")]
    assert [layer.activation.__name__ for layer in kernels[:-1]] == ["relu"] * (len(kernels) - 1)
    assert kernels[-1].activation.__name__ == "linear"


def test_the_small_alexnet_has_its_relus_after_normalisation():
    layers = small("AlexNetSmall").layers
    for first, second, third in zip(layers, layers[1:], layers[2:], strict=False):
        if isinstance(first, keras.layers.Conv2D):
            assert isinstance(second, keras.layers.BatchNormalization)
            assert isinstance(third, keras.layers.ReLU)


def test_the_small_alexnet_has_biases_where_it_has_no_normalisation(without_random_weights):
    plain, without = build("AlexNetSmall"), build("AlexNetSmall", batch_norm=False)
    kinds = [type(layer) for layer in plain.layers]
    kept = [kind for kind in kinds if kind is not keras.layers.BatchNormalization]
    assert len(kinds) - len(kept) == 5
    assert [type(layer) for layer in without.layers] == kept
    convolutions = [one for one in without.layers if isinstance(one, keras.layers.Conv2D)]
    assert all(one.use_bias for one in convolutions)
    # Four numbers of each channel become one.
    channels = sum(one.filters for one in convolutions)
    assert plain.count_params() - without.count_params() == 3 * channels


@pytest.mark.parametrize(
    ("activation", "function"), [("tanh", np.tanh), ("abs_tanh", lambda x: np.abs(np.tanh(x)))]
)
def test_the_small_alexnet_takes_another_activation_and_keeps_it(activation, function, tmp_path):
    model = build("AlexNetSmall", activation=activation, width=0.1)
    assert not any(isinstance(layer, keras.layers.ReLU) for layer in model.layers)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", compile=False)
    images = images_for(model, 3)
    np.testing.assert_allclose(again(images), model(images), rtol=1e-5)
    for before, after in (("conv3_bn", "conv3_activation"), ("flatten", "dense6")):
        first, second = (again.get_layer(name).output for name in (before, after))
        x, y = (np.asarray(one) for one in keras.Model(again.input, [first, second])(images))
        if after == "dense6":
            kernel, bias = again.get_layer(after).get_weights()
            x = x @ kernel + bias
        np.testing.assert_allclose(y, function(x), rtol=1e-4, atol=1e-5)
    for wrong in ("no such", None, np.tanh):
        with pytest.raises(ValueError, match="`activation` must be the name of an activation"):
            build("AlexNetSmall", activation=wrong)


@pytest.mark.parametrize("name", ["AlexNet", "AlexNet2012", "AlexNetFlowers", "AlexNetSmall"])
def test_dropout_is_before_or_after_both_hidden_dense_layers(name, without_random_weights):
    layers = build(name, dropout=0.3).layers
    rates = [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.3, 0.3]
