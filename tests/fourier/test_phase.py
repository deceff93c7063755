"""Phases and amplitudes, against NumPy's float64 FFT."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

import keras_freq as kf
from keras_freq.fourier import conjugate

SIZES = [(8, 8), (7, 7), (6, 9), (9, 6), (1, 5), (4, 1), (2, 2)]


def random_images(size, count=3, channels=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(count, *size, channels)).astype("float32")


def spectra(images):
    """The centred spectra in float64, `(N, C, H, W)`."""
    images = np.moveaxis(np.asarray(images, np.float64), -1, 1)
    return np.fft.fftshift(np.fft.fft2(images), axes=(-2, -1))


def images_of(spectra):
    """The images of spectra, which must be real."""
    images = np.fft.ifft2(np.fft.ifftshift(spectra, axes=(-2, -1)))
    np.testing.assert_allclose(images.imag, 0, atol=1e-9)
    return np.moveaxis(images.real, 1, -1)


@pytest.mark.parametrize("size", SIZES)
def test_swap_phase_written_out(size):
    images, others = random_images(size), random_images(size, seed=1)
    expected = images_of(np.abs(spectra(images)) * np.exp(1j * np.angle(spectra(others))))
    np.testing.assert_allclose(kf.swap_phase(images, others), expected, atol=2e-5)
    np.testing.assert_allclose(kf.swap_phase(images[0], others[0]), expected[0], atol=2e-5)
    np.testing.assert_allclose(kf.swap_phase(images, images), images, atol=1e-6)


def test_an_image_keeps_its_phases_where_the_other_has_none():
    image = random_images((8, 8))
    grey = np.full_like(image, 0.5)
    np.testing.assert_allclose(kf.swap_phase(image, grey), image, atol=1e-6)
    np.testing.assert_allclose(kf.swap_phase(grey, image), grey, atol=1e-6)


@pytest.mark.parametrize("width", [30, 100, 180])
@pytest.mark.parametrize("size", SIZES)
def test_noise_turns_phases_by_angles_that_are_opposite_at_conjugates(size, width):
    images = random_images(size)
    before = spectra(images)
    after = spectra(kf.phase_noise(images, width, seed=(1, 2)))
    np.testing.assert_allclose(np.abs(after), np.abs(before), atol=1e-4)
    weak = np.abs(before) < 0.05  # their angles are rounded
    angles = np.ma.masked_array(np.degrees(np.angle(after / before)), weak)
    assert np.abs(angles).max() <= width + 0.2 or width > 90  # signs change by 180
    first, second = np.moveaxis(np.exp(1j * np.radians(angles)), 1, 0)
    np.testing.assert_allclose(first, second, atol=0.004)  # the same in all channels
    own = conjugate(np.arange(size[0] * size[1]).reshape(size))
    own = own == np.arange(size[0] * size[1]).reshape(size)
    paired = ~own
    assert (np.abs(angles[..., paired]) <= width + 0.2).all()
    turned_back = angles + conjugate(angles)
    np.testing.assert_allclose(turned_back[..., paired], 0, atol=0.2)
    signs = np.abs(angles[..., own])
    assert ((signs < 0.1) | (signs > 179.9)).all()
    if width <= 90:
        assert (signs < 0.1).all()
    np.testing.assert_allclose(np.angle(after[..., size[0] // 2, size[1] // 2]), 0, atol=1e-6)


def test_angles_are_uniform_and_signs_change_as_often_as_they_should():
    images = random_images((6, 6), count=400, channels=1)
    turns = spectra(kf.phase_noise(images, 135, seed=(3, 4))) / spectra(images)
    # Rows 3 + u, columns 3 + v: one in the half plane, one in the column of pairs, one sign.
    for row, column in ((4, 4), (4, 3), (1, 3), (2, 0)):
        angles = np.degrees(np.angle(turns[:, 0, row, column]))
        assert stats.kstest(angles, stats.uniform(-135, 270).cdf).pvalue > 1e-3
    for row, column in ((0, 0), (0, 3), (3, 0)):
        changed = int((turns[:, 0, row, column].real < 0).sum())
        assert stats.binomtest(changed, 400, 1 / 3).pvalue > 1e-3  # beyond 90 of 135 degrees
    # No two cells and no two images share their draws.
    angles = np.angle(turns[:, 0])[:, [4, 4, 5, 4, 5], [3, 4, 4, 5, 3]].reshape(400, -1)
    assert np.abs(np.corrcoef(angles.T) - np.eye(5)).max() < 0.2
    assert len(np.unique(angles.round(6))) > 1900


def test_nothing_is_left_of_the_phases_at_180_degrees():
    images = np.repeat(random_images((7, 8), count=1), 300, axis=0)
    scrambled = kf.amplitude_only(images, seed=(0, 1))
    np.testing.assert_array_equal(scrambled, kf.phase_noise(images, 180, seed=(0, 1)))
    mean = np.mean(scrambled, axis=0)
    grey = np.broadcast_to(images[0].mean(axis=(0, 1)), mean.shape)
    noise = np.std(np.asarray(scrambled) - grey) / np.sqrt(300)
    assert np.abs(mean - grey).max() < 5 * noise


@pytest.mark.parametrize("size", SIZES)
def test_phase_only_written_out(size):
    images = random_images(size)
    amplitude = np.abs(spectra(random_images(size, seed=5))).mean(axis=0).transpose(1, 2, 0)
    equal = np.moveaxis(amplitude, -1, 0) * np.exp(1j * np.angle(spectra(images)))
    # The phase of a weak frequency is rounded, and then gets a whole amplitude.
    np.testing.assert_allclose(kf.phase_only(images, amplitude), images_of(equal), atol=2e-4)
    own = np.asarray(kf.amplitude_spectrum(images[0]))
    np.testing.assert_allclose(kf.phase_only(images[0], own), images[0], atol=1e-5)
    grey = np.full_like(images, 0.5)  # has no phase but that of DC
    centred = np.fft.ifft2(np.fft.ifftshift(amplitude, axes=(0, 1)), axes=(0, 1)).real
    np.testing.assert_allclose(kf.phase_only(grey, amplitude)[0], centred, atol=1e-5)


AMPLITUDE = np.abs(spectra(random_images((6, 7), seed=5))).mean(axis=0).transpose(1, 2, 0)
FUNCTIONS = {
    "swap_phase": lambda images: kf.swap_phase(images, images[::-1]),
    "phase_noise": functools.partial(kf.phase_noise, width=120, seed=(0, 7)),
    "amplitude_only": functools.partial(kf.amplitude_only, seed=(0, 7)),
    "phase_only": lambda images: kf.phase_only(images, AMPLITUDE),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_eager_in_a_pipeline_and_compiled_the_same(name):
    images, function = random_images((6, 7)), FUNCTIONS[name]
    eager = function(images)
    assert eager.dtype == tf.float32
    mapped = tf.data.Dataset.from_tensors(images).map(function)
    assert mapped.element_spec.shape == eager.shape
    np.testing.assert_array_equal(next(iter(mapped)), eager)
    compiled = tf.function(function, autograph=False, jit_compile=True)
    np.testing.assert_allclose(compiled(tf.constant(images)), eager, atol=1e-5)


def test_sizes_may_be_unknown_and_an_image_draws_by_its_place_alone():
    images = random_images((6, 7), count=5)
    eager = kf.phase_noise(images, 120, seed=(0, 7))
    np.testing.assert_allclose(kf.phase_noise(images[:2], 120, seed=(0, 7)), eager[:2], atol=1e-6)
    np.testing.assert_allclose(kf.phase_noise(images[0], 120, seed=(0, 7)), eager[0], atol=1e-6)
    unknown = tf.data.Dataset.from_generator(
        lambda: [images], output_signature=tf.TensorSpec((None, None, None, 2))
    )
    noisy = unknown.map(lambda batch: kf.phase_noise(batch, 120, seed=tf.constant([0, 7])))
    np.testing.assert_allclose(next(iter(noisy)), eager, atol=1e-6)
    swapped = unknown.map(lambda batch: kf.swap_phase(batch, batch[::-1]))
    expected = kf.swap_phase(images, images[::-1])
    np.testing.assert_allclose(next(iter(swapped)), expected, atol=1e-6)
