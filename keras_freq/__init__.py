"""What has a Keras image classifier learned in the frequency domain?

Importing the package loads neither TensorFlow nor Keras: every public name is
imported when it is first used (PEP 562).

Example:
    >>> import keras_freq as kf
    >>> int(kf.low_pass_mask(32, radius=4).sum())
    45
"""

import importlib

from keras_freq._version import __version__

_SUBMODULES = (
    "augment",
    "config",
    "data",
    "dense",
    "dominance",
    "fourier",
    "metrics",
    "models",
    "plots",
    "transfer",
)

# Public name -> the module that defines it.
_EXPORTS = {
    # fourier
    "FourierFilter": "fourier",
    "amplitude_spectrum": "fourier",
    "band_edges": "fourier",
    "band_pass_mask": "fourier",
    "band_stop_mask": "fourier",
    "conjugate_pairs": "fourier",
    "filter_images": "fourier",
    "high_pass_mask": "fourier",
    "low_pass_mask": "fourier",
    "radius_map": "fourier",
    # layers
    "LocalResponseNormalization": "layers",
    # recording
    "ClassMetricsRecorder": "callbacks",
    # spectra
    "adcs": "spectra",
    "class_spectra": "spectra",
    # confusion and rates
    "class_rates": "metrics",
    "confusion_matrix": "confusion",
    "multiclass_auc": "metrics",
    "relative_confusion": "confusion",
    # dominance
    "FrequencyImportance": "dominance",
    "FrequencySearch": "dominance",
    "dominant_frequency_maps": "dominance",
    "frequency_importance": "dominance",
    "frequency_search": "dominance",
    "map_overlap": "dominance",
    "planted_recovery": "dominance",
    "random_maps": "dominance",
    "rates_under_maps": "dominance",
    "recall_without_maps": "dominance",
    "shortcut_table": "dominance",
    "shortcut_transfer": "dominance",
    # dense prediction
    "convolutionize": "dense",
    "dense_pooling": "dense",
    "map_geometry": "dense",
    "predict_multiscale": "dense",
    "predict_ten_crop": "dense",
    # transfer
    "TransferResult": "transfer",
    "layerwise_transfer": "transfer",
    "transfer_boost": "transfer",
    "transfer_map_overlap": "transfer",
}

__all__ = ["__version__", *sorted(_EXPORTS), *_SUBMODULES]


def __getattr__(name):
    if name in _EXPORTS:
        value = getattr(importlib.import_module(f"keras_freq.{_EXPORTS[name]}"), name)
    elif name in _SUBMODULES:
        value = importlib.import_module(f"keras_freq.{name}")
    else:
        raise AttributeError(f"module 'keras_freq' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return __all__
