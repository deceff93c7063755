"""Some images of a data set, as many of each class as possible, in one pass."""

import collections

import numpy as np

from keras_freq import checks
from keras_freq.data.batches import checked_batches


def even_sample(dataset, most, num_classes=None, *, seed=0):
    """Draws images of a data set evenly over its classes, whatever the order of the images.

    The classes take turns, in a random order, until there are enough images: each has as many as
    the others, or one less, or all that it has. Of each class the images are drawn at random. The
    data set is read once, and about two times `most` images are held.

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
    for images, labels in checked_batches(dataset, num_classes):
        held += zip(draw.random(len(labels)), images, labels, strict=True)
        if len(held) >= 2 * most:
            held = _first_turns(held, most, seed)
    held = _first_turns(held, most, seed)
    return np.stack([image for _, image, _ in held]), np.array([label for *_, label in held])


def _first_turns(held, most, seed):
    """Keeps the images of the first turns.

    What is left out here would also be left out at the end: with more images, no image has an
    earlier turn.
    """
    numbers, labels = (np.array([one[part] for one in held]) for part in (0, 2))
    order_of_classes = {k: np.random.default_rng([seed, k]).random() for k in np.unique(labels)}
    turns, taken = np.empty(len(held), int), collections.Counter()
    for i in np.argsort(numbers, kind="stable"):
        turns[i] = taken[labels[i]]
        taken[labels[i]] += 1
    order = np.lexsort([[order_of_classes[label] for label in labels], turns])
    # A copy, since an image that is a part of a batch keeps all of it in memory.
    kept = np.sort(order[:most])
    return [
        (held[i][0], held[i][1] if held[i][1].base is None else held[i][1].copy(), held[i][2])
        for i in kept
    ]
