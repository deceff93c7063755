from .changed_by_corruption import corruption_spectrum as corruption_spectrum
from .class_differences import adcs as adcs
from .class_differences import class_spectra as class_spectra
from .linear_baseline import spectral_baseline as spectral_baseline
from .profiles import radial_profile as radial_profile
from .profiles import spectral_slope as spectral_slope
