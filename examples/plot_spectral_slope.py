"""The spectrum of photographs falls like a power law
==================================================

Each ring of frequencies of a photograph has less power than the ring before. On logarithmic axes
the curve is nearly a line. White noise has none of this.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import keras_freq as kf

names = ["temple", "flower", "white noise"]
photographs = [image[:400, :400] / 255 for image in load_sample_images().images]
noise = np.random.default_rng(0).normal(0.5, 0.2, (400, 400, 3))

amplitudes = np.asarray(kf.amplitude_spectrum(np.stack([*photographs, noise])))
power = (amplitudes**2).mean(axis=-1)
profiles, slopes = kf.radial_profile(power), kf.spectral_slope(power)

figure, ax = plt.subplots(figsize=(5, 3.5), layout="constrained")
radii = np.arange(1, profiles.shape[1])
for name, profile, slope in zip(names, profiles, slopes, strict=True):
    ax.loglog(radii, profile[1:], label=f"{name}: slope {slope:.2f}")
ax.set(xlabel="radius (cycles per image)", ylabel="mean power (unnormalised FFT)")
ax.legend()
plt.show()
