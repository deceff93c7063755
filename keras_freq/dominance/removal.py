"""The loss of images without one frequency: what every search is made of.

Removing the conjugate pair of a frequency `(u, v)` from an image subtracts one cosine from each of
its channels. With `X = FFT(image - neutral)` and `c = X(u, v) / (H W)` that cosine is

    w Re(c exp(2 pi i (u y / H + v x / W))),     w = 2, or 1 where (u, v) is its own conjugate,

which is the outer product of two rows and two columns. So no search needs an inverse FFT: the
images without a frequency are made inside the compiled function that runs the model on them.
"""

import functools

import numpy as np
import tensorflow as tf

from keras_freq.dominance.linearised import (
    margins_and_gradients,
    num_margins,
    predicted_changes,
)
from keras_freq.dominance.logits import cross_entropy
from keras_freq.dominance.pairs import pair_weights

# A batch is run at sizes that are multiples of an eighth of it, so that the last one of a block is
# padded by no more than that and few sizes are compiled.
_PARTS = 8


def cosine_coefficients(images, neutral):
    """Coefficient of the cosine that each frequency adds to an image: `c` of the module, `w` apart.

    Args:
        images: `(N, H, W, C)`.
        neutral: `(C,)`, what an image without its DC becomes.

    Returns:
        A complex128 array `(N, H * W, C)`, by flat index of the centred frequency.
    """
    height, width = images.shape[1:3]
    centred = np.asarray(images, np.float64) - neutral
    spectrum = np.fft.fftshift(np.fft.fft2(centred, axes=(1, 2)), axes=(1, 2))
    return spectrum.reshape(len(images), height * width, -1) / (height * width)


def batch_size_for(image_shape):
    """A batch size at which networks run at full speed, from the size of the images alone.

    It is not measured, because results would then depend, in their last bits, on the load of the
    machine.
    """
    height, width = image_shape[:2]
    fitting = 256 * 64 * 64 / max(height * width, 64 * 64)
    return max(16, 2 ** int(np.log2(fitting)))


class FrequencyRemoval:
    """Runs a classifier on images without one frequency each.

    Args:
        logits: A `Logits`, the classifier.
        image_shape: `(H, W, C)`.
        neutral: `(C,)`, what an image without its DC becomes.
        batch_size: Images that the network is given at once; None: by the images' size.
    """

    def __init__(self, logits, image_shape, neutral, batch_size=None):
        self.logits = logits
        self.neutral = np.asarray(neutral, np.float64)
        self.batch_size = batch_size or batch_size_for(image_shape)
        self._height, self._width = image_shape[:2]
        rows, columns = _waves(self._height), _waves(self._width)
        # Signatures of free length: each function is traced once, whatever the last batch's size.
        some_images = tf.TensorSpec((None, *image_shape), tf.float32)
        integers = tf.TensorSpec((None,), tf.int32)
        some_coefficients = tf.TensorSpec((None, 2, image_shape[2]), tf.float32)

        @tf.function(input_signature=[some_images, *[integers] * 4, some_coefficients])
        def removed(images, which, labels, u, v, coefficients):
            changed = without_cosines(images, which, rows, columns, u, v, coefficients)
            return cross_entropy(logits(changed), labels)

        @tf.function(input_signature=[some_images, integers])
        def base(images, labels):
            return cross_entropy(logits(images), labels)

        @tf.function(input_signature=[some_images, integers])
        def linearised(images, labels):
            return margins_and_gradients(logits, images, labels)

        self._removed, self._base, self._linearised = removed, base, linearised

    @property
    def prediction_passes(self):
        """What a prediction costs for one image: a forward pass, two more a backward pass."""
        return 1 + 2 * num_margins(self.logits.num_classes)

    def base(self, images, labels):
        """Cross-entropy of untouched images, `(N,)` float64."""
        labels = np.asarray(labels, np.int32)
        return self._in_batches(self._base, len(images), np.asarray(images, np.float32), labels)

    def removed(self, images, labels, pairs):
        """Cross-entropy of every image without every pair.

        Args:
            images: `(N, H, W, C)` float32.
            labels: `(N,)`.
            pairs: `(P, 2)` flat indices of conjugate pairs.

        Returns:
            A float64 array `(N, P)`, nats.
        """
        count, length = len(pairs), len(images) * len(pairs)
        waves = cosine_coefficients(images, self.neutral)[:, pairs[:, 0]]
        waves = waves * pair_weights(pairs)[:, None]
        coefficients = np.stack([waves.real, waves.imag], axis=2).astype(np.float32)
        rows, columns = np.divmod(pairs[:, 0], self._width)
        # Row and column of the centred map to frequency modulo the size.
        rows = ((rows - self._height // 2) % self._height).astype(np.int32)
        columns = ((columns - self._width // 2) % self._width).astype(np.int32)
        which = np.repeat(np.arange(len(images), dtype=np.int32), count)
        held = tf.constant(images)
        losses = self._in_batches(
            functools.partial(self._removed, held),
            length,
            which,
            np.asarray(labels, np.int32)[which],
            np.tile(rows, len(images)),
            np.tile(columns, len(images)),
            coefficients.reshape(length, 2, -1),
        )
        return losses.reshape(len(images), count)

    def predicted(self, images, labels, pairs):
        """Change of the loss of every image without every pair, under linearised logits.

        Args:
            images: `(N, H, W, C)` float32.
            labels: `(N,)`.
            pairs: `(P, 2)` flat indices of conjugate pairs.

        Returns:
            A float64 array `(N, P)`, nats.
        """
        changes = []
        # Gradients are many times the size of their images.
        at_once = max(1, self.batch_size // _PARTS)
        for start in range(0, len(images), at_once):
            batch = slice(start, start + at_once)
            held = tf.constant(images[batch])
            margins, gradients = self._linearised(held, tf.constant(labels[batch], tf.int32))
            changes.append(
                predicted_changes(
                    margins.numpy(),
                    gradients.numpy(),
                    cosine_coefficients(images[batch], self.neutral)[:, pairs[:, 0]],
                    pair_weights(pairs),
                    pairs[:, 0],
                )
            )
        return np.concatenate(changes)

    def _in_batches(self, function, length, *items):
        """Runs a function on items `(length, ...)` batch by batch, the last one padded."""
        results = np.empty(length, np.float64)
        part = max(1, self.batch_size // _PARTS)
        for start in range(0, length, self.batch_size):
            stop = min(start + self.batch_size, length)
            padding = -(stop - start) % part
            batch = [_padded(item[start:stop], padding) for item in items]
            results[start:stop] = function(*batch).numpy()[: stop - start]
        return results


@tf.function(jit_compile=True, reduce_retracing=True)
def without_cosines(images, which, rows, columns, u, v, coefficients):
    """Subtracts one cosine from each of the chosen images.

    One fused loop that reads an image and writes its changed copy: compiled by XLA it takes 1 to 3
    % of the time of a small network, where the same operations one after the other take 10 %.

    Args:
        images: `(M, H, W, C)` float32.
        which: `(B,)` int32, the image of each item.
        rows: `(H, 2, H)`, cosine and sine of every row frequency.
        columns: `(W, 2, W)`, those of every column frequency.
        u: `(B,)` int32 in [0, H - 1], row frequency of each item, cycles modulo the size.
        v: `(B,)` int32 in [0, W - 1], column frequency.
        coefficients: `(B, 2, C)`, real and imaginary part of `w c`.

    Returns:
        A float32 tensor `(B, H, W, C)`.
    """
    row, column = tf.gather(rows, u), tf.gather(columns, v)
    real, imaginary = coefficients[:, None, 0], coefficients[:, None, 1]
    cosine, sine = column[:, 0, :, None], column[:, 1, :, None]
    # Re(c e^{ib} e^{ia}) = cos a Re(c e^{ib}) - sin a Im(c e^{ib})
    along = (cosine * real - sine * imaginary)[:, None]
    across = (sine * real + cosine * imaginary)[:, None]
    wave = row[:, 0, :, None, None] * along - row[:, 1, :, None, None] * across
    return tf.gather(images, which) - wave


def _waves(size):
    """Cosine and sine of every frequency along one side: `(size, 2, size)` float32."""
    # The product modulo the size keeps the phases exact.
    phase = 2 * np.pi * (np.outer(np.arange(size), np.arange(size)) % size) / size
    return tf.constant(np.stack([np.cos(phase), np.sin(phase)], axis=1), tf.float32)


def _padded(array, padding):
    """Repeats the last item `padding` times."""
    return np.concatenate([array, np.repeat(array[-1:], padding, axis=0)]) if padding else array
