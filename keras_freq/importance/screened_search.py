"""The screened search: the maps of the exhaustive one for a fraction of its passes.

1. Linearised logits predict the change of the loss for all frequencies and all images.
2. A sample of pairs is evaluated on every image. It shows how far the predictions can be trusted
   (see `control_variate`), and which changes are usual at each radius. Estimates are drawn towards
   those, by how uncertain they are (see `ring_prior`).
3. More passes are spent only on pairs that may be on the wrong side of a map's threshold, and on
   those whose estimate is extreme, some images at a time. Every evaluation improves the predictions
   of the rest.
4. The search ends when its maps are expected to agree with those of the exhaustive search.
"""

import math

import numpy as np
from scipy.special import gammaincinv, stdtr

from keras_freq.fourier import radius_map
from keras_freq.fourier.grid import pair_weights
from keras_freq.importance.control_variate import fit_control
from keras_freq.importance.dominant_maps import leading_pairs, num_cells
from keras_freq.importance.exhaustive_search import ClassChanges, removals, removals_of_items
from keras_freq.importance.linearised_logits import LinearisedUnit
from keras_freq.importance.ring_prior import ring_prior
from keras_freq.interventions import Unit
from keras_freq.interventions.work_units import slices

# All pairs of a smaller radius than the first of these are evaluated on every image: there,
# linearised changes are wrong. They often are up to the second radius. The pairs in between are
# evaluated as long as the low pairs are at most this share of all pairs.
_LOW_RADII = 4.0, 8.0
_LOW_SHARE = 0.02
# So many other pairs are evaluated on every image, to learn from them.
_SAMPLE = 32
# With few images, more pairs are evaluated: so many evaluations of low ones, and as many of others,
# but each no more than this share of the pairs.
_FEW, _FEW_SHARE = 128, 1 / 8
# A pair with so many times the mean power of its ring is evaluated: predictions do not reach there.
_LOUD = 10.0
# An undecided pair is evaluated on a twentieth of the images at a time.
_STEPS = 20
# The search ends when two things hold for every map. Its expected overlap with the exhaustive
# search's map is at least this.
_OVERLAP = 0.97
# And its overlap is lower than 0.95 with this probability at most. (In the smallest maps, where one
# pair is more than 5 %, one wrong pair is allowed.)
_LEAST_OVERLAP, _RISK = 0.95, 0.001
# Errors have longer tails than the normal distribution, above all those of estimates from few
# images. They follow Student's t with 5 + 5 m degrees of freedom for m images.
_FREEDOM = 5


def screened_share(size, images):
    """Guesses the share of the exhaustive search's passes that a screened search takes.

    Shares that were measured for three fractions are within a factor of 1.5, most of them
    (`benchmarks/README.md`). They fall with the side of the images, and are higher for few images.

    Args:
        size: `(H, W)` of the images.
        images: Images of each class: a number or an array.
    """
    share = 7 / np.sqrt(size[0] * size[1]) * (1 + 1.25 / np.maximum(images, 1))
    return np.minimum(1.0, share)


def screened_search(
    images, labels, pairs, power, neutral, fractions, unit_passes, rng, prediction_passes
):
    """Finds the most important pairs of one class: a search for `run_together`.

    Args:
        images: As in `exhaustive_search`.
        labels: As in `exhaustive_search`.
        pairs: As in `exhaustive_search`.
        power: As in `exhaustive_search`.
        neutral: As in `exhaustive_search`.
        fractions: Shares of the spectrum's cells whose maps are to be settled.
        unit_passes: As in `exhaustive_search`.
        rng: `np.random.Generator`, which draws the sample.
        prediction_passes: Passes that the prediction of one image costs.

    Returns:
        A generator that returns a `ClassChanges`.
    """
    count, size = len(images), images.shape[1:3]
    weights, radii = pair_weights(pairs), radius_map(size).reshape(-1)[pairs[:, 0]]
    wanted = [num_cells(size, fraction) for fraction in fractions]
    # A frequency that an image does not have changes nothing: that is known without a pass.
    exact, seen = np.zeros(power.shape), power == 0

    few = min(_FEW // count, int(_FEW_SHARE * len(pairs)))
    low_radius = _low_radius(radii, few)
    present = np.flatnonzero(power.any(axis=0))
    evaluated = _first_pairs(radii, present, low_radius, max(_SAMPLE, few), rng)
    instructive = (power > 0) & (radii >= low_radius)
    at_once = max(1, unit_passes // prediction_passes)
    # Where all pairs are evaluated, nothing need be predicted.
    predict = len(evaluated) < len(present)
    batches = slices(count, at_once) if predict else []
    predictions = [LinearisedUnit(images[i], labels[i], pairs, neutral) for i in batches]
    blocks, units = removals(images, labels, pairs[evaluated], neutral, unit_passes)
    base, *results = yield [Unit("losses", images, labels), *predictions, *units]
    for (i, p), losses in zip(blocks, results[len(batches) :], strict=True):
        exact[i, evaluated[p]] = losses - base[i, None]
    exact[seen] = 0.0
    if not predict:
        return ClassChanges.of_exact(base, exact, fractions)
    predicted = np.where(seen, 0.0, np.concatenate(results[: len(batches)]))
    seen[:, evaluated] = True

    prior, none_seen = ring_prior(exact[:, evaluated], radii[evaluated], radii), np.zeros_like(seen)
    loud = _loud(power.mean(axis=0), prior.ring)
    step = math.ceil(count / _STEPS)
    while True:
        known = seen & (instructive if (seen & instructive).any() else power > 0)
        control = fit_control(predicted, power, exact, known, radii)
        unaided, expected, _ = control.estimate(exact, none_seen)
        error = (exact - unaided)[:, evaluated].mean(axis=0)
        changes, stderr, unseen_variance = control.estimate(exact, seen)
        stderr = stderr * prior.wider(error, expected[evaluated])
        changes, stderr, unseen_variance, doubtful = prior.draw(
            changes, stderr, unseen_variance, seen, base
        )
        done = seen.sum(axis=0)
        needed, overlap = undecided(changes.mean(axis=0), stderr, done, weights, wanted)
        needed = np.union1d(needed, np.flatnonzero(doubtful | (loud & (stderr > 0))))
        if not len(needed):
            return ClassChanges(base, changes, stderr, unseen_variance, overlap)
        image, place = _next_items(control.order[:, needed], seen[:, needed], step)
        pair = needed[place]
        items = np.stack([image, pair], axis=1)
        losses = yield [
            removals_of_items(images, labels, pairs, items[i], neutral)
            for i in slices(len(items), unit_passes)
        ]
        exact[image, pair] = np.concatenate(losses) - base[image]
        seen[image, pair] = True


def _loud(power, ring):
    """Finds the pairs whose power is so unusual in their ring that no other tells of them."""
    usual = np.bincount(ring, power) / np.maximum(np.bincount(ring), 1)
    return power > _LOUD * usual[ring]


def undecided(values, stderr, done, weights, wanted):
    """Finds the pairs to evaluate further: those that a map may hold or miss wrongly.

    Args:
        values: `(P,)`, estimated importance.
        stderr: `(P,)`, its standard error; 0 where it is exact.
        done: `(P,)`, the number of images that each pair was evaluated on.
        weights: `(P,)`, cells of each pair, 1 or 2.
        wanted: The least number of cells in each map.

    Returns:
        Indices of pairs, empty if the maps are settled; and the expected overlap `(len(wanted),)`
        of each map with the exact one.
    """
    needed, overlap = np.zeros(len(values), bool), np.ones(len(wanted))
    open_pairs = stderr > 0
    for number, cells in enumerate(wanted):
        wrong, overlap[number], inside = map_doubts(
            values, stderr, _FREEDOM * (1 + done), weights, cells
        )
        # A pair that is wrongly in the map keeps another one out: `wrong` counts each error twice.
        allowed = 2 * _allowed(inside.sum())
        if wrong.sum() > allowed:
            worst = np.argsort(-wrong, kind="stable")
            remaining = wrong[worst][::-1].cumsum()[::-1]
            needed[worst[remaining > allowed / 2]] = True
    return np.flatnonzero(needed & open_pairs), overlap


def map_doubts(values, stderr, freedom, weights, wanted):
    """Tells how likely a map holds or misses each pair wrongly.

    Args:
        values: As in `undecided`.
        stderr: As in `undecided`.
        freedom: Degrees of freedom of the errors, which follow Student's t.
        weights: As in `undecided`.
        wanted: The least number of cells in the map.

    Returns:
        `(P,)`, the chance that a pair is on the wrong side, times its share of the map's cells; the
        expected overlap of the map with the exact one; and `(P,)` bool, the map.
    """
    inside = np.zeros(len(values), bool)
    inside[leading_pairs(values, weights, wanted)] = True
    cells = weights[inside].sum()
    chance = _inclusion(values, stderr, freedom, weights, cells)
    wrong = np.where(inside, 1 - chance, chance) * weights / cells * (stderr > 0)
    return wrong, 1 - max(wrong[inside].sum(), wrong[~inside].sum()), inside


def _allowed(pairs):
    """Gives the expected share of wrong pairs at which a map of so many pairs is settled.

    Few wrong pairs are nearly independent of one another, so their number follows Poisson's law.
    """
    tolerated = max(1, math.floor(round((1 - _LEAST_OVERLAP) * pairs, 6)))
    return min(1 - _OVERLAP, gammaincinv(tolerated + 1, _RISK) / pairs)


def _inclusion(values, scale, freedom, weights, cells):
    """Gives the probability that each pair is in the exact map.

    The threshold is the one at which the expected number of cells is that of the map.
    """
    low, high = values.min() - 10 * scale.max(), values.max() + 10 * scale.max()
    # Losses of images in a wrong range may be huge. In a larger unit no quotient overflows.
    unit = max(1.0, (high - low) / 1e6)
    values, low, high = values / unit, low / unit, high / unit
    scale = np.maximum(scale / unit, 1e-300)
    for _ in range(60):
        threshold = (low + high) / 2
        chance = stdtr(freedom, (values - threshold) / scale)
        if (weights * chance).sum() > cells:
            low = threshold
        else:
            high = threshold
    return chance


def _low_radius(radii, few):
    """Gives the radius below which all pairs are evaluated on every image.

    Args:
        radii: `(P,)`, radius of each pair, increasing.
        few: Pairs that are few enough to be evaluated.
    """
    room = int(max(_LOW_SHARE * len(radii), few))
    return float(np.clip(radii[min(room, len(radii) - 1)], *_LOW_RADII))


def _first_pairs(radii, present, low_radius, sample, rng):
    """Chooses the pairs to evaluate on every image: the lowest, and a sample to learn from.

    The sample is spread evenly over log(1 + radius): one random pair comes from each of its parts.

    Args:
        radii: `(P,)`, radius of each pair.
        present: Indices of the pairs that some image has, by increasing radius.
        low_radius: All pairs of a smaller radius are chosen.
        sample: Pairs wanted in the sample.
        rng: `np.random.Generator`.

    Returns:
        Indices of pairs.
    """
    low = present[radii[present] < low_radius]
    others = present[radii[present] >= low_radius]
    if not len(others):
        return low
    sample = spread_sample(1 / (1 + radii[others]), sample, rng)
    return np.concatenate([low, others[sample]])


def spread_sample(shares, number, rng):
    """Cuts a row into parts of equal share, and chooses one element at random in each.

    Args:
        shares: `(P,)`, the share of each element in the row.
        number: Parts.
        rng: `np.random.Generator`.

    Returns:
        Indices, increasing. An element with a large share is in several parts, and comes once.
    """
    number = min(number, len(shares))
    place = np.cumsum(shares)
    parts = (np.arange(number) + rng.random(number)) / number * place[-1]
    return np.unique(np.minimum(np.searchsorted(place, parts), len(shares) - 1))


def _next_items(order, seen, step):
    """Lists the next `step` images of each pair that were not evaluated, as `(images, pairs)`.

    Args:
        order: `(N, P)`, for each pair the images in the order of their evaluation.
        seen: `(N, P)` bool, whether the change was evaluated.
        step: Images of each pair.
    """
    unseen = ~np.take_along_axis(seen, order, axis=0)
    place, pair = np.nonzero(unseen & (np.cumsum(unseen, axis=0) <= step))
    return order[place, pair], pair
