"""What looks at the whole map is refused by name; what is local gives the scores of its windows."""

import keras
import numpy as np
import pytest
from dense_cases import random_images
from keras import layers, ops

from keras_freq import dense


def model_with(middle, size=12):
    """A network without padding, with random weights, and something in its middle."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((size, size, 3))
    x = middle(layers.Conv2D(4, 3, activation="relu", name="first")(inputs))
    x = layers.Flatten()(x) if len(x.shape) == 4 else x
    return keras.Model(inputs, layers.Dense(3, name="last")(x))


def largest_difference(model, *, local=()):
    """How far the cells of the map are from the scores of windows that are cut out."""
    image = random_images(17, 18)
    size = model.input_shape[1]
    cells = np.asarray(dense.convolutionize(model, local=local)(image, training=False))[0]
    differences = [
        np.abs(cells[i, j] - model(image[:, i : i + size, j : j + size], training=False)[0]).max()
        for i in range(cells.shape[0])
        for j in range(cells.shape[1])
    ]
    assert len(differences) == 6 * 7
    return max(differences) / np.abs(cells).max()


LOCAL = {
    "layer normalization of channels": layers.LayerNormalization(),
    "unit normalization of channels": layers.UnitNormalization(axis=-1),
    "batch normalization": layers.BatchNormalization(),
    "softmax over channels": layers.Softmax(),
    "normalization": layers.Normalization(axis=None, mean=0.3, variance=2.0),
    "dense": layers.Dense(3),
    "one slope for each channel": layers.PReLU(shared_axes=(1, 2)),
    "rescaling of each channel": layers.Rescaling([1.0, 2.0, 3.0, 4.0]),
    "depthwise": layers.DepthwiseConv2D(3),
    "separable": layers.SeparableConv2D(3, 3),
    "spectral normalization": layers.SpectralNormalization(layers.Conv2D(2, 3)),
    "dropout of maps": layers.SpatialDropout2D(0.3),
    "augmentation": layers.RandomFlip(),
    "border": layers.Cropping2D(2),
    "last channels first": lambda x: x[..., ::-1],
    "numbers and channels": lambda x: ops.relu(x * 2.0 - np.arange(4, dtype="float32")),
    "mean of channels": lambda x: ops.concatenate([x, ops.mean(x, -1, keepdims=True)], axis=-1),
    "axis -1 of the pooled": lambda x: (lambda v: v - ops.mean(v, -1, keepdims=True))(
        layers.GlobalMaxPooling2D()(x)
    ),
    "softmax of the pooled": lambda x: ops.softmax(layers.GlobalMaxPooling2D()(x)) * 2.0,
}


@pytest.mark.parametrize("name", LOCAL)
def test_what_is_local_gives_the_scores_of_its_windows(name):
    assert largest_difference(model_with(LOCAL[name])) < 1e-5


def minus_mean(x):
    return x - ops.mean(x, (1, 2, 3), keepdims=True)


class Custom(layers.Layer):
    """A layer of the user's, of which nobody knows what it does."""

    def call(self, x):
        return minus_mean(x)


class CustomConvolution(layers.Conv2D):
    """A layer whose class looks known."""

    def call(self, x):
        return minus_mean(super().call(x))


def attention(x):
    return layers.MultiHeadAttention(2, 2, attention_axes=(1, 2), name="here")(x, x)


WHOLE_MAP = {
    "flatten": (layers.Flatten(data_format="channels_first", name="here"), "channels_last"),
    "pooled": (
        layers.GlobalAveragePooling2D(data_format="channels_first", name="here"),
        "channels_last",
    ),
    "pool": (layers.MaxPooling2D(data_format="channels_first", name="here"), "channels_last"),
    "mean": (minus_mean, r"\(Mean\) works along axis \(1, 2, 3\)"),
    "maximum": (lambda x: x / ops.max(x), r"\(Max\) works along axis None"),
    "sum": (lambda x: ops.cumsum(x, axis=1), r"\(Cumsum\)"),
    "roll": (lambda x: ops.roll(x, 1, axis=1), r"\(Roll\)"),
    "mirror": (lambda x: x[:, ::-1], r"\(GetItem\) takes a part"),
    "constant": (lambda x: x + np.ones((1, 10, 10, 1), "float32"), "a value for each position"),
    "rows of the new map": (
        lambda x: ops.softmax(layers.GlobalMaxPooling2D()(x), axis=1),
        r"\(Softmax\) works along axis 1.*Use axis=-1",
    ),
    "joined": (lambda x: x * layers.AveragePooling2D(10)(x), "different sizes"),
    "layer norm": (layers.LayerNormalization(axis=(1, 2, 3), name="here"), "axis=-1"),
    "unit norm": (layers.UnitNormalization(axis=(1, 2, 3), name="here"), "axis=-1"),
    "softmax": (layers.Softmax(axis=(1, 2), name="here"), "axis=-1"),
    "batch norm": (layers.BatchNormalization(axis=1, name="here"), "axis=-1"),
    "group norm": (layers.GroupNormalization(2, name="here"), "Use BatchNormalization"),
    "slopes": (layers.PReLU(name="here"), r"shared_axes=\[1, 2\]"),
    "scales": (
        layers.Rescaling(np.ones((10, 1, 1), "float32"), name="here"),
        "one for each channel",
    ),
    "attention": (attention, r"'here' \(MultiHeadAttention\) may use the whole map"),
    "upsampling": (layers.UpSampling2D(name="here"), "may use the whole map"),
    "transposed": (layers.Permute((2, 1, 3), name="here"), "may use the whole map"),
    "means at the border": (
        layers.AveragePooling2D(3, 2, padding="same", name="here"),
        "Build it with padding='valid'",
    ),
    "batch statistics": (lambda x: layers.BatchNormalization()(x, training=True), "training=True"),
    "custom": (Custom(name="here"), r"convolutionize\(model, local=\[Custom\]\)"),
    "subclass": (CustomConvolution(2, 3, name="here"), r"local=\[CustomConvolution\]"),
    "lambda": (layers.Lambda(minus_mean, name="here"), r"local=\[Lambda\]"),
    "activation": (
        layers.Conv2D(2, 3, activation=minus_mean, name="here"),
        r"local=\[minus_mean\]",
    ),
}


@pytest.mark.parametrize("name", WHOLE_MAP)
def test_what_looks_at_the_whole_map_is_refused_with_the_cure(name):
    middle, told = WHOLE_MAP[name]
    with pytest.raises(ValueError, match=rf"cannot be made fully convolutional: its layer.*{told}"):
        dense.convolutionize(model_with(middle))


PADDED = {
    "convolution": lambda: layers.Conv2D(4, 3, strides=2, padding="same"),
    "wide convolution": lambda: layers.Conv2D(4, 5, strides=3, padding="same"),
    "one pixel": lambda: layers.Conv2D(4, 1, strides=2, padding="same"),
    "depthwise": lambda: layers.DepthwiseConv2D(3, strides=2, padding="same"),
    "separable": lambda: layers.SeparableConv2D(4, 3, strides=2, padding="same"),
    "pool": lambda: layers.MaxPooling2D(2, padding="same"),
    "overlapping pool": lambda: layers.MaxPooling2D(3, 2, padding="same"),
    "mean": lambda: layers.AveragePooling2D(2, padding="same"),
}


@pytest.mark.parametrize("size", [12, 14])
@pytest.mark.parametrize("name", PADDED)
def test_a_row_far_away_moves_no_window(name, size, tmp_path):
    """padding="same" with a stride begins elsewhere on maps of odd size than on even ones."""
    model = model_with(PADDED[name](), size)
    convolutional = dense.convolutionize(model)
    own = random_images(size, size)
    np.testing.assert_allclose(convolutional(own)[:, 0, 0], model(own), rtol=1e-5, atol=1e-6)
    image = random_images(40, 40)
    cells = np.asarray(convolutional(image))[0]
    inner = slice(2, len(cells) - 3)
    for side in (1, 2, 3, 4, 5):
        larger = np.pad(image, ((0, 0), (0, side), (0, side), (0, 0)), mode="edge")
        again = np.asarray(convolutional(larger))[0]
        np.testing.assert_allclose(again[inner, inner], cells[inner, inner], rtol=1e-5, atol=1e-5)
    convolutional.save(tmp_path / "dense.keras")
    reloaded = keras.models.load_model(tmp_path / "dense.keras")
    np.testing.assert_array_equal(reloaded(image)[0], cells)


def test_a_padded_convolution_with_spectral_normalization_is_converted():
    model = model_with(layers.SpectralNormalization(layers.Conv2D(4, 3, padding="same")))
    own = random_images(12, 12)
    cells = dense.convolutionize(model)(own)
    np.testing.assert_allclose(cells[:, 0, 0], model(own), rtol=1e-5, atol=1e-6)


class Doubled(layers.Layer):
    """A layer of the user's that is local."""

    def call(self, x):
        return 2 * x


def doubled(x):
    return 2 * x


@pytest.mark.parametrize(
    ("middle", "local"),
    [
        (Doubled(), [Doubled]),
        (layers.Activation(doubled), [doubled]),
        (layers.Conv2D(2, 3, activation=doubled), [doubled]),
    ],
)
def test_the_user_may_say_that_a_layer_is_local(middle, local):
    assert largest_difference(model_with(middle), local=local) < 1e-5


@pytest.mark.parametrize("function", [minus_mean, lambda x: ops.roll(x, 1, axis=1)])
def test_the_last_check_finds_what_the_user_says_wrongly(function):
    model = model_with(layers.Activation(function))
    with pytest.raises(ValueError, match="cells of the map are not the model's scores"):
        dense.convolutionize(model, local=[function])


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_float32_model_stays_float32_under_a_global_policy(policy):
    model = model_with(layers.GlobalAveragePooling2D(keepdims=True))
    nested = keras.Sequential([keras.Input((12, 12, 3)), model_with(layers.MaxPooling2D())])
    image = random_images(12, 12)
    for one in (model, nested):
        expected = np.asarray(dense.convolutionize(one)(image))
        keras.config.set_dtype_policy(policy)
        try:
            convolutional = dense.convolutionize(one)
        finally:
            keras.config.set_dtype_policy("float32")
        np.testing.assert_array_equal(convolutional(image), expected)
        np.testing.assert_allclose(convolutional(image)[:, 0, 0], one(image), atol=1e-6)
