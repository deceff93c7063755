"""Some images of a data set, as many of each class as possible, in one pass."""

import collections

import numpy as np

from keras_freq import checks
from keras_freq.data.batches import checked_batches, collected


def even_sample(dataset, most, num_classes=None, *, seed=0):
    """Draws images of a data set evenly over its classes, whatever the order of the images.

    The classes take turns, in a random order, until there are enough images: each has as many as
    the others, or one less, or all that it has. Of each class the images are drawn at random. The
    data set is read once, and about two times `most` images are held. Of image files in their
    order, only those that are drawn are decoded.

    Args:
        dataset: As in `checked_batches`.
        most: Int >= 1, images in all.
        num_classes: As in `checked_batches`.
        seed: Int >= 0, decides which images.

    Returns:
        `(images, labels)`: float32 `(N, H, W, C)` and int64 `(N,)`, in the order of the data set.

    Raises:
        TypeError, ValueError: As in `checked_batches`.

    Example:
        >>> images = np.zeros((100, 4, 4, 1), "float32")
        >>> _, labels = even_sample((images, np.repeat([0, 1, 2], [80, 18, 2])), 10)
        >>> np.bincount(labels).tolist()
        [4, 4, 2]
    """
    most = checks.integer("most", most)
    seed = checks.integer("seed", seed, least=0)
    draw, held = np.random.default_rng(seed), []
    files = getattr(dataset, "listed_files", None)
    if files is not None:
        drawn = _first_turns(draw.random(len(files.labels)), files.labels, most, seed)
        return collected(files.read(drawn), num_classes)
    for images, labels in checked_batches(dataset, num_classes):
        held += zip(draw.random(len(labels)), images, labels, strict=True)
        if len(held) >= 2 * most:
            held = _drawn(held, most, seed)
    _, images, labels = zip(*_drawn(held, most, seed), strict=True)
    return np.stack(images), np.array(labels)


def _drawn(held, most, seed):
    """Keeps the images of the first turns, of triples of a random number, an image and a label."""
    numbers, _, labels = zip(*held, strict=True)
    kept = [held[i] for i in _first_turns(np.array(numbers), np.array(labels), most, seed)]
    # A copy, since an image that is a part of a batch keeps all of it in memory.
    return [
        (number, image if image.base is None else image.copy(), label)
        for number, image, label in kept
    ]


def _first_turns(numbers, labels, most, seed):
    """Gives the places of the images of the first turns, which are drawn by random numbers.

    What is left out of some images is also left out of more: no image gets an earlier turn.
    """
    order_of_classes = {k: np.random.default_rng([seed, k]).random() for k in np.unique(labels)}
    turns, taken = np.empty(len(labels), int), collections.Counter()
    for i in np.argsort(numbers, kind="stable"):
        turns[i] = taken[labels[i]]
        taken[labels[i]] += 1
    order = np.lexsort([[order_of_classes[label] for label in labels], turns])
    return np.sort(order[:most])
