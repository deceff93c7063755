"""Images of which only the frequencies of a map are left, for many maps at once."""

import numpy as np
import tensorflow as tf

from keras_freq.fourier import half_spectrum_mask
from keras_freq.interventions.removal import batch_size_for


class KeptFrequencies:
    """Runs a function on images filtered by masks: one FFT an image, however many masks.

    Args:
        function: from filtered images `(B, H, W, C)`, and further tensors `(B,)`, to a tensor
            `(B,)`. It is compiled together with the filter.
        image_shape: `(H, W, C)`.
        neutral: a number or `(C,)`: filters act on `images - neutral`.
        batch_size: images that `function` gets at once; None: by the images' size.
    """

    def __init__(self, function, image_shape, neutral, batch_size=None):
        self.batch_size = batch_size or batch_size_for(image_shape)
        self.neutral = neutral = tf.constant(neutral, tf.float32)
        size = list(image_shape[:2])

        def run(spectra, masks, which_image, which_mask, *further):
            kept = tf.gather(masks, which_mask)[:, None]
            spectra = tf.gather(spectra, which_image)
            spectra = tf.where(kept, spectra, tf.zeros([], spectra.dtype))
            filtered = tf.signal.irfft2d(spectra, fft_length=size)
            filtered = tf.transpose(filtered, [0, 2, 3, 1]) + neutral
            return function(tf.ensure_shape(filtered, [None, *image_shape]), *further)

        self._run = run
        self._traced = None

    @staticmethod
    def on_device(masks):
        """Masks `(M, H, W)` bool, centred and symmetric, in the form that calls take."""
        return tf.constant(half_spectrum_mask(masks))

    def __call__(self, images, masks, which_image, which_mask, *further, on_batch=None):
        """Filters image `which_image[b]` by `masks[which_mask[b]]`, for every item b.

        Args:
            images: `(N, H, W, C)` float32.
            masks: M masks, as `on_device` returns them.
            which_image: `(B,)` int, in [0, N - 1].
            which_mask: `(B,)` int, in [0, M - 1].
            *further: arrays `(B,)`, handed on to the function.
            on_batch: called with the number of items done after each batch.

        Returns:
            An array `(B,)`: what the function gave for each item.
        """
        items = [np.asarray(which_image, np.int32), np.asarray(which_mask, np.int32), *further]
        spectra = tf.signal.rfft2d(tf.transpose(images - self.neutral, [0, 3, 1, 2]))
        results = []
        for start in range(0, len(items[0]), self.batch_size):
            batch = [item[start : start + self.batch_size] for item in items]
            results.append(self._run_traced(spectra, masks, *map(tf.constant, batch)).numpy())
            if on_batch is not None:
                on_batch(len(batch[0]))
        return np.concatenate(results)

    def _run_traced(self, *tensors):
        """Runs the function, traced once for tensors of any length."""
        if self._traced is None:
            free = [tf.TensorSpec((None, *t.shape[1:]), t.dtype) for t in tensors]
            # TensorFlow warns of a function that is traced anew for every model; not of this.
            self._traced = tf.function(self._run).get_concrete_function(*free)
        return self._traced(*tensors)
