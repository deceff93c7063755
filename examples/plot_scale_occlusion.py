"""Which frequencies, in which part of a digit?
==============================================

A network names a handwritten digit. Each band is removed in one place after the other: red is what
spoke for the answer. Right: the pieces are taken away, and put in, the most important first.
"""

import os

import keras
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

import keras_freq as kf

QUICK = os.environ.get("KERAS_FREQ_QUICK") == "1"
keras.utils.set_random_seed(0)

digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")

layers = [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.MaxPooling2D()]
layers += [keras.layers.Flatten(), keras.layers.Dense(10)]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss)
model.fit(images[:1200], digits.target[:1200], epochs=1 if QUICK else 15, verbose=0)

image, label = images[1203], digits.target[1203]
occlusion = kf.scale_occlusion(model, image, label, bands=3, windows=4)
kf.plots.scale_occlusion(occlusion)
plt.show()
