from .dominant_maps import dominant_frequency_maps as dominant_frequency_maps
from .dominant_maps import map_overlap as map_overlap
from .dominant_maps import num_cells as num_cells
from .dominant_maps import planted_recovery as planted_recovery
from .importance_search import frequency_importance as frequency_importance
from .result import FrequencyImportance as FrequencyImportance
from .result import map_stability as map_stability
from .search_cost import importance_cost as importance_cost
