"""Since when does a network need which band?
==========================================

While a network learns digits, test images are classified with and without some frequencies. The
curves show the recall that each digit loses: the 0 needs its fine structure from the first steps
on.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits()
few = digits.target < 4
images = (digits.images[few, ..., None] / 16).astype("float32")
labels = digits.target[few].astype(np.int64)
test = images[500:], labels[500:]

masks = {"without r < 2": kf.high_pass_mask(8, 2), "without r >= 2": kf.low_pass_mask(8, 2)}
mean = float(images.mean())
probes = {n: (kf.filter_images(test[0], m, neutral=mean), test[1]) for n, m in masks.items()}
recorder = kf.ClassMetricsRecorder(4, max_steps=120, probes={"test": test, **probes}, probe_every=5)

keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.Flatten()]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(4)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.SGD(0.05), loss, metrics=[recorder.batch_counts])
model.fit(images[:500], labels[:500], epochs=8, callbacks=[recorder], verbose=0)
kf.plots.filter_reliance(recorder.to_frame(), columns=4)
plt.show()
