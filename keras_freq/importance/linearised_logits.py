"""The change of the loss without a frequency, predicted for all frequencies at once.

A network's logits are linearised at an image. Then the removal of a frequency changes the margin
`d_j = z_j - z_y` of class `j` by

    -Re(sum over channels of conj(FFT(gradient of d_j)) w c)

with `w` and `c` of `keras_freq.interventions.removed_pairs`. So one backward pass for each margin
predicts every frequency. Only the logits are linearised: the cross-entropy of the changed margins
is exact.

To know how large changes are, rather than what they are, the gradient of the loss is enough: one
backward pass an image, whatever the number of classes.
"""

import dataclasses

import numpy as np

from keras_freq.classifier import num_margins
from keras_freq.interventions import pair_cosines
from keras_freq.interventions.work_units import slices


@dataclasses.dataclass(frozen=True, eq=False)
class LinearisedUnit:
    """A unit of work that predicts the change of the loss of every image without every pair.

    Attributes:
        images: `(N, H, W, C)` float32.
        labels: `(N,)`.
        pairs: `(P, 2)` flat indices of conjugate pairs.
        neutral: `(C,)`, what an image without its DC becomes.
    """

    images: np.ndarray
    labels: np.ndarray
    pairs: np.ndarray
    neutral: np.ndarray

    def passes(self, classifier):
        """Counts the passes that the unit costs."""
        return len(self.images) * prediction_passes(classifier)

    def run(self, classifier):
        """Computes the changes on a `CompiledClassifier`: `(N, P)` float64, nats."""
        changes = []
        # Gradients are many times the size of their images, so that fewer images go at once.
        for part in slices(len(self.images), max(1, classifier.batch_size // 8)):
            images = self.images[part]
            margins, gradients = classifier.margins_and_gradients(images, self.labels[part])
            # Such as the square root's at 0: the image is one without a gradient.
            usable = np.isfinite(gradients).all(axis=(1, 2, 3, 4), keepdims=True)
            gradients = np.where(usable, gradients, 0.0)
            cosines = pair_cosines(images, self.neutral, self.pairs)
            changes.append(predicted_changes(margins, gradients, cosines, self.pairs[:, 0]))
        return np.concatenate(changes)


@dataclasses.dataclass(frozen=True, eq=False)
class LinearisedLossUnit(LinearisedUnit):
    """A unit of work that predicts the changes from the gradient of the loss alone."""

    def passes(self, classifier):
        """Counts the passes that the unit costs: a forward and a backward pass an image."""
        return 3 * len(self.images)

    def run(self, classifier):
        """Computes the changes on a `CompiledClassifier`: `(N, P)` float64, nats."""
        changes = []
        for part in slices(len(self.images), max(1, classifier.batch_size // 2)):
            images = self.images[part]
            _, gradients = classifier.losses_and_gradients(images, self.labels[part])
            usable = np.isfinite(gradients).all(axis=(1, 2, 3), keepdims=True)
            gradients = np.where(usable, gradients, 0.0)
            cosines = pair_cosines(images, self.neutral, self.pairs)
            changes.append(linear_changes(gradients[:, None], cosines, self.pairs[:, 0])[:, 0])
        return np.concatenate(changes)


def prediction_passes(classifier):
    """Counts the passes that predict one image: a forward pass, and two for each backward pass."""
    return 1 + 2 * num_margins(classifier.logits.num_classes)


def predicted_changes(margins, gradients, cosines, cells):
    """Predicts the change of the loss of every image without every pair.

    Args:
        margins: `(N, M)`, as from `CompiledClassifier.margins_and_gradients`.
        gradients: `(N, M, H, W, C)`, their gradients.
        cosines: `(N, P, C)` complex, the coefficients `w c` of the pairs' cosines.
        cells: `(P,)`, flat index of one cell of each pair in a centred map.

    Returns:
        A float64 array `(N, P)`, nats.
    """
    change = linear_changes(gradients, cosines, cells)
    margins = np.asarray(margins, np.float64)
    return _loss(margins[:, :, None] + change) - _loss(margins[:, :, None])


def linear_changes(gradients, cosines, cells):
    """Predicts by gradients alone how much M values of every image change without every pair.

    Args:
        gradients: `(N, M, H, W, C)`.
        cosines: As in `predicted_changes`.
        cells: As in `predicted_changes`.

    Returns:
        A float64 array `(N, M, P)`.
    """
    number, count, height, width, channels = gradients.shape
    spectra = np.fft.fftshift(np.fft.fft2(gradients, axes=(2, 3)), axes=(2, 3))
    spectra = spectra.reshape(number, count, height * width, channels)[:, :, cells]
    return -np.einsum("nmpc,npc->nmp", spectra.conj(), cosines).real


def _loss(margins):
    """Gives the cross-entropy of margins `(N, M, P)`: `(N, P)` float64, nats."""
    return np.logaddexp(0.0, np.logaddexp.reduce(margins, axis=1))
