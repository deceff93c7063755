"""Which frequencies a model relies on: importance, maps, and the evidence for them."""

from keras_freq.dominance.maps import (
    dominant_frequency_maps,
    map_overlap,
    num_cells,
    planted_recovery,
    random_maps,
)

__all__ = [
    "dominant_frequency_maps",
    "map_overlap",
    "num_cells",
    "planted_recovery",
    "random_maps",
]
