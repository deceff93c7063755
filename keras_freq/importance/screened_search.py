"""The screened search: the maps of the exhaustive one for a fraction of its passes.

All frequencies of all images are predicted from the gradients of linearised logits, a sample of
pairs is evaluated to learn how far the predictions can be trusted (`control`), and then exact
passes are spent only on pairs that may be on the wrong side of a map's threshold, some images at a
time, until the maps are expected to agree with those of the exhaustive search. Whatever is
evaluated is learned from.
"""

import math

import numpy as np
from scipy.special import gammaincinv, stdtr

from keras_freq.fourier import radius_map
from keras_freq.fourier.grid import pair_weights
from keras_freq.importance.control_variate import fit_control
from keras_freq.importance.dominant_maps import num_cells
from keras_freq.importance.exhaustive_search import ClassChanges
from keras_freq.importance.linearised_logits import LinearisedUnit
from keras_freq.importance.search_cost import screened_share
from keras_freq.interventions import RemovedPairs, Unit, index_blocks

# Pairs of a smaller radius than this are all evaluated: linearised changes fail there.
_LOW_RADIUS = 4.0
# Other pairs evaluated on every image, to learn from.
_SAMPLE = 32
# A pair goes on by a twentieth of the images at a time.
_STEPS = 20
# The search ends when the expected overlap of every map with the exhaustive search's is this ...
_OVERLAP = 0.97
# ... and falls below this (or, for the smallest maps, by more than one pair) with this probability.
_LEAST_OVERLAP, _RISK = 0.95, 0.001
# Errors have longer tails than the normal distribution, the more so the fewer images an estimate
# rests on: Student's t with 5 + 5 m degrees of freedom.
_FREEDOM = 5


def screened_search(
    images, labels, pairs, power, neutral, fractions, unit_passes, rng, prediction_passes
):
    """Finds the most important pairs of one class: a search for `run_together`.

    Args:
        images: `(N, H, W, C)` float32.
        labels: `(N,)`.
        pairs: `(P, 2)` flat indices.
        power: `(N, P)`, `cosine_power` of the images.
        neutral: `(C,)`, what an image without its DC becomes.
        fractions: Fractions of the spectrum whose maps are to be settled.
        unit_passes: Passes wanted in a unit.
        rng: `np.random.Generator`, for the sample.
        prediction_passes: Passes that the prediction of one image costs.

    Returns:
        A generator that returns a `ClassChanges`.
    """
    count, size = len(images), images.shape[1:3]
    weights, radii = pair_weights(pairs), radius_map(size).reshape(-1)[pairs[:, 0]]
    wanted = [num_cells(size, fraction) for fraction in fractions]
    # A frequency that an image does not have changes nothing: that is known without a pass.
    exact, seen = np.zeros(power.shape), power == 0

    evaluated = _first_pairs(radii, np.flatnonzero(power.any(axis=0)), rng)
    instructive = (power > 0) & (radii >= _LOW_RADIUS)
    at_once = max(1, unit_passes // prediction_passes)
    batches = [slice(i, i + at_once) for i in range(0, count, at_once)]
    blocks = index_blocks(count, len(evaluated), unit_passes) if len(evaluated) else []
    units = [Unit("losses", images, labels)]
    units += [LinearisedUnit(images[i], labels[i], pairs, neutral) for i in batches]
    units += [
        Unit("losses", images[i], labels[i], RemovedPairs(pairs[evaluated[p]], size, neutral))
        for i, p in blocks
    ]
    left = max(0, int(screened_share(size) * (~seen).sum()) - count * len(evaluated))
    base, *results = yield units, left
    predicted = np.where(seen, 0.0, np.concatenate(results[: len(batches)]))
    for (i, p), losses in zip(blocks, results[len(batches) :], strict=True):
        exact[i, evaluated[p]] = losses - base[i, None]
    exact[seen] = 0.0
    seen[:, evaluated] = True
    if seen.all():
        none = np.zeros(len(pairs))
        return ClassChanges(base, exact, none, none, np.ones(len(fractions)))

    step = math.ceil(count / _STEPS)
    while True:
        known = seen & (instructive if (seen & instructive).any() else power > 0)
        control = fit_control(predicted, power, exact, known, radii)
        changes, stderr, unseen_variance = control.estimate(exact, seen)
        done = seen.sum(axis=0)
        needed, overlap = undecided(changes.mean(axis=0), stderr, done, weights, wanted)
        if not len(needed):
            return ClassChanges(base, changes, stderr, unseen_variance, overlap)
        image, pair = _next_items(control.order[:, needed], seen[:, needed], step)
        units = []
        for i in (slice(k, k + unit_passes) for k in range(0, len(image), unit_passes)):
            # A unit takes only its own images along.
            own, place = np.unique(image[i], return_inverse=True)
            items = np.stack([place, pair[i]], axis=1)
            removed = RemovedPairs(pairs[needed], size, neutral)
            units.append(Unit("losses", images[own], labels[own], removed, items))
        # At most half of what may follow, since most pairs are decided before their last image; and
        # at first many are in doubt that a few images decide.
        may_follow = int((~seen[:, needed]).sum()) - len(image)
        left = min(max(left - len(image), len(image) // 2), may_follow // 2)
        losses = yield units, left
        exact[image, needed[pair]] = np.concatenate(losses) - base[image]
        seen[image, needed[pair]] = True


def undecided(values, stderr, done, weights, wanted):
    """Finds the pairs whose side of a threshold is worth finding out.

    Args:
        values: `(P,)`, estimated importance.
        stderr: `(P,)`, its standard error; 0 where it is exact.
        done: `(P,)`, images that each pair was evaluated on.
        weights: `(P,)`, cells of each pair, 1 or 2.
        wanted: Cells of each map.

    Returns:
        Indices of pairs, empty if the maps are settled; and the expected overlap `(len(wanted),)`
        of each map with the exact one.
    """
    needed, overlap = np.zeros(len(values), bool), np.ones(len(wanted))
    open_pairs = stderr > 0
    order = np.argsort(-values, kind="stable")
    for number, cells in enumerate(wanted):
        inside = np.zeros(len(values), bool)
        inside[order[: np.searchsorted(np.cumsum(weights[order]), cells) + 1]] = True
        cells = weights[inside].sum()
        chance = _inclusion(values, stderr, _FREEDOM * (1 + done), weights, cells)
        wrong = np.where(inside, 1 - chance, chance) * weights / cells * open_pairs
        overlap[number] = 1 - max(wrong[inside].sum(), wrong[~inside].sum())
        # What goes in wrongly keeps another out, so that each error is counted twice in `wrong`.
        allowed = 2 * _allowed(inside.sum())
        if wrong.sum() > allowed:
            worst = np.argsort(-wrong, kind="stable")
            remaining = wrong[worst][::-1].cumsum()[::-1]
            needed[worst[remaining > allowed / 2]] = True
    return np.flatnonzero(needed & open_pairs), overlap


def _allowed(pairs):
    """Expected share of wrong pairs that a map may end with.

    Few wrong pairs are as good as independent, so that their number follows Poisson's law.
    """
    tolerated = max(1, math.floor(round((1 - _LEAST_OVERLAP) * pairs, 6)))
    return min(1 - _OVERLAP, gammaincinv(tolerated + 1, _RISK) / pairs)


def _inclusion(values, scale, freedom, weights, cells):
    """Probability that each pair is in the exact map, at the threshold that fills its cells."""
    low, high = values.min() - 10 * scale.max(), values.max() + 10 * scale.max()
    scale = np.maximum(scale, 1e-300)
    for _ in range(60):
        threshold = (low + high) / 2
        chance = stdtr(freedom, (values - threshold) / scale)
        if (weights * chance).sum() > cells:
            low = threshold
        else:
            high = threshold
    return chance


def _first_pairs(radii, present, rng):
    """Indices of the pairs to evaluate on every image: the lowest, and a sample to learn from.

    The sample is spread evenly over log(1 + radius), a random pair in each part, from the lowest
    radius that linearised changes hold at.
    """
    low = present[radii[present] < _LOW_RADIUS]
    others = present[radii[present] >= _LOW_RADIUS]
    if not len(others):
        return low
    number = min(_SAMPLE, len(others))
    place = np.cumsum(1 / (1 + radii[others]))
    parts = (np.arange(number) + rng.random(number)) / number * place[-1]
    sample = others[np.unique(np.minimum(np.searchsorted(place, parts), len(others) - 1))]
    return np.concatenate([low, sample])


def _next_items(order, seen, step):
    """The next `step` images of each pair that it has not been evaluated on: `(images, pairs)`."""
    unseen = ~np.take_along_axis(seen, order, axis=0)
    place, pair = np.nonzero(unseen & (np.cumsum(unseen, axis=0) <= step))
    return order[place, pair], pair
