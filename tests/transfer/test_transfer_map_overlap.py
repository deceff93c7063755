"""Overlap of dominant-frequency maps of transferred networks with those of the bases."""

import dataclasses

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

import keras_freq as kf
from keras_freq.transfer import transferred_maps

SHAPE = (8, 8, 1)


def build_model(num_classes):
    """A convolution and two dense layers."""
    inputs = keras.Input(SHAPE)
    x = layers.Flatten()(layers.Conv2D(3, 3, activation="relu")(inputs))
    return keras.Model(inputs, layers.Dense(num_classes)(layers.Dense(6, "relu")(x)))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A small experiment and the halves that it was made of."""
    rng = np.random.default_rng(0)
    images, labels = rng.random((40, *SHAPE), np.float32), np.arange(40) % 4
    halves = kf.data.split_classes((images, labels), 4, class_names=["a", "b", "c", "d"])
    result = kf.layerwise_transfer(
        build_model,
        *[(half, half) for half in halves],
        treatments=["AnB", "random"],
        directions=["A->B"],
        layers=[1, 2],
        seeds=[0, 1],
        steps=3,
        folder=tmp_path_factory.mktemp("transfer") / "few",
        progress=False,
    )
    return result, halves


def overlap(found, **options):
    """The table of the experiment above."""
    result, (a, b) = found
    options = {"fraction": 0.2, "method": "exhaustive", "progress": False, **options}
    return kf.transfer_map_overlap(result, b, a, **options)


def test_every_network_is_compared(found):
    table = overlap(found)
    b = found[1][1]
    assert len(table) == 2 * 5 * (3 + 1)
    assert set(table["class_name"]) == {*b.class_names, "all"}
    assert table["overlap"].between(0, 1).all()
    assert (table["chance"] < table["chance_high"]).all()
    # 13 of 64 cells.
    assert table["chance"].mean() == pytest.approx(0.2, abs=0.05)


def test_overlaps_are_those_of_the_written_out_maps(found):
    table = overlap(found).query("seed == 1")
    table = table.set_index(["treatment", "n", "reference", "class_name"])["overlap"]
    result, (a, b) = found

    def maps(data, *key, **options):
        change = kf.frequency_importance(
            result.model(*key, **{"seed": 1, **options}),
            data,
            2,
            method="exhaustive",
            progress=False,
        ).loss_change
        return kf.dominant_frequency_maps(np.stack([*change, change.mean(axis=0)]), 0.2)

    base, other = maps(b, "base"), maps(a, "base", direction="B->A")
    # Networks are compared with the base of their seed, and bases with each other.
    for key in (("AnB", 2), ("random", 1), ("base", 0)):
        own = maps(b, *key)
        by_class = kf.map_overlap(own, maps(b, "base", seed=0) if key[1] == 0 else base)
        for name, value in zip([*b.class_names, "all"], by_class, strict=True):
            assert table[(*key, "target", name)] == value
        assert table[(*key, "source", "all")] == kf.map_overlap(own[2:], other[2:])[0]


def test_one_base_network_has_none_to_be_compared_with(found):
    result, (_, b) = found
    one = dataclasses.replace(result, frame=result.frame.query("seed == 0"))
    table = overlap((one, (None, b)))
    assert table.query("treatment == 'base'")["overlap"].isna().all()
    assert table.query("treatment != 'base'")["overlap"].notna().all()


def test_importance_is_computed_once(found, monkeypatch):
    table = overlap(found)
    monkeypatch.setattr(transferred_maps, "frequency_importance", None)
    pd.testing.assert_frame_equal(overlap(found), table, check_exact=True)
    some = overlap(found, treatments=["AnB"], layers=[2])
    assert set(zip(some["treatment"], some["n"], strict=True)) == {("base", 0), ("AnB", 2)}


def test_several_fractions_are_those_of_each(found):
    table = overlap(found, fraction=[0.1, 0.2])
    for fraction in (0.1, 0.2):
        own = table[table["fraction"] == fraction].drop(columns="fraction").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, overlap(found, fraction=fraction), check_exact=True)


def test_wrong_arguments_are_refused(found):
    for options, told in (
        ({"direction": "A-B"}, "`direction`"),
        ({"direction": "B->A"}, "must be among those of the result"),
        ({"treatments": ["AnA"]}, "`treatments`"),
        ({"treatments": "AnA"}, "Received: treatments='AnA'"),
        ({"layers": 7}, "`treatments` and `layers`"),
        ({"layers": [7]}, "`treatments` and `layers`"),
        ({"num_random": 0}, "`num_random`"),
        ({"fraction": 2}, "fraction"),
    ):
        with pytest.raises(ValueError, match=told):
            overlap(found, **options)
    with pytest.raises(TypeError, match="`target_images"):
        kf.transfer_map_overlap(found[0], 3)
