"""What an analysis has to know of a model and a data set before it starts."""

import dataclasses

import numpy as np

from keras_freq.data.batches import checked_batches
from keras_freq.fourier.grid import half_to_centred


@dataclasses.dataclass(frozen=True)
class ImageSurvey:
    """What one pass over a data set tells before an analysis.

    Attributes:
        image_shape: `(H, W, C)`.
        counts: `(K,)` images of each class.
        channel_means: `(C,)`.
        power: `(H, W)` centred mean squared amplitude, or None if not asked for.
    """

    image_shape: tuple
    counts: np.ndarray
    channel_means: np.ndarray
    power: np.ndarray | None


def survey_images(dataset, num_classes, *, with_power=False):
    """Counts the images of each class, averages channels and, if wanted, squared amplitudes."""
    counts, means, power = np.zeros(num_classes, np.int64), 0.0, 0.0
    for images, labels in checked_batches(dataset, num_classes):
        shape = images.shape[1:]
        counts += np.bincount(labels, minlength=num_classes)
        means = means + images.mean(axis=(1, 2), dtype=np.float64).sum(axis=0)
        if with_power:
            half = np.fft.rfft2(np.moveaxis(images, -1, 1).astype(np.float64))
            power = power + (np.abs(half) ** 2).mean(axis=1).sum(axis=0)
    power = half_to_centred(power / counts.sum(), shape[1]) if with_power else None
    return ImageSurvey(shape, counts, means / counts.sum(), power)
