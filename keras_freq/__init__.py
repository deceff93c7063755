"""Which spatial frequencies does a Keras classifier rely on, and is that a shortcut?

`import keras_freq as kf` loads neither TensorFlow nor Keras: each public name is imported when it
is first used. The names stand in `__init__.pyi`, where editors and type checkers read them too.

Example:
    >>> import keras_freq as kf
    >>> int(kf.low_pass_mask(32, radius=4).sum())
    45
"""

import importlib
import sys

import lazy_loader

from keras_freq._version import __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]

# Keras finds our layers in a saved model once they are registered. With Keras loaded this costs
# nothing, and `keras.models.load_model` needs no further import.
if "keras" in sys.modules:
    for _name in ("fourier.filters", "layers", "recording.batch_counts"):
        importlib.import_module(f"keras_freq.{_name}")
