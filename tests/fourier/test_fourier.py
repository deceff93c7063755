"""Masks, filters and spectra against NumPy's float64 FFT and written-out definitions."""

import itertools
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import keras_freq as kf
from keras_freq import fourier
from keras_freq.fourier.masks import ring_mask

SIZES = [(8, 8), (7, 7), (6, 9), (9, 6), (1, 5), (1, 1), (2, 2), (32, 32)]
sizes = st.tuples(st.integers(1, 12), st.integers(1, 12))


def numpy_filter(images, mask, neutral=0.0):
    """The definition in float64, on the full complex FFT."""
    spectrum = np.fft.fft2(np.asarray(images, np.float64) - neutral, axes=(-3, -2))
    kept = np.fft.ifftshift(mask)[..., None]
    filtered = np.fft.ifft2(spectrum * kept, axes=(-3, -2))
    assert np.abs(filtered.imag).max() < 1e-9
    return filtered.real + neutral


def random_images(size, channels=3, count=2, seed=0):
    return np.random.default_rng(seed).uniform(size=(count, *size, channels)).astype("float32")


@given(sizes)
def test_radius_map_is_the_distance_from_the_centre(size):
    radii = kf.radius_map(size)
    for row in range(size[0]):
        for column in range(size[1]):
            expected = math.hypot(row - size[0] // 2, column - size[1] // 2)
            assert radii[row, column] == pytest.approx(expected, abs=1e-12)


@given(sizes)
def test_conjugate_cells_have_conjugate_fourier_coefficients(size):
    image = np.random.default_rng(1).normal(size=size)
    spectrum = np.fft.fftshift(np.fft.fft2(image))
    np.testing.assert_allclose(fourier.conjugate(spectrum), np.conj(spectrum), atol=1e-9)


@given(sizes)
def test_conjugate_pairs_list_every_cell_once(size):
    pairs = kf.conjugate_pairs(size)
    cells = np.concatenate([pairs[:, 0], pairs[pairs[:, 0] != pairs[:, 1], 1]])
    assert sorted(cells) == list(range(size[0] * size[1]))
    mirrored = fourier.conjugate(np.arange(size[0] * size[1]).reshape(size)).reshape(-1)
    np.testing.assert_array_equal(mirrored[pairs[:, 0]], pairs[:, 1])
    radii = kf.radius_map(size).reshape(-1)[pairs[:, 0]]
    assert np.all(np.diff(radii) >= 0)
    assert pairs[0, 0] == pairs[0, 1] == (size[0] // 2) * size[1] + size[1] // 2


@pytest.mark.parametrize("size", SIZES)
def test_low_and_high_pass_are_complements_on_the_stated_radius(size):
    radii = kf.radius_map(size)
    low = kf.low_pass_mask(size, 3)
    np.testing.assert_array_equal(low, radii < 3)
    if radii.max() >= 3:
        np.testing.assert_array_equal(kf.high_pass_mask(size, 3), ~low)
    else:
        with pytest.raises(ValueError, match="a mask must keep a frequency"):
            kf.high_pass_mask(size, 3)
    np.testing.assert_array_equal(kf.low_pass_mask(size, fraction=0.5), radii < min(size) / 4)


def test_a_radius_on_the_grid_belongs_to_the_high_pass():
    # (3, 4) has the radius 5 exactly.
    assert not kf.low_pass_mask(32, 5)[16 + 3, 16 + 4]
    assert kf.high_pass_mask(32, 5)[16 + 3, 16 + 4]


@given(sizes, st.integers(1, 6))
def test_bands_partition_the_spectrum(size, num_bands):
    edges = kf.band_edges(size, num_bands)
    rings = list(itertools.pairwise(edges))
    masks = [ring_mask(size, a, b) for a, b in rings]
    np.testing.assert_array_equal(np.sum(masks, axis=0), 1)
    assert masks[0][size[0] // 2, size[1] // 2]
    for mask, ring in zip(masks, rings, strict=True):
        kf.fourier.check_mask(mask)
        for passed, function in ((mask, kf.band_pass_mask), (~mask, kf.band_stop_mask)):
            if mask.any() and passed.any():
                np.testing.assert_array_equal(function(size, *ring), passed)
            else:
                with pytest.raises(ValueError, match="a mask must keep a frequency"):
                    function(size, *ring)


def test_band_edges_of_the_standard_bands():
    np.testing.assert_array_equal(kf.band_edges(32), [0, 4, 8, 12, np.inf])
    np.testing.assert_array_equal(kf.band_edges((64, 32)), [0, 4, 8, 12, np.inf])
    np.testing.assert_array_equal(kf.band_edges(33), [0, 4.125, 8.25, 12.375, np.inf])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("neutral", [0.0, 0.5])
def test_filter_images_equals_numpy(size, channels, neutral):
    images = random_images(size, channels)
    mask = kf.low_pass_mask(size, 2.5)
    filtered = kf.filter_images(images, mask, neutral=neutral)
    assert filtered.dtype == tf.float32
    assert filtered.shape == images.shape
    np.testing.assert_allclose(filtered, numpy_filter(images, mask, neutral), atol=2e-6)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_filter_images_with_any_symmetric_mask(data):
    size = data.draw(sizes)
    mask = data.draw(hnp.arrays(bool, size))
    mask |= fourier.conjugate(mask)
    images = random_images(size)
    channel_means = images.mean(axis=(0, 1, 2))
    filtered = kf.filter_images(images, mask, neutral=channel_means)
    np.testing.assert_allclose(filtered, numpy_filter(images, mask, channel_means), atol=2e-6)


def test_low_pass_plus_high_pass_is_the_image():
    images = random_images((32, 30))
    for neutral in (0.0, [0.2, 0.5, 0.7]):
        low = kf.filter_images(images, kf.low_pass_mask((32, 30), 4), neutral=neutral)
        high = kf.filter_images(images, kf.high_pass_mask((32, 30), 4), neutral=neutral)
        np.testing.assert_allclose(low + high - np.float32(neutral), images, atol=1e-6)


def test_an_image_without_dc_becomes_neutral():
    images = np.full((1, 8, 8, 3), 0.9, "float32")
    gone = kf.filter_images(images, kf.high_pass_mask(8, 1), neutral=[0.1, 0.2, 0.3])
    np.testing.assert_allclose(gone, np.broadcast_to([0.1, 0.2, 0.3], (1, 8, 8, 3)), atol=1e-6)


def test_filter_images_is_the_same_eagerly_in_tf_data_and_compiled():
    images = random_images((9, 8), count=6)
    mask = kf.band_pass_mask((9, 8), 1, 3)
    eager = kf.filter_images(images, mask, neutral=0.5).numpy()
    dataset = tf.data.Dataset.from_tensor_slices(images)
    batched = dataset.batch(4).map(lambda x: kf.filter_images(x, mask, neutral=0.5))
    assert batched.element_spec.shape == (None, 9, 8, 3)
    np.testing.assert_allclose(np.concatenate(list(batched)), eager, atol=1e-6)
    single = dataset.map(lambda x: kf.filter_images(x, mask, neutral=0.5))
    np.testing.assert_allclose(list(single), eager, atol=1e-6)
    for jit_compile in (False, True):
        compiled = tf.function(
            lambda x: kf.filter_images(x, mask, neutral=0.5), jit_compile=jit_compile
        )
        np.testing.assert_allclose(compiled(images), eager, atol=1e-6)


def test_a_size_unknown_when_traced_is_checked_when_run():
    mask = kf.low_pass_mask(8, 2)
    traced = tf.function(
        lambda x: kf.filter_images(x, mask),
        input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)],
    )
    assert traced(random_images((8, 8))).shape == (2, 8, 8, 3)
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        traced(random_images((8, 9)))


@pytest.mark.parametrize("size", SIZES)
def test_amplitude_spectrum_equals_numpy(size):
    images = random_images(size)
    expected = np.abs(np.fft.fftshift(np.fft.fft2(images, axes=(1, 2)), axes=(1, 2)))
    spectrum = kf.amplitude_spectrum(images)
    assert spectrum.dtype == tf.float32
    np.testing.assert_allclose(spectrum, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(kf.amplitude_spectrum(images[0]), expected[0], rtol=1e-4, atol=1e-4)
    mapped = tf.data.Dataset.from_tensors(images).map(kf.amplitude_spectrum)
    np.testing.assert_allclose(next(iter(mapped)), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("size", "u", "v"), [((16, 16), 3, -5), ((15, 12), -7, 2), ((9, 9), 0, 4)])
def test_a_cosine_has_two_cells(size, u, v):
    rows, columns = np.mgrid[: size[0], : size[1]]
    wave = np.cos(2 * np.pi * (u * rows / size[0] + v * columns / size[1]))[..., None]
    spectrum = kf.amplitude_spectrum(wave).numpy()[..., 0]
    cells = np.argwhere(spectrum > 1e-3 * spectrum.max()) - [size[0] // 2, size[1] // 2]
    assert {tuple(cell) for cell in cells} == {(u, v), (-u, -v)}
    np.testing.assert_allclose(spectrum.max(), size[0] * size[1] / 2, rtol=1e-5)


def test_fourier_filter_layer_in_a_model_reloads(tmp_path):
    images = random_images((10, 12))
    mask = kf.low_pass_mask((10, 12), 3)
    inputs = keras.Input((10, 12, 3))
    outputs = kf.FourierFilter(mask, neutral=[0.1, 0.2, 0.3])(inputs)
    model = keras.Model(inputs, outputs)
    expected = numpy_filter(images, mask, np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(model(images), expected, atol=2e-6)
    model.save(tmp_path / "filter.keras")
    reloaded = keras.models.load_model(tmp_path / "filter.keras")
    np.testing.assert_array_equal(reloaded(images), model(images))
    np.testing.assert_array_equal(reloaded.layers[-1].mask, mask)


def test_fourier_filter_gradient_is_the_filter_itself():
    # A symmetric mask is a self-adjoint projection: the gradient of <y, F x> is F y.
    images, weights = tf.constant(random_images((8, 8))), random_images((8, 8), seed=1)
    layer = kf.FourierFilter(kf.low_pass_mask(8, 3))
    with tf.GradientTape() as tape:
        tape.watch(images)
        product = tf.reduce_sum(layer(images) * weights)
    expected = numpy_filter(weights, kf.low_pass_mask(8, 3))
    np.testing.assert_allclose(tape.gradient(product, images), expected, atol=2e-6)


def test_fourier_filter_in_mixed_precision_computes_in_float32():
    images = random_images((8, 8))
    layer = kf.FourierFilter(kf.low_pass_mask(8, 3), dtype="mixed_float16")
    outputs = layer(images)
    assert outputs.dtype == tf.float16
    expected = numpy_filter(images, kf.low_pass_mask(8, 3))
    np.testing.assert_allclose(np.asarray(outputs, np.float32), expected, atol=2e-3)


def test_fourier_filter_in_mixed_precision_does_not_round_the_images_first():
    images = 0.9 + 1e-3 * random_images((8, 8))
    mask = kf.high_pass_mask(8, 2)
    for policy in ("mixed_float16", "mixed_bfloat16"):
        outputs = tf.cast(kf.FourierFilter(mask, dtype=policy)(images), tf.float32)
        # Rounded to bfloat16 the images would be constant; their differences keep 8 bits.
        np.testing.assert_allclose(outputs, numpy_filter(images, mask), rtol=8e-3, atol=1e-6)


IMAGES = random_images((8, 8))
ASYMMETRIC = np.zeros((8, 8), bool)
ASYMMETRIC[5, 6] = True


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: kf.low_pass_mask(8, radius=-3), ValueError, "radius.*> 0.*radius=-3"),
        (lambda: kf.low_pass_mask(8, radius=math.nan), ValueError, "`radius`"),
        (lambda: kf.low_pass_mask(8, radius=True), ValueError, "`radius`"),
        (lambda: kf.low_pass_mask(8), ValueError, "exactly one of `radius`"),
        (lambda: kf.low_pass_mask(8, 2, fraction=0.5), ValueError, "exactly one"),
        (lambda: kf.high_pass_mask(8, fraction=50), ValueError, "`fraction`.*> 0 and <= 2"),
        (lambda: kf.low_pass_mask(0, 2), ValueError, "`size`"),
        (lambda: kf.low_pass_mask("8", 2), ValueError, "`size`"),
        (lambda: kf.low_pass_mask((8, 8, 3), 2), ValueError, "`size`"),
        (lambda: kf.band_pass_mask(8, 3, 3), ValueError, "`high` must be > `low`"),
        (lambda: kf.band_stop_mask(8, -1, 3), ValueError, "`low` must be a radius"),
        (lambda: kf.band_pass_mask(32, 40, 60), ValueError, "none with 40 <= r < 60.* to 22.63$"),
        (lambda: kf.band_pass_mask((8, 6), 1.1, 1.2), ValueError, "8 x 6 pixels have none"),
        (lambda: kf.band_stop_mask(32, 40, 60), ValueError, "none with 40 <= r < 60"),
        (lambda: kf.band_stop_mask(8, 0, math.inf), ValueError, "none with r < 0 or r >= inf"),
        (lambda: kf.high_pass_mask(32, 23), ValueError, "none with r >= 23"),
        (lambda: kf.high_pass_mask(32, fraction=2), ValueError, "none with r >= 32"),
        (lambda: kf.band_edges(8, 0), ValueError, "`num_bands`"),
        (lambda: kf.filter_images(IMAGES, ASYMMETRIC), ValueError, r"symmetric.*\[3, 2\]"),
        (lambda: kf.filter_images(IMAGES, np.ones((8, 8))), TypeError, "boolean"),
        (lambda: kf.filter_images(IMAGES, np.ones((7, 8), bool)), ValueError, "size of the images"),
        (lambda: kf.filter_images(IMAGES, np.ones(8, bool)), ValueError, r"\(H, W\)"),
        (lambda: kf.filter_images(IMAGES[0, 0], ASYMMETRIC), ValueError, r"\(N, H, W, C\)"),
        (
            lambda: kf.filter_images((IMAGES * 255).astype("uint8"), np.ones((8, 8), bool)),
            TypeError,
            "divide 8-bit images by 255",
        ),
        (
            lambda: kf.filter_images(IMAGES, np.ones((8, 8), bool), neutral=[0.1, 0.2]),
            ValueError,
            "`neutral`.*3 channels",
        ),
        (lambda: kf.FourierFilter(ASYMMETRIC), ValueError, "symmetric"),
        (lambda: kf.FourierFilter(np.ones((7, 8), bool))(IMAGES), ValueError, "size of the images"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_spectra_of_images_of_unknown_size_are_refused():
    unknown = tf.data.Dataset.from_generator(
        lambda: [random_images((8, 8))], output_signature=tf.TensorSpec((None, None, None, 3))
    )
    with pytest.raises(ValueError, match="known height and width"):
        unknown.map(kf.amplitude_spectrum)


def test_the_gain_of_a_gaussian_is_its_transform():
    gain = kf.fourier.gaussian_gain((6, 9), 1.3)
    for i, j in np.ndindex(6, 9):
        f = np.hypot((i - 3) / 6, (j - 4) / 9)
        assert gain[i, j] == pytest.approx(np.exp(-2 * np.pi**2 * 1.3**2 * f**2))
    assert gain[3, 4] == 1


def test_masks_of_the_last_frequency_and_of_all():
    corner = float(kf.radius_map(32).max())
    assert kf.high_pass_mask(32, corner).sum() == 1
    assert kf.band_pass_mask(32, corner, math.inf).sum() == 1
    # Beyond the corner a low-pass filter keeps all: no image is lost.
    assert kf.low_pass_mask(32, 23).all()
