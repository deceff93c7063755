"""What are digits taken for without their fine structure?
=======================================================

How the predictions change, in percent of each digit's images, when the high frequencies are
removed. Red: named more often. A blurred 8 is taken for a 1.
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

masks = np.stack([np.ones((8, 8), dtype=bool), kf.low_pass_mask(8, 2.5)])
test = images[1200:], labels[1200:]
whole, blurred = kf.confusion_matrix(model, test, 10, masks=masks, progress=False)
change = kf.relative_confusion(blurred, whole)
kf.plots.relative_confusion(change, title="only frequencies below 2.5 cycles")
plt.show()
