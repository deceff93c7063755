"""Images with Gaussian noise of one octave of frequencies, at several strengths.

The noise of an image depends on the seed and the image's number alone: all bands filter the same
white noise, and all strengths scale the same pattern. So it is the same in every batch and process.
"""

import numpy as np

from keras_freq import checks
from keras_freq.fourier import half_spectrum_mask, radius_map

# Rec. 601, as in 8-bit grey images of photographs.
LUMA = (0.299, 0.587, 0.114)


class NoiseBands:
    """Adds band-limited noise to images of low contrast. Nothing is clipped.

    Condition `band * S + s` adds the noise of a band at strength `s` of S. The last condition adds
    none.

    Args:
        edges: `(B, 2)` radii of the bands in cycles per image, `low <= r < high`.
        size: `(H, W)` of the images.
        strengths: `(S,)`, the root-mean-square of the noise, the same in all channels.
        contrast: What the difference of an image from `neutral` is multiplied by.
        grey: Whether images lose their colours.
        neutral: `(C,)`.
        seed: An int >= 0.
    """

    def __init__(self, edges, size, strengths, *, contrast, grey, neutral, seed):
        self.edges, self.size = np.asarray(edges, np.float64), tuple(size)
        self.strengths = np.asarray(strengths, np.float64)
        self.contrast, self.grey, self.neutral, self.seed = contrast, grey, neutral, seed

    def __len__(self):
        return len(self.edges) * len(self.strengths) + 1

    def prepare(self, images):
        """Lowers the contrast of the images, and makes the masks of the bands."""
        channels = images.shape[-1]
        neutral = checks.per_channel("neutral", self.neutral, channels)
        if self.grey:
            weights = np.array(LUMA if channels == 3 else [1 / channels] * channels)
            images = np.repeat((images @ weights)[..., None], channels, axis=-1)
            neutral = np.full(channels, neutral @ weights)
        radii = radius_map(self.size)
        masks = (radii >= self.edges[:, :1, None]) & (radii < self.edges[:, 1:, None])
        low = (neutral + self.contrast * (images - neutral)).astype(np.float32)
        return low, half_spectrum_mask(masks)

    def apply(self, prepared, image, condition, number, *, full):
        """Adds noise to image `image[b]`, the data set's `number[b]`, for every item b."""
        images, masks = prepared
        band, strength = np.divmod(condition, len(self.strengths))
        none = band == len(masks)
        strength = np.where(none, 0.0, self.strengths[strength])
        pairs = np.stack([number, np.where(none, 0, band)], axis=1)
        pairs, place = np.unique(pairs, axis=0, return_inverse=True)
        noise = self._patterns(pairs, masks).astype(np.float32)[place.reshape(-1)]
        noise *= strength.astype(np.float32)[:, None, None]
        return images[image] + noise[..., None]

    def _patterns(self, pairs, masks):
        """The noise of root-mean-square 1 of images and bands `(M, 2)`: `(M, H, W)`."""
        numbers, place = np.unique(pairs[:, 0], return_inverse=True)
        white = [np.random.default_rng([self.seed, n]).standard_normal(self.size) for n in numbers]
        spectra = np.fft.rfft2(np.stack(white))[place] * masks[pairs[:, 1]]
        noise = np.fft.irfft2(spectra, s=self.size)
        return noise / np.sqrt(np.mean(noise**2, axis=(1, 2), keepdims=True))
