"""What a map has beside the frequencies in which images of other classes are strong."""

import numpy as np

from keras_freq.data.batches import checked_batches
from keras_freq.fourier import check_maps, conjugate
from keras_freq.fourier.grid import half_to_centred
from keras_freq.fourier.masks import check_size

# The strongest frequencies of other images, so many times as many as a map has, are no fine part.
_STRONGEST = 2
# A power below this share of the largest is rounding.
_NO_POWER = 1e-12


def fine_parts(maps, dataset):
    """Takes from each map the frequencies in which images of other classes are strong.

    What a class looks like lies mostly in few frequencies, in which images of all classes are
    strong: the low ones, of photographs and of digits. If other images become a class with the
    frequencies of its map, this may be its look, and no shortcut. The fine part of the map tells:
    from each map those frequencies are taken that are among the strongest of the other classes,
    twice as many as the map has, and DC. If the fine part alone makes others the class, that is not
    just what the class looks like. A shortcut among the strong frequencies themselves is not seen
    so.

    Args:
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once. Take other images than those that are scored, such as those that the maps were
            searched on.

    Returns:
        `(K, H, W)` bool, symmetric: the fine part of each map, which may be empty. How strong a
        frequency is in the other classes is its squared amplitude, added up over their images and
        averaged over channels.

    Raises:
        TypeError: If `maps` is an importance, or `dataset` holds no images and labels.
        ValueError: If maps are not `(K, H, W)`, boolean and symmetric, if they do not fit the
            images, or if all images are of one class.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> x = np.arange(16) / 16
        >>> wave = np.broadcast_to(np.cos(2 * np.pi * 2 * x), (16, 16))  # both classes have it
        >>> mark = np.broadcast_to(np.cos(2 * np.pi * 6 * x), (16, 16))  # class 0 alone
        >>> images = 0.5 + 0.3 * np.stack([wave + mark, wave])[..., None]
        >>> maps = np.zeros((2, 16, 16), bool)
        >>> maps[0, 8, [2, 6, 10, 14]] = True
        >>> np.argwhere(kf.fine_parts(maps, (images, [0, 1]))[0]).tolist()
        [[8, 2], [8, 14]]

    See Also:
        `transplant_rates`, which exchanges them; `shortcut_table`, which takes its table as `fine`.

    Source:
        Ours.
    """
    maps = check_maps(maps)
    own = np.zeros((*maps.shape[:2], maps.shape[2] // 2 + 1))
    counts = np.zeros(len(maps), int)
    for images, labels in checked_batches(dataset):
        check_size(maps, images.shape[1:3], "maps")
        if labels.max() >= len(maps):
            raise ValueError(
                "`maps` must hold one map for each class of `dataset`. "
                f"Received: {len(maps)} maps, and the label {labels.max()}"
            )
        spectra = np.fft.rfft2(np.moveaxis(images, -1, 1).astype(np.float64))
        np.add.at(own, labels, (np.abs(spectra) ** 2).mean(axis=1))
        counts += np.bincount(labels, minlength=len(maps))
    if (counts > 0).sum() < 2:
        raise ValueError(
            "`dataset` must have images of at least two classes: the fine part of a map is what "
            "it has beside the strongest frequencies of the others. Received: "
            f"{counts.sum()} images, all of class {counts.argmax()}"
        )
    own[:, 0, 0] = 0
    fine = maps.copy()
    for k in range(len(maps)):
        # Added up and not taken from the whole, where rounding would hide what others lack.
        others = own[:k].sum(axis=0) + own[k + 1 :].sum(axis=0)
        fine[k] &= ~_strongest(others, _STRONGEST * maps[k].sum(), maps.shape[2])
    fine[:, maps.shape[1] // 2, maps.shape[2] // 2] = False
    return fine


def _strongest(half_power, number, width):
    """Marks so many cells, or one more, `(H, W)` bool, symmetric; none of no power."""
    power = half_to_centred(half_power, width)
    ordered = np.argsort(-power, axis=None, kind="stable")[:number]
    strong = np.zeros(power.size, bool)
    strong[ordered] = power.reshape(-1)[ordered] > _NO_POWER * power.max()
    strong = strong.reshape(power.shape)
    return strong | conjugate(strong)
