"""The exhaustive search: every frequency is removed from every image."""

import dataclasses

import numpy as np

from keras_freq.interventions import RemovedPairs, Unit, index_blocks


@dataclasses.dataclass(frozen=True, eq=False)
class ClassChanges:
    """The changes of the loss that a search found for one class.

    Attributes:
        base: `(N,)`, losses of the untouched images, nats.
        changes: `(N, P)`, changes of the loss, exact or estimated, nats.
        search_stderr: `(P,)`, standard error of the mean of `changes` against the exact mean over
            these images; 0 where all changes are exact.
        unseen_variance: `(P,)`, variance of the estimated changes, averaged over all images.
        expected_overlap: `(fractions,)`, expected overlap of the maps with the exhaustive search's.
    """

    base: np.ndarray
    changes: np.ndarray
    search_stderr: np.ndarray
    unseen_variance: np.ndarray
    expected_overlap: np.ndarray

    @classmethod
    def of_exact(cls, base, changes, fractions):
        """Describes changes that are all exact: they have no error of the search."""
        none = np.zeros(changes.shape[1])
        return cls(base, changes, none, none, np.ones(len(fractions)))


def exhaustive_search(images, labels, pairs, power, neutral, fractions, unit_passes):
    """Removes every pair from every image of one class: a search for `run_together`.

    Args:
        images: `(N, H, W, C)` float32.
        labels: `(N,)`.
        pairs: `(P, 2)` flat indices of conjugate pairs.
        power: `(N, P)`, `cosine_power` of the images.
        neutral: `(C,)`, what an image without its DC becomes.
        fractions: Shares of the spectrum's cells that maps are wanted of.
        unit_passes: Passes wanted in a unit.

    Returns:
        A generator that returns a `ClassChanges`.
    """
    blocks, units = removals(images, labels, pairs, neutral, unit_passes)
    base, *losses = yield [Unit("losses", images, labels), *units]
    changes = np.empty(power.shape)
    for (i, p), block in zip(blocks, losses, strict=True):
        changes[i, p] = block - base[i, None]
    # A frequency that an image does not have changes nothing, and its rounding errors get no rank.
    changes[power == 0] = 0.0
    return ClassChanges.of_exact(base, changes, fractions)


def removals(images, labels, pairs, neutral, unit_passes):
    """Makes the units that remove every pair from every image.

    Args:
        images: As in `exhaustive_search`.
        labels: As in `exhaustive_search`.
        pairs: As in `exhaustive_search`; there may be none.
        neutral: As in `exhaustive_search`.
        unit_passes: As in `exhaustive_search`.

    Returns:
        A list of `(images, pairs)`, two slices for each unit, and the list of units.
    """
    blocks = index_blocks(len(images), len(pairs), unit_passes) if len(pairs) else []
    size = images.shape[1:3]
    return blocks, [
        Unit("losses", images[i], labels[i], RemovedPairs(pairs[p], size, neutral))
        for i, p in blocks
    ]


def removals_of_items(images, labels, pairs, items, neutral):
    """Makes the unit of `(image, pair)` items `(B, 2)`, with the images and pairs in them alone."""
    image, place = np.unique(items[:, 0], return_inverse=True)
    pair, which = np.unique(items[:, 1], return_inverse=True)
    removed = RemovedPairs(pairs[pair], images.shape[1:3], neutral)
    return Unit("losses", images[image], labels[image], removed, np.stack([place, which], axis=1))
