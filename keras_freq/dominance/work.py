"""Units of work, and running them: here, or on any `concurrent.futures` executor."""

import dataclasses
import itertools

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Unit:
    """One piece of a search: a pure function of the network and of what is in it.

    Attributes:
        task: "base" (losses `(M,)` of the images), "removed" (losses `(M, F)` without each pair)
            or "predicted" (changes `(M, F)` of the loss under linearised logits).
        images: `(M, H, W, C)` float32.
        labels: `(M,)`.
        pairs: `(F, 2)` flat indices of conjugate pairs; None for "base".
    """

    task: str
    images: np.ndarray
    labels: np.ndarray
    pairs: np.ndarray | None = None

    def passes(self, removal):
        """Number of passes that the unit costs: 1 a forward pass, 2 more a backward pass."""
        if self.task == "base":
            return len(self.images)
        if self.task == "removed":
            return len(self.images) * len(self.pairs)
        return len(self.images) * (1 + 2 * removal.num_scores)


def run_unit(removal, unit):
    """Computes one unit on a `FrequencyRemoval`: the same bits wherever it runs."""
    arguments = (unit.images, unit.labels) + (() if unit.pairs is None else (unit.pairs,))
    return getattr(removal, unit.task)(*arguments)


def run_together(searches, run_units):
    """Advances searches side by side, so that the units of all of them can run at once.

    Args:
        searches: Generators that yield `(units, left)`, the units wanted next and the number of
            passes that may follow these at most, receive the list of results, and return what
            they found.
        run_units: Function from `(units, left)` to the results in order.

    Returns:
        What the searches returned, in order.
    """
    found = [None] * len(searches)
    wanted = {index: next(search) for index, search in enumerate(searches)}
    while wanted:
        units = [unit for request, _ in wanted.values() for unit in request]
        results = iter(run_units(units, sum(left for _, left in wanted.values())))
        following = {}
        for index, (request, _) in wanted.items():
            try:
                following[index] = searches[index].send([next(results) for _ in request])
            except StopIteration as end:
                found[index] = end.value
        wanted = following
    return found


def index_blocks(num_images, num_pairs, unit_passes):
    """Cuts images x pairs into blocks of about `unit_passes` passes.

    Args:
        num_images: Number of images.
        num_pairs: Number of pairs.
        unit_passes: Passes wanted in a block.

    Returns:
        A list of `(images, pairs)`, two slices each.
    """
    # A few images together, so that their spectra are computed for many pairs at once.
    images_each = min(num_images, max(8, unit_passes // num_pairs))
    pairs_each = min(num_pairs, max(1, unit_passes // images_each))
    return [
        (images, pairs)
        for images in _cuts(num_images, images_each)
        for pairs in _cuts(num_pairs, pairs_each)
    ]


def _cuts(length, most):
    """Slices of nearly equal length, at most `most` each."""
    edges = np.linspace(0, length, -(-length // most) + 1).round().astype(int)
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]
