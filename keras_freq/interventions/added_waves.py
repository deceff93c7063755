"""Images with one wave more, whose sign is drawn for each image, wave and channel.

What is drawn for an image depends on the seed, the image's number and the wave alone. So it is the
same in every batch, in every process, and whether other waves are asked for or not.
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

RANDOM_PHASE = "random"
# Images beyond [0, 1] by more than rounding would be clipped even where no wave is added.
_ROUNDING = 1e-3


class AddedWaves:
    """Adds the wave of one conjugate pair to every channel of an image, and clips to [0, 1].

    The wave is real and has the norm 1 over the pixels of a channel. It is multiplied by a strength
    and by a sign. A frequency that is its own conjugate is a wave of one phase and its negative
    only, so that `phase` does not turn it.

    Args:
        pairs: `(P, 2)` flat indices, as `keras_freq.fourier.conjugate_pairs` gives them.
        size: `(H, W)` of the images.
        strengths: `(P,)`, the norm of what is added to a channel. 0 adds nothing.
        phase: The phase of the waves at the first pixel, degrees; or "random": drawn for each
            image, wave and channel.
        seed: An int >= 0, of what is drawn.
    """

    def __init__(self, pairs, size, strengths, *, phase=0.0, seed=0):
        self.pairs, self.size = np.asarray(pairs), tuple(size)
        self.strengths, self.phase, self.seed = np.asarray(strengths, np.float64), phase, seed

    def __len__(self):
        return len(self.pairs)

    def untouched(self):
        """The numbers of the waves that leave images as they are."""
        return np.flatnonzero(self.strengths == 0)

    def prepare(self, images):
        """Puts images and tables of waves on the device."""
        least, most = float(images.min()), float(images.max())
        if least < -_ROUNDING or most > 1 + _ROUNDING:
            raise ValueError(
                "`dataset` must hold images in [0, 1], since images with a wave are clipped to it. "
                f"Received: values from {least:.4g} to {most:.4g}"
            )
        waves = [wave_table(side) for side in self.size]
        return filled_up(images), waves, wave_numbers(self.pairs, self.size)

    def apply(self, prepared, image, wave, number, *, full):
        """Adds wave `wave[b]` to image `image[b]`, the data set's `number[b]`, for every item b."""
        images, waves, (u, v) = prepared
        add = _with_waves_fused if full else _with_waves
        coefficients = self.coefficients(wave, number, images.shape[-1])
        return add(images, image.astype(np.int32), *waves, u[wave], v[wave], coefficients)

    def coefficients(self, wave, number, channels):
        """Gives the real and imaginary part of each item's waves: `(B, 2, C)` float32."""
        pairs = self.pairs[wave]
        key = _mixed(self.seed, number[:, None], pairs[:, :1], np.arange(channels))
        alone = pair_weights(pairs) == 1
        height, width = self.size
        # The mean square of a cosine is 1/2, and that of a wave which is 1 or -1 everywhere is 1.
        norm = self.strengths[wave] * np.sqrt(np.where(alone, 1, 2) / (height * width))
        if self.phase == RANDOM_PHASE:
            turn = 2 * np.pi * (_mixed(key, 1) >> np.uint64(11)) / 2.0**53
        else:
            turn = np.broadcast_to(np.deg2rad(self.phase), key.shape)
        turn = np.where(alone[:, None], 0.0, turn)
        size = norm[:, None] * np.where(key >> np.uint64(63), 1, -1)
        return np.stack([size * np.cos(turn), size * np.sin(turn)], axis=1).astype(np.float32)


def _mixed(*numbers):
    """Hashes integers that broadcast, into uniform uint64 (the mixing of SplitMix64)."""
    state = np.zeros(1, np.uint64)
    for one in numbers:
        state = state + np.asarray(one).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    return state


def _with_waves(images, which, rows, columns, u, v, coefficients):
    """Adds one wave to each of the chosen images; arguments as of `without_cosines`."""
    added = without_cosines(images, which, rows, columns, u, v, -coefficients)
    return tf.clip_by_value(added, 0.0, 1.0)


# The same in one loop. Each size of batch is compiled anew, so that only full batches are worth it.
_with_waves_fused = tf.function(
    _with_waves, autograph=False, jit_compile=True, reduce_retracing=True
)
