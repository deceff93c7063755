"""What is examined: a classifier of images in [0, 1], images to search on, and images to score."""

import dataclasses
import functools

import numpy as np

from keras_freq.interventions.checkpoint import fingerprint_of

# What a model takes is found out on so many images. Few do not tell [-1, 1] from [0, 1].
CHECKED = 256


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """A classifier and its images, in memory.

    Attributes:
        model: A `keras.Model` from images in [0, 1] to scores of K classes.
        class_names: K names.
        searched: Pair of images `(N, H, W, C)` float32 and labels `(N,)`, to choose frequencies on.
        scored: Another such pair, without an image of the first, to test them on.
        by: "class", or "all" where classes have too few images to be told apart.
    """

    model: object
    class_names: list
    searched: tuple
    scored: tuple
    by: str = "class"

    @property
    def num_classes(self):
        """K."""
        return len(self.class_names)

    @property
    def size(self):
        """`(H, W)`."""
        return self.scored[0].shape[1:3]

    @functools.cached_property
    def neutral(self):
        """`(C,)`, the channel means of the searched images."""
        return self.searched[0].mean(axis=(0, 1, 2), dtype=np.float64)

    def digest(self):
        """A hash of all images, labels and names, as text."""
        return fingerprint_of(self.class_names, *self.searched, *self.scored).hex()


def choose_images(source, plan, seed):
    """Chooses and reads the images that a plan asks for, as a function of the seed.

    Args:
        source: A `Source`.
        plan: A `Plan`.
        seed: Decides which images.

    Returns:
        Two pairs of images and labels, to search on and to score, which have no image in common;
        and the second one again with the images resized in the other common way, or None.
    """
    if source.searched is source.scored:
        halves = _halves(source.scored.labels, seed)
    else:
        halves = [np.arange(len(one.labels)) for one in (source.searched, source.scored)]
    pairs, again = [], None
    wanted = (plan.searched_per_class, plan.searched), (plan.scored_per_class, plan.scored)
    for images, own, (of_class, in_all) in zip(
        (source.searched, source.scored), halves, wanted, strict=True
    ):
        chosen = own[_up_to(images.labels[own], of_class, seed)]
        if len(chosen) > in_all:
            chosen = np.sort(np.random.default_rng(seed).choice(chosen, in_all, replace=False))
        pairs.append(images.read(chosen))
    if source.scored.read_otherwise is not None:
        again = source.scored.read_otherwise(chosen)
    return *pairs, again


def images_to_check(source, searched, seed):
    """Gives images to find out what a model takes: those to search on, and more if they are few.

    Args:
        source: A `Source`.
        searched: The pair of images and labels to search on.
        seed: Decides which.

    Returns:
        A pair of images and labels. None of them are among those to score.
    """
    own = np.arange(len(source.searched.labels))
    if source.searched is source.scored:
        own, _ = _halves(source.scored.labels, seed)
    if len(searched[1]) >= min(CHECKED, len(own)):
        return searched
    most = -(-CHECKED // len(source.class_names))
    return source.searched.read(own[_up_to(source.searched.labels[own], most, seed)])


def available(source):
    """Counts the images of each class that can be searched and scored: two arrays `(K,)`."""
    num_classes = len(source.class_names)
    if source.searched is not source.scored:
        return [
            np.bincount(images.labels, minlength=num_classes)
            for images in (source.searched, source.scored)
        ]
    counts = np.bincount(source.scored.labels, minlength=num_classes)
    odd = np.arange(num_classes) % 2
    return [(counts + odd) // 2, (counts + 1 - odd) // 2]


def _halves(labels, seed):
    """Divides the images of each class at random, into increasing numbers of two halves."""
    searched = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        own = np.random.default_rng([seed, label, 0]).permutation(np.flatnonzero(labels == label))
        # Classes of an odd number of images take turns, so that both halves are of one size.
        searched[own[: (len(own) + label % 2) // 2]] = True
    return np.flatnonzero(searched), np.flatnonzero(~searched)


def _up_to(labels, most, seed):
    """Increasing places of up to `most` images of each label."""
    chosen = [
        np.random.default_rng([seed, label, 1]).permutation(np.flatnonzero(labels == label))[:most]
        for label in np.unique(labels)
    ]
    return np.sort(np.concatenate(chosen))
