"""One plot function a result: it takes arrays or a tidy DataFrame, and returns the axes.

Every function draws into a new figure, or into the axes given as `ax=`; functions with
several panels take and return an array of axes. None of them shows, saves or closes a
figure, or changes matplotlib's settings; close those you no longer need:

    axes = kf.plots.adcs_maps(kf.adcs(spectra), class_names=names)
    axes[0].figure.savefig("adcs.png", dpi=150)
    plt.close(axes[0].figure)

Names are drawn as they are written; undefined values (NaN) are grey, never 0.
"""

from keras_freq.plots.augmentation import augmentation_grid
from keras_freq.plots.class_metrics import class_metric_curves, class_metric_heatmap
from keras_freq.plots.comparison import class_comparison, filter_changes
from keras_freq.plots.confusion import confusion_matrix, relative_confusion
from keras_freq.plots.dense import score_map
from keras_freq.plots.dominance import (
    dominant_frequency_maps,
    rates_under_maps,
    recall_without_maps,
)
from keras_freq.plots.frequency import adcs_maps, class_spectra, importance_maps
from keras_freq.plots.images import filtered_images
from keras_freq.plots.reliance import filter_reliance
from keras_freq.plots.roc import roc_curves
from keras_freq.plots.training import training_curves
from keras_freq.plots.transfer import (
    transfer_curves,
    transfer_degradation,
)
from keras_freq.plots.transfer_overlap import transfer_map_overlap

__all__ = [
    "adcs_maps",
    "augmentation_grid",
    "class_comparison",
    "class_metric_curves",
    "class_metric_heatmap",
    "class_spectra",
    "confusion_matrix",
    "dominant_frequency_maps",
    "filter_changes",
    "filter_reliance",
    "filtered_images",
    "importance_maps",
    "rates_under_maps",
    "recall_without_maps",
    "relative_confusion",
    "roc_curves",
    "score_map",
    "training_curves",
    "transfer_curves",
    "transfer_degradation",
    "transfer_map_overlap",
]
