"""What the spectra of images tell: class by class, over the radius, and to a linear classifier."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
