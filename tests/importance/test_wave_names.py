"""The names of waves, against the spectra of the waves that they name."""

import dataclasses

import keras
import numpy as np
import pytest

import keras_freq as kf
from keras_freq.fourier import conjugate_pairs


@pytest.fixture(scope="module")
def importance():
    """Of a model that reads nothing, so that tests can say what matters: two classes, 6 x 5."""
    model = keras.Sequential([keras.Input((6, 5, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(2, kernel_initializer="zeros"))
    images = np.random.default_rng(0).uniform(size=(4, 6, 5, 1))
    return kf.frequency_importance(model, (images, [0, 1, 0, 1]), 2, method="exhaustive")


@pytest.mark.parametrize("size", [(6, 5), (4, 4), (5, 6)])
def test_a_name_is_the_wave_that_has_this_frequency(importance, size):
    pairs = conjugate_pairs(size)
    change = np.zeros((2, size[0] * size[1]))
    for place, pair in enumerate(pairs):
        change[0, pair] = len(pairs) - place
    change = change.reshape(2, *size)
    imp = dataclasses.replace(importance, loss_change=change, stderr=0 * change)
    found = kf.strongest_frequencies(imp, number=100)
    assert len(found) == len(pairs) - 1 and set(found["class_id"]) == {0}
    assert not found[["across", "down"]].duplicated().any()
    y, x = np.mgrid[: size[0], : size[1]]
    for wave, pair in zip(found.itertuples(), pairs[1:], strict=True):
        image = np.cos(2 * np.pi * (wave.across * x / size[1] + wave.down * y / size[0]))
        spectrum = np.abs(np.fft.fftshift(np.fft.fft2(image))).reshape(-1)
        assert set(np.flatnonzero(spectrum > 1e-9)) == set(pair)
        assert wave.radius == pytest.approx(np.hypot(wave.across, wave.down))
        assert wave.across >= 0 and (wave.across > 0 or wave.down > 0)


def test_the_strongest_come_first_and_only_those_of_the_maps(importance):
    change = importance.loss_change.copy() * 0
    change[0, 3, [1, 3]] = 0.5  # 1 across
    change[0, [2, 4], 2] = 0.9  # 1 down
    change[0, [2, 4], [1, 3]] = -0.1  # the class is better off without it
    change[1, 3, 2] = 7  # DC
    change[1, 3, [0, 4]] = 0.2
    imp = dataclasses.replace(importance, loss_change=change, stderr=change / 10)
    names = ["class_id", "across", "down"]
    found = kf.strongest_frequencies(imp)
    assert found[names].values.tolist() == [[0, 0, 1], [0, 1, 0], [1, 2, 0]]
    assert found["loss_change"].tolist() == [0.9, 0.5, 0.2]
    assert found["stderr"].tolist() == pytest.approx([0.09, 0.05, 0.02])
    assert kf.strongest_frequencies(imp, number=1)[names].values.tolist() == [[0, 0, 1], [1, 2, 0]]
    maps = np.zeros(change.shape, bool)
    maps[0, 3, [1, 3]] = True
    assert kf.strongest_frequencies(imp, maps)[names].values.tolist() == [[0, 1, 0]]
    nothing = kf.strongest_frequencies(imp, maps & False)
    assert nothing.empty and nothing.columns.tolist() == found.columns.tolist()


def test_what_does_not_fit_is_refused(importance):
    with pytest.raises(TypeError, match=r"`imp` must be a FrequencyImportance.*ndarray"):
        kf.strongest_frequencies(importance.loss_change)
    with pytest.raises(ValueError, match=r"`maps` must hold one map for each class of `imp`"):
        kf.strongest_frequencies(importance, np.zeros((3, 6, 5), bool))
    with pytest.raises(ValueError, match=r"`number` must be"):
        kf.strongest_frequencies(importance, number=0)
