"""What each layer adds to high frequencies, and takes away
========================================================

The log amplitude of the maps of each layer over the radius. The first convolution lifts high
frequencies far above those of the images (dashed); the second one takes some away.
"""

import keras
import matplotlib.pyplot as plt

import keras_freq as kf

images, labels = kf.data.frequency_bands(1, per_class=30)
keras.utils.set_random_seed(0)
layers = [
    keras.layers.Conv2D(16, 3, padding="same", activation="relu", name="convolution_1"),
    keras.layers.AveragePooling2D(2, name="pooling"),
    keras.layers.Conv2D(16, 3, padding="same", activation="relu", name="convolution_2"),
    keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(4),
]
model = keras.Sequential([keras.Input((32, 32, 3)), *layers])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.003), loss)
model.fit(images, labels, epochs=3, verbose=0)

kf.plots.layer_spectra(kf.layer_spectra(model, (images[:40], labels[:40]), progress=False))
plt.show()
