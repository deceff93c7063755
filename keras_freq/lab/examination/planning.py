"""What an examination does in the time that it has: the plan, made before any long work."""

import dataclasses
import math
import os
import time

import numpy as np

from keras_freq.classifier import CompiledClassifier, Logits

# Images of each class to search on and to score, the most first. With fewer than the last, classes
# are not told apart.
IMAGES_OF_A_CLASS = ((50, 50), (30, 50), (20, 50), (10, 50), (10, 30), (10, 20))
# Images in all where classes have too few.
IMAGES_IN_ALL = ((500, 500), (200, 500), (100, 500), (50, 500), (50, 200))
FRACTIONS = (0.01, 0.05)
# The input check: five conventions, of 256 images.
CHECK_PASSES = 5 * 256
# A pass with a mask takes longer than one without.
_PASS_OVERHEAD = 1.1
# Two measurements of a speed on one machine differ so much.
_NOISE = 1.2
# Each block compiles its questions, so many times as long as one takes, and draws its pictures.
_COMPILED, _DRAWING_SECONDS = 3, 2


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is done.

    Attributes:
        by: "class", or "all" where classes have too few images to be told apart.
        searched_per_class: The most images of each class to search on.
        scored_per_class: The most images of each class to score.
        searched: The number of images to search on, of all classes.
        scored: The number of images to score, of all classes.
        blocks: Names of the blocks that fit.
        left_out: Names of those that do not.
        seconds: How long it will take, roughly.
        passes_per_second: The speed of the model when the plan was made.
        minutes: The time that was given; None: as long as it takes.
        near: What another measurement of the speed may plan otherwise: names of blocks, and
            "images" for their number.
        verdict_seconds: How long all blocks take that the verdict reads, roughly; 0 in plans of
            earlier versions.
    """

    by: str
    searched_per_class: int
    scored_per_class: int
    searched: int
    scored: int
    blocks: tuple
    left_out: tuple
    seconds: float
    passes_per_second: float
    minutes: float | None
    near: tuple = ()
    verdict_seconds: float = 0.0


@dataclasses.dataclass(frozen=True)
class Amount:
    """How much there is to do, from which a block counts its passes.

    Attributes:
        by: As in `Plan`.
        num_classes: K.
        size: `(H, W)`.
        searched: Images to search on, of all classes.
        scored: Images to score.
    """

    by: str
    num_classes: int
    size: tuple
    searched: int
    scored: int


def make_plan(blocks, counts, size, rate, minutes=None, *, start=0.0, before=None):
    """Chooses how many images are used and which blocks are done.

    The most images are taken for which all blocks fit that the verdict reads. If even the fewest
    are too many, blocks are left out that would take it beyond a fifth more time, the last ones
    first. The first one always stays. Then each lens is added that fits into the time that is left.

    Args:
        blocks: The `Block` objects, in the order of what they tell.
        counts: Two arrays `(K,)`: images of each class that can be searched, and scored.
        size: `(H, W)` of the images.
        rate: Passes of the model in a second.
        minutes: Minutes that it may take. Defaults to None: as long as it takes.
        start: Seconds until the model runs, as of `measured_speed`. Defaults to 0.
        before: An earlier `Plan` for the same images, whose images and blocks stay. Defaults to
            None.

    Returns:
        A `Plan`.
    """
    fewest = IMAGES_OF_A_CLASS[-1]
    enough = all(count.min() >= few for count, few in zip(counts, fewest, strict=True))
    by = "class" if enough else "all"
    blocks = [block for block in blocks if by in block.by]
    given = blocks, by, counts, size, minutes
    plan, slow, fast = (
        _planned(*given, rate * factor, start / factor, before)
        for factor in (1, 1 / _NOISE, _NOISE)
    )
    images = ("images",) if slow.searched != fast.searched or slow.scored != fast.scored else ()
    changing = set(fast.blocks) ^ set(slow.blocks)
    near = tuple(block.name for block in blocks if block.name in changing)
    return dataclasses.replace(plan, near=images + near)


def _planned(blocks, by, counts, size, minutes, rate, start, before):
    """Makes the plan for one speed; arguments as of `make_plan`."""
    num_classes = len(counts[0])
    limit = np.inf if minutes is None else 60 * minutes
    for per_class, in_all in _ladder(by, num_classes, before):
        searched, scored = (
            min(most, int(np.minimum(count, few).sum()))
            for count, few, most in zip(counts, per_class, in_all, strict=True)
        )
        amount = Amount(by, num_classes, tuple(size), searched, scored)
        costs = {
            block: _COMPILED * start
            + _DRAWING_SECONDS
            + _PASS_OVERHEAD * block.passes(amount) / rate
            for block in blocks
        }
        costs[blocks[0]] += CHECK_PASSES / rate
        if sum(cost for block, cost in costs.items() if not block.lens) <= limit:
            break
    fitting = _fitting(costs, limit, before.blocks if before else ())
    return Plan(
        by=by,
        searched_per_class=per_class[0],
        scored_per_class=per_class[1],
        searched=searched,
        scored=scored,
        blocks=tuple(block.name for block in blocks if block in fitting),
        left_out=tuple(block.name for block in blocks if block not in fitting),
        seconds=float(sum(costs[block] for block in fitting)),
        passes_per_second=float(rate),
        minutes=minutes,
        verdict_seconds=float(sum(cost for block, cost in costs.items() if not block.lens)),
    )


def _fitting(costs, limit, done):
    """Chooses the blocks that fit into the time: a set.

    Args:
        costs: A dict from each block to its seconds, in the order of what they tell.
        limit: Seconds.
        done: Names of blocks that stay in any case.
    """
    first = next(iter(costs))
    fitting = {block for block in costs if block.name in done} | {first}
    spent, following = sum(costs[block] for block in fitting), True
    for block, cost in costs.items():
        if block in fitting:
            continue
        # What the verdict reads is worth a little more time, of which the measured speed is no
        # better known: else it would be left out at times, and a lens take its place.
        room = limit if block.lens else _NOISE * limit
        fits = spent + cost <= room and (block.lens or following)
        if fits:
            fitting.add(block)
            spent += cost
        elif not block.lens:  # the next ones may need its result
            following = False
    return fitting


def _ladder(by, num_classes, before):
    """Gives numbers of images to try: pairs of each class's, and of all, to search on and score."""
    if before is not None:
        of_class = before.searched_per_class, before.scored_per_class
        return [(of_class, (before.searched, before.scored))]
    if by == "all":
        return [(tuple(-(-most // num_classes) for most in pair), pair) for pair in IMAGES_IN_ALL]
    return [(pair, tuple(most * num_classes for most in pair)) for pair in IMAGES_OF_A_CLASS]


def measured_speed(model, image_shape, *, seconds=1.0):
    """Measures how many images a second a model is asked about, as all analyses ask.

    Args:
        model: A `keras.Model`.
        image_shape: `(H, W, C)`.
        seconds: The least time to run it. Defaults to 1.

    Returns:
        Images a second, once it runs; and the seconds until then, since every question compiles.
    """
    start = time.perf_counter()
    classifier = CompiledClassifier(Logits(model, model.output_shape[-1]), image_shape)
    images = np.full((classifier.batch_size, *image_shape), 0.5, np.float32)
    classifier.answers(images)  # compiles
    compiled, batches = time.perf_counter(), []
    while time.perf_counter() - compiled < seconds or len(batches) < 3:
        before = time.perf_counter()
        classifier.answers(images)
        batches.append(time.perf_counter() - before)
    # The first batches still warm up, and another program may take a moment.
    return len(images) / float(np.median(batches)), compiled - start


def is_busy():
    """Whether more programs than processors were at work in the last minute, where this is told."""
    try:
        return os.getloadavg()[0] > os.cpu_count() + 0.5
    except (AttributeError, OSError):
        return False


def minutes_needed(verdict_seconds):
    """Whole minutes in which all fits that the verdict reads, also if the speed is measured lower.

    Args:
        verdict_seconds: As in `Plan`.

    Returns:
        An int >= 1; None of a plan of an earlier version, which does not tell.

    Example:
        >>> minutes_needed(20), minutes_needed(55), minutes_needed(0)
        (1, 2, None)
    """
    return math.ceil(_NOISE * verdict_seconds / 60) if verdict_seconds else None


def time_in_words(seconds):
    """Writes a time as people say it.

    Example:
        >>> time_in_words(40), time_in_words(200), time_in_words(9000)
        ('40 s', '3 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
