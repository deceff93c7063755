"""How much a classifier needs each frequency, one at a time, and how sure that is."""

from keras_freq.importance.dominant_maps import (
    dominant_frequency_maps,
    map_overlap,
    num_cells,
    planted_recovery,
)
from keras_freq.importance.importance_search import frequency_importance, importance_cost
from keras_freq.importance.result import FrequencyImportance
from keras_freq.importance.stability import map_stability

__all__ = [
    "FrequencyImportance",
    "dominant_frequency_maps",
    "frequency_importance",
    "importance_cost",
    "map_overlap",
    "map_stability",
    "num_cells",
    "planted_recovery",
]
