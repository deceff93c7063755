"""Common corruptions of a photograph
==================================

Nine corruptions at their published severities for large images: mild, middle, strong.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import keras_freq as kf

photograph = (load_sample_images().images[1][100:324, 200:424] / 255).astype("float32")
severities = (1, 3, 5)
rows = [
    [
        np.asarray(
            kf.augment.corrupt(photograph, name, severity, seed=(0, 1), benchmark="imagenet")
        )
        for name in kf.augment.CORRUPTIONS
    ]
    for severity in severities
]
kf.plots.filtered_images(
    rows,
    [name.replace("_", " ") for name in kf.augment.CORRUPTIONS],
    row_titles=[f"severity {severity}" for severity in severities],
)
plt.show()
