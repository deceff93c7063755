"""What a search keeps of the changes of the loss: their means, errors, and sums over folds."""

import numpy as np

from keras_freq.fourier.grid import pair_values_to_maps

# The images of a class are dealt into so many folds, whose sums tell how stable maps are.
FOLDS = 10
_MAPS = ("loss_change", "stderr", "search_stderr")


def summary_of(found):
    """Keeps the means, errors and sums of a `ClassChanges`, not the changes of each image.

    Args:
        found: A `ClassChanges`, whose images are in random order.

    Returns:
        A dict of what `FrequencyImportance` holds of one class. Maps are arrays `(P,)` of pairs.
    """
    count = len(found.changes)
    stderr = np.full(found.changes.shape[1], np.nan)
    if count > 1:
        variance = found.changes.var(axis=0, ddof=1) + found.unseen_variance
        stderr = np.sqrt(variance / count + found.search_stderr**2)
    # The images are in random order, so every tenth of them makes a random fold.
    folds = [found.changes[fold::FOLDS] for fold in range(min(FOLDS, count))]
    return {
        "loss_change": found.changes.mean(axis=0),
        "stderr": stderr,
        "search_stderr": found.search_stderr,
        "base_loss": found.base.mean(),
        "images": count,
        "expected_overlap": found.expected_overlap,
        "fold_sums": np.stack([fold.sum(axis=0) for fold in folds]),
        "fold_images": np.array([len(fold) for fold in folds]),
    }


def empty_rows(number, size, num_pairs, num_fractions):
    """Makes the arrays of a `FrequencyImportance` of so many classes, as if none had images."""
    # Memory is taken by what is written: the zeros of folds that no image is in take none.
    return {
        **{name: np.full((number, *size), np.nan) for name in _MAPS},
        "base_loss": np.full(number, np.nan),
        "images": np.zeros(number, int),
        "expected_overlap": np.full((number, num_fractions), np.nan),
        "fold_sums": np.zeros((number, FOLDS, num_pairs)),
        "fold_images": np.zeros((number, FOLDS), int),
    }


def write_row(rows, row, summary, pairs):
    """Writes the summary of a class into a row of arrays.

    Args:
        rows: As from `empty_rows`.
        row: Index of the row.
        summary: As from `summary_of`.
        pairs: `(P, 2)` flat indices of conjugate pairs.
    """
    for name, value in summary.items():
        if name in _MAPS:
            rows[name][row] = pair_values_to_maps(value, pairs, rows[name].shape[1:])
        elif name.startswith("fold_"):
            rows[name][row, : len(value)] = value
        else:
            rows[name][row] = value
