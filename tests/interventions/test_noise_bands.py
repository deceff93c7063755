"""Noise of one octave, against an FFT of what was added."""

import numpy as np
import pytest

import keras_freq as kf
from keras_freq.interventions import NoiseBands

SIZE = (16, 12)
EDGES = np.array([[0.7, 1.4], [1.4, 2.8], [2.8, 5.6]])


def noise_bands(**options):
    given = {"contrast": 0.5, "grey": False, "neutral": [0.4, 0.5, 0.6], "seed": 3}
    return NoiseBands(EDGES, SIZE, [0.1, 0.3], **{**given, **options})


def some_images():
    return np.random.default_rng(0).uniform(size=(4, *SIZE, 3)).astype(np.float32)


def every_condition(noise, images, numbers):
    image, condition = np.indices((len(images), len(noise))).reshape(2, -1)
    changed = noise.apply(noise.prepare(images), image, condition, numbers[image], full=True)
    return np.asarray(changed, np.float64).reshape(len(images), len(noise), *images.shape[1:])


def test_each_band_at_its_strength_the_same_in_all_channels():
    images = some_images()
    changed = every_condition(noise_bands(), images, np.arange(4))
    low = [0.4, 0.5, 0.6] + 0.5 * (images - [0.4, 0.5, 0.6])
    np.testing.assert_allclose(changed[:, -1], low, atol=1e-6)  # the last one adds none
    added = changed[:, :-1] - low[:, None]
    np.testing.assert_allclose(added, added[..., :1].repeat(3, axis=-1), atol=1e-6)
    rms = np.sqrt((added[..., 0] ** 2).mean(axis=(2, 3)))
    np.testing.assert_allclose(rms, np.tile([0.1, 0.3], (4, 3)), rtol=1e-5)
    radii = kf.radius_map(SIZE)
    power = np.abs(np.fft.fftshift(np.fft.fft2(added[..., 0]), axes=(2, 3))) ** 2
    for band, (inner, outer) in enumerate(EDGES):
        inside = (radii >= inner) & (radii < outer)
        own = power[:, 2 * band : 2 * band + 2]
        np.testing.assert_allclose(own[..., inside].sum(-1) / own.sum((-2, -1)), 1, atol=1e-6)
    # The same pattern at both strengths, and another in every image.
    np.testing.assert_allclose(added[:, 1], 3 * added[:, 0], atol=1e-6)
    assert abs(np.corrcoef(added[0, 4, ..., 0].ravel(), added[1, 4, ..., 0].ravel())[0, 1]) < 0.3


def test_noise_depends_on_the_image_s_number_and_the_seed_alone():
    images = some_images()
    whole = every_condition(noise_bands(), images, np.array([5, 6, 7, 8]))
    part = every_condition(noise_bands(), images[2:], np.array([7, 8]))
    np.testing.assert_array_equal(whole[2:], part)
    other = every_condition(noise_bands(seed=4), images, np.array([5, 6, 7, 8]))
    assert np.abs(whole - other).max() > 0.05


def test_grey_images_have_the_luma_of_rec_601():
    images = some_images()
    changed = every_condition(noise_bands(grey=True, contrast=1.0), images, np.arange(4))[:, -1]
    np.testing.assert_allclose(changed, (images @ [0.299, 0.587, 0.114])[..., None].repeat(3, -1),
                               atol=1e-6)  # fmt: skip
    one = NoiseBands(EDGES, SIZE, [0.1], contrast=1.0, grey=True, neutral=0.5, seed=0)
    np.testing.assert_allclose(one.prepare(images[..., :1])[0], images[..., :1], atol=1e-6)


def test_white_noise_of_a_band_is_gaussian():
    noise = noise_bands(contrast=1.0)
    grey = np.full((1, *SIZE, 3), 0.5, np.float32)
    numbers = np.arange(300)
    zeros = np.zeros(300, int)
    added = noise.apply(noise.prepare(grey), zeros, zeros + 5, numbers, full=True)[..., 0] - 0.5
    scaled = np.ravel(added) / 0.3
    assert np.mean(scaled) == pytest.approx(0, abs=0.01)
    assert np.mean(scaled**4) == pytest.approx(3, abs=0.2)
