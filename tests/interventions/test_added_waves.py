"""Waves that are added to images, against an inverse FFT of one frequency in float64."""

import numpy as np
import pytest
from interventions_cases import SHAPE

import keras_freq as kf
from keras_freq.interventions import AddedWaves

SIZES = [(8, 8), (7, 5), (6, 9), (1, 4), (1, 1)]


def wave_of(pair, size):
    """The real wave of a pair, of norm 1: an inverse FFT of the pair alone."""
    spectrum = np.zeros(size[0] * size[1])
    spectrum[pair] = 1.0
    wave = np.fft.ifft2(np.fft.ifftshift(spectrum.reshape(size)))
    assert np.abs(wave.imag).max() < 1e-12
    return wave.real / np.linalg.norm(wave.real)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_each_pair_is_a_wave_of_norm_1_times_strength_and_sign(size, full):
    pairs = kf.conjugate_pairs(size)
    strengths = 0.01 + 0.001 * np.arange(len(pairs))
    images = np.random.default_rng(0).uniform(0.3, 0.7, (3, *size, 2)).astype(np.float32)
    waves = AddedWaves(pairs, size, strengths)
    image, wave = np.indices((3, len(pairs))).reshape(2, -1)
    given = waves.apply(waves.prepare(images), image, wave, image + 10, full=full)
    added = np.asarray(given) - images[image]
    for one, which in zip(added, wave, strict=True):
        expected = wave_of(pairs[which], size)
        for channel in range(2):
            sign = np.sign(np.sum(one[..., channel] * expected))
            np.testing.assert_allclose(
                one[..., channel], sign * strengths[which] * expected, atol=2e-7
            )


def test_what_is_drawn_depends_on_image_wave_channel_and_seed_alone():
    pairs = kf.conjugate_pairs(SHAPE[:2])
    some = pairs[3:20]
    ones = np.ones(len(pairs))
    every = AddedWaves(pairs, SHAPE[:2], ones, seed=4, phase="random")
    part = AddedWaves(some, SHAPE[:2], ones[:17], seed=4, phase="random")
    number = np.array([7, 0, 7, 123])
    np.testing.assert_array_equal(
        every.coefficients(np.array([3, 8, 19, 4]), number, 3),
        part.coefficients(np.array([0, 5, 16, 1]), number, 3),
    )
    other = AddedWaves(pairs, SHAPE[:2], ones, seed=5, phase="random")
    assert (
        other.coefficients(np.array([3]), number[:1], 3)
        != every.coefficients(np.array([3]), number[:1], 3)
    ).any()


def test_signs_are_fair_and_unrelated():
    pairs = kf.conjugate_pairs(16)
    waves = AddedWaves(pairs, (16, 16), np.ones(len(pairs)))
    number, wave = np.indices((400, 40)).reshape(2, -1)
    signs = np.sign(waves.coefficients(wave, number, 3)[:, 0]).reshape(400, 120)
    assert abs(signs.mean()) < 4 / np.sqrt(signs.size)
    related = np.corrcoef(signs.T)[~np.eye(120, dtype=bool)]
    assert np.abs(related).max() < 5.5 / np.sqrt(400)
    assert np.std(related) == pytest.approx(1 / np.sqrt(400), rel=0.1)


def test_phases():
    size = (6, 8)
    pairs = kf.conjugate_pairs(size)
    ones = np.ones(len(pairs))
    grey = np.full((1, *size, 1), 0.5, np.float32)
    zero, last = np.zeros(1, int), np.array([4])  # a pair of two
    rows, columns = np.indices(size)
    u, v = np.array(divmod(pairs[4, 0], size[1])) - (3, 4)
    waves = AddedWaves(pairs, size, ones, phase=90)
    added = np.asarray(waves.apply(waves.prepare(grey), zero, last, zero, full=False))[0, ..., 0]
    expected = -np.sin(2 * np.pi * (u * rows / 6 + v * columns / 8)) * np.sqrt(2 / 48)
    np.testing.assert_allclose(np.abs(added - 0.5), np.abs(expected), atol=1e-6)
    turns = AddedWaves(pairs, size, ones, phase="random")
    drawn = turns.coefficients(np.full(2000, 4), np.arange(2000), 1)[..., 0]
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), np.sqrt(2 / 48), rtol=1e-6)
    angles = np.arctan2(drawn[:, 1], drawn[:, 0])
    assert abs(np.exp(1j * angles).mean()) < 0.1 and abs(np.exp(2j * angles).mean()) < 0.1
    alone = turns.coefficients(np.zeros(2, int), np.arange(2), 1)  # DC has no other phase
    assert (alone[:, 1] == 0).all()


def test_clipped_to_the_range_of_images_and_others_are_refused():
    pairs = kf.conjugate_pairs(4)
    waves = AddedWaves(pairs, (4, 4), np.full(len(pairs), 40.0))
    images = np.full((1, 4, 4, 1), 0.5, np.float32)
    zero = np.zeros(1, int)
    changed = np.asarray(waves.apply(waves.prepare(images), zero, zero, zero, full=False))
    assert set(np.unique(changed)) <= {0.0, 1.0}
    with pytest.raises(ValueError, match=r"`dataset` must hold images in \[0, 1\].*-0.5"):
        waves.prepare(images - 1)
