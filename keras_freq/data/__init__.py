"""Data sets of (images, labels) batches: float32 images in [0, 1], integer labels."""

from keras_freq.data.bands_builder import FrequencyBands, FrequencyBandsConfig
from keras_freq.data.batches import (
    as_batches,
    channel_means,
    checked_batches,
    class_names_of,
    with_class_names,
)
from keras_freq.data.synthetic import frequency_bands, planted_masks

__all__ = [
    "FrequencyBands",
    "FrequencyBandsConfig",
    "as_batches",
    "channel_means",
    "checked_batches",
    "class_names_of",
    "frequency_bands",
    "planted_masks",
    "with_class_names",
]
