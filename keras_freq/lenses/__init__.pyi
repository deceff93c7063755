from .accuracy_by_filter import filter_sweep as filter_sweep
from .accuracy_by_filter import half_accuracy_radii as half_accuracy_radii
from .error_by_wave import fourier_heat_map as fourier_heat_map
from .heat_map_result import FourierHeatMap as FourierHeatMap
