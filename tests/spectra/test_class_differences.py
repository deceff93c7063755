"""Class-mean spectra and ADCS: sets with a known answer, and float64 NumPy."""

import tracemalloc

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import keras_freq as kf


def cosine(size, u, v, amplitude, channels=1):
    """0.5 plus one cosine of `u` vertical and `v` horizontal cycles."""
    height, width = size
    y, x = np.mgrid[:height, :width]
    wave = 0.5 + amplitude * np.cos(2 * np.pi * (u * y / height + v * x / width))
    return np.repeat(wave[:, :, None], channels, axis=2).astype("float32")


def mean_amplitudes(images, labels, num_classes):
    """The definition, written out with the full complex FFT."""
    amplitudes = np.abs(np.fft.fft2(np.asarray(images, np.float64), axes=(1, 2)))
    amplitudes = np.fft.fftshift(amplitudes, axes=(1, 2))
    return np.stack([amplitudes[labels == k].mean(axis=0) for k in range(num_classes)])


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (6, 5), (5, 8), (1, 4), (4, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_spectra_against_full_fft(size, channels):
    rng = np.random.default_rng(0)
    images = rng.random((11, *size, channels), dtype=np.float32)
    labels = np.array([0, 1, 2, 0, 0, 0, 1, 2, 2, 0, 0])
    spectra = kf.class_spectra((images, labels), 3)
    assert spectra.shape == (3, *size, channels) and spectra.dtype == np.float64
    np.testing.assert_allclose(spectra, mean_amplitudes(images, labels, 3), rtol=1e-12, atol=1e-12)


def test_spectrum_of_a_cosine():
    size = (8, 12)
    images = np.stack([cosine(size, 3, 2, 0.25), cosine(size, 0, 5, 0.125)])
    spectra = kf.class_spectra((images, [0, 1]), 2)[..., 0]
    expected = np.zeros((2, *size))
    expected[:, 4, 6] = 0.5 * 96  # DC
    expected[0, [4 + 3, 4 - 3], [6 + 2, 6 - 2]] = 0.25 * 96 / 2
    expected[1, 4, [6 - 5, 6 + 5]] = 0.125 * 96 / 2
    np.testing.assert_allclose(spectra, expected, atol=1e-5)


def test_streaming_equals_one_batch():
    rng = np.random.default_rng(1)
    images = rng.random((30, 9, 8, 3), dtype=np.float32)
    labels = rng.permutation(np.arange(30) % 4)
    whole = kf.class_spectra((images, labels), 4)
    for batch_size in (1, 7):
        dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(batch_size)
        np.testing.assert_allclose(kf.class_spectra(dataset, 4), whole, rtol=1e-13)
    one_hot = tf.data.Dataset.from_tensor_slices((images, np.eye(4)[labels])).batch(30)
    np.testing.assert_allclose(kf.class_spectra(one_hot, 4), whole, rtol=1e-13)


def test_memory_does_not_grow_with_the_data():
    def peak(num_batches):
        def batches():
            rng = np.random.default_rng(2)
            for _ in range(num_batches):
                yield rng.random((16, 32, 32, 3), dtype=np.float32), np.arange(16) % 2

        spec = (tf.TensorSpec((16, 32, 32, 3), tf.float32), tf.TensorSpec((16,), tf.int64))
        dataset = tf.data.Dataset.from_generator(batches, output_signature=spec)
        tracemalloc.start()
        kf.class_spectra(dataset, 2)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(1)  # what is loaded once
    few, many = 4, 200
    batch_bytes = 16 * 32 * 32 * 3 * 4
    # TensorFlow's threads let go of a generator's arrays when they come to it: some are left.
    assert peak(many) - peak(few) < 0.1 * (many - few) * batch_bytes


def test_class_without_images_is_named():
    images = np.full((4, 4, 4, 1), 0.5, np.float32)
    with pytest.raises(ValueError, match="'2'"):
        kf.class_spectra((images, [0, 1, 3, 3]), 4)
    dataset = tf.data.Dataset.from_tensor_slices((images, [0, 0, 2, 2])).batch(4)
    dataset.class_names = ["cat", "dog", "owl"]
    with pytest.raises(ValueError, match="'dog'"):
        kf.class_spectra(dataset, 3)
    with pytest.raises(ValueError, match="'hen'"):
        kf.class_spectra(dataset, 3, class_names=["cow", "hen", "pig"])


def test_adcs_of_a_set_built_by_hand():
    """Three classes of pure cosines: every cell of every map is known."""
    size = (16, 16)
    centre = 8
    families = {0: [(3, 0, 0.1)], 1: [(3, 0, 0.2), (2, 5, 0.1)], 2: [(2, 5, 0.1)]}
    images, labels = [], []
    rng = np.random.default_rng(0)
    for label, waves in families.items():
        # Unequal classes of shifted copies: neither changes a mean amplitude.
        for _ in range(2 + 5 * label):
            image = sum(cosine(size, *wave, channels=3) - 0.5 for wave in waves) + 0.5
            images.append(np.roll(image, rng.integers(0, 16, 2), axis=(0, 1)))
            labels.append(label)
    expected = np.zeros((3, *size), int)
    expected[:, [centre - 3, centre + 3], centre] = np.array([0, 2, -2])[:, None]
    expected[:, [centre + 2, centre - 2], [centre + 5, centre - 5]] = np.array([-2, 1, 1])[:, None]
    spectra = kf.class_spectra((np.stack(images), labels), 3)
    for channels in ("mean", "luma"):
        result = kf.adcs(spectra, channels=channels)
        assert result.dtype == np.int64
        np.testing.assert_array_equal(result, expected)


def test_adcs_joins_the_channels_before_the_sign():
    spectra = np.ones((2, 3, 3, 3))
    # One channel says class 0, two say class 1; the sum says class 0.
    spectra[0, 1, 2] = [9.0, 1.0, 1.0]
    spectra[1, 1, 2] = [1.0, 2.0, 2.0]
    assert kf.adcs(spectra)[:, 1, 2].tolist() == [1, -1]
    # By luma red counts 0.2989 and green plus blue 0.701: 2.39 against 0.70.
    assert kf.adcs(spectra, channels="luma")[:, 1, 2].tolist() == [1, -1]
    spectra[0, 1, 2] = [1.0, 1.0, 4.0]  # blue counts a third of the mean, 0.114 of the luma
    spectra[1, 1, 2] = [1.0, 2.0, 1.0]
    assert kf.adcs(spectra)[:, 1, 2].tolist() == [1, -1]
    assert kf.adcs(spectra, channels="luma")[:, 1, 2].tolist() == [-1, 1]


def test_adcs_ties():
    spectra = np.ones((2, 8, 8, 1))
    spectra[1, 0, 0] = 1 + 5e-7
    spectra[1, 0, 1] = 1 + 2e-6
    spectra[1, 0, 2] = 1e-9  # rounding noise: 1e-9 of the map's amplitude
    spectra[0, 0, 2] = 3e-9
    assert kf.adcs(spectra)[0, 0, :3].tolist() == [0, -1, 0]
    assert np.count_nonzero(kf.adcs(spectra)) == 2


@pytest.mark.parametrize("neutral", [0.0, 0.5])
def test_adcs_of_removed_frequencies_is_a_tie(neutral):
    """Filtering leaves float32 noise that follows the contrast of the class."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], 30)
    contrast = np.where(labels == 1, 0.2, 0.1)[:, None, None, None]
    images = (0.5 + contrast * rng.normal(size=(60, 32, 32, 3))).astype("float32")
    mask = kf.band_stop_mask(32, 4, 8)
    filtered = kf.filter_images(images, mask, neutral=neutral)
    result = kf.adcs(kf.class_spectra((filtered, labels), 2))
    assert (result[:, ~mask] == 0).all()
    mask[16, 16] = False
    assert (result[0, mask] == -1).mean() > 0.99


def test_adcs_ignores_shifts_of_images():
    rng = np.random.default_rng(4)
    images = rng.random((20, 12, 12, 3), dtype=np.float32)
    labels = np.arange(20) % 3
    shifted = np.stack([np.roll(image, rng.integers(0, 12, 2), axis=(0, 1)) for image in images])
    original, moved = (kf.class_spectra((x, labels), 3) for x in (images, shifted))
    np.testing.assert_allclose(moved, original, rtol=1e-12)
    np.testing.assert_array_equal(kf.adcs(moved), kf.adcs(original))


@settings(max_examples=50, deadline=None)
@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=4, max_dims=4, max_side=5),
        elements=st.floats(0, 1e4) | st.sampled_from([0.0, 1.0, 1.0 + 1e-7]),
    ),
    st.floats(1e-3, 1e3),
)
def test_adcs_properties(spectra, scale):
    result = kf.adcs(spectra)
    num_classes = len(spectra)
    assert result.shape == spectra.shape[:3]
    assert np.abs(result).max() <= num_classes - 1
    assert (result.sum(axis=0) == 0).all()
    order = np.arange(num_classes)[::-1]
    np.testing.assert_array_equal(kf.adcs(spectra[order]), result[order])
    # Well apart from any tie, the definition written out.
    means = spectra.mean(axis=-1)
    differences = means[:, None] - means[None, :]
    if (np.abs(differences[differences != 0]) > 1e-2).all():
        np.testing.assert_array_equal(result, np.sign(differences).sum(axis=1))
        np.testing.assert_array_equal(kf.adcs(spectra * scale), result)


def test_adcs_refuses_what_is_no_spectrum():
    spectra = np.ones((2, 4, 4, 3))
    with pytest.raises(ValueError, match=r"`spectra`.*shape"):
        kf.adcs(spectra[0])
    with pytest.raises(ValueError, match=r"`spectra`.*>= 0"):
        kf.adcs(-spectra)
    with pytest.raises(ValueError, match=r"`spectra`.*NaN"):
        kf.adcs(spectra * np.nan)
    with pytest.raises(ValueError, match=r"`channels`.*'sum'"):
        kf.adcs(spectra, channels="sum")
    with pytest.raises(ValueError, match=r"luma.*3 channels"):
        kf.adcs(spectra[..., :1], channels="luma")


@pytest.mark.parametrize("band", [1, 4])
def test_adcs_of_planted_pairs(band):
    """Only C0 has energy at the planted pairs; in the other classes rounding is left."""
    spectra = kf.class_spectra(kf.data.frequency_bands(band, per_class=40), 4)
    planted = kf.data.planted_masks(band)[0]
    result = kf.adcs(spectra)
    assert (result[0, planted] == 3).all()
    assert (result[1:, planted] == -1).all()
