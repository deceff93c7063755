from .accuracy_by_filter import filter_sweep as filter_sweep
from .accuracy_by_filter import half_accuracy_radii as half_accuracy_radii
