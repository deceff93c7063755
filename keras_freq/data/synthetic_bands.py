"""Synthetic bands B1 to B4: four classes whose frequencies are known by construction.

The paper's data set is published, but its recipe is not. This recipe is ours. It gives what the
paper describes. In band `b`:

- C3 is the simplest class: all its energy lies in band `b`.
- C0 has energy in all four bands, and a *planted cue*: 12 conjugate pairs of frequencies outside
  band `b` that are strong in every image. Their phases belong together: they make one faint, grey
  pattern, which is moved to a random place in each image.
- C1 and C2 differ by no single frequency and by no single band. The energies of two bands other
  than `b` vary together in C1, oppositely in C2, and independently in C0.

Every image is Gaussian noise, independent for each channel, shaped in the Fourier domain around a
mean of exactly 0.5 (DC carries no noise). The energy of a band is *set* for each image: the number
of its frequencies (white noise on average) times a log-normal factor. C3 has the sum of the
energies of four bands in one.

The cue alone tells C0 from C1 and C2. The energy of the planted pairs comes out of that of their
bands. In every image of C1 and C2 as many other pairs of the same rings are as strong: *decoys*,
drawn anew for each image, with phases by chance. Where C0 has its cue C1 and C2 have nothing, and
where decoys could be, C0 has nothing at as many pairs. So a band or a ring has the same energies
in C0, C1 and C2, and among all patterns the cue is one whose pixels have a usual histogram.

Source:
    Wang et al., "What do neural networks learn in image classification? A frequency shortcut
    perspective", ICCV 2023, for the roles of the four classes.
"""

import functools

import numpy as np

from keras_freq import checks
from keras_freq.data.planted_cues import CUES, cells_of, make_cues
from keras_freq.data.shaped_noise import CHANNELS, draw_images

CLASS_NAMES = ("C0", "C1", "C2", "C3")
PER_CLASS = {"train": 1000, "validation": 100, "test": 100}
SMALLEST_SIZE = 16  # below, band 1 is hardly more than DC

# What distinguishes the random streams: [seed, band, stream, label, index, attempt].
_STREAMS = {"cues": 0, "train": 1, "test": 2, "validation": 3}
_CHUNK = 256  # images shaped at once


def frequency_bands(band, *, split="train", per_class=None, size=32, seed=0, cues="planted"):
    """Draws the synthetic set of one band as arrays.

    The classes alternate: the labels are 0, 1, 2, 3, 0, 1, ... So a smaller `per_class` gives the
    first images of a larger one. Each image is drawn from a random stream of its own. The splits
    share the cues of C0 and nothing else.

    Args:
        band: Int, 1 (lowest) to 4 (highest): the band b that is C3's own, one of the four standard
            bands of `keras_freq.band_edges(size)`.
        split: "train", "validation" or "test". Choose epochs and rates by validation images, so
            that test images tell how well a network does. Defaults to "train".
        per_class: Int >= 1, images of each class. Defaults to 1000 for "train", 100 for the others.
        size: Int >= 16, the side of the images in pixels: each band has frequencies. Defaults to
            32.
        seed: Int >= 0, of the cues and the images. The same seed gives the same bits. Defaults to
            0.
        cues: What tells C0 from C1 and C2. Defaults to "planted".

            - "planted": one planted cue, 12 pairs of frequencies.
            - "none": no cue, a control. C0 has decoys as C1 and C2 have. The images of C1, C2 and
              C3 are the same bits as with "planted".
            - "two": two planted cues, each moved for itself. Either suffices. The first is that of
              "planted".
            - "honest": a pattern of all frequencies of which none is strong, a cue that no few
              frequencies carry. C1 and C2 have such patterns, too, another in each image.
            - "planted_and_honest": both.

    Returns:
        `(images, labels)`: float32 `(4 * per_class, size, size, 3)` in [0, 1], neither clipped nor
        quantised, and int64 `(4 * per_class,)`. The class names are C0, C1, C2, C3.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_freq as kf
        >>> images, labels = kf.data.frequency_bands(1, per_class=2)
        >>> images.shape, images.dtype, labels
        ((8, 32, 32, 3), dtype('float32'), array([0, 1, 2, 3, 0, 1, 2, 3]))
        >>> control, _ = kf.data.frequency_bands(1, per_class=2, cues="none")
        >>> (control == images).all(axis=(1, 2, 3))
        array([False,  True,  True,  True, False,  True,  True,  True])

    See Also:
        `planted_masks`: the frequencies of the planted cues.

    Source:
        Wang et al. (2023) describe the classes; their recipe is not public, and this one is ours.
    """
    band, size, seed = _checked(band, size, seed, cues)
    checks.choice("split", split, tuple(PER_CLASS))
    per_class = PER_CLASS[split] if per_class is None else checks.integer("per_class", per_class)
    own = _cues(band, size, seed, cues)
    images = np.empty((per_class, len(CLASS_NAMES), size, size, CHANNELS), np.float32)
    for label in range(len(CLASS_NAMES)):
        for start in range(0, per_class, _CHUNK):
            stop = min(start + _CHUNK, per_class)
            keys = [[seed, band, _STREAMS[split], label, i] for i in range(start, stop)]
            images[start:stop, label] = draw_images(keys, band, label, own)
    labels = np.tile(np.arange(len(CLASS_NAMES)), per_class)
    return images.reshape(-1, size, size, CHANNELS), labels


def planted_masks(band, *, size=32, seed=0, cues="planted"):
    """Gives the frequencies planted in each class: the ground truth of the synthetic sets.

    The 12 pairs of a planted cue are drawn once for each seed and band, from the pairs outside band
    `b` without the self-conjugate frequencies. All channels and splits share them. In C0 their
    amplitude is 8 times that of the other frequencies of the same band (root mean square over the
    image). In C1, C2 and C3 it is zero.

    Args:
        band: Int, 1 to 4, as in `frequency_bands`.
        size: Int >= 16, the side of the images in pixels. Defaults to 32.
        seed: Int >= 0. Defaults to 0.
        cues: As in `frequency_bands`. With "none" and "honest" nothing is planted. With "two" the
            mask holds both planted cues, of which the first is that of "planted". Defaults to
            "planted".

    Returns:
        Bool `(4, size, size)`, centred and symmetric; only C0's map has any cells.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_freq as kf
        >>> first = kf.data.planted_masks(1)
        >>> first.sum(axis=(1, 2))
        array([24,  0,  0,  0])
        >>> second = kf.data.planted_masks(1, cues="two") & ~first
        >>> second.sum(axis=(1, 2))
        array([24,  0,  0,  0])
    """
    band, size, seed = _checked(band, size, seed, cues)
    masks = np.zeros((len(CLASS_NAMES), size, size), bool)
    own = _cues(band, size, seed, cues)
    masks[0] = cells_of(own, own.planted).reshape(size, size)
    return masks


def _checked(band, size, seed, cues):
    """Checks the arguments that both public functions share, and reads the first three as ints."""
    band = checks.choice("band", checks.integer("band", band), (1, 2, 3, 4))
    size = checks.integer("size", size, least=SMALLEST_SIZE)
    seed = checks.integer("seed", seed, least=0)
    checks.choice("cues", cues, tuple(CUES))
    return band, size, seed


@functools.lru_cache(maxsize=16)
def _cues(band, size, seed, cues):
    """Draws the cues of a set, once: those of all its splits. Nobody changes them."""
    rng = np.random.default_rng([seed, band, _STREAMS["cues"], 0, 0, 0])
    return make_cues(band, cues, size, rng)
