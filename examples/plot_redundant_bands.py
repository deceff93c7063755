"""Of two cues that are each enough, none is missed alone
======================================================

A long and a short wave both tell the class. A network learns both. Remove either band, and hardly
anything changes (diamonds). The Shapley values (dots) see what both bands do.
"""

import os

import keras
import matplotlib.pyplot as plt
import numpy as np

import keras_freq as kf

QUICK = os.environ.get("KERAS_FREQ_QUICK") == "1"
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

number, side = 400 if QUICK else 2000, 16
labels = np.arange(number) % 2
columns = 2 * np.pi * np.arange(side) / side
waves = np.cos(2 * columns) + np.cos(6 * columns)  # 2 and 6 cycles per image
images = 0.5 + 0.05 * np.where(labels, 1, -1)[:, None, None] * waves
images = images + rng.normal(0, 0.1, (number, side, side))
images = images[..., None].clip(0, 1).astype("float32")

layers = [keras.layers.Flatten(), keras.layers.Dense(16, "relu"), keras.layers.Dense(2)]
model = keras.Sequential([keras.Input((side, side, 1)), *layers])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss)
model.fit(images, labels, epochs=10, verbose=0)

shapley = kf.band_shapley(model, (images[:200], labels[:200]), 2)
_, ax = plt.subplots(figsize=(4.6, 2.6))
kf.plots.band_shapley(shapley, by_class=False, ax=ax)
plt.show()
