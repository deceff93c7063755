"""Which frequencies is the loss steep in, while a network learns?
=================================================================

The spectrum of the gradient with respect to the image, before training and after each of two
epochs, against that of white noise.
"""

import keras
import matplotlib.pyplot as plt

import keras_freq as kf

images, labels = kf.data.frequency_bands(1, per_class=30, seed=1)
keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(16, 5, 2, activation="relu"), keras.layers.Flatten()]
model = keras.Sequential([keras.Input((32, 32, 3)), *layers, keras.layers.Dense(4)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))

spectra = {}


def look(epoch, logs=None):
    spectra[f"{epoch + 1} epochs"] = kf.gradient_spectrum(
        model, (images[::4], labels[::4]), 4, progress=False
    )


look(-1)
probe = keras.callbacks.LambdaCallback(on_epoch_end=look)
model.fit(images, labels, batch_size=16, epochs=2, callbacks=[probe], verbose=0)
kf.plots.gradient_spectrum(spectra)
plt.show()
