"""The images of a search in memory: in 8 bits where they came from 8-bit files."""

import numpy as np

from keras_freq.data.batches import check_size, checked_batches
from keras_freq.interventions import fingerprint_of


class HeldImages:
    """Images in memory, which come out as they went in: float32.

    Images from 8-bit files have 256 values, one near each `n / 255`. As long as all have, each
    value is held as its `n`, in a quarter of the memory. Other images are held in float32.
    """

    def __init__(self):
        self.nbytes = 0  # of memory that the images take
        self._images = []  # one array an image, uint8 or float32
        self._values = np.full(256, np.nan, np.float32)  # the value of each n; None for float32

    def __len__(self):
        return len(self._images)

    @property
    def shape(self):
        """`(N, H, W, C)`."""
        return (len(self), *self._images[0].shape)

    def __getitem__(self, which):
        """Gives the images of a slice or of an array of indices: `(N, H, W, C)` float32."""
        which = np.arange(len(self))[which]
        images = np.empty((len(which), *self._images[0].shape), np.float32)
        for image, index in zip(images, which, strict=True):
            held = self._images[index]
            image[:] = held if self._values is None else self._values[held]
        return images

    def add(self, images):
        """Adds images `(N, H, W, C)` float32."""
        codes = None if self._values is None else self._codes(images)
        if codes is None and self._values is not None:
            self._images = [self._values[image] for image in self._images]
            self._values, self.nbytes = None, 4 * self.nbytes
        added = images if codes is None else codes
        self._images.extend(added)
        self.nbytes += added.nbytes

    def marks(self):
        """Gives a hash of each image: `(N, 32)` uint8."""
        return np.array(
            [np.frombuffer(fingerprint_of(self[i : i + 1]), np.uint8) for i in range(len(self))]
        )

    def _codes(self, images):
        """Gives the n of every value, uint8, and learns new values; None if there is no such n."""
        if images.min() < 0 or images.max() > 1 or np.signbit(images).any():
            return None
        codes = np.rint(255 * images).astype(np.uint8)
        found = np.full(256, np.nan, np.float32)
        found[codes] = images
        values = np.where(np.isnan(self._values), found, self._values)
        if not np.array_equal(values[codes], images):
            return None
        self._values = values
        return codes


def hold_images(dataset, num_classes, classes=None):
    """Reads a data set once, and holds the images of some classes in memory.

    Args:
        dataset: As in `keras_freq.data.checked_batches`.
        num_classes: The number of classes K.
        classes: The classes whose images are held, ints. Defaults to None: all.

    Returns:
        `HeldImages`, their labels `(N,)`, and the mean of each channel `(C,)` over the images of
        all classes, float64.

    Raises:
        TypeError, ValueError: As in `checked_batches`, or if no image is of these classes.

    Example:
        >>> images, labels, means = hold_images((np.ones((3, 4, 4, 1)), [0, 1, 1]), 2, classes=[1])
        >>> images.shape, labels.tolist(), means.tolist(), images.nbytes
        ((2, 4, 4, 1), [1, 1], [1.0], 32)
    """
    held, kept, total, pixels = HeldImages(), [], 0.0, 0
    for images, labels in checked_batches(dataset, num_classes):
        values = images.reshape(-1, images.shape[-1]).astype(np.float64)
        pixels += len(values)
        # One value after the other, so that the size of batches does not change the last digits.
        values[0] += total
        total = values.sum(axis=0)
        own = np.full(len(labels), True) if classes is None else np.isin(labels, classes)
        if own.any():
            held.add(images[own])
            kept.append(labels[own])
            check_size(dataset, held.nbytes)
    if not kept:
        raise ValueError(
            "`classes` must name at least one class that has images in `dataset`. "
            f"Received: classes={classes!r}"
        )
    return held, np.concatenate(kept), total / pixels
