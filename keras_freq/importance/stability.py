"""How far a class's map depends on which images happened to be in the sample."""

import itertools

import numpy as np

from keras_freq.fourier import conjugate_pairs
from keras_freq.fourier.grid import pair_values_to_maps
from keras_freq.importance.dominant_maps import dominant_frequency_maps, map_overlap

_BOOTSTRAP_PAIRS = 100


def map_stability(imp, fraction):
    """Overlap of the maps that different samples of the same images give.

    The images of each class were dealt into ten random folds. Two questions are answered from the
    sums over these, without running the network again:

    - *Split halves*: half of the folds against the other half, for every such split. The halves
      have no image in common, so the overlap is that of two independent samples of **half the
      images**: with all of them maps agree better than this.
    - *Bootstrap*: two samples of as many folds, each drawn with replacement. They have images in
      common and hold images twice; they answer for the full number of images, roughly. A bootstrap
      sample is never held against the full set, which contains it.

    Args:
        imp: A `FrequencyImportance`.
        fraction: Share of the spectrum's cells in a map, in (0, 1]. A screened search has settled
            its own `fractions` only.

    Returns:
        A dict of `(K,)` arrays, NaN for classes with images in fewer than two folds:

        - `split_half`, `split_half_low`, `split_half_high`: mean overlap over the splits, and the
          2.5 and 97.5 % quantiles.
        - `images_per_half`: how many images a half has, on average.
        - `bootstrap`, `bootstrap_low`, `bootstrap_high`: the same for pairs of bootstrap samples.
        - `images`: images of the class.
        - `chance`: overlap of a map with a random one.

    Raises:
        ValueError: If `fraction` is not in (0, 1].

    Example:
        >>> import keras
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> images = np.random.default_rng(0).uniform(size=(40, 4, 4, 1))
        >>> from keras_freq import frequency_importance
        >>> imp = frequency_importance(
        ...     keras.Sequential(layers), (images, np.arange(40) % 2), 2, method="exhaustive"
        ... )
        >>> map_stability(imp, 0.25)["images_per_half"]
        array([10., 10.])
    """
    classes, height, width = imp.loss_change.shape
    found = {
        name: np.full(classes, np.nan)
        for name in (
            *("split_half", "split_half_low", "split_half_high", "images_per_half"),
            *("bootstrap", "bootstrap_low", "bootstrap_high", "chance"),
        )
    }
    found["images"] = np.array(imp.images)
    pairs = conjugate_pairs((height, width))
    for label in range(classes):
        used = np.flatnonzero(imp.fold_images[label])
        if len(used) < 2:
            continue
        sums, counts = imp.fold_sums[label, used], imp.fold_images[label, used]
        rng = np.random.default_rng([imp.seed, label])
        for name, draws in (
            ("split_half", _split_halves(len(used))),
            ("bootstrap", _bootstrap_pairs(len(used), rng)),
        ):
            firsts, seconds = (
                dominant_frequency_maps(
                    pair_values_to_maps(
                        (draw @ sums) / (draw @ counts)[:, None], pairs, (height, width)
                    ),
                    fraction,
                )
                for draw in draws
            )
            overlaps = map_overlap(firsts, seconds)
            found[name][label] = overlaps.mean()
            found[f"{name}_low"][label] = np.quantile(overlaps, 0.025)
            found[f"{name}_high"][label] = np.quantile(overlaps, 0.975)
        # Of an odd number of folds one is left out.
        found["images_per_half"][label] = (counts.sum() - len(used) % 2 * counts.mean()) / 2
        found["chance"][label] = firsts[0].mean()
    return found


def _split_halves(folds):
    """Every split of the folds into two halves, as weights `(2, splits, folds)`.

    Of an odd number of folds one is left out, each in turn.
    """
    first, second = [], []
    for kept in itertools.combinations(range(folds), folds - folds % 2):
        lead, *others = kept
        # The first fold stays on one side, so that each split comes once.
        for chosen in itertools.combinations(others, len(kept) // 2 - 1):
            half = np.isin(np.arange(folds), [lead, *chosen])
            first.append(half)
            second.append(np.isin(np.arange(folds), kept) & ~half)
    return np.array([first, second], np.float64)


def _bootstrap_pairs(folds, rng):
    """Pairs of bootstrap samples of the folds, as weights `(2, pairs, folds)`."""
    drawn = rng.integers(folds, size=(2, _BOOTSTRAP_PAIRS, folds))
    return (drawn[..., None] == np.arange(folds)).sum(axis=2).astype(np.float64)
