"""Random maps and their quantiles: what a map is compared with."""

import math

import numpy as np

from keras_freq import checks
from keras_freq.fourier import check_mask, conjugate_pairs
from keras_freq.fourier.grid import pair_weights
from keras_freq.metrics.rates import ratio

# Random maps of equal energy are filled up to this share of the energy wanted.
_ENERGY_TOLERANCE = 1e-3

_CHANCE_QUANTILE = 0.975
# The largest value of fewer random maps lies below the 97.5 % quantile.
LEAST_RANDOM = 40


def random_maps(mask, num_maps=40, *, power=None, disjoint=False, seed=0):
    """Draws random maps that match a given one, to compare its rates with.

    They hold DC if and only if the given map does. The rest is drawn uniformly from all symmetric
    maps of the same number of cells. With `disjoint`, it is drawn from those of them that have none
    of the map's frequencies. With `power`, whole pairs come in random order, and each stays if the
    energy of the given map, without DC, is not exceeded. Such maps have more cells than a map of
    the strong, low frequencies.

    Args:
        mask: `(H, W)` bool, centred and symmetric.
        num_maps: Number of maps to draw, >= 1.
        power: None for maps of the same number of cells. For maps of the same energy `(H, W)`,
            centred: the mean squared amplitude of the data.
        disjoint: Whether the maps have no frequency in common with `mask`, DC excepted. Where no
            map of as many cells is left, they have one cell more than `mask`.
        seed: Int, or a sequence of ints.

    Returns:
        `(num_maps, H, W)` bool, symmetric. With `power`, their energy is at most that of the map,
        and within 0.1 % of it wherever the pairs left are small enough.

    Raises:
        ValueError: If `mask` is not symmetric, if `power` does not fit it, or if the other
            frequencies have too few cells or too little energy for `disjoint` maps.

    Example:
        >>> import keras_freq as kf
        >>> maps = random_maps(kf.low_pass_mask(32, 4), num_maps=3)
        >>> maps.sum(axis=(1, 2)).tolist(), maps[:, 16, 16].tolist()
        ([45, 45, 45], [True, True, True])
    """
    mask = check_mask(mask)
    num_maps = checks.integer("num_maps", num_maps)
    height, width = mask.shape
    pairs = conjugate_pairs(mask.shape)[1:]  # by radius: the first one is DC
    taken = mask.reshape(-1)[pairs[:, 0]]
    # What the maps have in common with the given one: the number of cells, or the energy.
    amounts = pair_weights(pairs)
    if power is not None:
        amounts = amounts * _checked_power(power, mask.shape).reshape(-1)[pairs[:, 0]]
    wanted = amounts[taken].sum()
    if disjoint:
        pairs, amounts = pairs[~taken], amounts[~taken]
        if wanted > amounts.sum():
            much, unit = ("many", "cells") if power is None else ("much", "energy")
            raise ValueError(
                f"`mask` must leave as {much} {unit} as it has, so that disjoint maps fit beside "
                f"it. Received: a mask of {wanted:.6g} ({unit}), which leaves {amounts.sum():.6g}, "
                "without DC. Take a smaller mask, or maps that are not disjoint"
            )
    try:
        rng = np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ValueError(
            f"`seed` must be an integer >= 0, or a sequence of them. Received: seed={seed!r}"
        ) from None
    if power is None:
        draw = _cells_drawer(int(wanted), pairs, rng)
    else:
        draw = _energy_drawer(wanted, amounts, rng)
    maps = np.zeros((num_maps, height * width), bool)
    for random_map in maps:
        random_map[pairs[draw()]] = True
    maps = maps.reshape(num_maps, height, width)
    maps[:, height // 2, width // 2] = mask[height // 2, width // 2]
    return maps


def leaves_as_much(maps, power=None):
    """Whether maps that have none of a map's frequencies can match it: it has less than half.

    Args:
        maps: `(K, H, W)` bool, centred.
        power: As in `random_maps`.

    Returns:
        `(K,)` bool, whether less than half of all cells, or of the energy without DC, is in it.
    """
    if power is None:
        return 2 * maps.mean(axis=(1, 2)) < 1
    power = power.copy()
    power[maps.shape[1] // 2, maps.shape[2] // 2] = 0
    return 2 * (maps * power).sum(axis=(1, 2)) < power.sum()


def high_quantile(values):
    """Gives the 97.5 % quantile of R values, the `ceil(0.975 (R + 1))`-th smallest.

    One more value exceeds it with a probability of at most 2.5 %.
    """
    rank = math.ceil(_CHANCE_QUANTILE * (len(values) + 1))
    return np.sort(values)[min(rank, len(values)) - 1]


def low_quantile(values):
    """Gives the 2.5 % quantile of R values: the counterpart of `high_quantile`."""
    return -high_quantile(-np.asarray(values))


def maps_and_random_maps(maps, num_random, *, power=None, seed=0):
    """Gives class maps and their random maps, each once, and which of them each class uses.

    Args:
        maps: `(K, H, W)` bool, centred and symmetric.
        num_random: Random maps of each class. Classes with maps of equally many cells share them.
        power: As in `random_maps`. Maps of equal energy cannot be shared.
        seed: int.

    Returns:
        `(M, H, W)` masks, a dict from class to its map's index, and a dict from class to the
        indices of its random maps. Classes with empty maps are left out.
    """
    masks, own, drawn, shared = [], {}, {}, {}
    centre = maps.shape[1] // 2, maps.shape[2] // 2
    for class_id in np.flatnonzero(maps.any(axis=(1, 2))).tolist():
        own[class_id] = len(masks)
        masks.append(maps[class_id])
        # Equal keys draw equal maps, whatever the other classes are.
        kind = class_id if power is not None else int(maps[class_id].sum())
        key = (seed, kind, int(maps[class_id][centre]))
        if key not in shared:
            shared[key] = np.arange(len(masks), len(masks) + num_random)
            masks.extend(random_maps(maps[class_id], num_random, power=power, seed=key))
        drawn[class_id] = shared[key]
    return np.reshape(masks, (-1, *maps.shape[1:])).astype(bool), own, drawn


def maps_with_random_maps(maps, testable, num_random, *, power=None, seed=0):
    """Gives the map of each class followed by random maps of its own.

    Args:
        maps: `(K, H, W)` bool, centred and symmetric.
        testable: `(K,)` bool. The others stay empty.
        num_random: R, random maps of each class.
        power: As in `random_maps`.
        seed: int.

    Returns:
        `(K, 1 + R, H, W)` bool. Random maps have no frequency of the map but DC where they can.
    """
    masks = np.zeros((len(maps), 1 + num_random, *maps.shape[1:]), bool)
    for k in np.flatnonzero(testable):
        mask = masks[k, 0] = maps[k]
        # Else a random map would hold the one frequency that matters as often as its share is.
        disjoint = bool(leaves_as_much(mask[None], power)[0])
        options = {"power": power, "disjoint": disjoint, "seed": (seed, k)}
        masks[k, 1:] = random_maps(mask, num_random, **options)
    return masks


def random_overlap(masks):
    """The share of each map's frequencies that its random maps hold, without DC.

    Args:
        masks: As from `maps_with_random_maps`.

    Returns:
        `(K,)` float64 in [0, 1]; NaN where a map has no frequency but DC.
    """
    held = (masks[:, :1] & masks[:, 1:]).mean(axis=1)
    centre = masks.shape[2] // 2, masks.shape[3] // 2
    held[:, *centre] = 0
    cells = masks[:, 0].sum(axis=(1, 2)) - masks[:, 0, *centre]
    return ratio(held.sum(axis=(1, 2)), cells)


def _cells_drawer(cells, pairs, rng):
    """A function that draws indices of pairs with so many cells, uniformly."""
    single = pairs[:, 0] == pairs[:, 1]
    singles, doubles = np.flatnonzero(single), np.flatnonzero(~single)
    if not singles.size and cells % 2:
        cells += 1  # an odd number needs a cell that is its own conjugate
    # How many self-conjugate cells there may be, and how many maps there are of each kind.
    counts = [
        s
        for s in range(cells % 2, min(cells, len(singles)) + 1, 2)
        if (cells - s) // 2 <= len(doubles)
    ]
    ways = [math.comb(len(singles), s) * math.comb(len(doubles), (cells - s) // 2) for s in counts]
    chances = [way / sum(ways) for way in ways]

    def draw():
        s = rng.choice(counts, p=chances)
        return np.concatenate(
            [
                rng.choice(singles, s, replace=False),
                rng.choice(doubles, (cells - s) // 2, replace=False),
            ]
        )

    return draw


def _energy_drawer(wanted, energies, rng):
    """A function that draws indices of pairs that together have the energy wanted."""

    def draw():
        chosen, left = [], wanted * (1 + 1e-12)
        order = rng.permutation(len(energies))
        while left > _ENERGY_TOLERANCE * wanted:
            # A pair too strong now stays too strong, since what is left only shrinks.
            order = order[energies[order] <= left]
            if not len(order):
                break
            filled = np.cumsum(energies[order])
            taken = np.searchsorted(filled, left, side="right")
            chosen.append(order[:taken])
            order, left = order[taken:], left - filled[taken - 1]
        return np.concatenate(chosen) if chosen else np.zeros(0, int)

    return draw


def _checked_power(power, size):
    """`(H, W)` float64 power, finite and >= 0."""
    power = checks.real_array("power", power, "(H, W)", ndim=range(33)).astype(np.float64)
    if power.shape != size or not np.isfinite(power).all() or (power < 0).any():
        raise ValueError(
            f"`power` must be finite squared amplitudes >= 0 of the mask's shape {size}. "
            f"Received: shape {power.shape}"
        )
    return power
