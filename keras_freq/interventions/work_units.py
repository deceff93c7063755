"""Units of work, and running them: here, or on any `concurrent.futures` executor."""

import dataclasses
import functools
import itertools
from concurrent import futures

import numpy as np

_IN_FLIGHT = 64


@dataclasses.dataclass(frozen=True, eq=False)
class Unit:
    """One piece of a search: a pure function of the network and of what is in it.

    Attributes:
        task: A method of `FrequencyRemoval`: "base" (losses of the images), "removed" (losses
            without pairs) or "predicted" (changes of the loss under linearised logits).
        images: `(M, H, W, C)` float32.
        labels: `(M,)`.
        pairs: `(F, 2)` flat indices of conjugate pairs; None for "base".
        items: `(B, 2)` indices of an image and a pair each, for "removed"; None: all of them.
    """

    task: str
    images: np.ndarray
    labels: np.ndarray
    pairs: np.ndarray | None = None
    items: np.ndarray | None = None

    def passes(self, removal):
        """Number of passes that the unit costs: 1 a forward pass, 2 more a backward pass."""
        if self.task == "base":
            return len(self.images)
        if self.task == "removed":
            return len(self.images) * len(self.pairs) if self.items is None else len(self.items)
        return len(self.images) * removal.prediction_passes


def run_unit(removal, unit):
    """Computes one unit on a `FrequencyRemoval`: the same bits wherever it runs."""
    given = [part for part in (unit.pairs, unit.items) if part is not None]
    return getattr(removal, unit.task)(unit.images, unit.labels, *given)


class UnitRunner:
    """Runs the units of a search, in order, and counts what they cost.

    Args:
        removal: A `FrequencyRemoval`.
        bar: A tqdm bar of passes.
        log: A `ResultLog` of units that need not be run again, or None.
        executor: A `concurrent.futures.Executor` to run them on, or None: here.
        remote: What an executor calls with a unit instead of running it on `removal`: for
            executors whose workers are other processes.
    """

    def __init__(self, removal, bar, *, log=None, executor=None, remote=None):
        self.evaluations = 0
        self._removal, self._bar, self._log, self._executor = removal, bar, log, executor
        self._run = remote or functools.partial(run_unit, removal)
        self._asked = 0

    def __call__(self, units, left):
        """Gives the results of units in their order.

        Args:
            units: Units.
            left: Passes that may be expected to follow these, for the progress bar.

        Returns:
            A list of arrays.
        """
        numbers = range(self._asked, self._asked + len(units))
        self._asked += len(units)
        passes = [unit.passes(self._removal) for unit in units]
        logged = self._log is not None
        self._bar.total = self.evaluations + sum(passes) + left
        results = {number: self._log.get(number) for number in numbers} if logged else {}
        missing = {n: u for n, u in zip(numbers, units, strict=True) if results.get(n) is None}
        self.evaluations += sum(passes)
        self._bar.update(sum(passes) - sum(u.passes(self._removal) for u in missing.values()))
        for number, result in self._computed(missing):
            results[number] = result
            if logged:
                self._log.append(number, result)
            self._bar.update(missing[number].passes(self._removal))
        return [results[number] for number in numbers]

    def _computed(self, units):
        """Yields `(number, result)` of each unit as it is done."""
        if self._executor is None:
            for number, unit in units.items():
                yield number, self._run(unit)
            return
        waiting, running = iter(units.items()), {}
        try:
            while True:
                # A bounded number in flight: units hold their images.
                for number, unit in itertools.islice(waiting, _IN_FLIGHT - len(running)):
                    running[self._executor.submit(self._run, unit)] = number
                if not running:
                    return
                done, _ = futures.wait(running, return_when=futures.FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        except BaseException:  # an interrupt comes while it waits
            for future in running:
                future.cancel()
            raise


def run_together(searches, run_units):
    """Advances searches side by side, so that the units of all of them can run at once.

    Args:
        searches: Generators that yield `(units, left)`, the units wanted next and the number of
            passes expected to follow these, receive the list of results, and return what
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
