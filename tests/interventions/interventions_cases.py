"""A network whose maths is a line of NumPy, and images, shared by the tests of the engine."""

import keras
import numpy as np

import keras_freq as kf

SHAPE, CLASSES = (9, 6, 2), 3


def linear_model(seed=0, shape=SHAPE, num_classes=CLASSES):
    """A linear network with random weights."""
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Flatten(), keras.layers.Dense(num_classes, bias_initializer="normal")]
    return keras.Sequential([keras.Input(shape), *layers])


def some_images(number=40, seed=1):
    """Random images and labels; class 1 is twice as frequent as the others."""
    rng = np.random.default_rng(seed)
    labels = np.array([0, 1, 1, 2])[np.arange(number) % 4]
    return rng.random((number, *SHAPE), np.float32), labels


def some_masks():
    """Masks of several kinds, the first of which keeps everything."""
    everything = np.ones(SHAPE[:2], bool)
    low = [kf.low_pass_mask(SHAPE[:2], radius) for radius in (1, 2, 3)]
    return np.stack([everything, *low, *(~mask for mask in low)])


def written_out_scores(model, images, mask, neutral):
    """Scores in float64 of images seen through a mask."""
    weights, bias = (weight.astype(np.float64) for weight in model.get_weights())
    spectra = np.fft.fftshift(np.fft.fft2(images - neutral, axes=(1, 2)), axes=(1, 2))
    spectra = np.fft.ifftshift(spectra * mask[None, :, :, None], axes=(1, 2))
    filtered = np.fft.ifft2(spectra, axes=(1, 2)).real + neutral
    return filtered.reshape(len(images), -1) @ weights + bias
