"""Which single frequency does each digit need?
============================================

One frequency after the other is taken out of images of the digits 0, 1 and 7. The loss grows where
the model misses it: horizontal frequencies for the vertical stroke of a 1.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
labels = digits.target.astype(np.int64)
train, test = slice(0, 1400), slice(1400, None)

keras.utils.set_random_seed(0)
layers = [
    keras.Input((8, 8, 1)),
    keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
    keras.layers.Flatten(),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
]
model = keras.Sequential(layers)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(images[train], labels[train], epochs=10, verbose=0)

options = {"classes": [0, 1, 7], "method": "exhaustive", "progress": False}
importance = kf.frequency_importance(model, (images[test], labels[test]), 10, **options)
kf.plots.importance_maps(importance)
plt.show()
