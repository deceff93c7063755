"""The phases hold what a picture shows
=======================================

Two photographs exchange their amplitudes. Each mixed picture shows what its phases come from; the
amplitudes bring colour, contrast and texture.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import keras_freq as kf

images = np.stack([image[:400:2, 100:500:2] for image in load_sample_images().images]) / 255
temple, flower = images
rows = [
    [temple, kf.swap_phase(flower, temple)],
    [flower, kf.swap_phase(temple, flower)],
]
kf.plots.filtered_images(
    [[np.asarray(one) for one in row] for row in rows],
    ["original", "amplitudes of the other"],
    row_titles=["phases of the temple", "phases of the flower"],
)
plt.show()
