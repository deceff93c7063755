"""The claims of the source: means of differences between networks, with their intervals."""

import pandas as pd
import pytest

from keras_freq.transfer import transfer_claims


def claim_frame(seeds=3):
    """Accuracies whose differences are known: a slope for each treatment, twice for groups."""
    slopes = {"BnB": -0.01, "BnB+": 0.0, "AnB": -0.02, "AnB+": 0.01, "random": -0.05}
    rows = []
    for kind, factor in (("random", 1), ("groups", 2)):
        for seed in range(seeds):
            for direction in ("A->B", "B->A"):
                base = 0.8 + 0.01 * seed
                rows.append((kind, "base", 0, seed, direction, base))
                rows += [
                    (kind, name, n, seed, direction, base + factor * slope * n)
                    for name, slope in slopes.items()
                    for n in range(1, 8)
                ]
    frame = pd.DataFrame(rows, columns=["type", "treatment", "n", "seed", "direction", "accuracy"])
    return frame.assign(split=frame["type"], chance=0.2)


def test_claims_are_means_of_differences():
    table = transfer_claims(claim_frame(), 8)
    found = {(row.measured, row.splits, row.layers): row for row in table.itertuples(index=False)}
    expected = {
        ("AnB - base", "random", "1-2"): -0.02 * 1.5,
        ("BnB - base", "random", "3-6"): -0.01 * 4.5,
        ("BnB+ - base", "random", "3-6"): 0.0,
        ("BnB+ - BnB", "random", "3-6"): 0.01 * 4.5,
        ("AnB - BnB", "random", "4-7"): -0.01 * 5.5,
        ("AnB - base", "random", "7"): -0.14,
        ("AnB - base", "groups", "7"): -0.28,
        ("AnB - base", "groups - random", "1-7"): -0.02 * 4,
        ("AnB+ - base", "random", "1-7"): 0.04,
        ("AnB+ - BnB+", "random", "1-7"): 0.04,
        ("random - base", "random", "1-2"): -0.05 * 1.5,
        ("random - chance", "random", "3-7"): 0.81 - 0.05 * 5 - 0.2,
        ("AnB - random", "groups", "1-7"): 0.06 * 4,
    }
    assert set(found) == set(expected)
    for key, value in expected.items():
        row = found[key]
        assert row.mean == pytest.approx(value)
        assert row.low <= row.mean + 1e-12 and row.mean - 1e-12 <= row.high
        assert row.observations == (6 if " - " in row.splits else 3)
    # The same in every seed but for random networks against chance.
    assert found["random - chance", "random", "3-7"].low == pytest.approx(0.35, abs=1e-6)
    assert found["random - chance", "random", "3-7"].high == pytest.approx(0.37, abs=1e-6)


def test_claims_of_few_networks_and_of_deeper_ones():
    frame = claim_frame(seeds=1)
    assert transfer_claims(frame, 8)["low"].isna().all()
    only = frame[(frame["type"] == "groups") & frame["treatment"].isin(["base", "AnB"])]
    assert transfer_claims(only, 8)["measured"].tolist() == ["AnB - base"]
    layers = transfer_claims(frame, 15).set_index(["measured", "splits"])["layers"]
    assert layers["BnB - base", "random"] == "5-12"
    with pytest.raises(ValueError, match="one without chance"):
        transfer_claims(frame.drop(columns="chance"), 8)
