from .accuracy_by_filter import filter_sweep as filter_sweep
from .accuracy_by_filter import half_accuracy_radii as half_accuracy_radii
from .accuracy_by_phase_noise import phase_noise_sweep as phase_noise_sweep
from .error_by_wave import fourier_heat_map as fourier_heat_map
from .heat_map_result import FourierHeatMap as FourierHeatMap
from .phase_or_amplitude import phase_preference as phase_preference
from .shape_or_texture import shape_bias as shape_bias
