"""Low, middle and high frequencies of a photograph
================================================

Each mask (below) says which frequencies are kept. The centre is the mean colour; the further out,
the finer the structure. Low and high frequencies together give the whole picture back.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import keras_freq as kf

photograph = (load_sample_images().images[1][100:324, 200:424] / 255).astype("float32")
masks = {
    "original": np.ones((224, 224), dtype=bool),
    "low: r < 8": kf.low_pass_mask(224, 8),
    "band: 8 to 32": kf.band_pass_mask(224, 8, 32),
    "high: r >= 32": kf.high_pass_mask(224, 32),
    "without 8 to 32": kf.band_stop_mask(224, 8, 32),
}
neutral = photograph.mean(axis=(0, 1))
images = [np.asarray(kf.filter_images(photograph, m, neutral=neutral)) for m in masks.values()]
kept = [np.repeat(mask[..., None], 3, -1).astype("float32") for mask in masks.values()]
kf.plots.filtered_images([images, kept], list(masks), row_titles=["picture", "kept (white)"])
plt.show()
