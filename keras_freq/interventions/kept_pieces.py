"""Images put together from pieces: bands of frequencies, each in a window of the image."""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.fourier import half_spectrum_mask
from keras_freq.fourier.filters import half_spectrum
from keras_freq.fourier.masks import check_size


class KeptPieces:
    """Keeps pieces of an image and removes all others.

    Piece (b, p) is the content of band b, as an image, times window p. If the bands share out all
    frequencies and the windows add up to 1, all pieces and `neutral` add up to the image.

    Args:
        kept: `(M, B, P)` bool, the pieces that are kept.
        bands: `(B, H, W)` bool, centred and symmetric.
        windows: `(P, H, W)`, weights of the pixels.
        neutral: A number or `(C,)`, what is left without any piece.
    """

    def __init__(self, kept, bands, windows, neutral):
        self.kept, self.bands = np.asarray(kept), np.asarray(bands)
        self.windows, self.neutral = np.asarray(windows, np.float32), neutral

    def __len__(self):
        return len(self.kept)

    def prepare(self, images):
        """Computes the bands of each image, `(N, B, H, W, C)`."""
        size = images.shape[1:3]
        check_size(self.bands, size, "bands")
        neutral = checks.per_channel("neutral", self.neutral, images.shape[-1]).astype(np.float32)
        masks = tf.constant(half_spectrum_mask(self.bands), tf.complex64)
        spectra = half_spectrum(images - neutral)[:, None] * masks[:, None]
        bands = tf.transpose(tf.signal.irfft2d(spectra, fft_length=size), [0, 1, 3, 4, 2])
        return bands, tf.constant(self.windows), neutral

    def apply(self, prepared, image, which, *, full):
        """Puts image `image[b]` together from the pieces `kept[which[b]]`, for every item b."""
        bands, windows, neutral = prepared
        kept = tf.constant(self.kept[which], tf.float32)
        weights = tf.tensordot(kept, windows, axes=1)[..., None]
        return (
            tf.reduce_sum(tf.gather(bands, tf.constant(image, tf.int32)) * weights, axis=1)
            + neutral
        )


def gaussian_windows(size, number):
    """Makes overlapping windows on a grid, whose weights add up to 1 in every pixel.

    Args:
        size: `(H, W)`.
        number: Windows along each side. Their standard deviation is half the distance of centres.

    Returns:
        `(number^2, H, W)` float64, in row-major order of their centres.

    Example:
        >>> windows = gaussian_windows((8, 6), 2)
        >>> windows.shape, bool(np.allclose(windows.sum(axis=0), 1))
        ((4, 8, 6), True)
    """
    along, across = (_along(side, number) for side in size)
    return (along[:, None, :, None] * across[None, :, None, :]).reshape(number**2, *size)


def _along(side, number):
    """The windows along one side, `(number, side)`."""
    step = side / number
    centres = (np.arange(number) + 0.5) * step - 0.5
    # The largest exponent is 0: somewhere a window is 1 before they are made to add up.
    exponents = -0.5 * ((np.arange(side) - centres[:, None]) / (step / 2)) ** 2
    weights = np.exp(exponents - exponents.max(axis=0))
    return weights / weights.sum(axis=0)
