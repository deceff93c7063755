"""Which image gives its frequencies to which: the donors of transplants."""

import numpy as np


def dealt_donors(labels, num_classes, seed):
    """Deals two donors to every image for every class: one of the class, and one of another.

    The images of class k get their second kind of donor, of another class, to see what is left of
    the class; their first, another image of the class, shows what an exchange as such costs. The
    other images get a donor of class k, to see whether they become k. Their other donor is neither
    of k nor of their own class; with two classes it is another image of their own. So only the
    donor's class differs between the two. Each donor gives to about equally many images.

    Args:
        labels: `(N,)` int64.
        num_classes: K.
        seed: Int.

    Returns:
        `(K, N, 2)` int32, indices of images; `[k, i, 1]` is the donor of class k of image i and
        `[k, i, 0]` the other one. -1 where there is no such image.

    Example:
        >>> labels = np.array([0, 0, 1, 1, 2, 2])
        >>> donors = dealt_donors(labels, 3, seed=0)
        >>> labels[donors[0]].tolist()
        [[2, 0], [1, 0], [2, 0], [2, 0], [1, 0], [1, 0]]
    """
    donors = np.full((num_classes, len(labels), 2), -1, np.int32)
    of_class = [np.flatnonzero(labels == j) for j in range(num_classes)]
    for k, own in enumerate(of_class):
        # One generator a class: classes do not depend on each other.
        rng = np.random.default_rng([seed, k])
        others = np.flatnonzero(labels != k)
        donors[k, others, 1] = _dealt(own, len(others), rng)
        donors[k, own, 1] = _another(own, rng)
        donors[k, own, 0] = _dealt(others, len(own), rng)
        # As many as of class k, so that those of either kind give equally often.
        few = rng.permutation(others)[: max(len(own), num_classes)]
        for j, recipients in enumerate(of_class):
            if j == k or not len(recipients):
                continue
            pool = few[labels[few] != j]
            if not len(pool):
                pool = others[labels[others] != j]
            if len(pool):
                donors[k, recipients, 0] = _dealt(pool, len(recipients), rng)
            else:
                donors[k, recipients, 0] = _another(recipients, rng)
    return donors


def donors_of_other_classes(labels, seed):
    """Deals to every image one of another class, each about equally often.

    Args:
        labels: `(N,)` int64, of at least two classes.
        seed: Int.

    Returns:
        `(N,)` int, indices of images.

    Example:
        >>> labels = np.array([0, 0, 1, 1])
        >>> labels[donors_of_other_classes(labels, seed=0)].tolist()
        [1, 1, 0, 0]
    """
    donors = np.empty(len(labels), int)
    for k in np.unique(labels):
        own, others = np.flatnonzero(labels == k), np.flatnonzero(labels != k)
        donors[own] = _dealt(others, len(own), np.random.default_rng([seed, k]))
    return donors


def _dealt(pool, number, rng):
    """So many of a pool, each about equally often, in random order; -1 if the pool is empty."""
    if not len(pool):
        return np.full(number, -1)
    rounds = [rng.permutation(pool) for _ in range(-(-number // len(pool)))]
    return rng.permutation(np.concatenate([*rounds, pool[:0]])[:number])


def _another(images, rng):
    """For each image another one of the same set, each once; -1 if there is only one."""
    if len(images) < 2:
        return np.full(len(images), -1)
    order = rng.permutation(len(images))
    another = np.empty(len(images), int)
    another[order] = images[np.roll(order, 1)]
    return another
