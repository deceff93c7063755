"""Which frequencies a classifier needs for each class, and how sure that is."""

from keras_freq.dominance.chance import random_maps
from keras_freq.dominance.cost import importance_cost
from keras_freq.dominance.importance import frequency_importance
from keras_freq.dominance.logits import cross_entropy, logits_of, without_softmax
from keras_freq.dominance.maps import (
    dominant_frequency_maps,
    map_overlap,
    num_cells,
    planted_recovery,
)
from keras_freq.dominance.rates import rates_under_maps
from keras_freq.dominance.result import FrequencyImportance
from keras_freq.dominance.search import FrequencySearch, frequency_search, search_cost
from keras_freq.dominance.shortcuts import shortcut_table, shortcut_transfer
from keras_freq.dominance.stability import map_stability
from keras_freq.dominance.without import recall_without_maps

__all__ = [
    "FrequencyImportance",
    "FrequencySearch",
    "cross_entropy",
    "dominant_frequency_maps",
    "frequency_importance",
    "frequency_search",
    "importance_cost",
    "logits_of",
    "map_overlap",
    "map_stability",
    "num_cells",
    "planted_recovery",
    "random_maps",
    "rates_under_maps",
    "recall_without_maps",
    "search_cost",
    "shortcut_table",
    "shortcut_transfer",
    "without_softmax",
]
