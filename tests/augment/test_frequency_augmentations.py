"""Other images' amplitudes and other classes' frequencies, against NumPy's FFT."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_freq as kf
from keras_freq import augment

RNG = np.random.default_rng(0)


def mixed(images, others, strength):
    """The definition, in float64, without clipping."""
    a, b = (np.fft.fft2(x.astype(np.float64), axes=(-3, -2)) for x in (images, others))
    amplitude = (1 - strength) * np.abs(a) + strength * np.abs(b)
    return np.fft.ifft2(amplitude * np.exp(1j * np.angle(a)), axes=(-3, -2)).real


@given(st.integers(2, 11), st.integers(2, 11), st.sampled_from([1, 3]), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_amplitudes_are_mixed_and_phases_kept(height, width, channels, strength):
    images, others = RNG.random((2, 3, height, width, channels)).astype(np.float32)
    result = augment.amplitude_mix(images, others, strength, value_range=(-50, 50))
    np.testing.assert_allclose(result, mixed(images, others, strength), atol=2e-5)
    clipped = augment.amplitude_mix(images, others, strength)
    np.testing.assert_allclose(clipped, np.clip(result, 0, 1), atol=1e-6)
    single = augment.amplitude_mix(images[0], others[0], strength)
    np.testing.assert_allclose(single, clipped[0], atol=2e-6)


def test_each_image_has_its_own_strength():
    images, others = RNG.random((2, 3, 8, 9, 3)).astype(np.float32)
    result = augment.amplitude_mix(images, others, [0.0, 0.5, 1.0], value_range=(-9, 9))
    np.testing.assert_allclose(result[0], images[0], atol=1e-5)
    np.testing.assert_allclose(result[1], mixed(images[1], others[1], 0.5), atol=1e-5)
    np.testing.assert_allclose(result[2], mixed(images[2], others[2], 1.0), atol=1e-5)


def test_a_black_image_has_no_phase():
    for value in (0.0, 1e-38, 1e-30):
        black = np.full((1, 8, 8, 1), value)
        for result in (
            augment.amplitude_mix(black, RNG.random((1, 8, 8, 1)), 1.0),
            augment.amplitude_mix(RNG.random((1, 8, 8, 1)), black, 0.5),
        ):
            assert np.isfinite(result).all()


def test_each_image_gives_its_amplitudes_once():
    images = RNG.uniform(0.3, 0.7, (7, 8, 8, 1)).astype(np.float32)
    result = augment.random_amplitude_mix(
        images, seed=(0, 1), strength=(1, 1), value_range=(-9, 9)
    ).numpy()
    spectra, given_ = (np.abs(np.fft.fft2(x[..., 0])) for x in (images, result))
    distance = np.abs(spectra[:, None] - given_[None]).max(axis=(2, 3))
    assert (np.sort(distance.argmin(axis=0)) == np.arange(7)).all()
    assert distance.min(axis=0).max() < 1e-4
    assert (distance.argmin(axis=0) != np.arange(7)).any()


def test_random_amplitude_mix_is_the_same_in_a_pipeline():
    images = RNG.random((7, 9, 8, 3)).astype(np.float32)
    eager = augment.random_amplitude_mix(images, seed=(0, 1))
    mapped = tf.data.Dataset.from_tensors(images).map(
        lambda x: augment.random_amplitude_mix(x, seed=(0, 1))
    )
    np.testing.assert_array_equal(next(iter(mapped)), eager)
    assert mapped.element_spec.shape == eager.shape


# DFM-X

SIZE = (8, 9)
MAPS = np.stack([kf.band_pass_mask(SIZE, low, low + 1.2) for low in (0, 1, 2, 3)])


def which_map(image, result, maps=MAPS, neutral=0.0):
    """The classes whose map gives the result."""
    return [
        k
        for k, one in enumerate(maps)
        if np.allclose(kf.filter_images(image, one, neutral=neutral), result, atol=1e-5)
    ]


def test_images_are_seen_through_the_maps_of_other_classes():
    images = RNG.random((200, *SIZE, 3)).astype(np.float32)
    labels = np.arange(200) % 4
    result = augment.dfm_x(images, labels, MAPS, seed=(0, 1), probability=0.6).numpy()
    untouched = (result == images).all(axis=(1, 2, 3))
    assert untouched.mean() == pytest.approx(0.4, abs=0.1)
    seen = []
    for image, label, one in zip(
        images[~untouched], labels[~untouched], result[~untouched], strict=True
    ):
        (found,) = which_map(image, one)
        assert found != label
        seen.append((label, found))
    assert len(set(seen)) == 12  # every pair of two classes


def test_probability_0_and_1():
    images, labels = RNG.random((20, *SIZE, 1)).astype(np.float32), np.zeros(20, int)
    np.testing.assert_array_equal(
        augment.dfm_x(images, labels, MAPS, seed=(0, 1), probability=0), images
    )
    result = augment.dfm_x(images, labels, MAPS, seed=(0, 1), probability=1).numpy()
    assert not (result == images).all(axis=(1, 2, 3)).any()


def test_labels_may_be_one_hot_and_two_classes_are_enough():
    images, labels = RNG.random((30, *SIZE, 3)).astype(np.float32), np.arange(30) % 2
    expected = augment.dfm_x(images, labels, MAPS[:2], seed=(0, 1), probability=1)
    for image, label, one in zip(images, labels, expected, strict=True):
        assert which_map(image, one, MAPS[:2]) == [1 - label]
    one_hot = augment.dfm_x(images, np.eye(2)[labels], MAPS[:2], seed=(0, 1), probability=1)
    np.testing.assert_array_equal(one_hot, expected)


def test_neutral_is_what_a_map_without_dc_leaves():
    images, labels = RNG.random((20, *SIZE, 3)).astype(np.float32), np.zeros(20, int)
    neutral = np.array([0.2, 0.5, 0.7], np.float32)
    result = augment.dfm_x(images, labels, MAPS, seed=(0, 1), probability=1, neutral=neutral)
    for image, one in zip(images, result, strict=True):
        (found,) = which_map(image, one, neutral=neutral)
        assert found > 0
        np.testing.assert_allclose(np.mean(one, axis=(0, 1)), neutral, atol=1e-5)


def test_dfm_x_in_a_pipeline():
    images, labels = RNG.random((6, *SIZE, 3)).astype(np.float32), np.arange(6) % 4
    expected = augment.dfm_x(images, labels, MAPS, seed=(0, 1), probability=0.5)
    dataset = tf.data.Dataset.from_tensors((images, labels)).map(
        lambda x, y: augment.dfm_x(x, y, MAPS, seed=(0, 1), probability=0.5)
    )
    np.testing.assert_array_equal(next(iter(dataset)), expected)
    wrong = tf.data.Dataset.from_tensors((images, labels + 3)).map(
        lambda x, y: augment.dfm_x(x, y, MAPS, seed=(0, 1))
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"`labels` must be in \[0, 3\]"):
        next(iter(wrong))


LOPSIDED = MAPS.copy()
LOPSIDED[2, 0, 1] ^= True


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"maps": MAPS[0]}, ValueError, r"`maps` must be boolean maps \(classes, height, width\)"),
        ({"maps": MAPS[:1]}, ValueError, "K >= 2 classes"),
        ({"maps": MAPS[:, :7]}, ValueError, "`maps` must have the size of the images"),
        ({"maps": MAPS.astype(float)}, ValueError, "`maps` must be boolean maps.*float64"),
        ({"maps": LOPSIDED}, ValueError, "`maps` must be symmetric"),
        ({"labels": [0, 4]}, ValueError, r"`labels` must be in \[0, 3\].*Received: 4"),
        ({"labels": [0, -1]}, ValueError, "`labels` must be >= 0. Received: -1"),
        ({"labels": [0.5, 1.0]}, ValueError, "`labels` must be whole numbers"),
        ({"labels": np.eye(3)[:2]}, ValueError, r"`labels` must have 4 columns.*\(2, 3\)"),
        ({"labels": [0, 1, 2]}, ValueError, "`labels` must be as many as the images"),
        ({"probability": 1.5}, ValueError, "`probability` must be"),
        ({"neutral": np.zeros((2, 2))}, ValueError, "`neutral` must be a number"),
        ({"images": np.zeros((*SIZE, 3))}, ValueError, "`images` must be a batch"),
    ],
)
def test_bad_arguments(options, error, message):
    given_ = {"images": np.zeros((2, *SIZE, 3)), "labels": [0, 1], "maps": MAPS} | options
    with pytest.raises(error, match=message):
        augment.dfm_x(**given_, seed=(0, 1))


def test_bad_arguments_of_amplitude_mix():
    images = np.zeros((2, 8, 8, 3))
    with pytest.raises(ValueError, match="`others` must have the shape"):
        augment.amplitude_mix(images, images[:, :7])
    for strength in (-0.1, 1.1, [[0.5]], [0.5, 2.0]):
        with pytest.raises(ValueError, match="`strength` must be a number"):
            augment.amplitude_mix(images, images, strength)
    with pytest.raises(ValueError, match="`images` must be a batch"):
        augment.random_amplitude_mix(images[0], seed=(0, 1))
    with pytest.raises(ValueError, match="`strength` must be a pair"):
        augment.random_amplitude_mix(images, seed=(0, 1), strength=1.0)
