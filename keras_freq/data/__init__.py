"""Data sets of (images, labels) batches: float32 images in [0, 1], integer labels."""

import importlib

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# `tfds.load("frequency_bands/b1")` works once this has registered its builder.
importlib.import_module("keras_freq.data.tfds_frequency_bands")
