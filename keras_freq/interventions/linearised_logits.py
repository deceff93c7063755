"""The change of the loss without a frequency, predicted for all frequencies at once.

With a network's logits linearised at an image, removing a frequency changes the margin
`d_j = z_j - z_y` of class `j` by

    -Re(sum over channels of conj(FFT(gradient of d_j)) w c)

(`w` and `c` as in `cosines`), so that one backward pass a margin predicts every frequency. The
cross-entropy of the changed margins is then exact, not linearised.
"""

import numpy as np
import tensorflow as tf

# Predicting with all of 1000 classes would take 999 backward passes an image. Beyond this number
# the strongest classes have a margin each and all the others share one: their log-sum-exp.
MOST_MARGINS = 9


def num_margins(num_classes):
    """Number of margins, and so of backward passes, that a prediction takes."""
    return min(num_classes - 1, MOST_MARGINS)


def strongest_margins(logits, labels):
    """Margins of the other classes over the labelled one, the strongest first.

    Args:
        logits: `(N, K)`, K >= 2.
        labels: `(N,)`.

    Returns:
        A tensor `(N, num_margins(K))` of the logits' type. `log(1 + sum(exp(margins)))` is the
        cross-entropy, whether the last margin stands for one class or for many.

    Example:
        >>> strongest_margins(tf.constant([[1.0, 5.0, 3.0]]), [2]).numpy()
        array([[ 2., -2.]], dtype=float32)
    """
    num_classes = logits.shape[-1]
    own = tf.one_hot(labels, num_classes, on_value=True, off_value=False, dtype=tf.bool)
    lowest = tf.constant(logits.dtype.min, logits.dtype)
    of_label = tf.gather(logits, labels, axis=1, batch_dims=1)[:, None]
    ranked = tf.sort(tf.where(own, lowest, logits), axis=1, direction="DESCENDING")[:, :-1]
    margins = ranked - of_label
    if num_classes - 1 <= MOST_MARGINS:
        return margins
    rest = tf.reduce_logsumexp(margins[:, MOST_MARGINS - 1 :], axis=1, keepdims=True)
    return tf.concat([margins[:, : MOST_MARGINS - 1], rest], axis=1)


def margins_and_gradients(logits, images, labels):
    """Margins of images and the gradient of each with respect to the images.

    Args:
        logits: A `Logits`.
        images: `(N, H, W, C)` float32 tensor.
        labels: `(N,)`.

    Returns:
        Margins `(N, M)` and gradients `(N, M, H, W, C)`, float32.
    """
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(images)
        margins = strongest_margins(logits(images), labels)
        columns = tf.unstack(margins, num_margins(logits.num_classes), axis=1)
    gradients = [tape.gradient(column, images) for column in columns]
    return margins, tf.stack(gradients, axis=1)


def predicted_changes(margins, gradients, cosines, cells):
    """Predicted change of the loss of every image without every pair.

    Args:
        margins: `(N, M)`.
        gradients: `(N, M, H, W, C)`.
        cosines: `(N, P, C)` complex, the coefficients `w c` of the pairs' cosines.
        cells: `(P,)`, flat index of a cell of each pair in a centred map.

    Returns:
        A float64 array `(N, P)`, nats.
    """
    number, count, height, width, channels = gradients.shape
    spectra = np.fft.fftshift(np.fft.fft2(gradients, axes=(2, 3)), axes=(2, 3))
    spectra = spectra.reshape(number, count, height * width, channels)[:, :, cells]
    change = -np.einsum("nmpc,npc->nmp", spectra.conj(), cosines).real
    margins = np.asarray(margins, np.float64)
    return _loss(margins[:, :, None] + change) - _loss(margins[:, :, None])


def _loss(margins):
    """Cross-entropy of margins `(N, M, P)`, float64."""
    return np.logaddexp(0.0, np.logaddexp.reduce(margins, axis=1))
