"""Data sets of (images, labels) batches: float32 images in [0, 1], integer labels."""

from keras_freq.data.batches import (
    as_batches,
    checked_batches,
    class_names_of,
    with_class_names,
    without_autotune,
)
from keras_freq.data.class_splits import (
    CIFAR10_GROUPS,
    ClassSubset,
    group_classes,
    imagenet_group,
    split_classes,
)
from keras_freq.data.epochs import arrays
from keras_freq.data.filters import filtered
from keras_freq.data.image_folder import image_folder
from keras_freq.data.imagenet10 import IMAGENET10, imagenet10
from keras_freq.data.statistics import channel_means
from keras_freq.data.synthetic_bands import frequency_bands, planted_masks
from keras_freq.data.tfds_sets import FrequencyBands, FrequencyBandsConfig, tfds_dataset

__all__ = [
    "CIFAR10_GROUPS",
    "ClassSubset",
    "IMAGENET10",
    "FrequencyBands",
    "FrequencyBandsConfig",
    "arrays",
    "as_batches",
    "channel_means",
    "checked_batches",
    "class_names_of",
    "filtered",
    "frequency_bands",
    "group_classes",
    "image_folder",
    "imagenet10",
    "imagenet_group",
    "planted_masks",
    "split_classes",
    "tfds_dataset",
    "with_class_names",
    "without_autotune",
]
