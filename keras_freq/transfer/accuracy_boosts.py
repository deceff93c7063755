"""Differences of accuracies: the paper's table 1 and its claims, with bootstrap intervals.

A *boost* is the accuracy of a network minus that of its control. It is negative where copying
layers costs accuracy.
"""

import numpy as np

from keras_freq import checks

COLUMNS = ("treatment", "n", "seed", "direction", "accuracy")
CONTROLS = ("base", "BnB+")

# The paper copies from 1 to 7 layers of a network of 8.
PAPER_LAYERS = 7

_FIRST = "The first layers transfer almost perfectly"
_MIDDLE = "The middle layers of BnB drop, since they had adapted to each other"
_RECOVERS = "BnB+ recovers what BnB lost"
_DROPS = "AnB drops more than BnB in the upper layers"
_UNLIKE = "AnB drops more between dissimilar tasks"
_BOOST = "AnB+ generalises better than a network trained on B alone"
_RANDOM = "Random lower layers fall to chance from layer 3 on"
_DISTANT = "Even layers of a dissimilar task are better than random ones"

# Each claim with a difference that it is about: the treatment, and minus which control ("base",
# "chance", or a treatment of the same n); on which splits ("random": similar tasks, "groups":
# dissimilar ones, or the difference of both); the first and last n in the paper; and what the paper
# found, in percentage points where it gives a number.
PAPER_CLAIMS = (
    (_FIRST, "AnB", "base", "random", (1, 2), "about 0"),
    (_MIDDLE, "BnB", "base", "random", (3, 6), "a drop, largest at 4 and 5"),
    (_RECOVERS, "BnB+", "base", "random", (3, 6), "about 0"),
    (_RECOVERS, "BnB+", "BnB", "random", (3, 6), "a gain"),
    (_DROPS, "AnB", "BnB", "random", (4, 7), "a drop, largest at 6 and 7"),
    (_DROPS, "AnB", "base", "random", (7, 7), "-8"),
    (_UNLIKE, "AnB", "base", "groups", (7, 7), "-25"),
    (_UNLIKE, "AnB", "base", "groups - random", (1, 7), "a drop that grows with n"),
    (_BOOST, "AnB+", "base", "random", (1, 7), "+1.6"),
    (_BOOST, "AnB+", "BnB+", "random", (1, 7), "+1.4"),
    (_RANDOM, "random", "base", "random", (1, 2), "a drop"),
    (_RANDOM, "random", "chance", "random", (3, 7), "about 0"),
    (_DISTANT, "AnB", "random", "groups", (1, 7), "a gain"),
)


def transfer_boost(frame, *, layers=None, num_bootstrap=10_000, confidence=0.95, seed=0):
    """The mean boost of fine-tuned transfer (AnB+) over its controls, with bootstrap intervals.

    The control of a network has the same seed and direction: it is the base network of its task, or
    BnB+ of the same n. All networks of one seed depend on the same two bases, so that a seed is one
    observation. Its boosts are averaged first, over layers and directions, and the bootstrap draws
    seeds. One seed has no interval (NaN). With fewer than five or so, the interval is too narrow.

    Args:
        frame: DataFrame as `TransferResult.frame`. To join the frames of several splits of the
            classes, add a column `split` that tells them apart. An observation is then a seed of a
            split.
        layers: Ranges `(first, last)` of n to average over. Defaults to from 1, 3 and 5 to the last
            one, as in the paper, as far as the network goes.
        num_bootstrap: Number of bootstrap samples. Defaults to 10,000.
        confidence: Of the percentile intervals, in (0, 1). Defaults to 0.95.
        seed: Of the bootstrap. Defaults to 0.

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

    checks.table("frame", frame, COLUMNS, "TransferResult.frame")
    bootstrap = _Bootstrap(frame, num_bootstrap, confidence, seed)
    boosts = {control: boost_over(frame, "AnB+", control) for control in CONTROLS}
    there = boosts["base"]["n"]
    if not len(there):
        raise ValueError('`frame` must hold networks "AnB+" and their "base". Received: none')
    rows = []
    for first, last in _checked_ranges(layers, int(there.max())):
        for control, table in boosts.items():
            inside = table[table["n"].between(first, last)]
            rows.append((f"{first}-{last}", control, *bootstrap.summary(inside)))
    return pd.DataFrame(rows, columns=["layers", "over", "boost", *bootstrap.COLUMNS])


def transfer_claims(frame, num_layers, *, num_bootstrap=10_000, confidence=0.95, seed=0):
    """Measures what the paper says of transfer, as differences of accuracies with intervals.

    A row is a mean difference over networks and its percentile interval from a bootstrap of
    observations, which are seeds of splits, as in `transfer_boost`. It says what was measured.
    Whether that agrees with the paper is for the reader to judge.

    Args:
        frame: DataFrame as `TransferResult.frame`, with the columns `split` (which split of the
            classes), `type` ("random" or "groups") and `chance` (accuracy of guessing).
        num_layers: Number of layers with weights of the network. The paper's has 8; for other
            networks its ranges of layers are stretched.
        num_bootstrap: Number of bootstrap samples. Defaults to 10,000.
        confidence: Of the intervals, in (0, 1). Defaults to 0.95.
        seed: Of the bootstrap. Defaults to 0.

    Returns:
        A DataFrame, one row for each claim that the networks can answer: `claim`, `measured`
        ("AnB - base"), `splits`, `layers` ("1-2"), `mean`, `low`, `high` (differences of
        accuracies; no interval, NaN, for a single observation), `observations`, `networks`,
        `source` (what the paper found, in percentage points).

    Raises:
        TypeError, ValueError: If `frame` is not as above.

    Example:
        >>> import pandas as pd
        >>> rows = [("base", 0, 0.5), ("AnB", 1, 0.5), ("AnB", 2, 0.48)]
        >>> frame = pd.DataFrame(rows, columns=["treatment", "n", "accuracy"])
        >>> frame = frame.assign(seed=0, direction="A->B", split="a", type="random", chance=0.2)
        >>> transfer_claims(frame, 8)[["claim", "measured", "layers", "mean"]].round(3)
                                                claim    measured layers  mean
        0  The first layers transfer almost perfectly  AnB - base    1-2 -0.01

    Source:
        Yosinski et al. (2014), sections 4.1 to 4.3, figures 2 and 3, table 1.
    """
    import pandas as pd

    columns = (*COLUMNS, "split", "type", "chance")
    checks.table("frame", frame, columns, "TransferResult.frame")
    bootstrap = _Bootstrap(frame, num_bootstrap, confidence, seed)
    rows = []
    for claim, treatment, control, splits, paper_layers, source in PAPER_CLAIMS:
        first, last = _stretched(paper_layers, num_layers - 1)
        parts = []
        for kind in splits.split(" - "):
            boosts = boost_over(frame[frame["type"] == kind], treatment, control)
            parts.append(boosts[boosts["n"].between(first, last)])
        if all(map(len, parts)):
            layers = f"{first}-{last}" if last > first else str(first)
            measured = (claim, f"{treatment} - {control}", splits, layers)
            rows.append((*measured, *bootstrap.summary(*parts), source))
    names = ["claim", "measured", "splits", "layers", "mean"]
    return pd.DataFrame(rows, columns=[*names, *bootstrap.COLUMNS, "source"])


def boost_over(frame, treatment, control):
    """Accuracy of a treatment minus that of its control, network by network.

    Args:
        frame: DataFrame as `TransferResult.frame`.
        treatment: Name of the treatment.
        control: "base", a treatment with the same n, or "chance" for the column of that name.

    Returns:
        A DataFrame of the treatment's rows, with a column `boost`; those without control are
        left out.
    """
    rows = frame[frame["treatment"] == treatment]
    if control == "chance":
        return rows.assign(boost=rows["accuracy"] - rows["chance"])
    keys = [*_observation(frame), "direction"] + ([] if control == "base" else ["n"])
    controls = frame[frame["treatment"] == control][[*keys, "accuracy"]]
    if controls.duplicated(keys).any():
        raise ValueError(
            "`frame` must hold each network once; tell joined splits apart by a column `split`. "
            f"Received: several {control!r} for one of {keys}"
        )
    joined = rows.merge(controls.rename(columns={"accuracy": "control"}), on=keys)
    return joined.assign(boost=joined["accuracy"] - joined["control"])


def _observation(frame):
    """The columns that name an independent observation."""
    return ["split", "seed"] if "split" in frame.columns else ["seed"]


class _Bootstrap:
    """Draws observations, and summarises boosts by their mean and its interval."""

    COLUMNS = ("low", "high", "observations", "networks")

    def __init__(self, frame, num_samples, confidence, seed):
        self.observation = _observation(frame)
        self.num_samples = checks.integer("num_bootstrap", num_samples)
        tail = (1 - checks.confidence(confidence)) / 2
        self.quantiles = [tail, 1 - tail]
        self.rng = np.random.default_rng(seed)

    def summary(self, boosts, subtracted=None):
        """The mean boost, and the values of `COLUMNS`.

        Args:
            boosts: DataFrame as from `boost_over`.
            subtracted: Another one, whose mean boost is subtracted, or None.
        """
        parts = [part for part in (boosts, subtracted) if part is not None]
        values = [part.groupby(self.observation)["boost"].mean().to_numpy() for part in parts]
        means = [one.mean() if len(one) else np.nan for one in values]
        samples = [self._sample_means(one) for one in values]
        low, high = np.quantile(samples[0] - sum(samples[1:]), self.quantiles)
        return means[0] - sum(means[1:]), low, high, sum(map(len, values)), sum(map(len, parts))

    def _sample_means(self, values):
        """Means of bootstrap samples of observations; NaN if there are fewer than two."""
        if len(values) < 2:
            return np.full(self.num_samples, np.nan)
        drawn = self.rng.integers(0, len(values), (self.num_samples, len(values)))
        return values[drawn].mean(axis=1)


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


def _stretched(layers, count):
    """A range of the paper's seven numbers of layers, for a network with `count` of them."""
    first = round((layers[0] - 1) * count / PAPER_LAYERS) + 1
    return first, max(first, round(layers[1] * count / PAPER_LAYERS))
