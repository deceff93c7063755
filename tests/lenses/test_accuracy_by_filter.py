"""Accuracy through filters: models with a known answer, and the same the long way."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import binomtest

import keras_freq as kf
from keras_freq.lenses import filter_sweep

SIZE = 16


def wave(u, v):
    """A real wave of vertical frequency u and horizontal frequency v."""
    rows, columns = np.indices((SIZE, SIZE))
    return np.cos(2 * np.pi * (u * rows + v * columns) / SIZE)


@keras.saving.register_keras_serializable("test")
class Amount(keras.layers.Layer):
    """Scores of two classes by how much of one wave an image holds; more than 0.05 is class 1."""

    def __init__(self, u, v, **options):
        super().__init__(**options)
        self.wave = tf.constant(wave(u, v)[None, :, :, None], tf.float32)

    def call(self, images):
        amount = 2 * keras.ops.mean(images * self.wave, axis=(1, 2, 3)) - 0.05
        return keras.ops.stack([-amount, amount], axis=-1)


def keyed_model(u, v):
    inputs = keras.Input((SIZE, SIZE, 1))
    return keras.Model(inputs, Amount(u, v)(inputs))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    noise = rng.normal(0, 0.02, (40, SIZE, SIZE))
    images = 0.5 + noise + 0.1 * labels[:, None, None] * wave(3, 4)  # radius 5
    return images[..., None].astype(np.float32), labels


def of_all(sweep, kind):
    return sweep[(sweep["class_id"] == -1) & (sweep["kind"] == kind)]


def test_a_model_keyed_to_one_frequency_makes_a_step_at_its_radius(data):
    radii = [1, 3, 4.9, 5.1, 7]
    kinds = ["low-pass", "high-pass", "band-stop", "band-pass"]
    sweep = filter_sweep(keyed_model(3, 4), data, 2, kinds=kinds, radii=radii)
    assert of_all(sweep, "untouched")["recall"].tolist() == [1.0]
    # Without its wave, every image looks like class 0.
    assert of_all(sweep, "low-pass")["recall"].tolist() == [0.5, 0.5, 0.5, 1, 1]
    assert of_all(sweep, "high-pass")["recall"].tolist() == [1, 1, 1, 0.5, 0.5]
    assert of_all(sweep, "band-stop")["recall"].tolist() == [1, 1, 1, 0.5, 1, 1]
    assert of_all(sweep, "band-pass")["recall"].tolist() == [0.5, 0.5, 0.5, 1, 0.5, 0.5]
    seen = sweep[(sweep["kind"] == "low-pass") & (sweep["high"] == 3)]
    assert seen["recall"].tolist() == [1, 0, 0.5]
    assert seen["class_name"].tolist() == ["0", "1", "all"]
    assert seen["images"].tolist() == [20, 20, 40]


def test_recalls_are_those_of_the_filtered_images_one_filter_at_a_time(data):
    rng = np.random.default_rng(1)
    layers = [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    model = keras.Sequential(layers)
    kernel = rng.normal(size=(SIZE * SIZE, 3))
    kernel -= kernel.mean(axis=0)  # else the mean colour alone decides, which most filters leave
    model.set_weights([kernel, rng.normal(0, 0.1, size=3)])
    images, labels = data[0], rng.integers(3, size=40)
    radii = kf.radius_map(SIZE)
    sweep = filter_sweep(model, (images, labels), 3, radii=[2, 6], neutral=0.25)
    weights, bias = model.get_weights()
    before = (images.reshape(40, -1) @ weights + bias).argmax(axis=1) == labels
    p_values = {}
    for _, row in sweep.iterrows():
        ring = (radii >= row["low"]) & (radii < row["high"])
        kept = ~ring if row["kind"] == "band-stop" else ring
        spectra = np.fft.fftshift(np.fft.fft2(images[..., 0].astype(float) - 0.25), axes=(1, 2))
        filtered = np.fft.ifft2(np.fft.ifftshift(spectra * kept, axes=(1, 2))).real + 0.25
        right = (filtered.reshape(40, -1) @ weights + bias).argmax(axis=1) == labels
        chosen = (labels == row["class_id"]) | (row["class_id"] == -1)
        own = right[chosen]
        assert row["recall"] == own.mean()
        low, high = kf.metrics.wilson_interval(own.sum(), len(own))
        assert (row["recall_low"], row["recall_high"]) == (low, high)
        lost, won = (before & ~right)[chosen].sum(), (~before & right)[chosen].sum()
        assert (row["lost"], row["won"]) == (lost, won)
        if row["kind"] == "untouched":
            assert lost == won == 0 and math.isnan(row["p_value"]) and math.isnan(row["p_holm"])
            continue
        p_value = binomtest(lost, lost + won, alternative="greater").pvalue if lost + won else 1
        assert row["p_value"] == pytest.approx(p_value)
        family = (row["kind"], row["class_id"] == -1)
        p_values.setdefault(family, []).append((p_value, row["p_holm"]))
    assert sweep["lost"].max() > 5 and sweep["won"].max() > 5
    for own in p_values.values():
        largest = 0
        for number, (p_value, corrected) in enumerate(sorted(own)):
            largest = max(largest, p_value * (len(own) - number))
            assert corrected == pytest.approx(min(1, largest))
    assert sorted(map(len, p_values.values())) == [2, 2, 3, 6, 6, 9]


@pytest.mark.parametrize(
    ("radii", "size", "expected"),
    [
        (None, 32, [1, 2, 4, 8, 16]),
        ("octaves", 224, [1.75, 3.5, 7, 14, 28, 56, 112]),
        ("even", 32, [2, 4, 6, 8, 10, 12, 14, 16]),
    ],
)
def test_the_radii_that_are_chosen(radii, size, expected):
    layers = [keras.Input((size, size, 1)), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([*layers, keras.layers.Dense(2)])
    images = np.random.default_rng(0).uniform(size=(2, size, size, 1))
    sweep = filter_sweep(model, (images, [0, 1]), 2, kinds=["low-pass"], radii=radii)
    assert of_all(sweep, "low-pass")["high"].tolist() == expected


def test_rings_of_equal_energy_hold_equal_shares():
    rng = np.random.default_rng(0)
    size = 64
    images = rng.uniform(size=(20, size, size, 2))
    layers = [keras.Input((size, size, 2)), keras.layers.Flatten(), keras.layers.Dense(2)]
    data = images, np.arange(20) % 2
    sweep = filter_sweep(keras.Sequential(layers), data, 2, kinds=["band-pass"], radii="energy")
    rings = of_all(sweep, "band-pass")
    assert len(rings) == 8
    power = (np.abs(np.fft.fftshift(np.fft.fft2(images, axes=(1, 2)), axes=(1, 2))) ** 2).mean(
        axis=(0, 3)
    )
    power[size // 2, size // 2] = 0
    radii = kf.radius_map(size)
    shares = [power[(radii >= a) & (radii < b)].sum() for a, b in rings[["low", "high"]].values]
    np.testing.assert_allclose(np.array(shares) / power.sum(), 1 / 8, atol=0.02)


def test_gaussian_filters_are_blurs_and_what_they_take_away(data):
    """The blur as a sum over pixels, around the image's torus, against the gain."""
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(SIZE * SIZE, 2))
    layers = [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.set_weights([weights, np.zeros(2)])
    images, labels = data
    kinds = ["gaussian low-pass", "gaussian high-pass"]
    sweep = filter_sweep(model, data, 2, kinds=kinds, sigmas=[2.5, 1.5], neutral=0.25)
    pixels = np.arange(-8 * SIZE, 8 * SIZE)
    for sigma in (1.5, 2.5):  # narrower ones alias between the pixels
        kernel = np.zeros(SIZE)
        np.add.at(kernel, pixels % SIZE, np.exp(-(pixels**2) / (2 * sigma**2)))
        turned = np.array([np.roll(kernel / kernel.sum(), k) for k in range(SIZE)])
        centred = images[..., 0].astype(float) - 0.25
        blurred = turned @ centred @ turned.T
        for kind, kept in (("low", blurred), ("high", centred - blurred)):
            right = ((kept + 0.25).reshape(40, -1) @ weights).argmax(axis=1) == labels
            row = of_all(sweep, f"gaussian {kind}-pass").set_index("sigma").loc[sigma]
            assert row["recall"] == right.mean()
            edge = row["high" if kind == "low" else "low"]
            gain = np.exp(-2 * (np.pi * sigma * edge / SIZE) ** 2)
            assert gain == pytest.approx(0.5)
    assert of_all(sweep, "untouched")["sigma"].isna().all()


def test_the_published_widths_are_those_of_224_pixels():
    layers = [keras.Input((224, 224, 1)), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([*layers, keras.layers.Dense(2)])
    images = np.random.default_rng(0).uniform(size=(2, 224, 224, 1))
    sweep = filter_sweep(model, (images, [0, 1]), 2, kinds=["gaussian high-pass", "band-pass"])
    own = of_all(sweep, "gaussian high-pass")
    assert own["sigma"].tolist() == [3, 1.5, 1, 0.7, 0.55, 0.45, 0.4]
    assert own["low"].iloc[2] == pytest.approx(41.98, abs=0.01)


def test_data_that_differ_from_pass_to_pass_are_refused(data):
    shuffled = tf.data.Dataset.from_tensor_slices(data).shuffle(40).take(20).batch(5)
    with pytest.raises(ValueError, match="reshuffle_each_iteration=False"):
        filter_sweep(keyed_model(3, 4), shuffled, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kinds": ["lowpass"]}, "Did you mean 'low-pass'"),
        ({"kinds": []}, "kinds"),
        ({"radii": [3, 2]}, "increasing numbers > 0"),
        ({"radii": [0, 2]}, "increasing numbers > 0"),
        ({"radii": []}, "radii"),
        ({"sigmas": [1, 0]}, "sigmas"),
        ({"sigmas": [2, 2]}, "sigmas"),
        ({"sigmas": []}, "sigmas"),
        ({"radii": "octave"}, "Did you mean 'octaves'"),
        ({"num_classes": 1}, "num_classes"),
        ({"neutral": [0.1, 0.2]}, "neutral"),
        ({"class_names": ["one"]}, "class_names"),
    ],
)
def test_wrong_arguments_are_named(data, options, message):
    with pytest.raises(ValueError, match=message):
        filter_sweep(keyed_model(3, 4), data, **{"num_classes": 2, **options})


def test_radii_beyond_all_frequencies_are_refused(data):
    corner = float(kf.radius_map(SIZE).max())
    with pytest.raises(ValueError, match=rf"`radii` must be at most {corner:.4g} for images of"):
        filter_sweep(keyed_model(3, 4), data, 2, radii=[4, 99])
    # The corner itself is a frequency.
    sweep = filter_sweep(keyed_model(3, 4), data, 2, kinds=["high-pass"], radii=[4, corner])
    assert of_all(sweep, "high-pass")["recall"].tolist() == [1, 0.5]
