"""The exhaustive search: every frequency removed from every image."""

import dataclasses

import numpy as np

from keras_freq.interventions import RemovedPairs, Unit, index_blocks


@dataclasses.dataclass(frozen=True, eq=False)
class ClassChanges:
    """What a search found for one class.

    Attributes:
        base: `(N,)`, losses of the untouched images, nats.
        changes: `(N, P)`, changes of the loss, exact or estimated, nats.
        search_stderr: `(P,)`, standard error of the mean of `changes` against the exact mean over
            these images; 0 where all are exact.
        unseen_variance: `(P,)`, mean over the images of the variance of what was estimated.
        expected_overlap: `(fractions,)`, expected overlap of the maps with the exhaustive search's.
    """

    base: np.ndarray
    changes: np.ndarray
    search_stderr: np.ndarray
    unseen_variance: np.ndarray
    expected_overlap: np.ndarray


def exhaustive_search(images, labels, pairs, power, neutral, fractions, unit_passes):
    """Removes every pair from every image: a search for `run_together`, of one class.

    Args:
        images: `(N, H, W, C)` float32.
        labels: `(N,)`.
        pairs: `(P, 2)` flat indices.
        power: `(N, P)`, `cosine_power` of the images.
        neutral: `(C,)`, what an image without its DC becomes.
        fractions: Fractions of the spectrum that maps are wanted of.
        unit_passes: Passes wanted in a unit.

    Returns:
        A generator that returns a `ClassChanges`.
    """
    blocks = index_blocks(len(images), len(pairs), unit_passes)
    units = [Unit("losses", images, labels)]
    units += [
        Unit("losses", images[i], labels[i], RemovedPairs(pairs[p], images.shape[1:3], neutral))
        for i, p in blocks
    ]
    base, *losses = yield units, 0
    changes = np.empty((len(images), len(pairs)))
    for (i, p), block in zip(blocks, losses, strict=True):
        changes[i, p] = block - base[i, None]
    changes[power == 0] = 0.0
    none = np.zeros(len(pairs))
    return ClassChanges(base, changes, none, none, np.ones(len(fractions)))
