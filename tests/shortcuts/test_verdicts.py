"""Verdicts of rates, in words, and whether shortcuts hold elsewhere."""

import keras
import numpy as np
import pandas as pd
import pytest
from shortcuts_cases import PATTERNS, wave

import keras_freq as kf
from keras_freq.shortcuts import shortcut_table, shortcut_transfer


def test_shortcut_table(reader, data, maps):
    table = shortcut_table(kf.rates_under_maps(reader, data, maps, class_names=list(PATTERNS)))
    assert table["is_shortcut"].tolist() == [True, False, False]
    first_words = [verdict.split(":")[0] for verdict in table["verdict"]]
    assert first_words == ["shortcut", "specific", "no evidence"]
    maps = maps.copy()
    maps[1] = False
    table = shortcut_table(kf.rates_under_maps(reader, data, maps))
    assert table["verdict"][1].startswith("no rates") and not table["is_shortcut"][1]
    rates = kf.rates_under_maps(reader, data, maps)
    both = pd.concat([rates.assign(fraction=f) for f in (0.1, 0.2)], ignore_index=True)
    assert shortcut_table(both)["fraction"].tolist() == [0.1] * 3 + [0.2] * 3
    transfer = shortcut_transfer({"here": both, "there": both}, reference="here")
    assert len(transfer) == 12 and transfer["fraction"].nunique() == 2
    with pytest.raises(ValueError, match=r"`rates`.*fpr_above_chance"):
        shortcut_table(pd.DataFrame({"tpr": [1.0]}))


def test_a_shortcut_of_one_image_is_weak(reader, data, maps):
    rates = kf.rates_under_maps(reader, data, maps)
    rates.loc[0, ["tpr", "random_tpr_high", "random_fpr_high"]] = 0.9, 0.1, 0.0
    for fpr, first_words in ((1 / 300, "weak shortcut"), (0.051, "shortcut")):
        table = shortcut_table(rates.assign(fpr=fpr))
        assert table["is_shortcut"][0] and table["verdict"][0].startswith(f"{first_words}: ")
    rates.loc[0, "random_fpr_high"] = 0.3  # 0.35 - 0.3 < 0.05 in floating point
    assert shortcut_table(rates.assign(fpr=0.35))["verdict"][0].startswith("shortcut: ")
    missing = rates.assign(fpr=[0.35, np.nan, 0.0])
    expected = shortcut_table(missing)["verdict"].tolist()
    assert shortcut_table(missing.convert_dtypes())["verdict"].tolist() == expected
    rates.loc[0, "random_tpr_high"] = 0.86
    assert shortcut_table(rates.assign(fpr=0.5))["verdict"][0].startswith("weak shortcut: ")


def test_shortcuts_transfer_with_their_pattern(reader, data, maps):
    """Elsewhere the images of class b do not show pattern a, or the model is blind to it."""
    images, labels = data
    honest = images.copy()
    honest[labels == 1, ..., 0] -= 0.15 * wave(PATTERNS["a"])
    blind = keras.models.clone_model(reader)
    kernel, bias = (np.array(weights) for weights in reader.layers[-1].get_weights())
    kernel[:, 0] = 0
    blind.layers[-1].set_weights([kernel, bias])
    settings = {
        "honest": (reader, (honest, labels)),
        "blind": (blind, data),
        "same": (reader, data),
        "none": (reader, (images[labels == 2], labels[labels == 2])),
    }
    rates = {
        name: kf.rates_under_maps(model, dataset, maps)
        for name, (model, dataset) in settings.items()
    }
    table = shortcut_transfer(rates, reference="same").set_index(["setting", "class_id"])
    assert table.index.unique("setting").tolist() == ["same", "honest", "blind", "none"]
    assert table["fate"].xs(0, level="class_id").to_dict() == {
        "same": "transfers",
        "honest": "lost",
        "blind": "lost",
        "none": "unknown",
    }
    assert table.loc[("honest", 0), "tpr_change"] == 0
    assert table.loc[("honest", 0), "fpr_change"] == pytest.approx(-30 / 80)
    assert table.loc[("blind", 0), "tpr_change"] == -1
    assert (table["fate"].xs(1, level="class_id").drop("none") == "none").all()
    assert shortcut_transfer(rates, reference="honest").query("setting == 'same'")[
        "fate"
    ].tolist() == ["new", "none", "none"]
    with pytest.raises(ValueError, match=r"`reference` must be one of"):
        shortcut_transfer(rates, reference="other")
    rates["honest"] = rates["honest"].assign(cells=3)
    with pytest.raises(ValueError, match=r"same maps"):
        shortcut_transfer(rates, reference="same")
