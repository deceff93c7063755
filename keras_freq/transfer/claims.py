"""What the source says of transfer, and what an experiment measures of it, with intervals."""

import dataclasses

import numpy as np

from keras_freq.transfer.boost import boost_over, bootstrap_means, check_columns, observation

# The source copies from 1 to 7 layers of a network of 8.
SOURCE_LAYERS = 7


@dataclasses.dataclass(frozen=True)
class Claim:
    """A difference of accuracies that a sentence of the source is about.

    Attributes:
        claim: The sentence.
        treatment: Whose accuracy.
        control: Minus which: "base", "chance", or a treatment of the same n.
        splits: "random" (similar tasks), "groups" (dissimilar ones), or "groups - random".
        layers: First and last n in the source.
        source: What the source found, in percentage points where it gives a number.
    """

    claim: str
    treatment: str
    control: str
    splits: str
    layers: tuple
    source: str


_FIRST = "The first layers transfer almost perfectly"
_MIDDLE = "The middle layers of BnB drop, since they had adapted to each other"
_RECOVERS = "BnB+ recovers what BnB lost"
_DROPS = "AnB drops more than BnB in the upper layers"
_UNLIKE = "AnB drops more between dissimilar tasks"
_BOOST = "AnB+ generalises better than a network trained on B alone"
_RANDOM = "Random lower layers fall to chance from layer 3 on"
_DISTANT = "Even layers of a dissimilar task are better than random ones"

CLAIMS = (
    Claim(_FIRST, "AnB", "base", "random", (1, 2), "about 0"),
    Claim(_MIDDLE, "BnB", "base", "random", (3, 6), "a drop, largest at 4 and 5"),
    Claim(_RECOVERS, "BnB+", "base", "random", (3, 6), "about 0"),
    Claim(_RECOVERS, "BnB+", "BnB", "random", (3, 6), "a gain"),
    Claim(_DROPS, "AnB", "BnB", "random", (4, 7), "a drop, largest at 6 and 7"),
    Claim(_DROPS, "AnB", "base", "random", (7, 7), "-8"),
    Claim(_UNLIKE, "AnB", "base", "groups", (7, 7), "-25"),
    Claim(_UNLIKE, "AnB", "base", "groups - random", (1, 7), "a drop that grows with n"),
    Claim(_BOOST, "AnB+", "base", "random", (1, 7), "+1.6"),
    Claim(_BOOST, "AnB+", "BnB+", "random", (1, 7), "+1.4"),
    Claim(_RANDOM, "random", "base", "random", (1, 2), "a drop"),
    Claim(_RANDOM, "random", "chance", "random", (3, 7), "about 0"),
    Claim(_DISTANT, "AnB", "random", "groups", (1, 7), "a gain"),
)


def transfer_claims(frame, num_layers, *, num_bootstrap=10_000, confidence=0.95, seed=0):
    """Measures what the source says of transfer, as differences of accuracies with intervals.

    A row is a mean difference over networks and its percentile interval from a bootstrap of
    observations, which are seeds of splits, as in `transfer_boost`. It says what was measured, and
    leaves it to the reader whether that agrees with the source.

    Args:
        frame: DataFrame as `TransferResult.frame`, with the columns `split` (which split of the
            classes), `type` ("random" or "groups") and `chance` (accuracy of guessing).
        num_layers: Layers with weights of the network. The source's has 8; for others its ranges
            of layers are stretched.
        num_bootstrap: Number of bootstrap samples.
        confidence: Of the intervals, in (0, 1).
        seed: Of the bootstrap.

    Returns:
        A DataFrame, one row for each claim that the networks can answer: `claim`, `measured`
        ("AnB - base"), `splits`, `layers` ("1-2"), `mean`, `low`, `high` (differences of
        accuracies; no interval, NaN, for a single observation), `observations`, `networks`,
        `source` (what the source found, in percentage points).

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

    columns = ("treatment", "n", "seed", "direction", "accuracy", "split", "type", "chance")
    check_columns(frame, "frame", columns)
    rng = np.random.default_rng(seed)
    rows = []
    for claim in CLAIMS:
        first, last = _stretched(claim.layers, num_layers - 1)
        parts = [_inside(frame, kind, claim, first, last) for kind in claim.splits.split(" - ")]
        if not all(map(len, parts)):
            continue
        means = [part.groupby(observation(frame))["boost"].mean().to_numpy() for part in parts]
        drawn = [bootstrap_means(values, num_bootstrap, rng) for values in means]
        value, samples = means[0].mean(), drawn[0]
        if len(parts) == 2:
            value, samples = value - means[1].mean(), samples - drawn[1]
        tail = (1 - confidence) / 2
        interval = np.quantile(samples, [tail, 1 - tail])
        measured = f"{claim.treatment} - {claim.control}"
        layers = f"{first}-{last}" if last > first else str(first)
        counts = (sum(map(len, means)), sum(map(len, parts)))
        rows.append(
            (claim.claim, measured, claim.splits, layers, value, *interval, *counts, claim.source)
        )
    names = ["claim", "measured", "splits", "layers", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=[*names, "observations", "networks", "source"])


def _inside(frame, kind, claim, first, last):
    """The differences of a claim, network by network, on one type of split."""
    rows = frame[frame["type"] == kind]
    if claim.control == "chance":
        own = rows[rows["treatment"] == claim.treatment]
        differences = own.assign(boost=own["accuracy"] - own["chance"])
    else:
        differences = boost_over(rows, claim.treatment, claim.control)
    return differences[differences["n"].between(first, last)]


def _stretched(layers, count):
    """A range of the source's seven numbers of layers, for a network with `count` of them."""
    first = round((layers[0] - 1) * count / SOURCE_LAYERS) + 1
    return first, max(first, round(layers[1] * count / SOURCE_LAYERS))
