"""What the tests of maps take, checked once: a model, images, and a map for each class."""

import dataclasses
import warnings

import numpy as np

from keras_freq import checks
from keras_freq.classifier import check_model
from keras_freq.data import class_names_of
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier.masks import check_maps, check_size


@dataclasses.dataclass(frozen=True, eq=False)
class CheckedInputs:
    """The inputs of a test of maps, and what one pass over the images tells.

    Attributes:
        maps: `(K, H, W)` bool, symmetric.
        class_names: K strings.
        counts: `(K,)` int, images of each class.
        neutral: `(C,)`, what an image without its DC becomes.
        power: `(H, W)`, centred mean squared amplitude of the images; None if not wanted.
    """

    maps: np.ndarray
    class_names: list
    counts: np.ndarray
    neutral: np.ndarray
    power: np.ndarray | None


def checked_inputs(model, dataset, maps, class_names, neutral, *, with_power=False):
    """Checks that a model, images and maps fit each other.

    Args:
        model: A `keras.Model` from images to class scores `(N, K)`.
        dataset: A data set as from `keras_freq.data.batches.repeated`; it is read once.
        maps: `(K, H, W)` bool, the map of each class.
        class_names: K names, or None for those of the data set.
        neutral: A number or one value a channel; None for the channel means.
        with_power: Whether the power of the images is wanted.

    Returns:
        A `CheckedInputs`.

    Raises:
        TypeError, ValueError: If one of them is wrong, or they do not fit. A warning says if no map
            has a frequency.
    """
    maps = check_maps(maps)
    if not maps.any():
        warnings.warn(
            "`maps` are empty, all of them: no frequency is tested, and all rates are NaN. Make "
            "them with a larger `fraction` of `keras_freq.dominant_frequency_maps`",
            stacklevel=3,
        )
    class_names = class_names_of(dataset, class_names, len(maps))
    images, _ = dataset.first_batch()
    check_fit(model, images, maps)
    if neutral is not None:
        neutral = checks.per_channel("neutral", neutral, images.shape[-1])
    survey = dataset_statistics(dataset, len(maps), with_power=with_power)
    neutral = survey.channel_means if neutral is None else neutral
    return CheckedInputs(maps, class_names, survey.counts, neutral, survey.power)


def check_fit(model, images, maps):
    """Raises unless a model takes some images, and has a class for each map of their size."""
    check_size(maps, images.shape[1:3], "maps")
    num_classes = check_model(model, images[:2]).shape[1]
    if num_classes != len(maps):
        raise ValueError(
            f"`maps` must hold one map for each of the model's {num_classes} classes. "
            f"Received: {len(maps)} maps"
        )
