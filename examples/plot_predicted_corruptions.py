"""Does a heat map tell which corruptions hurt?
============================================

A corruption changes some frequencies, and the Fourier heat map tells what a wave of each does to a
classifier of digits. Their product, summed over frequencies, predicts the order of the errors.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr
from sklearn.datasets import load_digits

import keras_freq as kf

pixels, labels = load_digits(return_X_y=True)
images = (pixels.reshape(-1, 8, 8, 1) / 16).astype("float32")
train, test = (images[:1300], labels[:1300]), (images[1300:], labels[1300:])
keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(32, 3, activation="relu"), keras.layers.Flatten()]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(*train, epochs=10, verbose=0)

heat_map = kf.fourier_heat_map(model, test, 10, strength=1.5)
harm = (heat_map.error - heat_map.base_error) / heat_map.strength**2
errors = kf.corruption_errors(model, test, 10, severities=(1, 3, 5), benchmark="imagenet")
errors = errors[(errors["class_id"] == -1) & (errors["severity"] > 0)]
predicted = []
for row in errors.itertuples():
    changed = kf.corruption_spectrum(test, row.corruption, row.severity, benchmark="imagenet")
    predicted.append((changed[..., 0] ** 2 / 64 * harm).sum())  # Parseval: over H W
ax = plt.figure(figsize=(5.5, 4), layout="constrained").add_subplot()
for name in errors["corruption"].unique():
    own = (errors["corruption"] == name).to_numpy()
    ax.plot(np.array(predicted)[own], errors["error"][own], "o-", label=name.replace("_", " "))
ax.set(xlabel="predicted by the heat map", ylabel="error")
ax.set_title(f"rank correlation {spearmanr(predicted, errors['error']).statistic:.2f}")
ax.legend(fontsize=7, loc="upper left")
plt.show()
