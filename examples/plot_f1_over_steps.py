"""Which digit is learned first?
=============================

F1 of each class in each of the first 200 training batches, counted while the network learns.
Bright early: easy. The 0 and the 6 are early, the 8 and the 1 are late.
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
recorder = kf.ClassMetricsRecorder(10, max_steps=200)
layers = [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.Flatten()]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.SGD(0.05), loss, metrics=[recorder.batch_counts])
model.fit(images, labels, batch_size=64, epochs=8, callbacks=[recorder], verbose=0)

kf.plots.class_metric_heatmap(recorder.to_frame())
plt.show()
