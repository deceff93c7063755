"""Units of work, and running them: here, or on any `concurrent.futures` executor."""

import dataclasses
import functools
import itertools
from concurrent import futures

import numpy as np

from keras_freq.classifier import check_finite
from keras_freq.interventions.checkpoint import content_number
from keras_freq.interventions.untouched_images import UntouchedImages

# Units that are handed to an executor at a time: each of them holds its images.
_IN_FLIGHT = 64
# Some seconds of work on two cores, for the networks of usual image sizes.
BATCHES_A_UNIT = 32


@dataclasses.dataclass(frozen=True, eq=False)
class Unit:
    """One piece of work: images, what is done to them, and what the network is asked then.

    A unit depends on nothing but the network and what is in it: it gives the same bits wherever
    TensorFlow has as many threads. Any picklable object with `passes` and `run` is a unit.

    Attributes:
        question: "losses" (cross-entropy, float64 nats), "answers" (class of the highest score),
            "scores" (those of all K classes, float32) or "distances" (Euclidean, of the scores from
            those of the untouched image, float64).
        images: `(N, H, W, C)` float32.
        labels: `(N,)`.
        intervention: What is done to the images, see `keras_freq.interventions`; None: nothing.
        items: `(B, 2)` int, or more columns: an image and the parameters of the intervention. None:
            every image with every parameter.
    """

    question: str
    images: np.ndarray
    labels: np.ndarray
    intervention: object = None
    items: np.ndarray | None = None

    def passes(self, classifier):
        """Number of forward passes that the unit costs."""
        if self.items is not None:
            return len(self.items)
        return len(self.images) * num_parameters(self.intervention)

    def run(self, classifier):
        """Computes the unit on a `CompiledClassifier`.

        Returns:
            An array `(B,)`, or `(B, K)` of scores. Without `items` it is `(N, M)`, or `(N,)` if
            nothing is done to the images.
        """
        if self.items is not None:
            return self._run(classifier, self.items)
        shape = len(self.images), num_parameters(self.intervention)
        results = self._run(classifier, np.indices(shape).reshape(2, -1).T).reshape(shape)
        return results[:, 0] if self.intervention is None else results

    def _run(self, classifier, items):
        if self.intervention is not None:
            prepared = self.intervention.prepare(self.images)
        results = []
        for part in slices(len(items), classifier.batch_size):
            image, *parameters = items[part].T
            if self.intervention is None:
                changed = self.images[image]
            else:
                full = len(image) == classifier.batch_size
                changed = self.intervention.apply(prepared, image, *parameters, full=full)
            if self.question == "losses":
                results.append(classifier.losses(changed, self.labels[image]))
            elif self.question == "scores":
                results.append(classifier.scores(changed))
            elif self.question == "distances":
                used, place = np.unique(image, return_inverse=True)
                results.append(classifier.distances(changed, self.images[used], place))
            else:
                results.append(classifier.answers(changed))
        results = np.concatenate(results)
        what = "" if self.intervention is None else ", some of whose frequencies were changed"
        if self.question == "scores":
            check_finite(np.isfinite(results).all(axis=1), what)
        else:
            check_finite(results >= 0, what)
        return results


def num_parameters(intervention):
    """The number M of an intervention's sets of parameters; 1 for None, which does nothing."""
    return 1 if intervention is None else len(intervention)


def run_unit(classifier, unit):
    """Computes one unit on a `CompiledClassifier`."""
    return unit.run(classifier)


class UnitRunner:
    """Runs units of work and gives their results in order.

    Args:
        classifier: A `CompiledClassifier`.
        bar: A tqdm bar of passes.
        log: A `ResultLog` of units that need not be run again, or None.
        executor: A `concurrent.futures.Executor` to run them on. None: here.
        remote: What an executor calls with a unit instead of running it on `classifier`: for
            executors whose workers are other processes.
        by_content: Whether the log names a unit by its images too. A unit of other images is then
            computed anew. Otherwise the log's fingerprint must name all images.

    Attributes:
        evaluations: Passes of all units so far, those found in the log included.
        untouched: The `UntouchedImages`, what the units so far tell of images as they are.
    """

    def __init__(self, classifier, bar, *, log=None, executor=None, remote=None, by_content=False):
        self.evaluations, self.untouched = 0, UntouchedImages()
        self._by_content = by_content
        self._classifier, self._bar, self._log, self._executor = classifier, bar, log, executor
        self._run = remote or functools.partial(run_unit, classifier)
        self._asked = 0

    def __call__(self, units):
        """Gives the results of a list of units in their order: a list of arrays."""
        return [result for _, result in self.stream(units)]

    def stream(self, units):
        """Yields each unit and its result, in order. Units may come from a generator.

        At most as many units are held as an executor is given at a time.
        """
        asked, running, done, following = enumerate(self._numbered(units)), {}, {}, 0
        try:
            while True:
                while len(running) + len(done) < (1 if self._executor is None else _IN_FLIGHT):
                    order, (number, unit) = next(asked, (None, (None, None)))
                    if unit is None:
                        break
                    result = None if self._log is None else self._log.get(number)
                    if result is not None:
                        self._bar.update(unit.passes(self._classifier))
                        done[order] = unit, result
                    elif self._executor is None:
                        done[order] = unit, self._kept(number, unit, self._run(unit))
                    else:
                        running[self._executor.submit(self._run, unit)] = order, number, unit
                if not running and not done:
                    return
                if following not in done:
                    finished, _ = futures.wait(running, return_when=futures.FIRST_COMPLETED)
                    for future in finished:
                        order, number, unit = running.pop(future)
                        done[order] = unit, self._kept(number, unit, future.result())
                while following in done:
                    self.untouched.add(*done[following])
                    yield done.pop(following)
                    following += 1
        except BaseException:  # an interrupt comes while it waits
            for future in running:
                future.cancel()
            raise

    def _numbered(self, units):
        """Yields each unit with its number in the log, and counts its passes."""
        for unit in units:
            number = self._asked
            if self._by_content:
                number = content_number(number, unit.images, unit.labels)
            self._asked += 1
            self.evaluations += unit.passes(self._classifier)
            yield number, unit

    def _kept(self, number, unit, result):
        """Puts a result into the log, and counts it in the bar."""
        if self._log is not None:
            self._log.append(number, result)
        self._bar.update(unit.passes(self._classifier))
        return result


def run_together(searches, run_units):
    """Advances searches side by side, so that the units of all of them can run at once.

    Args:
        searches: Generators. Each yields a list of the units that it wants next, receives the list
            of their results, and returns what it found.
        run_units: Function from a list of units to the results in order.

    Returns:
        What the searches returned, in order.
    """
    found = [None] * len(searches)
    wanted = {index: next(search) for index, search in enumerate(searches)}
    while wanted:
        results = iter(run_units([unit for request in wanted.values() for unit in request]))
        following = {}
        for index, request in wanted.items():
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
        for images in _equal_slices(num_images, images_each)
        for pairs in _equal_slices(num_pairs, pairs_each)
    ]


def slices(length, size):
    """Slices of `size`, and one of what is left."""
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def _equal_slices(length, most):
    """Slices of nearly equal length, at most `most` each."""
    edges = np.linspace(0, length, -(-length // most) + 1).round().astype(int)
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]
