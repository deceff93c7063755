"""Errors under corruptions, of models that see one thing, and the same the long way."""

import keras
import numpy as np
import pandas as pd
import pytest

import keras_freq as kf
from keras_freq.augment import CORRUPTIONS, corrupt


def level_model(border=0.5):
    """A model of grey images: brighter than the border is class 1."""
    inputs = keras.Input((8, 8, 1))
    outputs = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(inputs))
    model = keras.Model(inputs, outputs)
    model.set_weights([np.array([[-1.0, 1.0]]), np.array([border, -border])])
    return model


@pytest.fixture(scope="module")
def data():
    """Noise around 0.42 and 0.58, by class."""
    rng = np.random.default_rng(0)
    labels = np.arange(24) % 2
    images = 0.42 + 0.16 * labels[:, None, None, None] + rng.normal(0, 0.05, (24, 8, 8, 1))
    return images.astype(np.float32), labels


def of_all(errors):
    own = errors[errors["class_id"] == -1]
    return own.set_index(["corruption", "severity"])["error"]


def test_a_model_of_the_mean_breaks_when_images_get_brighter_and_never_else(data):
    errors = kf.corruption_errors(level_model(), data, 2, class_names=["dark", "bright"])
    assert len(errors) == (1 + 9 * 5) * 3
    assert errors["corruption"].unique().tolist() == ["none", *CORRUPTIONS]
    brightness = of_all(errors)["brightness"]  # 0.42 + 0.05, 0.10, ...
    assert brightness.tolist() == [0, 0.5, 0.5, 0.5, 0.5]
    others = of_all(errors).drop("brightness", level="corruption")
    assert (others == 0).all()
    assert errors["won"].sum() == 0
    np.testing.assert_allclose(errors["lost"], errors["images"] * errors["error"])
    brightest = errors[(errors["corruption"] == "brightness") & (errors["severity"] == 5)]
    assert brightest["class_name"].tolist() == ["dark", "bright", "all"]
    assert brightest["error"].tolist() == [1, 0, 0.5]
    assert brightest["p_value"].tolist() == [2.0**-12, 1, 2.0**-12]
    assert brightest["p_holm"].iloc[-1] == pytest.approx(45 * 2.0**-12)
    low, high = kf.metrics.wilson_interval(12, 24)
    interval = brightest[["error_low", "error_high"]].iloc[-1]
    np.testing.assert_allclose(interval, [low, high])


def test_errors_are_those_of_images_corrupted_one_by_one_and_batches_decide_nothing(data):
    rng = np.random.default_rng(1)
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.set_weights([rng.normal(size=(64, 2)), np.zeros(2)])
    images, labels = data
    options = {"severities": [5], "seed": 3, "benchmark": "imagenet"}
    errors = kf.corruption_errors(model, data, 2, **options, batch_size=5)
    assert errors.equals(kf.corruption_errors(model, data, 2, **options, batch_size=64))
    for name in CORRUPTIONS:
        changed = [
            corrupt(image, name, 5, seed=(3, n), benchmark="imagenet")
            for n, image in enumerate(images)
        ]
        wrong = np.asarray(model(np.array(changed))).argmax(axis=1) != labels
        assert of_all(errors)[name, 5] == wrong.mean()
    assert of_all(errors).nunique() > 3  # they differ


def test_corruption_errors_against_a_reference():
    rows = [("none", 0, 0.1), ("jpeg", 1, 0.2), ("jpeg", 2, 0.4), ("contrast", 1, 0.3)]
    rows.append(("contrast", 2, 0.5))
    errors = pd.DataFrame(rows, columns=["corruption", "severity", "error"]).assign(class_id=-1)
    ends = {"error_low": lambda rows: rows.error / 2, "error_high": lambda rows: 2 * rows.error}
    errors = errors.assign(**ends)
    by_class = errors.assign(class_id=0, error=0.9)  # does not count
    reference = errors.assign(error=[0.2, 0.4, 0.8, 0.2, 0.2], **ends)[::-1]
    table = kf.mean_corruption_error(pd.concat([errors, by_class]), reference)
    assert table["corruption"].tolist() == ["jpeg", "contrast", "mean"]
    np.testing.assert_allclose(table["ce"], [0.5, 2, 1.25])
    np.testing.assert_allclose(table["error"], [0.3, 0.4, 0.35])
    relative = [(0.1 + 0.3) / (0.2 + 0.6), np.nan, np.nan]  # the reference loses nothing more
    np.testing.assert_allclose(table["relative_ce"], relative)
    inside = (table["ce_low"] < table["ce"]) & (table["ce"] < table["ce_high"])
    assert inside.all() and table["ce_high"].iloc[-1] == table["ce_high"].iloc[:2].mean()
    same = kf.mean_corruption_error(errors, errors)
    assert (same[["ce", "relative_ce"]] == 1).all(axis=None)


def test_the_spectrum_of_what_is_changed():
    size = 16
    rows, columns = np.mgrid[:size, :size] / size
    wave = 0.5 + 0.2 * np.cos(2 * np.pi * (3 * rows + 2 * columns))
    data = np.broadcast_to(wave[None, ..., None], (3, size, size, 2)).astype(np.float32), [0, 0, 0]
    changed = kf.corruption_spectrum(data, "contrast", 2)
    expected = np.zeros((size, size))
    # Contrast halves the wave, of amplitude 0.2 H W / 2 at both of its cells.
    expected[8 + 3, 8 + 2] = expected[8 - 3, 8 - 2] = 0.5 * 0.1 * size**2
    np.testing.assert_allclose(changed[..., 0], expected, atol=1e-3)
    np.testing.assert_array_equal(changed[..., 0], changed[..., 1])
    grey = np.full((40, size, size, 1), 0.5, np.float32), np.zeros(40, int)
    noise = kf.corruption_spectrum(grey, "gaussian_noise", 1)
    # |FFT| of white noise of deviation s is Rayleigh distributed, but where the FFT is real.
    rayleigh = 0.04 * size * np.sqrt(np.pi) / 2
    assert noise.mean() == pytest.approx(rayleigh, rel=0.02)
    profile = kf.radial_profile(noise[..., 0])
    np.testing.assert_allclose(profile[2:8], rayleigh, rtol=0.15)
    again = kf.corruption_spectrum(grey, "gaussian_noise", 1, seed=1)
    assert not np.array_equal(noise, again)
