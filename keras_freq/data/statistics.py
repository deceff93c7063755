"""What one pass over a data set tells: numbers of images, channel means, mean power."""

import dataclasses

import numpy as np

from keras_freq import checks
from keras_freq.data.batches import checked_batches
from keras_freq.fourier.grid import half_to_centred


@dataclasses.dataclass(frozen=True)
class DatasetStatistics:
    """What an analysis has to know of its images before it starts.

    Attributes:
        image_shape: `(H, W, C)`.
        counts: Int64 `(K,)`, the images of each class.
        channel_means: Float64 `(C,)`, over all pixels of all images.
        power: Float64 `(H, W)`, centred, the mean squared amplitude over images and channels; or
            None if it was not asked for.
    """

    image_shape: tuple
    counts: np.ndarray
    channel_means: np.ndarray
    power: np.ndarray | None


def dataset_statistics(dataset, num_classes, *, with_power=False):
    """Counts the images of each class, averages channels and, if wanted, squared amplitudes.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches or a pair of arrays.
        num_classes: Int, the number of classes K.
        with_power: Whether to average the squared amplitudes, which needs the FFT of all images.

    Returns:
        A `DatasetStatistics`.

    Raises:
        TypeError, ValueError: As in `checked_batches`.

    Example:
        >>> images = np.full((3, 4, 4, 1), 0.5)
        >>> dataset_statistics((images, [0, 2, 2]), num_classes=3).counts
        array([1, 0, 2])
    """
    num_classes = checks.num_classes(num_classes)
    counts, means, power = np.zeros(num_classes, np.int64), 0.0, 0.0
    for images, labels in checked_batches(dataset, num_classes):
        shape = images.shape[1:]
        counts += np.bincount(labels, minlength=num_classes)
        means = means + images.mean(axis=(1, 2), dtype=np.float64).sum(axis=0)
        if with_power:
            half = np.fft.rfft2(np.moveaxis(images, -1, 1).astype(np.float64))
            power = power + (np.abs(half) ** 2).mean(axis=1).sum(axis=0)
    power = half_to_centred(power / counts.sum(), shape[1]) if with_power else None
    return DatasetStatistics(shape, counts, means / counts.sum(), power)


def channel_means(dataset):
    """Computes the mean of each channel over all pixels of all images, streamed.

    This is the `neutral` image for filters, and the `mean` of a model's normalisation.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches or a pair of arrays.

    Returns:
        Float64 `(C,)`.

    Raises:
        TypeError, ValueError: As in `checked_batches`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.full((2, 4, 4, 3), [0.25, 0.5, 1.0])
        >>> print(kf.data.channel_means((images, [0, 1])))
        [0.25 0.5  1.  ]
    """
    total, pixels = 0.0, 0
    for images, _ in checked_batches(dataset):
        total = total + images.sum(axis=(0, 1, 2), dtype=np.float64)
        pixels += images.shape[0] * images.shape[1] * images.shape[2]
    return total / pixels
