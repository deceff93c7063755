"""Images without one frequency, as images less one cosine.

Removing the conjugate pair of a frequency `(u, v)` from an image subtracts one cosine from each of
its channels. With `X = FFT(image - neutral)` and `c = X(u, v) / (H W)` that cosine is

    w Re(c exp(2 pi i (u y / H + v x / W))),     w = 2, or 1 where (u, v) is its own conjugate,

which `cosines` computes as an outer product.
"""

import numpy as np
import tensorflow as tf

from keras_freq.fourier.grid import pair_weights
from keras_freq.interventions.cosines import (
    filled_up,
    wave_numbers,
    wave_table,
    without_cosines,
)

# An image in [0, 1] less a cosine of a smaller amplitude than this is the same float32 image.
_SMALLEST_AMPLITUDE = 2.0**-24
# Images whose spectra are held in float64 at a time.
_SPECTRA_AT_ONCE = 16


class RemovedPairs:
    """Removes one conjugate pair of frequencies from all channels of an image.

    Args:
        pairs: `(P, 2)` flat indices, as `keras_freq.fourier.conjugate_pairs` gives them.
        size: `(H, W)` of the images.
        neutral: `(C,)`, what an image without its DC becomes.
    """

    def __init__(self, pairs, size, neutral):
        self.pairs, self.size, self.neutral = pairs, tuple(size), neutral

    def __len__(self):
        return len(self.pairs)

    def prepare(self, images):
        """Computes the cosine of every pair in every image, in float64."""
        cosines = np.concatenate(
            [pair_cosines(part, self.neutral, self.pairs) for part in _parts(images)]
        )
        cosines = np.stack([cosines.real, cosines.imag], axis=2).astype(np.float32)
        waves = [wave_table(side) for side in self.size]
        return filled_up(images), waves, wave_numbers(self.pairs, self.size), cosines

    def apply(self, prepared, image, pair, *, full):
        """Takes pair `pair[b]` out of image `image[b]`, for every item b: `(B, H, W, C)`."""
        images, waves, (u, v), cosines = prepared
        subtract = _without_cosines_fused if full else without_cosines
        image = image.astype(np.int32)
        return subtract(images, image, *waves, u[pair], v[pair], cosines[image, pair])


def pair_cosines(images, neutral, pairs):
    """Gives the coefficients of the cosines that pairs of frequencies add to images.

    Args:
        images: `(N, H, W, C)`.
        neutral: `(C,)`, what an image without its DC becomes.
        pairs: `(P, 2)` flat indices of conjugate pairs.

    Returns:
        A complex128 array `(N, P, C)`, `w c` of the module.
    """
    height, width = images.shape[1:3]
    centred = np.asarray(images, np.float64) - neutral
    spectrum = np.fft.fftshift(np.fft.fft2(centred, axes=(1, 2)), axes=(1, 2))
    spectrum = spectrum.reshape(len(images), height * width, -1)[:, pairs[:, 0]]
    return spectrum * (pair_weights(pairs)[:, None] / (height * width))


def cosine_power(images, neutral, pairs):
    """Gives the squared amplitude of each pair's cosine, summed over channels: `(N, P)` float64.

    It is exactly 0 where it is below the rounding of float32 images. Such an image does not have
    the frequency, so that removing it changes nothing.
    """
    power = np.concatenate(
        [(np.abs(pair_cosines(part, neutral, pairs)) ** 2).sum(axis=2) for part in _parts(images)]
    )
    return np.where(power < _SMALLEST_AMPLITUDE**2, 0.0, power)


def _parts(images):
    """Images, some at a time."""
    return [images[i : i + _SPECTRA_AT_ONCE] for i in range(0, len(images), _SPECTRA_AT_ONCE)]


# The same in one fused loop that reads an image and writes its changed copy: 1 to 3 % of the time
# of a small network, where the operations one after the other take 10 %. Each size of batch is
# compiled anew, so that only full batches are worth it.
_without_cosines_fused = tf.function(
    without_cosines, autograph=False, jit_compile=True, reduce_retracing=True
)
