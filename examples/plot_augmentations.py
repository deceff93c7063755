"""Augmentations that change frequencies, and some that do not
===========================================================

Three crops of photographs, and below each what four augmentations make of it. The same seed gives
the same picture. Amplitude mixing keeps the phases, and with them the shapes.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import keras_freq as kf

temple, flower = (image / 255 for image in load_sample_images().images)
crops = [temple[100:292, 200:392], flower[100:292, 200:392], temple[200:392, 380:572]]
crops = np.stack(crops).astype("float32")

views = {
    "pad, crop, flip": kf.augment.pad_crop_flip(crops, seed=(0, 1), padding=24),
    "AutoAugment": kf.augment.auto_augment(crops, seed=(0, 2)),
    "AugMix": kf.augment.augmix(crops, seed=(0, 3)),
    "amplitudes of the next": kf.augment.amplitude_mix(crops, np.roll(crops, -1, axis=0)),
}
kf.plots.augmentation_grid(crops, {name: np.asarray(view) for name, view in views.items()})
plt.show()
