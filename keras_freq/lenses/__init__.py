"""Questions about a model's frequencies, one in a file, each on the one engine."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
