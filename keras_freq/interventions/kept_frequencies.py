"""Images of which only the frequencies of a mask are left, for many masks at once."""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.fourier import half_spectrum_mask
from keras_freq.fourier.filters import half_spectrum
from keras_freq.fourier.masks import check_size


class KeptFrequencies:
    """Keeps the frequencies of a mask and removes all others: one FFT an image for all masks.

    Args:
        masks: `(M, H, W)` bool, centred and symmetric, True = kept. Or gains, by which the
            frequencies are multiplied, such as those of a blur.
        neutral: A number or `(C,)`: filters act on `images - neutral`.
    """

    def __init__(self, masks, neutral):
        self.masks, self.neutral = np.asarray(masks), neutral

    def __len__(self):
        return len(self.masks)

    def untouched(self):
        """The numbers of the masks that leave images as they are."""
        return np.flatnonzero((self.masks == 1).all(axis=(1, 2)))

    def prepare(self, images):
        """Computes what all masks share: the images' spectra, and the masks on the device."""
        check_size(self.masks, images.shape[1:3], "masks")
        neutral = checks.per_channel("neutral", self.neutral, images.shape[-1]).astype(np.float32)
        masks = tf.constant(half_spectrum_mask(self.masks))
        return half_spectrum(images - neutral), masks, neutral

    def apply(self, prepared, image, mask, *, full):
        """Filters image `image[b]` by mask `mask[b]`, for every item b: `(B, H, W, C)`."""
        spectra, masks, neutral = prepared
        keep, finish = (_keep_fused, _finish_fused) if full else (_keep, _finish)
        image, mask = (tf.constant(numbers, tf.int32) for numbers in (image, mask))
        planes = tf.signal.irfft2d(
            keep(spectra, masks, image, mask), fft_length=self.masks.shape[1:]
        )
        return finish(planes, neutral)


def _keep(spectra, masks, image, mask):
    """Chooses spectra, and sets to 0 what their masks do not keep."""
    # A product: `tf.where` that broadcasts takes as long as a small network.
    return tf.gather(spectra, image) * tf.cast(tf.gather(masks, mask), spectra.dtype)[:, None]


def _finish(planes, neutral):
    """Moves the channels behind height and width, and adds what was subtracted."""
    return tf.transpose(planes, [0, 2, 3, 1]) + neutral


# The same in one loop each, which takes half of the time. Each size of batch is compiled anew, so
# that only full batches are worth it.
_FUSED = {"autograph": False, "jit_compile": True, "reduce_retracing": True}
_keep_fused = tf.function(_keep, **_FUSED)
_finish_fused = tf.function(_finish, **_FUSED)
