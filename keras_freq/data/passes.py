"""Passes over a data set: each of them is checked and ends, and several hold the same images."""

import functools
import itertools
import warnings

import numpy as np
import tensorflow as tf

from keras_freq import checks

# A data set of unknown length is taken to be endless after so many batches. All of ImageNet's
# training images are 40,036 batches of 32.
MOST_BATCHES = 50_000
_MANY_BATCHES = 10_000
# It is also taken to be endless if so many images are so often the same few.
_IMAGES_WATCHED = 10_000
_TIMES_SEEN = 10
_PIXELS = 256
# Sums over the same images in another order, or in other batches, differ by less.
_TOLERANCE = 1e-7
_BOUNDED = (
    "Bound it with `dataset.take(number_of_batches)`. If it does end, say where: "
    "`dataset.apply(tf.data.experimental.assert_cardinality(number_of_batches))`"
)


class RepeatedPasses:
    """A data set that an analysis reads several times, and that must be the same each time.

    `checked_batches` takes it in place of the data set. The order of the images may change from
    pass to pass. What they are may not: their number in each class, and sums over some of the
    pixels of every image, are compared with those of the first whole pass.

    Args:
        batches: A `tf.data.Dataset` of `(images, labels)` batches, as from `as_batches`.
        owner: What the user gave, which is warned of once.

    Attributes:
        batches: The `tf.data.Dataset`.
        class_names: Its names of the classes, or None.
        listed_files: Its `ListedFiles` (see `labelled_files`), or None.

    Example:
        >>> batches = tf.data.Dataset.from_tensors((np.ones((2, 4, 4, 1), "float32"), [0, 1]))
        >>> passes = RepeatedPasses(batches)
        >>> [len(passes.first_batch()[0]), sum(len(labels) for _, labels in passes.read())]
        [2, 2]
    """

    def __init__(self, batches, owner=None):
        self.class_names = getattr(batches, "class_names", None)
        self.listed_files = getattr(batches, "listed_files", None)
        self.batches = batches
        self._owner = batches if owner is None else owner
        self._opened = None
        self._first = None

    def first_batch(self):
        """Looks at the first batch of the next pass, without taking it away from that pass."""
        pairs, seen = self._open(), []
        watched = (seen.append(pair) or pair for pair in pairs)
        batch = next(check_each(watched, None, self.batches, self._owner))
        self._opened = itertools.chain(seen, pairs)
        return batch

    def read(self, num_classes=None):
        """Iterates over the data set once, as `checked_batches` does."""
        summary = _Summary()
        for images, labels in self._checked(num_classes):
            summary.add(images, labels)
            yield images, labels
        self._first = self._first or summary
        self._first.check_same(summary)

    def _checked(self, num_classes):
        """The checked batches of a pass. A later pass that is empty is one of other images."""
        pairs = self._open()
        if self._first is not None:
            head = next(pairs, None)
            if head is None:
                return
            pairs = itertools.chain([head], pairs)
        yield from check_each(pairs, num_classes, self.batches, self._owner)

    def _open(self):
        """An iterator over the pairs of arrays: the one that is open already, or a new one."""
        check_finite_length(self.batches)
        pairs, self._opened = self._opened, None
        return pairs or iter(self.batches.as_numpy_iterator())


def check_each(pairs, num_classes, batches, owner):
    """Yields the checked batches of one pass; a generator, so that data is never held whole.

    Args:
        pairs: Iterator over the arrays of `batches`.
        num_classes: Int >= 1, or None if labels need only be >= 0.
        batches: The `tf.data.Dataset`, which may know its length.
        owner: What the user gave. It is warned of once, if its values go far beyond [0, 1]. None:
            never.

    Yields:
        Float32 images `(N, H, W, C)` and int64 labels `(N,)`.

    Raises:
        ValueError: At the first batch that is wrong, or if there is none, or no end.
    """
    shape, ranges = None, checks.OneRange("dataset")
    watch = _Watch(has_known_length(batches))
    for index, (images, labels) in enumerate(pairs):
        where = f"batch {index} of `dataset`"
        checks.images(f"The images of {where}", images)
        labels = checks.integer_labels(f"The labels of {where}", labels, num_classes)
        if len(labels) != len(images):
            raise ValueError(
                f"{where} must hold as many labels as images. "
                f"Received: {len(images)} images, {len(labels)} labels"
            )
        if shape is None:
            shape = images.shape[1:]
        elif images.shape[1:] != shape:
            raise ValueError(
                "All images of `dataset` must have one size: resize them first. "
                f"Received: {shape} in batch 0 and {images.shape[1:]} in batch {index}"
            )
        ranges.add(index, images)
        checks.warn_of_other_ranges("dataset", images, owner)
        images = np.asarray(images, np.float32)
        watch.check(index, images)
        if len(images):
            yield images, labels
    if shape is None:
        raise ValueError(
            "`dataset` is empty: there must be at least one batch of images. A generator that has "
            "come to its end gives none: make the data set of a function that starts a new one"
        )
    ranges.check()


def has_known_length(batches):
    """Whether a `tf.data.Dataset` says how many batches it has."""
    return int(batches.cardinality()) != tf.data.UNKNOWN_CARDINALITY


def check_finite_length(batches):
    """Raises if a `tf.data.Dataset` says that it never ends."""
    if int(batches.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise ValueError(
            "`dataset` must end, and this one repeats for ever. Remove `.repeat()`, or bound it "
            "with `.take(number_of_batches)`"
        )


class _Watch:
    """Notices that a data set of unknown length has no end.

    Args:
        known: Whether the length is known. Nothing is watched then.
    """

    def __init__(self, known):
        self._known = known
        self._images, self._kinds = 0, set()

    def check(self, index, images):
        """Raises if the pass has come too far with this batch; warns of one that is long."""
        if self._known:
            return
        if index == _MANY_BATCHES:
            warnings.warn(
                f"`dataset` has given {index:,} batches, and does not say how many there are. A "
                f"pass stops with an error after {MOST_BATCHES:,}. {_BOUNDED}",
                stacklevel=4,
            )
        if index == MOST_BATCHES:
            raise ValueError(
                "`dataset` must end. Received: one of unknown length that has given more than "
                f"{MOST_BATCHES:,} batches. {_BOUNDED}"
            )
        if self._images < _IMAGES_WATCHED and len(images):
            self._images += len(images)
            self._kinds.update(_marks(images)[0].astype(np.float32).tolist())
            if _IMAGES_WATCHED <= self._images >= _TIMES_SEEN * len(self._kinds):
                raise ValueError(
                    "`dataset` must end. Received: one of unknown length that has given "
                    f"{self._images:,} images, of which only {len(self._kinds):,} are different: "
                    f"it seems to repeat them for ever. {_BOUNDED}"
                )


class _Summary:
    """What a pass held: the images of each class, and sums that do not depend on their order."""

    def __init__(self):
        self._counts = np.zeros(0, np.int64)
        self._sums = np.zeros(3)

    def add(self, images, labels):
        """Adds a batch, which is not empty."""
        length = max(len(self._counts), int(labels.max()) + 1)
        self._counts = np.pad(self._counts, (0, length - len(self._counts)))
        self._counts += np.bincount(labels, minlength=length)
        marks, sizes = _marks(images)
        # Every label has a weight of its own, so that an image must keep its label too.
        weights = np.modf(0.618 * (labels + 1))[0]
        self._sums += [marks.sum(), marks @ weights, sizes.sum()]

    def check_same(self, other):
        """Raises unless another pass held the same images."""
        apart = np.abs(self._sums - other._sums) > _TOLERANCE * max(self._sums[2], other._sums[2])
        checks.same_images(self._counts, other._counts, same_pixels=not apart.any())


def _marks(images):
    """A number for each image, which tells it from others, and the sum of its pixels' sizes."""
    pixels = images.reshape(len(images), -1)
    places, weights = _places(pixels.shape[1])
    pixels = pixels[:, places].astype(np.float64)
    return pixels @ weights, np.abs(pixels).sum(axis=1)


@functools.lru_cache
def _places(size):
    """Some of the values of an image, and a weight for each."""
    rng = np.random.default_rng(0)
    places = rng.choice(size, min(_PIXELS, size), replace=False)
    return places, rng.standard_normal(len(places))
