"""Which frequencies of an image its loss is steepest in: the spectrum of the gradient."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, check_finite, logits_of
from keras_freq.data import class_names_of
from keras_freq.data.batches import checked_batches, repeated
from keras_freq.fourier import radius_map
from keras_freq.metrics import mean_interval
from keras_freq.progress import progress_bar

PARTS = ("low", "middle", "high")
RING = "ring"


def gradient_spectrum(
    model,
    dataset,
    num_classes,
    *,
    from_logits=None,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
):
    """Measures how the gradient of the loss is spread over frequencies.

    The gradient of the cross-entropy with respect to the image tells which small change of it
    raises the loss fastest. Its power at each frequency is that of a unitary FFT, summed over
    channels. The power of each image is divided by its sum without DC, so that all images count
    alike, whatever their loss. Then images are averaged.

    A small change is no change that a camera makes: the gradient tells of the slope at the image
    itself, and `fourier_heat_map` of larger waves.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`. A
            softmax at its end is taken off.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once.
        num_classes: The number of classes K, at least 2.
        from_logits: Whether the model's outputs are logits. Defaults to None: the model and its
            outputs tell.
        seed: An int >= 0, of the bootstrap of the intervals. Defaults to 0.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.

    Returns:
        A pandas DataFrame, a row for each part of the spectrum and class.

        - `part`: "low", "middle" and "high", which are cut at a sixth and a third of the shorter
          side; or "ring", one cycle wide around each integer radius.
        - `low`, `high`: its radii in cycles per image, `low <= r < high`, without DC.
        - `class_id`, `class_name`: the class; -1 and "all" for all images together.
        - `images`: images whose gradient is not 0 everywhere but at DC.
        - `share`, `share_low`, `share_high`: the mean share of the gradient's power in it, and its
          95 % interval over images, as by `keras_freq.metrics.mean_interval`. NaN without images.
        - `flat`: the share of the frequencies in it: the share of a gradient of white noise.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, the model does not fit the images, or it has no
            gradient.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> model = keras.Sequential(layers)
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), np.arange(6) % 2
        >>> found = kf.gradient_spectrum(model, data, 2)
        >>> of_all = found[(found["class_id"] == -1) & (found["part"] != "ring")]
        >>> round(float(of_all["share"].sum()), 6)
        1.0

        Every second step of a training, by a callback of Keras:

        >>> frames = []
        >>> def look(step, logs):
        ...     if step % 2 == 0:
        ...         spectrum = kf.gradient_spectrum(model, data, 2, progress=False)
        ...         frames.append(spectrum.assign(step=step))
        >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> probe = keras.callbacks.LambdaCallback(on_train_batch_end=look)
        >>> _ = model.fit(*data, batch_size=2, callbacks=[probe], verbose=0)
        >>> pd.concat(frames)["step"].unique().tolist()
        [0, 2]

    See Also:
        `keras_freq.plots.gradient_spectrum`, which draws it; `fourier_heat_map`.

    Source:
        K. Krishnamachari et al., "Fourier sensitivity and regularization of computer vision
        models", TMLR 2023. They take the mean power over images first. Then images of a large loss
        count for most of it.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    seed = checks.integer("seed", seed, least=0)
    if batch_size is not None:
        batch_size = checks.integer("batch_size", batch_size)
    class_names = class_names_of(dataset, class_names, num_classes)
    dataset = repeated(dataset)
    images, labels = dataset.first_batch()
    logits = logits_of(model, images, num_classes, labels=labels, from_logits=from_logits)
    classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
    radii = radius_map(images.shape[1:3])
    if radii.size == 1:
        raise ValueError("`dataset` must hold images of more than one pixel. Received: one")
    parts = _parts(radii)
    shares, kept = [], []
    with progress_bar(task="gradient spectrum", shown=progress, unit="image") as bar:
        for images, labels in checked_batches(dataset, num_classes):
            for first in range(0, len(images), classifier.batch_size):
                batch = slice(first, first + classifier.batch_size)
                losses, gradients = classifier.losses_and_gradients(images[batch], labels[batch])
                check_finite(np.isfinite(losses))
                power = _power(gradients)
                known = power.sum(axis=1) > 0
                shares.append(_shares(power[known], radii, parts))
                kept.append(labels[batch][known])
                bar.update(len(power))
    shares, kept = np.concatenate(shares), np.concatenate(kept)
    flat = _shares(np.where(radii > 0, 1.0, 0.0).reshape(1, -1), radii, parts)[0]
    rows = []
    for class_id, name in [*enumerate(class_names), (-1, "all")]:
        own = shares if class_id == -1 else shares[kept == class_id]
        mean = own.mean(axis=0) if len(own) else np.full(len(parts), np.nan)
        low, high = mean_interval(own, seed=seed)
        rows += [
            (*part, class_id, name, len(own), *values)
            for part, values in zip(parts, zip(mean, low, high, flat, strict=True), strict=True)
        ]
    columns = ["part", "low", "high", "class_id", "class_name", "images"]
    return pd.DataFrame(rows, columns=[*columns, "share", "share_low", "share_high", "flat"])


def _parts(radii):
    """The parts of the spectrum: name and radii `low <= r < high`."""
    side = min(radii.shape)
    edges = [0.0, side / 6, side / 3, math.inf]
    parts = [(name, *ends) for name, ends in zip(PARTS, pairwise(edges), strict=True)]
    last = int(np.rint(radii.max()))
    return parts + [(RING, k - 0.5, k + 0.5) for k in range(1, last + 1)]


def _power(gradients):
    """Power of each image's gradient at each frequency but DC, `(N, H W)`, centred."""
    number, height, width, _ = gradients.shape
    planes = np.moveaxis(gradients, -1, 1).astype(np.float64)
    spectra = np.fft.fftshift(np.fft.fft2(planes, norm="ortho"), axes=(2, 3))
    power = (np.abs(spectra) ** 2).sum(axis=1)
    power[:, height // 2, width // 2] = 0
    return power.reshape(number, -1)


def _shares(power, radii, parts):
    """The share of the power `(N, H W)` in each part, `(N, parts)`."""
    # Sums up to each radius, since parts are rings of radii.
    order = np.argsort(radii, axis=None, kind="stable")
    ends = radii.reshape(-1)[order]
    below = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power[:, order], axis=1)], axis=1)
    low, high = (np.searchsorted(ends, [part[side] for part in parts]) for side in (1, 2))
    return np.maximum(below[:, high] - below[:, low], 0) / below[:, -1:]
