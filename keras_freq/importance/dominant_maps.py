"""Dominant-frequency maps, and how they compare."""

import math
import warnings

import numpy as np

from keras_freq import checks
from keras_freq.fourier import check_maps, conjugate, conjugate_pairs
from keras_freq.fourier.grid import pair_weights
from keras_freq.metrics.rates import percent, ratio

# A map is settled if it is expected to share this part of its cells with the exact one.
SETTLED = 0.9

# Changes of a loss, in nats, that are smaller than this are nothing: many are rounding.
NEGLIGIBLE = 1e-6


def num_cells(size, fraction):
    """Gives the least number of cells in a map of a fraction of the spectrum.

    Args:
        size: `(H, W)` of the spectrum.
        fraction: Share of its cells, in (0, 1].

    Returns:
        `ceil(fraction * H * W)`.

    Raises:
        ValueError: If `fraction` is not in (0, 1].

    Example:
        >>> num_cells((32, 32), 0.01)
        11
    """
    what = "the share of the spectrum's cells in a map (0.05 is 5 %)"
    fraction = checks.positive("fraction", fraction, what, most=1)
    # 0.07 * 100 is 7.000000000000001, which must stay 7.
    return math.ceil(round(fraction * size[0] * size[1], 6))


def leading_pairs(values, weights, cells):
    """Finds the pairs that enter a map: by decreasing value, until it holds enough cells.

    Args:
        values: `(P,)`, importance of each pair. Of equal values the first comes first.
        weights: `(P,)`, cells of each pair, 1 or 2.
        cells: The least number of cells in the map.

    Returns:
        Indices of pairs.

    Example:
        >>> leading_pairs(np.array([0.1, 0.7, 0.4]), np.array([1, 2, 2]), 3)
        array([1, 2])
    """
    order = np.argsort(-values, kind="stable")
    return order[: np.searchsorted(np.cumsum(weights[order]), cells) + 1]


def dominant_frequency_maps(imp, fraction):
    """Finds the most important frequencies of each class.

    Whole conjugate pairs enter a map by decreasing importance, until it holds at least
    `ceil(fraction * H * W)` cells. It then holds exactly so many, or one more. Of equally important
    pairs, those of lower radius come first, and then those first in row-major order.

    Args:
        imp: A `FrequencyImportance`, or its `loss_change`: `(K, H, W)`, centred, the same at
            conjugate frequencies.
        fraction: Share of the spectrum's cells, in (0, 1]; 0.05 is "top 5 %". A screened search
            has settled only the maps of its own `fractions`.

    Returns:
        `(K, H, W)` bool, centred and symmetric, True = dominant. A class whose importance is NaN
        (it had no images) has an empty map.

    Raises:
        ValueError: If `fraction` is out of range, or if `imp` has the wrong shape, is not
            symmetric, or is NaN in a part of a class.

    Warns:
        UserWarning: If a screened search has not settled the maps of this `fraction`, or if maps of
            a `FrequencyImportance` are filled up with frequencies without which the loss does not
            rise, or by less than a millionth of a nat.

    Example:
        >>> import numpy as np
        >>> loss_change = np.zeros((1, 4, 4))
        >>> loss_change[0, 2, 1] = loss_change[0, 2, 3] = 0.7   # one cycle across
        >>> dominant_frequency_maps(loss_change, fraction=0.1)[0].astype(int)
        array([[0, 0, 0, 0],
               [0, 0, 0, 0],
               [0, 1, 0, 1],
               [0, 0, 0, 0]])

    Source:
        DFMs of Wang et al., "What do neural networks learn in image classification? A frequency
        shortcut perspective", ICCV 2023. They rank a frequency and its mirror image by the loss
        without them, one class at a time. Here the rank is by the change of the loss, which is the
        same order, and a rule settles ties.
    """
    importance = _checked_importance(getattr(imp, "loss_change", imp))
    maps = leading_maps(importance, fraction)
    _warn_of_unsettled(imp, fraction)
    if hasattr(imp, "loss_change") and not maps.all():
        _warn_of_padding(importance, maps)
    return maps


def leading_maps(importance, fraction):
    """Finds the maps as `dominant_frequency_maps` does, without checks and warnings."""
    size = importance.shape[1:]
    wanted = num_cells(size, fraction)
    # The pairs are ordered by radius, then row-major: the rule for ties.
    pairs = conjugate_pairs(size)
    maps = np.zeros((len(importance), size[0] * size[1]), bool)
    for class_map, values in zip(maps, importance.reshape(maps.shape), strict=True):
        if not np.isnan(values).any():
            leading = leading_pairs(values[pairs[:, 0]], pair_weights(pairs), wanted)
            class_map[pairs[leading]] = True
    return maps.reshape(importance.shape)


def _warn_of_padding(importance, maps):
    """Warns of maps that hold frequencies of no importance."""
    padding = (maps & (importance <= NEGLIGIBLE)).sum(axis=(1, 2))
    if not padding.any():
        return
    cells = maps.sum(axis=(1, 2))
    told = [f"{k} ({padding[k]} of {cells[k]} cells)" for k in np.flatnonzero(padding)[:10]]
    warnings.warn(
        f"The maps of classes {', '.join(told)} are filled up with frequencies of no importance: "
        "the loss does not rise without them. Take a smaller `fraction`",
        stacklevel=3,
    )


def _warn_of_unsettled(imp, fraction):
    """Warns of maps whose edges a screened search has not examined, or not enough."""
    if getattr(imp, "method", None) != "screened":
        return
    same = np.isclose(fraction, imp.fractions)
    if not same.any():
        settled = ", ".join(f"{one:g}" for one in imp.fractions)
        warnings.warn(
            f"The screened search has settled the maps of {settled} of the frequencies, not of "
            f"{fraction:g}: give `frequency_importance` fractions=({fraction:g},)",
            stacklevel=3,
        )
    elif (imp.expected_overlap[:, same] < SETTLED).any():
        overlap = np.nanmin(imp.expected_overlap[:, same])
        warnings.warn(
            f"The screened search has spent its passes before the map of {fraction:g} of the "
            f"frequencies was settled: it is expected to share {percent(overlap)} of its cells "
            "with the exhaustive search's map. Give `frequency_importance` a larger "
            "`max_evaluations`, or smaller `fractions`",
            stacklevel=3,
        )


def map_overlap(maps, reference):
    """Gives the share of a reference's cells that maps hold too: `|A and B| / |B|`.

    Args:
        maps: `(K, H, W)` bool.
        reference: `(K, H, W)` bool, for example the maps of another search, another sample of
            images or another model.

    Returns:
        `(K,)` float64 in [0, 1]; NaN where the reference is empty.

    Raises:
        ValueError: If the shapes differ, or if a map is not symmetric.

    Example:
        >>> import numpy as np
        >>> importance = np.array([[[0, 3, 2, 3, 0]]])
        >>> small, large = (dominant_frequency_maps(importance, f) for f in (0.4, 0.6))
        >>> map_overlap(small, large).round(2).tolist()
        [0.67]
    """
    maps, reference = _same_shape(maps, reference, "reference")
    return ratio((maps & reference).sum(axis=(1, 2)), reference.sum(axis=(1, 2)))


def planted_recovery(maps, planted):
    """Compares maps with the pairs that were planted, as precision and recall.

    Args:
        maps: `(K, H, W)` bool, as from `dominant_frequency_maps`.
        planted: `(K, H, W)` bool, the truth, as from `kf.data.planted_masks`.

    Returns:
        A dict of `(K,)` arrays:

        - `precision`: float64, the share of a map's pairs that are planted; NaN for an empty map.
        - `recall`: float64, the share of the planted pairs that are in the map; NaN without any.
        - `hits`, `found`, `planted`: int64 numbers of pairs, planted ones in the map, all in the
          map, and all planted.

    Raises:
        ValueError: If the shapes differ, or if a map is not symmetric.

    Example:
        >>> import numpy as np
        >>> planted = np.array([[[True, False, False, False, True]]])
        >>> recovery = planted_recovery(np.array([[[True, True, False, True, True]]]), planted)
        >>> recovery["precision"].tolist(), recovery["recall"].tolist()
        ([0.5], [1.0])
    """
    maps, planted = _same_shape(maps, planted, "planted")
    first = conjugate_pairs(maps.shape[1:])[:, 0]
    maps, planted = (stack.reshape(len(stack), -1)[:, first] for stack in (maps, planted))
    hits, found, there = ((maps & planted).sum(axis=1), maps.sum(axis=1), planted.sum(axis=1))
    return {
        "precision": ratio(hits, found),
        "recall": ratio(hits, there),
        "hits": hits,
        "found": found,
        "planted": there,
    }


def _same_shape(maps, other, name):
    """Checks two stacks of maps, which must have one shape."""
    maps, other = check_maps(maps), check_maps(other, name)
    if maps.shape != other.shape:
        raise ValueError(
            f"`maps` and `{name}` must have the same shape. "
            f"Received: {maps.shape} and {other.shape}"
        )
    return maps, other


def _checked_importance(importance):
    """Reads importance `(K, H, W)`: symmetric, and NaN for whole classes only."""
    shape = "(K, H, W), as the `loss_change` of a FrequencyImportance"
    importance = checks.real_array("imp", importance, shape, ndim=3).astype(np.float64)
    missing = np.isnan(importance)
    for class_id in np.flatnonzero(missing.any(axis=(1, 2)) & ~missing.all(axis=(1, 2))):
        raise ValueError(
            "`imp` must be NaN for a whole class or not at all. Received: class "
            f"{class_id} with {missing[class_id].sum()} NaN of {missing[class_id].size}"
        )
    # The two values of a pair may differ by rounding, if each was computed by itself.
    scale = np.max(np.abs(importance), initial=0.0, where=np.isfinite(importance))
    if not np.allclose(importance, conjugate(importance), 1e-4, 1e-6 * scale, equal_nan=True):
        raise ValueError(
            "`imp` must be the same at conjugate frequencies (u, v) and (-u, -v), which can only "
            "be removed together. Received: an asymmetric array"
        )
    return importance
