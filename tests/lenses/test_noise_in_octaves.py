"""Critical bands: surfaces of a known channel, and a linear model written out."""

import dataclasses
import re

import keras
import numpy as np
import pytest

import keras_freq as kf
from keras_freq.lenses import fit_channel, noise_thresholds

CENTRES = 1.75 * 2.0 ** np.arange(7)
STRENGTHS = 0.02 * 2.0 ** np.arange(4)
QUIET = {"progress": False}


def surface(bandwidth, centre, peak, base=0.9, chance=0.0625, slope=3.0):
    """Accuracy `(B, S)` of an observer whose thresholds are a Gaussian channel over octaves."""
    octaves = np.log2(CENTRES / centre)
    width = bandwidth / (2 * np.sqrt(2 * np.log(2)))  # full width at half of the peak
    logs = peak * np.exp(-(octaves**2) / (2 * width**2))
    distance = np.log2(STRENGTHS[None] / (STRENGTHS[-1] / 2.0 ** logs[:, None]))
    return chance + (base - chance) / (1 + np.exp(slope * distance))


@pytest.mark.parametrize("bandwidth", [1.5, 2.5, 4.0])
@pytest.mark.parametrize("centre", [7.0, 20.0])
def test_the_channel_of_a_synthetic_surface_is_recovered(bandwidth, centre):
    accuracy = surface(bandwidth, centre, peak=2.6)
    level = (0.9 + 0.0625) / 2
    thresholds = noise_thresholds(STRENGTHS, accuracy, 0.9, level)
    channel = fit_channel(CENTRES, STRENGTHS, thresholds)
    assert channel.finding == ""
    assert channel.bandwidth == pytest.approx(bandwidth, rel=0.1)
    assert np.log2(channel.centre) == pytest.approx(np.log2(centre), abs=0.1)
    assert channel.sensitivity == pytest.approx(2**2.6 / 0.16, rel=0.15)


def test_thresholds_lie_between_the_strengths():
    accuracy = [[0.9, 0.7, 0.5, 0.1], [0.9, 0.9, 0.9, 0.7], [0.3, 0.2, 0.1, 0.1]]
    found = noise_thresholds(STRENGTHS, accuracy, 0.9, 0.6)
    assert found[0] == pytest.approx(0.04 * 2**0.5) and found[1] == np.inf
    assert found[2] == pytest.approx(0.02 * 0.3 / 0.6)
    assert (noise_thresholds(STRENGTHS, accuracy, 0.5, 0.6) == 0).all()
    # Noise that helps in between does not hide where accuracy is lost for good.
    assert noise_thresholds([1, 2, 4], [[0.5, 0.7, 0.1]], 0.9, 0.6)[0] > 2


@pytest.mark.parametrize(
    ("thresholds", "finding"),
    [
        (np.full(7, np.inf), "no band"),
        (np.full(7, 0.001), "weakest noise of every band"),
        ([np.inf] * 5 + [0.1, 0.05], "fewer than 3 bands"),
        (0.16 / 2 ** (0.5 + np.arange(7) / 4), "peaks beyond"),
        (np.full(7, 0.05), "wider than all bands|peaks beyond"),
    ],
)
def test_it_cannot_tell_where_the_fit_has_no_support(thresholds, finding):
    channel = fit_channel(CENTRES, STRENGTHS, thresholds)
    assert re.search(finding, channel.finding)
    assert np.isnan([channel.bandwidth, channel.centre, channel.sensitivity]).all()


# Right answers of ResNet-50 and images, in the published data of the source: bands by strengths.
RIGHT = [
    [27, 29, 35, 25],
    [27, 26, 21, 17],
    [22, 24, 15, 10],
    [21, 19, 10, 3],
    [20, 12, 5, 1],
    [8, 3, 4, 1],
    [34, 18, 10, 1],
]
ASKED = [
    [29, 33, 37, 29],
    [31, 34, 24, 32],
    [31, 29, 31, 30],
    [30, 29, 36, 20],
    [30, 27, 32, 19],
    [20, 32, 32, 32],
    [36, 26, 35, 23],
]


def test_the_published_answers_of_resnet_50_have_nearly_the_published_channel():
    """Published thresholds are the strengths themselves: how many of them leave no half right."""
    accuracy, base = np.array(RIGHT) / ASKED, 204 / 221
    steps = [next(j for j in range(5) if [base, *own][4 - j] > 0.5) for own in accuracy]
    assert steps == [0, 0, 2, 2, 3, 4, 2]
    channels = [
        fit_channel(CENTRES, STRENGTHS, thresholds)
        for thresholds in (
            0.16 / 2.0 ** np.array(steps),
            noise_thresholds(STRENGTHS, accuracy, base, level=0.5),
        )
    ]
    assert channels[0].bandwidth == pytest.approx(3.99, abs=0.01)
    assert channels[0].centre == pytest.approx(39.4, abs=0.1)
    assert channels[1].bandwidth == pytest.approx(3.5, abs=0.1)
    assert channels[1].centre == pytest.approx(42, abs=0.5)


SIZE = 16


def linear(weights):
    layers = [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.set_weights([weights.reshape(-1, 2), np.zeros(2)])
    return model


@pytest.fixture(scope="module")
def observer():
    """A linear model that looks at an octave around 4 cycles, and images of known margins."""
    rng = np.random.default_rng(0)
    radii = np.fft.ifftshift(kf.radius_map(SIZE))
    spectrum = np.fft.fft2(rng.normal(size=(SIZE, SIZE)))
    gain = np.exp(-(np.log2(np.maximum(radii, 0.1) / 4) ** 2) / (2 * 0.6**2))
    kernel = np.fft.ifft2(spectrum * gain).real
    kernel /= np.linalg.norm(kernel)
    labels = np.arange(200) % 2
    margins = rng.uniform(0.2, 1.2, 200) * (2 * labels - 1)
    images = 0.5 + margins[:, None, None] * kernel
    data = images[..., None].astype(np.float32), labels
    return np.stack([-kernel, kernel], axis=-1), data


def test_accuracy_is_that_of_each_noise_added_by_itself(observer):
    weights, (images, labels) = observer
    found = kf.critical_bands(linear(weights), (images, labels), 2, seed=7, **QUIET)
    assert found.centres.tolist() == [1, 2, 4, 8]
    np.testing.assert_allclose(found.edges, np.outer([1, 2, 4, 8], [2**-0.5, 2**0.5]))
    mean, radii = images.mean(dtype=np.float64), np.fft.ifftshift(kf.radius_map(SIZE))
    low = mean + 0.2 * (images[..., 0].astype(np.float64) - mean)
    right = np.empty((200, 4, 4))
    for n in range(200):
        white = np.fft.fft2(np.random.default_rng([7, n]).standard_normal((SIZE, SIZE)))
        for b, (inner, outer) in enumerate(found.edges):
            noise = np.fft.ifft2(white * ((radii >= inner) & (radii < outer))).real
            noise /= np.sqrt(np.mean(noise**2))
            for s, strength in enumerate(found.strengths):
                score = np.sum((low[n] + strength * noise) * weights[..., 1])
                right[n, b, s] = (score > 0) == labels[n]
    np.testing.assert_allclose(found.accuracy, right.mean(axis=0), atol=1e-12)
    expected = kf.metrics.wilson_interval(right.sum(axis=0), 200)
    np.testing.assert_array_equal([found.accuracy_low, found.accuracy_high], expected)
    for label in range(2):
        own = right[labels == label].mean(axis=0)
        np.testing.assert_allclose(found.class_recall[label], own, atol=1e-12)
    assert found.base_accuracy == 1 and found.level == 0.75
    assert found.evaluations == 200 * 17
    changed = low[:16] + 0  # no pixel of low contrast leaves [0, 1] without noise
    assert changed.min() > 0 and changed.max() < 1 and found.outside.max() < 0.2


def test_the_octave_that_a_model_looks_at_is_the_centre_of_its_channel(observer, tmp_path):
    weights, data = observer
    strengths = 0.02 * 2.0 ** np.arange(7)
    found = kf.critical_bands(linear(weights), data, 2, strengths=strengths, **QUIET)
    assert found.finding == ""
    # Noise at 1 cycle does nothing, and at 16 there is none: that draws the centre upwards.
    assert abs(np.log2(found.centre / 4)) < 0.6
    low, high = found.bandwidth_interval
    assert low <= found.bandwidth <= high
    assert found.thresholds.argmin() == 2
    assert "octaves wide" in repr(found)
    found.save(tmp_path / "bands.npz")
    again = kf.CriticalBands.load(tmp_path / "bands.npz")
    for field in dataclasses.fields(found):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(found, field.name))
    assert again.grey is True and isinstance(again.bandwidth_interval, tuple)
    same = kf.critical_bands(linear(weights), data, 2, strengths=strengths, batch_size=9, **QUIET)
    np.testing.assert_array_equal(same.accuracy, found.accuracy)


def test_a_model_that_guesses_has_no_channel(observer):
    weights, (images, labels) = observer
    shuffled = np.random.default_rng(0).permutation(labels)
    found = kf.critical_bands(linear(weights), (images, shuffled), 2, **QUIET)
    assert found.blind and "without noise it is right for" in found.finding
    assert np.isnan(found.bandwidth) and "cannot tell" in repr(found)
