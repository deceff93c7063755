"""Classifiers as fully convolutional networks: dense prediction, several scales, ten crops."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
