"""What an analysis has to know of a model and a data set before it starts."""

import dataclasses

import keras
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


def check_classifier(model, dataset, maps):
    """Raises unless maps have the size of the first images, and the model a score for each map."""
    if not isinstance(model, keras.Model):
        raise TypeError(
            "`model` must be a keras.Model that maps images to class scores. "
            f"Received: {type(model).__name__}"
        )
    images, _ = next(checked_batches(dataset))
    if images.shape[1:3] != maps.shape[1:]:
        raise ValueError(
            f"`maps` must have the size of the images, {images.shape[1:3]}. "
            f"Received: maps of size {maps.shape[1:]}"
        )
    scores = np.asarray(model(images[:2], training=False))
    if scores.ndim != 2 or len(scores) != len(images[:2]):
        raise ValueError(
            f"`model` must give one score for each of the {len(maps)} classes, "
            f"(N, {len(maps)}). Received: shape {scores.shape} for {len(images[:2])} images"
        )
    if scores.shape[1] != len(maps):
        raise ValueError(
            f"`maps` must hold one map for each of the model's {scores.shape[1]} classes. "
            f"Received: {len(maps)} maps"
        )
    if not np.isfinite(scores).all():
        raise ValueError("`model` must give finite scores. Received: NaN or infinity")


def checked_neutral(neutral, channel_means):
    """`neutral` as one float64 value a channel; the channel means if it is None."""
    if neutral is None:
        return channel_means
    values = np.asarray(neutral, np.float64)
    if values.shape not in ((), (1,), channel_means.shape) or not np.isfinite(values).all():
        raise ValueError(
            f"`neutral` must be a number, or one value for each of the {len(channel_means)} "
            f"channels. Received: neutral={neutral!r}"
        )
    return np.broadcast_to(values, channel_means.shape).copy()
