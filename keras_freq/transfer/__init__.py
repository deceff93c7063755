"""How transferable the layers of a network are, measured as Yosinski et al. did."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
