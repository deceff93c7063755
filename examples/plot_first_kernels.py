"""What the first kernels of a network let through
===============================================

A small network learns to tell patterns of different frequencies. Some kernels become stripes,
which let one direction of low frequencies through; others keep the highest ones and look like
noise.
"""

import keras
import matplotlib.pyplot as plt

import keras_freq as kf

images, labels = kf.data.frequency_bands(4, per_class=50)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        keras.layers.Rescaling(4.0, offset=-2.0),
        keras.layers.Conv2D(16, 7, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(4),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss)
model.fit(images, labels, epochs=5, verbose=0)

kf.plots.first_layer_kernels(kf.first_layer_kernels(model), size=32)
plt.show()
