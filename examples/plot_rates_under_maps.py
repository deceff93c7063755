"""A high true positive rate alone is no shortcut
==============================================

Digits seen through 10 % of their frequencies. Nearly all have a high rate through their map
(blue), and as high a one through random maps (lines): pale bars are not above chance. Look at
both.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
labels = digits.target.astype(np.int64)

keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.Flatten()]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.003), loss)
model.fit(images[:1200], labels[:1200], epochs=8, verbose=0)

searched, test = (images[1200:1500], labels[1200:1500]), (images[1500:], labels[1500:])
importance = kf.frequency_importance(model, searched, 10, method="exhaustive", progress=False)
maps = kf.dominant_frequency_maps(importance, 0.1)
kf.plots.rates_under_maps(kf.rates_under_maps(model, test, maps, progress=False))
plt.show()
