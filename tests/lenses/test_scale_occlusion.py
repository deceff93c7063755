"""Pieces of an image: a linear model, the long way in NumPy, and a planted piece."""

from itertools import pairwise

import keras
import numpy as np
import pytest

import keras_freq as kf
from keras_freq.interventions import KeptPieces, gaussian_windows
from keras_freq.lenses import ScaleOcclusion

HEIGHT, WIDTH = 16, 12


def linear_model(kernel, activation=None):
    inputs = keras.Input((HEIGHT, WIDTH, 2))
    outputs = keras.layers.Dense(kernel.shape[1], activation)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs)
    model.set_weights([kernel, np.zeros(kernel.shape[1])])
    return model


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).random((HEIGHT, WIDTH, 2), np.float32)


@pytest.fixture(scope="module")
def kernel():
    return np.random.default_rng(1).normal(0, 0.3, (HEIGHT * WIDTH * 2, 3))


@pytest.fixture(scope="module")
def found(image, kernel):
    model = linear_model(kernel, "softmax")
    return kf.scale_occlusion(model, image, 1, bands=3, windows=2, num_random=3)


def pieces_in_float64(image, neutral, bands, number):
    """Every piece of an image, `(B, P, P, H, W, C)`, from sums over pixels and frequencies."""
    spectrum = np.fft.fftshift(np.fft.fft2(image - neutral, axes=(0, 1)), axes=(0, 1))
    radii, pieces = kf.radius_map((HEIGHT, WIDTH)), []
    for low, high in pairwise(kf.band_edges((HEIGHT, WIDTH), bands)):
        kept = spectrum * ((radii >= low) & (radii < high))[..., None]
        band = np.fft.ifft2(np.fft.ifftshift(kept, axes=(0, 1)), axes=(0, 1)).real
        weights = np.empty((number, number, HEIGHT, WIDTH))
        for i, j, y, x in np.ndindex(*weights.shape):
            distance = [
                (place - (index + 0.5) * side / number + 0.5) / (side / number / 2)
                for place, index, side in ((y, i, HEIGHT), (x, j, WIDTH))
            ]
            weights[i, j, y, x] = np.exp(-0.5 * np.sum(np.square(distance)))
        weights /= weights.sum(axis=(0, 1))
        pieces.append(weights[..., None] * band)
    return np.array(pieces)


def test_what_is_lost_is_the_difference_of_the_kernels_at_the_piece(found, image, kernel):
    neutral = image.mean(axis=(0, 1), dtype=float)
    scores = image.reshape(-1).astype(float) @ kernel
    rival = 0 if scores[0] > scores[2] else 2
    assert (found.label, found.rival) == (1, rival)
    assert found.margin == pytest.approx(scores[1] - scores[rival], abs=1e-4)
    pieces = pieces_in_float64(image.astype(float), neutral, 3, 2)
    lost = pieces.reshape(3, 2, 2, -1) @ (kernel[:, 1] - kernel[:, rival])
    np.testing.assert_allclose(found.margin_lost, lost, atol=1e-4)
    np.testing.assert_allclose(found.band_lost, lost.sum(axis=(1, 2)), atol=1e-4)
    np.testing.assert_array_equal(found.edges, kf.band_edges((HEIGHT, WIDTH), 3))
    assert found.evaluations == 1 + 12 + 3 + 2 * 4 * 13


def test_curves_remove_and_put_in_the_pieces_in_the_order_of_what_is_lost(found, image, kernel):
    neutral = image.mean(axis=(0, 1), dtype=float)
    pieces = pieces_in_float64(image.astype(float), neutral, 3, 2).reshape(12, *image.shape)
    order = np.argsort(-found.margin_lost.reshape(-1))
    np.testing.assert_allclose(found.removed, np.arange(13) / 12)

    def probability(kept):
        scores = (neutral + pieces[kept].sum(axis=0)).reshape(-1) @ kernel
        exponents = np.exp(scores - scores.max())
        return exponents[1] / exponents.sum()

    expected = [probability(order[k:]) for k in range(13)]
    np.testing.assert_allclose(found.deletion, expected, atol=1e-5)
    expected = [probability(order[:k]) for k in range(13)]
    np.testing.assert_allclose(found.insertion, expected, atol=1e-5)
    # Both ends are the same in every order.
    np.testing.assert_allclose(
        found.random_deletion[:, [0, -1]],
        found.deletion[[0, -1]][None].repeat(3, axis=0),
        atol=1e-5,
    )
    np.testing.assert_allclose(found.deletion[0], found.insertion[-1], atol=1e-5)


def test_a_planted_piece_is_found_and_its_order_is_faithful():
    rows, columns = np.indices((HEIGHT, WIDTH))
    there = (rows < 8) & (columns >= 6)  # above, on the right
    wave = np.cos(2 * np.pi * 4 * rows / HEIGHT) * there
    wave -= there * wave[there].mean()
    kernel = np.zeros((HEIGHT, WIDTH, 2, 2))
    kernel[..., 0, 1] = wave
    noise = np.random.default_rng(0).normal(0, 0.05, (HEIGHT, WIDTH, 2))
    image = 0.5 + noise
    image[..., 0] += 0.2 * wave
    model = linear_model(kernel.reshape(-1, 2))
    found = kf.scale_occlusion(model, image, 1, bands=3, windows=2, num_random=19)
    assert np.unravel_index(found.margin_lost.argmax(), (3, 2, 2)) == (2, 0, 1)  # from 4 cycles on
    table = found.faithfulness().set_index("curve")
    assert table["p_value"].tolist() == [0.05, 0.05]
    assert table.loc["deletion", "area"] < table.loc["deletion", "random_low"]
    assert table.loc["insertion", "area"] > table.loc["insertion", "random_high"]
    area = (found.deletion[1:] + found.deletion[:-1]) / 2 @ np.diff(found.removed)
    assert table.loc["deletion", "area"] == pytest.approx(area)
    again = kf.scale_occlusion(model, image, 1, bands=3, windows=2, num_random=19)
    np.testing.assert_array_equal(again.random_deletion, found.random_deletion)


def test_all_pieces_make_the_image_and_none_the_neutral_one(image):
    size = HEIGHT, WIDTH
    windows = gaussian_windows(size, 3)
    np.testing.assert_allclose(windows.sum(axis=0), 1, rtol=1e-12)
    masks = np.stack([kf.low_pass_mask(size, 3), kf.high_pass_mask(size, 3)])
    kept = np.stack([np.ones((2, 9), bool), np.zeros((2, 9), bool)])
    pieces = KeptPieces(kept, masks, windows, [0.2, 0.7])
    whole, empty = pieces.apply(
        pieces.prepare(image[None]), np.zeros(2, int), np.arange(2), full=False
    )
    np.testing.assert_allclose(whole, image, atol=1e-6)
    np.testing.assert_allclose(empty, np.broadcast_to([0.2, 0.7], image.shape), atol=1e-7)


def test_what_was_saved_is_read_back(found, tmp_path):
    found.save(tmp_path / "pieces.npz")
    again = ScaleOcclusion.load(tmp_path / "pieces.npz")
    for name in ("margin_lost", "band_lost", "deletion", "random_insertion", "image", "edges"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
    assert repr(again) == repr(found)
    assert again.windows.shape == (2, 2, HEIGHT, WIDTH)
