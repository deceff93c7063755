"""Images of which only the frequencies of a mask are left, for many masks at once."""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.fourier import half_spectrum_mask
from keras_freq.fourier.filters import from_half_spectrum, half_spectrum
from keras_freq.fourier.masks import check_size


class KeptFrequencies:
    """Keeps the frequencies of a mask and removes all others: one FFT an image for all masks.

    Args:
        masks: `(M, H, W)` bool, centred and symmetric, True = kept.
        neutral: A number or `(C,)`: filters act on `images - neutral`.
    """

    def __init__(self, masks, neutral):
        self.masks, self.neutral = np.asarray(masks), neutral

    def __len__(self):
        return len(self.masks)

    def prepare(self, images):
        """Computes what all masks share: the images' spectra, and the masks on the device."""
        check_size(self.masks, images.shape[1:3], "masks")
        neutral = checks.per_channel("neutral", self.neutral, images.shape[-1]).astype(np.float32)
        masks = tf.constant(half_spectrum_mask(self.masks))
        return half_spectrum(images - neutral), masks, neutral

    def apply(self, prepared, image, mask, *, full):
        """Filters image `image[b]` by mask `mask[b]`, for every item b: `(B, H, W, C)`."""
        spectra, masks, neutral = prepared
        # A product: `tf.where` that broadcasts takes as long as a small network.
        kept = tf.cast(tf.gather(masks, mask), spectra.dtype)[:, None]
        spectra = tf.gather(spectra, image) * kept
        return from_half_spectrum(spectra, self.masks.shape[1:]) + neutral
