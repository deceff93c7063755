"""The screened search: the maps of the exhaustive one for a fraction of its passes.

All frequencies of all images are predicted from the gradients of linearised logits, a sample of
pairs is evaluated to learn how far the predictions can be trusted (`control`), and then exact
passes are spent only on pairs that may be on the wrong side of a map's threshold, some images at a
time, until the maps are expected to agree with those of the exhaustive search.
"""

import math

import numpy as np
from scipy.special import stdtr

from keras_freq.dominance.control import fit_control
from keras_freq.dominance.cost import screened_share
from keras_freq.dominance.exhaustive import ClassChanges
from keras_freq.dominance.pairs import pair_weights
from keras_freq.dominance.work import Unit, index_blocks
from keras_freq.fourier import radius_map

# Pairs evaluated on every image, to learn from.
_SAMPLE = 32
# A pair goes on by an eighth of the images at a time.
_STEPS = 8
# The search ends when the maps' expected overlap with the exhaustive search's is this.
_OVERLAP = 0.985
# Errors have longer tails than the normal distribution, the more so the fewer images an estimate
# rests on: Student's t with 3 + 3 m degrees of freedom.
_FREEDOM = 3


def screened_search(images, labels, pairs, power, fractions, unit_passes, rng, prediction_passes):
    """Finds the most important pairs of one class: a search for `run_together`.

    Args:
        images: `(N, H, W, C)` float32.
        labels: `(N,)`.
        pairs: `(P, 2)` flat indices.
        power: `(N, P)`, `cosine_power` of the images.
        fractions: Fractions of the spectrum whose maps are to be settled.
        unit_passes: Passes wanted in a unit.
        rng: `np.random.Generator`, for the sample.
        prediction_passes: Passes that the prediction of one image costs.

    Returns:
        A generator that returns a `ClassChanges`.
    """
    size = images.shape[1:3]
    weights, radii = pair_weights(pairs), radius_map(size).reshape(-1)[pairs[:, 0]]
    wanted = [math.ceil(round(fraction * size[0] * size[1], 6)) for fraction in fractions]
    count, present = len(images), np.flatnonzero(power.any(axis=0))
    exact = np.zeros((count, len(pairs)))
    done = np.where(power.any(axis=0), 0, count)

    sample = _sample(radii, present, rng)
    at_once = max(1, unit_passes // prediction_passes)
    batches = [slice(i, i + at_once) for i in range(0, count, at_once)]
    blocks = index_blocks(count, len(sample), unit_passes) if len(sample) else []
    units = [Unit("base", images, labels)]
    units += [Unit("predicted", images[i], labels[i], pairs) for i in batches]
    units += [Unit("removed", images[i], labels[i], pairs[sample[p]]) for i, p in blocks]
    expected = screened_share(size) * count * len(present) - count * len(sample)
    base, *results = yield units, max(0, int(expected))
    predicted = np.where(power > 0, np.concatenate(results[: len(batches)]), 0.0)
    for (i, p), losses in zip(blocks, results[len(batches) :], strict=True):
        exact[i, sample[p]] = losses - base[i, None]
    exact[power == 0] = 0.0
    done[sample] = count
    if not len(sample):
        none = np.zeros(len(pairs))
        return ClassChanges(base, exact, none, none, np.ones(len(fractions)))

    control = fit_control(predicted, power, exact[:, sample], sample, radii)
    step = math.ceil(count / _STEPS)
    while True:
        changes, stderr, unseen_variance = control.estimate(exact, done)
        needed, overlap = undecided(changes.mean(axis=0), stderr, done, weights, wanted)
        if not len(needed):
            return ClassChanges(base, changes, stderr, unseen_variance, overlap)
        plan = _next_blocks(done, needed, step, count, unit_passes)
        units = [
            Unit("removed", images[rows], labels[rows], pairs[columns])
            for rows, columns in ((control.order[i], p) for i, p in plan)
        ]
        # Half of what may follow, since most pairs are decided before their last image.
        following = count - np.minimum(done[needed] + step, count)
        losses = yield units, int(following.sum() // 2)
        for (i, p), block in zip(plan, losses, strict=True):
            rows = control.order[i]
            exact[np.ix_(rows, p)] = block - base[rows, None]
            done[p] = i.stop
        exact[power == 0] = 0.0


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
    for number, cells in enumerate(wanted):
        order = np.argsort(-values, kind="stable")
        inside = np.zeros(len(values), bool)
        inside[order[: np.searchsorted(np.cumsum(weights[order]), cells) + 1]] = True
        cells = weights[inside].sum()
        chance = _inclusion(values, stderr, _FREEDOM * (1 + done), weights, cells)
        wrong = np.where(inside, 1 - chance, chance) * weights / cells * open_pairs
        overlap[number] = 1 - max(wrong[inside].sum(), wrong[~inside].sum())
        # What goes in wrongly keeps another out, so that each error is counted twice in `wrong`.
        allowed = 2 * (1 - _OVERLAP)
        if wrong.sum() > allowed:
            worst = np.argsort(-wrong, kind="stable")
            remaining = wrong[worst][::-1].cumsum()[::-1]
            needed[worst[remaining > allowed / 2]] = True
    return np.flatnonzero(needed & open_pairs), overlap


def _inclusion(values, scale, freedom, weights, cells):
    """Probability that each pair is in the exact map, at the threshold that fills its cells."""
    scale = np.maximum(scale, 1e-300)
    low, high = values.min() - 10 * scale.max(), values.max() + 10 * scale.max()
    for _ in range(60):
        threshold = (low + high) / 2
        chance = stdtr(freedom, (values - threshold) / scale)
        if (weights * chance).sum() > cells:
            low = threshold
        else:
            high = threshold
    return chance


def _sample(radii, present, rng):
    """Indices of pairs spread evenly over log(1 + radius), a random one in each part."""
    if not len(present):
        return present
    number = min(_SAMPLE, len(present))
    place = np.cumsum(1 / (1 + radii[present]))
    parts = (np.arange(number) + rng.random(number)) / number * place[-1]
    return present[np.unique(np.minimum(np.searchsorted(place, parts), len(present) - 1))]


def _next_blocks(done, needed, step, count, unit_passes):
    """The next images of the needed pairs, as blocks `(slice of the order, pairs)`."""
    plan = []
    for start in np.unique(done[needed]):
        members = needed[done[needed] == start]
        stop = min(int(start) + step, count)
        most = max(1, unit_passes // (stop - int(start)))
        for first in range(0, len(members), most):
            plan.append((slice(int(start), stop), members[first : first + most]))
    return plan
