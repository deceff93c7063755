"""The importance of frequencies for all images together: one map for a network.

The exhaustive search removes every pair from every image. The screened search removes each pair
from some images only:

1. Every image is evaluated once as it is. Images that the network is sure of hardly change, so
   those that it doubts are drawn first (see `drawn_changes`).
2. The gradients of the loss of some images give the scale of each pair's changes.
3. A pilot of pairs shows what is usual at each radius, in units of that scale.
4. Further draws go to the pairs that are most in doubt of being in a map or not, as long as draws
   make them less so.
5. The search ends when its maps are expected to agree with those of the exhaustive search, or when
   its passes are spent. It says how well they are expected to agree then.

Memory is that of the images, and of some numbers for each pair. Predictions of single changes, as
the search of a class has them, would take as many numbers as there are images times pairs. They
also tell little of a deep network: of EfficientNet-Lite0 at 224x224, up to a quarter of the
variance of the changes below 32 cycles per image, at ten times the cost of an evaluation.
"""

import numpy as np

from keras_freq.fourier import radius_map
from keras_freq.fourier.grid import pair_weights
from keras_freq.importance.class_summaries import FOLDS
from keras_freq.importance.dominant_maps import num_cells
from keras_freq.importance.drawn_changes import (
    Draws,
    estimates,
    first_images,
    image_sizes,
    usual_changes,
)
from keras_freq.importance.exhaustive_search import exhaustive_search, removals_of_items
from keras_freq.importance.linearised_logits import LinearisedLossUnit
from keras_freq.importance.screened_search import map_doubts, spread_sample
from keras_freq.interventions import Unit, cosine_power, run_together
from keras_freq.interventions.work_units import slices

# Passes that a screened search spends at most, unless told otherwise: at 224x224, 6 a pair.
MOST_PASSES = 150_000
# Images that are held in float32 at a time.
_IMAGES = 64
# Draws of images whose gradients give the scale of each pair, and those of a unit.
_GRADIENTS, _GRADIENTS_A_UNIT = 128, 16
# A pair has at least this share of the power-wise scale of its radius, squared.
_LEAST_SCALE = 0.01
# Parts of the spectrum that a pilot pair is drawn in, and draws of each.
_PILOT, _PILOT_DRAWS = 200, 32
# Draws come in so many rounds, and a pair gets this share of its earlier draws in each.
_ROUNDS, _LEAST_DRAWS, _MORE = 16, 8, 0.5
# The search ends when the expected overlap of every map is at least this.
_OVERLAP = 0.97


def pooled_exhaustive_search(
    images, labels, pairs, neutral, fractions, unit_passes, rng, run_units
):
    """Removes every pair from every image, some images at a time.

    Args:
        images: `HeldImages`, or an array `(N, H, W, C)`.
        labels: `(N,)`.
        pairs: As in `exhaustive_search`.
        neutral: As in `exhaustive_search`.
        fractions: As in `exhaustive_search`.
        unit_passes: As in `exhaustive_search`.
        rng: `np.random.Generator`, which deals the images into folds.
        run_units: A `UnitRunner`.

    Returns:
        A dict as from `summary_of`.
    """
    number, base, squares = len(images), 0.0, 0.0
    folds = rng.permutation(number) % FOLDS
    sums = np.zeros((folds.max() + 1, len(pairs)))
    for some in slices(number, _IMAGES):
        part = images[some]
        power = cosine_power(part, neutral, pairs)
        data = part, labels[some], pairs, power, neutral, fractions, unit_passes
        (found,) = run_together([exhaustive_search(*data)], run_units)
        np.add.at(sums, folds[some], found.changes)
        squares = squares + (found.changes**2).sum(axis=0)
        base += found.base.sum()
    mean, none = sums.sum(axis=0) / number, np.zeros(len(pairs))
    summary = _summary(mean, none, squares / number, base / number, number, np.ones(len(fractions)))
    return summary | {"fold_sums": sums, "fold_images": np.bincount(folds)}


def pooled_screened_search(
    images, labels, pairs, neutral, fractions, unit_passes, rng, run_units, most
):
    """Removes every pair from some images.

    Args:
        images: As in `pooled_exhaustive_search`.
        labels: As in `pooled_exhaustive_search`.
        pairs: As in `pooled_exhaustive_search`.
        neutral: As in `pooled_exhaustive_search`.
        fractions: Shares of the spectrum's cells whose maps are to be settled.
        unit_passes: As in `pooled_exhaustive_search`.
        rng: `np.random.Generator`, which draws images and pairs.
        run_units: As in `pooled_exhaustive_search`.
        most: Passes to spend at most; fewer than the exhaustive search takes.

    Returns:
        A dict as from `summary_of`.
    """
    number, size = len(images), images.shape[1:3]
    pilot_draws = min(_PILOT_DRAWS, max(2, -(-number // 2)), number)
    least = number + 3 * _GRADIENTS + _PILOT * pilot_draws
    if most < least:
        raise ValueError(
            f"`max_evaluations` must be at least {least:,} for {number:,} images, since a search "
            f"begins with so many. Received: max_evaluations={most}"
        )
    parts = slices(number, _IMAGES)
    units = (Unit("losses", images[some], labels[some]) for some in parts)
    base = np.concatenate([losses for _, losses in run_units.stream(units)])
    power = sum(cosine_power(images[some], neutral, pairs).sum(axis=0) for some in parts) / number
    radii = radius_map(size).reshape(-1)[pairs[:, 0]]
    weights, cells = pair_weights(pairs), [num_cells(size, one) for one in fractions]
    seeds, sizes = rng.integers(2**32, size=3), image_sizes(base)

    squares = _gradient_squares(images, labels, pairs, neutral, sizes, rng, run_units)
    scale = _scale(squares, power, radii)
    draws = Draws(len(pairs), sizes, seeds)

    def evaluate(pair, times):
        """Draws images for some pairs, and evaluates them."""
        items = draws.next_items(pair, times)
        # Sorted by image, a unit takes few of them along.
        units = (
            removals_of_items(images, labels, pairs, items[some], neutral)
            for some in slices(len(items), max(1, unit_passes // 4))
        )
        losses = np.concatenate([losses for _, losses in run_units.stream(units)])
        draws.add(items, losses - base[items[:, 0]])

    # A frequency that no image has changes nothing.
    present = np.flatnonzero(power)
    pilot = present[spread_sample((1 + radii[present]) ** -2.0, _PILOT, rng)]
    evaluate(pilot, np.full(len(pilot), pilot_draws))
    usual = usual_changes(draws, scale, pilot, radii)
    while True:
        values, stderr, _, variance, square = estimates(draws, usual, scale)
        doubts = [map_doubts(values, stderr, 5 + draws.number, weights, one) for one in cells]
        overlap = np.array([one for _, one, _ in doubts])
        left = min(most - run_units.evaluations, most // _ROUNDS)
        times = np.maximum(_LEAST_DRAWS, (_MORE * draws.number).astype(int))
        # What a draw is expected to bring: less doubt, as far as its own noise lets it.
        gain = sum(wrong for wrong, _, _ in doubts)
        gain = gain * stderr**2 / np.maximum(variance + times * stderr**2, 1e-300)
        best = np.argsort(-gain, kind="stable")
        best = best[(np.cumsum(times[best]) <= left) & (gain[best] > 0)]
        if not len(best) or (overlap >= _OVERLAP).all():
            break
        evaluate(best, times[best])
    # Folds of the draws would share what is usual at a radius, and agree too well.
    folds = {"fold_sums": np.zeros((0, len(pairs))), "fold_images": np.zeros(0, int)}
    return _summary(values, stderr, square, base.mean(), number, overlap) | folds


def _gradient_squares(images, labels, pairs, neutral, sizes, rng, run_units):
    """Estimates the mean squared linear change of every pair `(P,)`, by some images' gradients."""
    chosen, until = first_images(sizes, min(_GRADIENTS, len(images)), rng)
    parts = [chosen[some] for some in slices(len(chosen), _GRADIENTS_A_UNIT)]
    units = (LinearisedLossUnit(images[part], labels[part], pairs, neutral) for part in parts)
    squares = np.zeros(len(pairs))
    for part, (_, changes) in zip(parts, run_units.stream(units), strict=True):
        chances = -np.expm1(-sizes[part, None] * until)
        squares += (changes**2 / chances).sum(axis=0) / len(images)
    return squares


def _scale(squares, power, radii):
    """Gives the scale `(P,)` of each pair: the root of its mean squared linear change.

    A pair whose sample has no gradient, as after a layer that is saturated, may still change. It
    has a small part of what its radius and its power suggest.
    """
    ring = radii.round().astype(int)
    per_power = np.bincount(ring, squares) / np.maximum(np.bincount(ring, power), 1e-300)
    per_power = np.maximum(per_power, 1e-6 * per_power.max() or 1.0)
    return np.sqrt(np.where(power > 0, squares + _LEAST_SCALE * power * per_power[ring], 0.0))


def _summary(mean, search_stderr, mean_square, base, number, overlap):
    """Puts together what `summary_of` gives of a class, but for the folds."""
    stderr = np.full(len(mean), np.nan)
    if number > 1:
        variance = np.maximum(mean_square - mean**2, 0) / (number - 1)
        stderr = np.sqrt(variance + search_stderr**2)
    return {
        "loss_change": mean,
        "stderr": stderr,
        "search_stderr": search_stderr,
        "base_loss": base,
        "images": number,
        "expected_overlap": overlap,
    }
