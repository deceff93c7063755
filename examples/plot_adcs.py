"""Which class has more of a frequency than the others?
====================================================

ADCS counts, frequency by frequency, how many of the other classes a class is above (red) or below
(blue). In this synthetic set, C3 has its energy in the lowest band, and C0 carries 12 planted
pairs of frequencies.
"""

import os

import matplotlib.pyplot as plt

import keras_freq as kf

QUICK = os.environ.get("KERAS_FREQ_QUICK") == "1"
data = kf.data.frequency_bands(1, per_class=20 if QUICK else 400)
spectra = kf.class_spectra(data, 4)
kf.plots.adcs_maps(kf.adcs(spectra), class_names=["C0", "C1", "C2", "C3"])
plt.show()
