"""How wide is the channel of a classifier of digits?
====================================================

Noise of one octave at a time is added to the digits. The strength that halves what the model knows
is the threshold of the octave, and a Gaussian over the octaves is its channel.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import keras_freq as kf

digits = load_digits()
images = np.repeat(np.repeat(digits.images, 4, 1), 4, 2)[..., None].astype("float32") / 16
labels = digits.target.astype(np.int64)

keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(16, 5, 2, activation="relu"), keras.layers.Flatten()]
model = keras.Sequential([keras.Input((32, 32, 1)), *layers, keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.003), loss)
model.fit(images[:1400], labels[:1400], epochs=4, verbose=0)

bands = kf.critical_bands(
    model,
    (images[1400:], labels[1400:]),
    10,
    strengths=[0.1, 0.2, 0.4, 0.8, 1.6],
    contrast=1,
    progress=False,
)
kf.plots.critical_bands(bands)
plt.show()
