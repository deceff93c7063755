"""Which frequencies does a classifier of digits need?
===================================================

Digits of 8x8 pixels are seen through filters of growing radius. The line of low-pass filters rises
where the model finds what it needs; that of band-stop filters falls where nothing replaces a ring.
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

sweep = kf.filter_sweep(model, (images[test], labels[test]), 10, progress=False)
kf.plots.filter_sweep(sweep)
plt.show()
