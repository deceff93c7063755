"""Whether a class's frequencies are a shortcut: do they suffice, are they needed, by chance?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
