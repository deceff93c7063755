"""Real pictures that need no download: handwritten digits, as a scanner would see them."""

import numpy as np

from keras_freq import checks

DIGITS = tuple("0123456789")
INK, PAPER = 0.15, 0.85
GRAIN = 0.03


def handwritten_digits(split="train", *, size=32):
    """Reads the handwritten digits that come with scikit-learn, as dark ink on light paper.

    The 1,797 scans of 8 x 8 pixels are enlarged by cubic interpolation. Ink is 0.15 and paper 0.85,
    so that a mark can be added. A little noise, the grain of the paper, is added to
    all: enlarged pictures have no fine detail of their own, and no scan is without.

    Args:
        split: "train", the first 898 scans, or "test", the other 899. People wrote one after the
            other: most of the second half was written by others than the first.
        size: Int >= 8, the side of the images in pixels. Defaults to 32.

    Returns:
        `(images, labels)`: float32 `(N, size, size, 3)` in [0, 1], the same in all channels, and
        int64 `(N,)`, the digits. Each time the same bits.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_freq as kf
        >>> images, labels = kf.data.handwritten_digits("test")
        >>> images.shape, labels[:4]
        ((899, 32, 32, 3), array([...]))

    Source:
        E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
        Repository (1998), CC BY 4.0; `sklearn.datasets.load_digits` has its test part.
    """
    import tensorflow as tf
    from sklearn.datasets import load_digits

    checks.choice("split", split, ("train", "test"))
    size = checks.integer("size", size, least=8)
    digits = load_digits()
    half = len(digits.target) // 2
    part = slice(None, half) if split == "train" else slice(half, None)
    scans = digits.images[part, ..., None].astype("float32") / 16
    ink = np.clip(tf.image.resize(scans, (size, size), "bicubic"), 0, 1)
    grain = np.random.default_rng([size, split == "test"]).normal(0, GRAIN, ink.shape)
    images = (PAPER + (INK - PAPER) * ink + grain).clip(0, 1).astype(np.float32)
    return np.repeat(images, 3, axis=3), digits.target[part].astype(np.int64)
