"""Shifts along the principal components of colours, against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from keras_freq import augment


def test_the_principal_components_are_numpys():
    images = np.random.default_rng(0).random((30, 7, 9, 3)).astype(np.float32)
    images = (images @ np.array([[0.5, 0.3, 0.2], [0, 0.6, 0.1], [0.1, 0, 0.3]])).astype("float32")
    pixels = images.reshape(-1, 3).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(pixels.T, bias=True))
    pca = augment.fit_pca_colour(
        tf.data.Dataset.from_tensor_slices((images, np.zeros(30))).batch(7)
    )
    np.testing.assert_allclose(pca.eigenvalues, values[::-1], rtol=1e-10)
    cosines = np.abs((pca.eigenvectors * vectors[:, ::-1]).sum(axis=0))
    np.testing.assert_allclose(cosines, 1, rtol=1e-10)
    scaled = augment.fit_pca_colour((images * 255 - 7, np.zeros(30)), value_range=(-7, 248))
    np.testing.assert_allclose(scaled.eigenvalues, pca.eigenvalues, rtol=1e-4)


def test_one_draw_shifts_a_whole_image_along_the_components():
    values, vectors = (
        np.array([0.3, 0.1, 0.02]),
        np.linalg.qr(np.random.default_rng(1).random((3, 3)))[0],
    )
    images = np.random.default_rng(0).random((3000, 2, 2, 3)).astype(np.float32)
    shifted = augment.pca_colour(images, (values, vectors), seed=(0, 1), deviation=0.1)
    difference = (shifted - images).numpy().astype(np.float64)
    np.testing.assert_allclose(difference, difference[:, :1, :1] * np.ones((1, 2, 2, 1)), atol=1e-6)
    alphas = difference[:, 0, 0] @ vectors / values
    np.testing.assert_allclose(alphas.std(axis=0), 0.1, rtol=0.05)
    np.testing.assert_allclose(alphas.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(np.corrcoef(alphas.T) - np.eye(3), 0, atol=0.06)
    in_levels = augment.pca_colour(
        images * 255, (values, vectors), seed=(0, 1), value_range=(0, 255)
    )
    np.testing.assert_allclose(in_levels / 255, shifted, atol=1e-5)


def test_grey_data_has_no_colours():
    grey = np.zeros((4, 5, 5, 1))
    with pytest.raises(ValueError, match="`dataset` must hold RGB images"):
        augment.fit_pca_colour((grey, np.zeros(4)))
    with pytest.raises(ValueError, match="`images` must hold RGB images"):
        augment.pca_colour(grey, (np.ones(3), np.eye(3)), seed=(0, 1))


IMAGES = np.zeros((2, 8, 10, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: augment.pca_colour(IMAGES, np.eye(3), seed=(0, 1)), "`pca` must be a pair"),
        (lambda: augment.pca_colour(IMAGES, None, seed=(0, 1)), "`pca` must be a pair"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
