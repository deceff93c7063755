"""Spectra of layers whose work on white noise is known, and of first kernels."""

import keras
import numpy as np
import pytest

import keras_freq as kf

SIZE = 16
BLUR = np.outer([1, 2, 1], [1, 2, 1]) / 16


@keras.saving.register_keras_serializable("test")
class Wrapped(keras.layers.Layer):
    """Repeats two pixels of each edge from the other side."""

    def call(self, images):
        images = keras.ops.concatenate([images[:, -1:], images, images[:, :1]], axis=1)
        return keras.ops.concatenate([images[:, :, -1:], images, images[:, :, :1]], axis=2)


def blurring_model():
    """Two blurs one after the other, then a pooling, a dead layer and scores."""
    blur = {"use_bias": False, "trainable": False}
    inputs = keras.Input((SIZE, SIZE, 1))
    maps = inputs
    for name in ("first", "second"):
        maps = keras.layers.Conv2D(1, 3, name=name, **blur)(Wrapped()(maps))
    maps = keras.layers.AveragePooling2D(2, name="pool")(maps)
    maps = keras.layers.Conv2D(2, 1, name="dead", **blur)(maps)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(maps)))
    for name in ("first", "second"):
        model.get_layer(name).set_weights([BLUR[:, :, None, None]])
    model.get_layer("dead").set_weights([np.zeros((1, 1, 1, 2))])
    return model


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return rng.normal(0.5, 0.1, (40, SIZE, SIZE, 1)).astype(np.float32), np.arange(40) % 2


@pytest.fixture(scope="module")
def table(noise):
    return kf.layer_spectra(blurring_model(), noise, batch_size=7)


def curve(table, layer):
    return table[table["layer"] == layer].set_index("radius")["log_amplitude"].to_numpy()


def test_a_blur_adds_the_logarithm_of_its_transfer(table):
    transfer = np.abs(np.fft.fftshift(np.fft.fft2(BLUR, (SIZE, SIZE))))
    added = kf.radial_profile(np.log(transfer + 1e-9))
    images, first, second = (curve(table, name) for name in ("images", "first", "second"))
    whole = slice(0, 7)  # beyond, cells at Nyquist are 0 up to rounding
    np.testing.assert_allclose((first - images)[whole], added[whole], atol=2e-3)
    np.testing.assert_allclose((second - first)[whole], added[whole], atol=2e-3)
    assert (np.diff(first)[1:7] < 0).all()


def test_white_noise_is_flat_and_the_shape_of_layers_is_told(table):
    images = table[table["layer"] == "images"]
    beside = images["log_amplitude"].to_numpy()[1:]
    assert np.ptp(beside[1:]) < 0.15  # the first ring has few frequencies
    assert images["log_amplitude"].iloc[0] == 0
    assert (images["log_amplitude_low"] <= images["log_amplitude"]).all()
    assert (images["log_amplitude_high"] >= images["log_amplitude"]).all()
    assert images["nyquist_share"].tolist() == [r / 8 for r in range(9)]
    found = table.drop_duplicates("layer")
    assert found["layer"].tolist() == ["images", "first", "second", "pool", "dead"]
    assert found["depth"].tolist() == [0, 1, 2, 3, 4]
    assert found[["height", "width", "channels"]].iloc[-1].tolist() == [8, 8, 2]
    assert table[table["layer"] == "dead"]["log_amplitude"].isna().all()


def test_one_layer_written_out(table, noise):
    images = noise[0].astype(float)
    means = []
    for image in images:
        pooled = image[..., 0]
        for _ in range(2):
            spectrum = np.fft.fft2(pooled) * np.fft.fft2(np.roll(padded(BLUR), -1, (0, 1)))
            pooled = np.fft.ifft2(spectrum).real
        pooled = pooled.reshape(8, 2, 8, 2).mean(axis=(1, 3))
        logs = np.log(np.abs(np.fft.fftshift(np.fft.fft2(pooled))) + 1e-6)
        profile = kf.radial_profile(logs)
        means.append(profile - profile[0])
    np.testing.assert_allclose(curve(table, "pool"), np.mean(means, axis=0), atol=1e-3)
    low, high = kf.metrics.mean_interval(np.array(means))
    own = table[table["layer"] == "pool"]
    np.testing.assert_allclose(own["log_amplitude_low"], low, atol=1e-3)
    np.testing.assert_allclose(own["log_amplitude_high"], high, atol=1e-3)


def padded(kernel):
    image = np.zeros((SIZE, SIZE))
    image[:3, :3] = kernel
    return image


def test_layers_of_models_in_models_and_layers_by_name(noise, table):
    inner = blurring_model()
    inputs = keras.Input((SIZE, SIZE, 1))
    outer = keras.Model(inputs, inner(keras.layers.Rescaling(1.0)(inputs)))
    nested = kf.layer_spectra(outer, noise, layers=["pool", "second"])
    assert nested["layer"].unique().tolist() == ["images", "second", "pool"]
    np.testing.assert_allclose(curve(nested, "pool"), curve(table, "pool"), atol=1e-4)
    np.testing.assert_array_equal(
        kf.first_layer_kernels(outer), np.asarray(BLUR, np.float32)[None, :, :, None]
    )


def test_a_model_without_maps_has_those_of_its_images(noise, table):
    layers = [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    own = kf.layer_spectra(keras.Sequential(layers), noise)
    assert own["layer"].unique().tolist() == ["images"]
    np.testing.assert_allclose(curve(own, "images"), curve(table, "images"), atol=1e-4)


@pytest.mark.parametrize(
    ("layers", "message"),
    [(["frist"], "Did you mean 'first'"), (["flatten"], "feature maps"), ([3], "`layers`")],
)
def test_wrong_layers_are_named(noise, layers, message):
    model = blurring_model()
    layers = [model.layers[-2].name if name == "flatten" else name for name in layers]
    with pytest.raises(ValueError, match=message):
        kf.layer_spectra(model, noise, layers=layers)


def test_spectra_of_kernels():
    rng = np.random.default_rng(0)
    kernels = rng.normal(size=(3, 5, 4, 2))
    spectra = kf.kernel_spectra(kernels, (9, 8))
    u, v = 2, -3
    rows, columns = np.mgrid[:5, :4]
    wave = np.exp(-2j * np.pi * (u * rows / 9 + v * columns / 8))
    expected = np.sqrt((np.abs((kernels * wave[None, ..., None]).sum((1, 2))) ** 2).mean(-1))
    np.testing.assert_allclose(spectra[:, 4 + u, 4 + v], expected)
    with pytest.raises(ValueError, match="`size` must not be less"):
        kf.kernel_spectra(kernels, 4)
    with pytest.raises(ValueError, match="must have a `Conv2D` layer"):
        kf.first_layer_kernels(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]))
