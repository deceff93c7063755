"""Which frequencies a corruption changes."""

import numpy as np

from keras_freq import checks
from keras_freq.augment import corrupt
from keras_freq.data import checked_batches
from keras_freq.fourier import amplitude_spectrum


def corruption_spectrum(dataset, corruption, severity=3, *, benchmark="cifar", seed=0):
    """Averages the amplitudes of what a corruption changes in images.

    It is the mean over images x of `|FFT(corrupt(x) - x)|`, for each channel by itself. Noise
    changes all frequencies alike; blur and pixelation change the high ones; contrast changes those
    that the images have.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once; labels do not matter.
        corruption: One of `keras_freq.augment.CORRUPTIONS`.
        severity: 1 to 5. Defaults to 3.
        benchmark: Whose severities, as in `keras_freq.augment.corrupt`. Defaults to "cifar".
        seed: Int >= 0, decides the noise. Defaults to 0.

    Returns:
        `(H, W, C)` float64, centred: amplitudes of the unnormalised FFT. A stack of several is what
        `keras_freq.plots.class_spectra` draws, with the corruptions as names.

    Raises:
        TypeError, ValueError: If the data are not images, or an argument is out of range.

    Example:
        >>> import keras_freq as kf
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), np.zeros(6, int)
        >>> spectrum = kf.corruption_spectrum(data, "contrast")
        >>> spectrum.shape, bool(spectrum[4, 4, 0] < 1e-4)  # contrast leaves the mean
        ((8, 8, 1), True)

    See Also:
        `keras_freq.corruption_errors`; `keras_freq.radial_profile`, for a curve of it.

    Source:
        D. Yin et al., "A Fourier perspective on model robustness in computer vision", NeurIPS 2019,
        figure 3.
    """
    seed = checks.integer("seed", seed, least=0)
    total, number = 0.0, 0
    for batch, (images, _) in enumerate(checked_batches(dataset)):
        options = {"benchmark": benchmark, "seed": (seed, batch)}
        change = corrupt(images, corruption, severity, **options) - images
        total = total + np.sum(amplitude_spectrum(change), axis=0, dtype=np.float64)
        number += len(images)
    return total / number
