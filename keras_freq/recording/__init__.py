"""What a classifier learns first: counts of each class at each training step.

The recorder is imported when it is first used. `keras_freq` imports `batch_counts` at once if Keras
is there, and that part alone is light.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"recorder": ["ClassMetricsRecorder"]}
)
