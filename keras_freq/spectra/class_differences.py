"""Class-mean amplitude spectra, and how the classes differ in them (ADCS)."""

import numpy as np

from keras_freq import checks
from keras_freq.data.batches import checked_batches, class_names_of
from keras_freq.fourier.grid import half_to_centred
from keras_freq.progress import progress_bar

# ITU-R BT.601 luma, the weights of the published ADCS code.
_CHANNEL_WEIGHTS = {"mean": None, "luma": (0.2989, 0.5870, 0.1140)}
_TIE = 1e-6


def class_spectra(dataset, num_classes, *, class_names=None, progress=True):
    """Mean amplitude spectrum of each class.

    `E_k(u, v) = mean over the images x of class k of |FFT(x)(u, v)|`, for each channel by itself.
    Everything is float64. Batches are added up as they come, so that memory does not grow with the
    data.

    Args:
        dataset: `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays: images
            `(N, H, W, C)` in [0, 1], labels `(N,)`.
        num_classes: Number of classes K. Each of them needs at least one image.
        class_names: K names, for messages. Defaults to the data set's own.
        progress: Whether to show a progress bar when it takes longer than 5 s. Defaults to True.

    Returns:
        `(K, H, W, C)` float64: centred (DC at `[H // 2, W // 2]`), in the units of the unnormalised
        FFT (DC is the sum of the pixels).

    Raises:
        ValueError: If a class has no image, or the data is not valid.

    Example:
        >>> import numpy as np
        >>> dark, bright = np.full((2, 4, 4, 1), 0.25), np.full((2, 4, 4, 1), 0.75)
        >>> images = np.concatenate([dark, bright]).astype("float32")
        >>> spectra = class_spectra((images, np.array([0, 0, 1, 1])), num_classes=2)
        >>> spectra[:, 2, 2, 0].tolist()
        [4.0, 12.0]

    See Also:
        `adcs`, which compares the classes.

    Source:
        `E_c` of Wang et al., "What do neural networks learn in image classification? A frequency
        shortcut perspective", ICCV 2023. The code published with it differs in two ways. It adds
        spectra up without dividing by the number of images, so that a larger class has more
        "energy". And it takes images after normalisation, which weighs each channel by one over
        its deviation.
    """
    num_classes = checks.num_classes(num_classes)
    batches = checked_batches(dataset, num_classes)
    names = class_names_of(dataset, class_names, num_classes)
    counts = np.zeros(num_classes, np.int64)
    sums = {}  # by class: K may be far more than the data have
    for images, labels in progress_bar(batches, task="class spectra", unit="batch", shown=progress):
        # A real image's spectrum is symmetric: half of it says everything.
        amplitudes = np.abs(np.fft.rfft2(np.moveaxis(images, -1, 1).astype(np.float64)))
        for class_id in np.unique(labels):
            members = labels == class_id
            sums[class_id] = sums.get(class_id, 0.0) + amplitudes[members].sum(axis=0)
            counts[class_id] += members.sum()
    empty = [names[k] for k in np.flatnonzero(counts == 0)]
    if empty:
        raise ValueError(
            f"`dataset` must hold at least one image of each of the {num_classes} classes. "
            f"Classes without images: {', '.join(map(repr, empty[:10]))}"
            f"{f' and {len(empty) - 10} more' if len(empty) > 10 else ''}. "
            "Pass the `num_classes` that the labels really have, or data with every class."
        )
    means = np.stack([sums[class_id] / counts[class_id] for class_id in range(num_classes)])
    means = half_to_centred(means, images.shape[2])
    return np.ascontiguousarray(np.moveaxis(means, 1, -1))


def adcs(spectra, *, channels="mean"):
    """Accumulative Difference of Class-wise average Spectrum.

    `ADCS_i(u, v) = sum over the other classes j of sign(E_i(u, v) - E_j(u, v))`: how many classes
    class i exceeds at this frequency, minus how many exceed it. The channels of the difference are
    joined first, and then the sign is taken. The maps of all classes add up to 0.

    A difference counts as a tie (0) up to 1e-6 of the larger of the two means, or of the larger
    root-mean-square amplitude of the two maps. The reason: frequencies that a filter or a recipe
    has emptied still carry float32 rounding, whose size follows the energy of the whole image.

    Args:
        spectra: `(K, H, W, C)` mean amplitudes, as from `class_spectra`.
        channels: How channels are joined: `"mean"`, or `"luma"` (0.2989 R + 0.5870 G + 0.1140 B,
            three channels only). Defaults to `"mean"`.

    Returns:
        `(K, H, W)` int64, centred as `spectra`, in [1 - K, K - 1].

    Raises:
        ValueError: If `spectra` is no stack of amplitude maps, or `channels` is not one of the two
            names.

    Example:
        >>> import numpy as np
        >>> spectra = np.ones((3, 4, 4, 1))
        >>> spectra[0, 2, 3] = 5.0                  # one frequency of class 0 stands out
        >>> adcs(spectra)[:, 2, 3].tolist()
        [2, -1, -1]
        >>> int(abs(adcs(spectra)).sum())           # everywhere else the classes tie
        4

    Source:
        Wang et al., ICCV 2023, equation for ADCS. The code published with it differs from its text
        and from this function. It compares sums of spectra, not class means, so that unequal
        classes bias it. It compares a class with itself and calls every tie -1, so that its maps
        lie one lower (-K to K - 2). It always joins channels by luma. The replication in
        ReScience C describes a difference per channel, averaged into one channel: this is
        `channels="mean"`, with the sign taken after the average. Signs taken per channel and then
        averaged would give fractions, and a channel with hardly any energy could outvote the
        others.
    """
    spectra = checks.real_array("spectra", spectra, "(K, H, W, C)", ndim=4).astype(np.float64)
    if not np.isfinite(spectra).all() or (spectra < 0).any():
        raise ValueError("`spectra` must be finite amplitudes >= 0. Received NaN, inf or < 0.")
    weights = _CHANNEL_WEIGHTS[checks.choice("channels", channels, tuple(_CHANNEL_WEIGHTS))]
    if weights is not None and spectra.shape[-1] != len(weights):
        raise ValueError(
            '`channels="luma"` needs spectra of 3 channels (RGB). Received: shape '
            f'{spectra.shape}. Use channels="mean".'
        )
    # The joining is linear: the difference of joined maps is the joined difference.
    maps = np.average(spectra, axis=-1, weights=weights)
    floors = np.sqrt(np.mean(maps**2, axis=(1, 2)))
    result = np.zeros(maps.shape, np.int64)
    for i in range(len(maps)):
        for j in range(i):
            scale = np.maximum(np.maximum(maps[i], maps[j]), max(floors[i], floors[j]))
            difference = maps[i] - maps[j]
            sign = np.sign(difference) * (np.abs(difference) > _TIE * scale)
            result[i] += sign.astype(np.int64)
            result[j] -= sign.astype(np.int64)
    return result
