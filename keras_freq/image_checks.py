"""The checks of images. Call them as those of `checks`, which has them all."""

import contextlib
import warnings
import weakref

import numpy as np

# Images in [-1, 1] and standardised ones have values below. High-passed photographs around 0 reach
# -0.75.
LEAST_VALUE = -0.9
# Filtered images may leave [0, 1], but stay far below. Images from 0.0 to 255.0 are rarely so dark.
MOST_VALUE = 16
# Among images up to 255, so many are rarely so dark that they have fractions up to 1 and no more.
MIXED = 0.05
# So many images tell it; of fewer, all are looked at first.
_TO_TELL = 1000
# What the user was warned of, by its id. An entry goes with the thing.
_WARNED_OF = weakref.WeakValueDictionary()


def channels_last(what, shape):
    """Raises if images of a shape (N, H, W, C) or (H, W, C) seem to have their channels first.

    They do if the place of the height is a number of channels (1, 3 or 4), and the place of the
    channels holds more than 4 and is not far smaller than the place of the width. So a signal of 12
    channels, in images of 1 row and 128 columns, passes. So do images of at most 4 columns.

    Example:
        >>> channels_last("`images`", (8, 3, 32, 32))
        Traceback (most recent call last):
        ...
        ValueError: `images` must have the channels last, (N, H, W, C). Received: shape \
        (8, 3, 32, 32). Move them: np.moveaxis(images, 1, -1)
    """
    height, width, channels = shape[-3:]
    if None in (height, channels) or height not in (1, 3, 4) or channels <= 4:
        return
    if width is None or 4 < width <= 8 * channels:
        form, axis = ("(H, W, C)", 0) if len(shape) == 3 else ("(N, H, W, C)", 1)
        raise ValueError(
            f"{what} must have the channels last, {form}. Received: shape {tuple(shape)}. "
            f"Move them: np.moveaxis(images, {axis}, -1)"
        )


def images(what, images):
    """Raises unless images are finite, (N, H, W, C), and in [0, 1] if they are integers.

    Here and in the checks of labels, `what` is the subject of the message: "The images of batch 2".
    """
    if images.ndim != 4:
        raise ValueError(f"{what} must have rank 4, (N, H, W, C). Received: shape {images.shape}")
    channels_last(what, images.shape)
    if images.size == 0:
        return
    if images.dtype.kind in "iu":
        # Scaled images are fractions: integers above 1 are pixels that nobody divided by 255.
        if images.min() < 0 or images.max() > 1:
            raise ValueError(
                f"{what} must be floats in [0, 1]: divide them by 255, and if the model "
                "takes 0 to 255, make one that takes [0, 1] of it: "
                "`keras_freq.adapt(model, inputs='0..255')`. "
                f"Received: {images.dtype} values from {images.min()} to {images.max()}"
            )
    elif kind_of(images) not in "fb":
        raise ValueError(f"{what} must be floats in [0, 1]. Received: {images.dtype}")
    elif not np.isfinite(images).all():
        bad = np.flatnonzero(~np.isfinite(images).all(axis=(1, 2, 3)))
        raise ValueError(
            f"{what} must be finite. "
            f"Received: NaN or infinity in {len(bad)} of {len(images)}, first in image {bad[0]}"
        )


def warn_of_other_ranges(name, images, owner):
    """Warns of floats from 0.0 to 255.0, or around 0, once for an owner.

    Keras' own loaders give the former, and preprocessing the latter: in [-1, 1], or standardised.

    Args:
        name: The argument's name.
        images: Some of the images, an array.
        owner: The thing of the user's that holds them.
    """
    if not images.size or _WARNED_OF.get(id(owner)) is owner:
        return
    if images.min() < LEAST_VALUE:
        end = f"down to {float(images.min()):.4g}"
        cure = (
            "Leave out what prepares them, and tell keras_freq.adapt(model, inputs=...) what "
            "prepares images in [0, 1] for the model; keras_freq.check_inputs finds out. If they "
            "are filtered, keep their mean (`neutral`)"
        )
    elif images.max() > MOST_VALUE:
        end = f"up to {float(images.max()):.4g}"
        cure = "Divide them by 255, unless the model was trained on such values"
    else:
        return
    with contextlib.suppress(TypeError):  # lists have no weak references
        _WARNED_OF[id(owner)] = owner
    warnings.warn(
        f"`{name}` has values {end}, where images are in [0, 1]. {cure}",
        stacklevel=5,
    )


def has_fractions(images):
    """Tells which images `(N, H, W, C)` have fractions up to 1 and no value above it: `(N,)` bool.

    Of whole numbers nobody knows: they are black and white in [0, 1], or nearly black up to 255.

    Example:
        >>> has_fractions(np.array([0.5, 0.0, 1.0, 7.5]).reshape(4, 1, 1, 1)).tolist()
        [True, False, False, False]
    """
    pixels = images.reshape(len(images), -1)
    found = pixels.max(axis=1) <= 1
    candidates = pixels[found]
    found[found] = (candidates != np.rint(candidates)).any(axis=1)
    return found


class OneRange:
    """Notices that some images of a pass are in [0, 1], and others go up to 255.

    Among images up to 255, a few may be nearly black and look as if they were in [0, 1]. So images
    of two ranges are refused where `MIXED` of them or more have fractions up to 1.

    Args:
        name: The argument's name.

    Example:
        >>> ranges = OneRange("dataset")
        >>> ranges.add(0, np.full((2, 4, 4, 1), 0.5))
        >>> ranges.add(1, np.full((2, 4, 4, 1), 127.5))
        >>> ranges.check()
        Traceback (most recent call last):
        ...
        ValueError: `dataset` must hold images of one range. Received: 2 of 4 images with \
        fractions up to 1, first image 0 of batch 0, and 2 with values up to 127.5, first image 0 \
        of batch 1. Divide these by 255
    """

    def __init__(self, name):
        self._name, self._seen, self._high = name, 0, 0.0
        self._numbers, self._firsts = [0, 0], ["", ""]

    def add(self, index, images):
        """Takes a batch; raises as soon as enough images are known."""
        if not images.size:
            return
        highest = images.max(axis=(1, 2, 3))
        for kind, found in enumerate((has_fractions(images), highest > MOST_VALUE)):
            if found.any():
                self._firsts[kind] = (
                    self._firsts[kind] or f"image {found.argmax()} of batch {index}"
                )
                self._numbers[kind] += int(found.sum())
        self._seen += len(images)
        self._high = max(self._high, float(highest.max()))
        if self._seen >= _TO_TELL:
            self.check()

    def check(self):
        """Raises if the images so far are of two ranges."""
        scaled, bright = self._numbers
        if bright and scaled >= MIXED * self._seen:
            raise ValueError(
                f"`{self._name}` must hold images of one range. Received: {scaled} of {self._seen} "
                f"images with fractions up to 1, first {self._firsts[0]}, and {bright} with values "
                f"up to {self._high:.4g}, first {self._firsts[1]}. Divide these by 255"
            )


def kind_of(array):
    """The kind of an array's numbers. NumPy does not know that bfloat16 and the like are floats.

    Example:
        >>> kind_of(np.zeros(2, np.float16)), kind_of(np.array(["a"]))
        ('f', 'U')
    """
    return "f" if array.dtype.name.startswith(("bfloat16", "float")) else array.dtype.kind
