"""Data sets of (images, labels) batches: float32 images in [0, 1], integer labels."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
