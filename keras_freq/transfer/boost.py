"""Table 1: what having seen another task first is worth."""

import numpy as np

CONTROLS = ("base", "BnB+")


def transfer_boost(frame, *, layers=None, num_bootstrap=10_000, confidence=0.95, seed=0):
    """The mean boost of fine-tuned transfer (AnB+) over its controls, with bootstrap intervals.

    The boost of a network is its accuracy minus that of its control of the same seed and
    direction: the base network of its task, or BnB+ of the same n. All networks of one seed depend
    on the same two bases, so that a seed is one observation: its boosts are averaged first, over
    layers and directions, and the bootstrap draws seeds. One seed has no interval (NaN); with
    fewer than five or so the interval is too narrow.

    Args:
        frame: DataFrame as `TransferResult.frame`. Frames of several splits of the classes can be
            joined, with a column `split` that tells them apart: an observation is then a seed of a
            split.
        layers: Ranges `(first, last)` of n to average over. None: from 1, 3 and 5 to the last one,
            as in the source, as far as the network goes.
        num_bootstrap: Number of bootstrap samples.
        confidence: Of the percentile intervals, in (0, 1).
        seed: Of the bootstrap.

    Returns:
        A DataFrame, one row for each range and control: `layers` ("1-7"), `over` ("base" or
        "BnB+"), `boost` (a difference of accuracies), `low`, `high`, `observations` (seeds),
        `networks` (of AnB+).

    Raises:
        TypeError, ValueError: If `frame` or an option is not as above.

    Example:
        >>> import pandas as pd
        >>> import keras_freq as kf
        >>> rows = [("base", 0, 0.5), ("BnB+", 1, 0.52), ("AnB+", 1, 0.55)]
        >>> frame = pd.DataFrame(rows, columns=["treatment", "n", "accuracy"])
        >>> table = kf.transfer_boost(frame.assign(seed=0, direction="A->B"))
        >>> table[["layers", "over", "boost"]].round(3)
          layers  over  boost
        0    1-1  base   0.05
        1    1-1  BnB+   0.03

    Source:
        Yosinski et al. (2014), table 1, which gives means without intervals.
    """
    import pandas as pd

    check_frame(frame)
    if not 0 < confidence < 1:
        raise ValueError(f"`confidence` must be in (0, 1). Received: confidence={confidence!r}")
    if num_bootstrap < 1:
        raise ValueError(f"`num_bootstrap` must be >= 1. Received: {num_bootstrap!r}")
    boosts = {control: boost_over(frame, "AnB+", control) for control in CONTROLS}
    there = boosts["base"]["n"]
    if not len(there):
        raise ValueError('`frame` must hold networks "AnB+" and their "base". Received: none')
    ranges = _checked_ranges(layers, int(there.max()))
    rng = np.random.default_rng(seed)
    tail = (1 - confidence) / 2
    rows = []
    for first, last in ranges:
        for control, table in boosts.items():
            inside = table[table["n"].between(first, last)]
            means = inside.groupby(observation(frame))["boost"].mean().to_numpy()
            samples = bootstrap_means(means, num_bootstrap, rng)
            low, high = np.quantile(samples, [tail, 1 - tail])
            boost = means.mean() if len(means) else np.nan
            counts = (len(means), len(inside))
            rows.append((f"{first}-{last}", control, boost, low, high, *counts))
    columns = ["layers", "over", "boost", "low", "high", "observations", "networks"]
    return pd.DataFrame(rows, columns=columns)


def boost_over(frame, treatment, control):
    """Accuracy of a treatment minus that of its control, network by network.

    Args:
        frame: DataFrame as `TransferResult.frame`.
        treatment: Name of the treatment.
        control: "base", or a treatment with the same n.

    Returns:
        A DataFrame of the treatment's rows, with a column `boost`; those without control are
        left out.
    """
    keys = [*observation(frame), "direction"] + ([] if control == "base" else ["n"])
    controls = frame[frame["treatment"] == control][[*keys, "accuracy"]]
    if controls.duplicated(keys).any():
        raise ValueError(
            "`frame` must hold each network once; tell joined splits apart by a column `split`. "
            f"Received: several {control!r} for one of {keys}"
        )
    controls = controls.rename(columns={"accuracy": "control"})
    joined = frame[frame["treatment"] == treatment].merge(controls, on=keys)
    return joined.assign(boost=joined["accuracy"] - joined["control"])


def observation(frame):
    """The columns that name an independent observation."""
    return ["split", "seed"] if "split" in frame.columns else ["seed"]


def check_frame(frame, name="frame"):
    """Raises unless a frame is one of a transfer experiment."""
    check_columns(frame, name, ("treatment", "n", "seed", "direction", "accuracy"))


def check_columns(frame, name, columns):
    """Raises unless an argument is a DataFrame that has rows and these columns."""
    if not hasattr(frame, "columns"):
        raise TypeError(
            f"`{name}` must be a DataFrame as from a transfer experiment. "
            f"Received: {type(frame).__name__}"
        )
    missing = [column for column in columns if column not in frame.columns]
    if missing or not len(frame):
        raise ValueError(
            f"`{name}` must have rows and the columns {', '.join(columns)}. Received: {len(frame)} "
            f"rows, missing columns {missing}"
        )


def bootstrap_means(means, num_bootstrap, rng):
    """Means of bootstrap samples of some observations; NaN if there is only one of these."""
    if len(means) < 2:
        return np.full(num_bootstrap, np.nan)
    drawn = rng.integers(0, len(means), (num_bootstrap, len(means)))
    return means[drawn].mean(axis=1)


def _checked_ranges(ranges, last):
    """Pairs of the first and the last n to average over."""
    if ranges is None:
        return [(first, last) for first in (1, 3, 5) if first <= last]
    pairs = [tuple(pair) if np.ndim(pair) == 1 else (pair, pair) for pair in ranges]
    if not pairs or any(len(pair) != 2 or pair[0] > pair[1] for pair in pairs):
        raise ValueError(
            "`layers` must be pairs (first, last) of numbers of layers, such as [(1, 7), (3, 7)]. "
            f"Received: layers={ranges!r}"
        )
    return pairs
