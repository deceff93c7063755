"""Dominant-frequency maps, and how they compare."""

import math
import warnings

import numpy as np

from keras_freq.fourier import check_maps, conjugate, conjugate_pairs
from keras_freq.fourier.grid import pair_weights
from keras_freq.metrics import ratio


def num_cells(size, fraction):
    """Number of cells that a map of a fraction of the spectrum holds at least.

    Args:
        size: `(H, W)` of the spectrum.
        fraction: fraction of its cells, in (0, 1].

    Returns:
        `ceil(fraction * H * W)`.

    Raises:
        ValueError: when `fraction` is not in (0, 1].

    Example:
        >>> num_cells((32, 32), 0.01)
        11
    """
    if not 0 < fraction <= 1:
        raise ValueError(
            "`fraction` must be in (0, 1], the share of the spectrum's cells to keep (0.05 is "
            f"5 %). Received: fraction={fraction!r}"
        )
    # 0.07 * 100 is 7.000000000000001, which must stay 7.
    return math.ceil(round(fraction * size[0] * size[1], 6))


def dominant_frequency_maps(imp, fraction):
    """The most important frequencies of each class.

    Whole conjugate pairs enter by decreasing importance until the map holds at
    least `ceil(fraction * H * W)` cells: exactly so many, or one more. Of equally
    important pairs those of lower radius come first, then those first in
    row-major order.

    Args:
        imp: a `FrequencyImportance`, or its `loss_change`: `(K, H, W)`, centred,
            the same at conjugate frequencies.
        fraction: share of the spectrum's cells, in (0, 1]; 0.05 is "top 5 %". A screened search
            has settled the maps of its own `fractions` only: of others there is a warning.

    Returns:
        `(K, H, W)` bool, centred and symmetric, True = dominant. A class whose
        importance is NaN (it had no images) has an empty map.

    Raises:
        ValueError: when `fraction` is out of range, or `imp` has the wrong shape, is
            not symmetric, or is NaN in a part of a class.

    Warns:
        UserWarning: when `fraction` is none of those that a screened search has settled.

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
        DFMs of Wang et al., "What do neural networks learn in image classification? A
        frequency shortcut perspective", ICCV 2023: there a frequency and its mirror image are
        ranked by the loss when they are removed, one class at a time. Here the rank is by
        the change of the loss, which is the same order, and ties are settled by a rule.
    """
    importance = _checked_importance(getattr(imp, "loss_change", imp))
    _warn_of_unsettled(imp, fraction)
    size = importance.shape[1:]
    wanted = num_cells(size, fraction)
    pairs = conjugate_pairs(size)
    cells_of_pair = pair_weights(pairs)
    maps = np.zeros((len(importance), size[0] * size[1]), bool)
    for class_map, values in zip(maps, importance.reshape(maps.shape), strict=True):
        if np.isnan(values).any():
            continue
        # The pairs come by radius and row-major, and a stable sort keeps that among ties.
        order = np.argsort(-values[pairs[:, 0]], kind="stable")
        cells = np.cumsum(cells_of_pair[order])
        class_map[pairs[order[: np.searchsorted(cells, wanted) + 1]]] = True
    return maps.reshape(importance.shape)


def _warn_of_unsettled(imp, fraction):
    """Warns of maps at whose edge a screened search has not looked closely."""
    if getattr(imp, "method", None) != "screened" or np.isclose(fraction, imp.fractions).any():
        return
    settled = ", ".join(f"{one:g}" for one in imp.fractions)
    warnings.warn(
        f"The screened search has settled the maps of {settled} of the frequencies, not of "
        f"{fraction:g}: give `frequency_importance` fractions=({fraction:g},)",
        stacklevel=3,
    )


def map_overlap(maps, reference):
    """Share of a reference's cells that maps hold too: `|A and B| / |B|`.

    Args:
        maps: `(K, H, W)` bool.
        reference: `(K, H, W)` bool, for example maps of another search, another
            sample of images or another model.

    Returns:
        `(K,)` float64 in [0, 1]; NaN where the reference is empty.

    Raises:
        ValueError: when the shapes differ or a map is not symmetric.

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
    """How many of the planted pairs the maps have found.

    Args:
        maps: `(K, H, W)` bool, as from `dominant_frequency_maps`.
        planted: `(K, H, W)` bool, the truth, as from `kf.data.planted_masks`.

    Returns:
        A dict of `(K,)` arrays. float64: `precision` (share of a map's pairs that are
        planted) and `recall` (share of the planted pairs that the map has), NaN
        where the class has an empty map or no planted pair. int64: the pairs
        behind them, `hits`, `found` (in the map) and `planted`.

    Raises:
        ValueError: when the shapes differ or a map is not symmetric.

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
    """Both stacks of maps, checked and of one shape."""
    maps, other = check_maps(maps), check_maps(other, name)
    if maps.shape != other.shape:
        raise ValueError(
            f"`maps` and `{name}` must have the same shape. "
            f"Received: {maps.shape} and {other.shape}"
        )
    return maps, other


def _checked_importance(importance):
    """`(K, H, W)` importance, symmetric, each class either without NaN or NaN throughout."""
    importance = np.asarray(importance, dtype=np.float64)
    if importance.ndim != 3 or not importance.size:
        raise ValueError(
            "`imp` must be a FrequencyImportance or its `loss_change` (classes, height, width). "
            f"Received: shape {importance.shape}"
        )
    missing = np.isnan(importance)
    for class_id in np.flatnonzero(missing.any(axis=(1, 2)) & ~missing.all(axis=(1, 2))):
        raise ValueError(
            "`imp` must be NaN for a whole class or not at all. Received: class "
            f"{class_id} with {missing[class_id].sum()} NaN of {missing[class_id].size}"
        )
    # Values of a pair may differ by rounding, if they were computed for each cell.
    scale = np.max(np.abs(importance), initial=0.0, where=np.isfinite(importance))
    if not np.allclose(importance, conjugate(importance), 1e-4, 1e-6 * scale, equal_nan=True):
        raise ValueError(
            "`imp` must be the same at conjugate frequencies (u, v) and (-u, -v), which can only "
            "be removed together. Received: an asymmetric array."
        )
    return importance
