"""Which spatial frequencies does a Keras classifier rely on, and is that a shortcut?

`import keras_freq as kf` loads neither TensorFlow nor Keras: a public name is imported when it is
first used. `__init__.pyi` tells editors and type checkers their arguments and types.

Example:
    >>> import keras_freq as kf
    >>> int(kf.low_pass_mask(32, radius=4).sum())
    45
"""

import importlib
import sys

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        *("augment", "classifier", "data", "dense", "fourier", "importance", "interventions"),
        *("lab", "lenses", "metrics", "models", "plots", "recording", "shortcuts"),
        *("spectra", "transfer"),
    ],
    submod_attrs={
        "classifier": ["adapt", "check_inputs"],
        "confusion": ["confusion_matrix", "relative_confusion"],
        "dense": [
            *("convolutionize", "dense_pooling", "map_geometry"),
            *("predict_multiscale", "predict_ten_crop"),
        ],
        "fourier": [
            *("FourierFilter", "amplitude_spectrum", "band_edges", "band_pass_mask"),
            *("band_stop_mask", "conjugate_pairs", "filter_images", "high_pass_mask"),
            *("low_pass_mask", "radius_map", "amplitude_only", "phase_noise", "phase_only"),
            "swap_phase",
        ],
        "importance": [
            *("FrequencyImportance", "dominant_frequency_maps", "frequency_importance"),
            *("map_overlap", "planted_recovery", "strongest_frequencies"),
        ],
        "lab.examination": ["Examination", "examine"],
        "layers": ["LocalResponseNormalization"],
        "lenses": [
            *("BandShapley", "CriticalBands", "FourierHeatMap", "band_shapley"),
            *("critical_bands", "filter_sweep", "fourier_heat_map", "gradient_spectrum"),
            *("half_accuracy_radii", "phase_noise_sweep", "phase_preference", "shape_bias"),
            *("corruption_errors", "mean_corruption_error"),
            *("ScaleOcclusion", "available_and_used", "scale_occlusion"),
            *("first_layer_kernels", "kernel_spectra", "layer_spectra"),
        ],
        "metrics": ["class_rates", "multiclass_auc"],
        "plots.sliders": ["frequency_slider"],
        "recording": ["ClassMetricsRecorder", "ClassMetricsTensorBoard"],
        "shortcuts": [
            *("FrequencySearch", "fine_parts", "frequency_search", "mark_maps", "random_maps"),
            *("rates_under_maps", "recall_without_maps", "shortcut_table", "shortcut_transfer"),
            *("transplant_matrix", "transplant_rates"),
        ],
        "spectra": [
            *("adcs", "class_spectra", "corruption_spectrum", "radial_profile"),
            *("spectral_baseline", "spectral_slope"),
        ],
        "transfer": [
            *("TransferResult", "layerwise_transfer", "transfer_boost", "transfer_map_overlap"),
        ],
    },
)

# Keras finds our layers in a saved model once they are registered. With Keras loaded this costs
# little, and `keras.models.load_model` needs no further import.
if "keras" in sys.modules:
    for _name in ("fourier.filters", "layers", "recording.batch_counts"):
        importlib.import_module(f"keras_freq.{_name}")
