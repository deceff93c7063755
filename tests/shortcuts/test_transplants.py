"""Exchanged frequencies: models with a known answer, and the same rates the long way."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from shortcuts_cases import pair_mask

import keras_freq as kf
from keras_freq.metrics import wilson_interval
from keras_freq.shortcuts.donors import dealt_donors
from keras_freq.shortcuts.random_baseline import random_maps

PLANTED = [(3, 0), (5, 7), (9, 2)]
CONTRACT = [
    *("class_id", "class_name", "cells", "untouched_in", "swapped_in", "swapped_in_low"),
    *("swapped_in_high", "random_in", "random_in_high", "in_p_value", "untouched_out"),
    *("swapped_out", "swapped_out_low", "swapped_out_high", "random_out", "random_out_low"),
    "out_p_value",
]


def energy_model(patterns, least):
    """Says 0 where the planted frequencies together have enough energy, whatever their phases."""
    waves = [turned(pattern, phase) for pattern in patterns for phase in (0, np.pi / 2)]
    kernel = np.stack(waves, axis=-1).reshape(-1, len(waves)) * (2 / waves[0].size)
    inputs = keras.Input((32, 32, 1))
    sides = keras.layers.Dense(len(waves), use_bias=False)(keras.layers.Flatten()(inputs))
    scores = keras.layers.Dense(3)(keras.ops.square(sides))
    model = keras.Model(inputs, scores)
    first, last = (layer for layer in model.layers if layer.weights)
    first.set_weights([kernel])
    last.set_weights([np.outer(np.ones(len(waves)), [1.0, 0, 0]), np.array([-least, 0, -1e-6])])
    return model


def turned(pattern, phase):
    y, x = np.mgrid[:32, :32]
    return np.cos(2 * np.pi * (pattern[0] * y + pattern[1] * x) / 32 + phase)


@pytest.fixture(scope="module")
def planted():
    """Three classes of noise; class 0 has three more frequencies, of random phases."""
    rng = np.random.default_rng(0)
    labels = np.arange(150) % 3
    images = 0.5 + 0.05 * rng.normal(size=(150, 32, 32, 1))
    for i in np.flatnonzero(labels == 0):
        images[i, ..., 0] += sum(0.05 * turned(one, 2 * np.pi * rng.random()) for one in PLANTED)
    maps = np.stack([sum(map(pair_mask, PLANTED)) > 0, *map(pair_mask, [(1, 1), (0, 6)])])
    return energy_model(PLANTED, 0.004), (images.astype("float32"), labels), maps


@pytest.mark.parametrize("random", ["cells", "energy"])
@pytest.mark.parametrize("what", ["content", "amplitude", "phase"])
def test_a_network_that_measures_the_planted_energy_and_nothing_else(planted, what, random):
    model, data, maps = planted
    rates = kf.transplant_rates(model, data, maps, what=what, random=random, random_images=20)
    assert rates.columns.tolist()[: len(CONTRACT)] == CONTRACT
    row = rates.loc[0]
    assert row[["untouched_in", "untouched_out"]].tolist() == [0, 1]
    # Random maps of the same energy have many more cells, and none of the planted ones either.
    assert row["random_in"] == 0 and row["random_out"] >= 0.95
    # The network does not know phases: amplitude alone makes others class 0, and phase does not.
    moved = 0 if what == "phase" else 1
    assert row[["swapped_in", "swapped_out"]].tolist() == [moved, 1 - moved]
    assert row[["other_in", "same_out"]].tolist() == [0, 1]
    least = 1 / 201 if moved else 1
    assert row[["in_p_value", "out_p_value"]].tolist() == [least, least]
    assert row[["in_p_holm", "out_p_holm"]].tolist() == [3 * least if moved else 1] * 2
    assert row["in_donor_p_value"] < 1e-9 if moved else row["in_donor_p_value"] == 1
    assert (rates.loc[1:, ["in_p_holm", "out_p_holm"]] == 1).all(axis=None)
    np.testing.assert_allclose(
        row[["swapped_in_low", "swapped_in_high"]].astype(float), wilson_interval(100 * moved, 100)
    )
    assert rates["what"].eq(what).all() and not rates["has_dc"].any()
    assert rates[["positives", "negatives"]].values.tolist() == [[50, 100]] * 3


@pytest.fixture(scope="module")
def odd():
    """A small network and noise of odd, rectangular, coloured images."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((9, 12, 3)),
            keras.layers.Rescaling(4.0, -2.0),
            keras.layers.Conv2D(6, 3, activation="relu", kernel_initializer="he_normal"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax", kernel_initializer="he_normal"),
        ]
    )
    rng = np.random.default_rng(1)
    importance = rng.normal(size=(3, 9, 12))
    importance += kf.fourier.conjugate(importance)
    importance[2, 4, 6] = 9  # DC is in the map of class 2
    images = rng.random((50, 9, 12, 3), dtype=np.float32)
    return model, images, rng.integers(0, 3, 50), kf.dominant_frequency_maps(importance, 0.3)


def answers_with(model, images, donors, mask, what):
    """The exchange of whole spectra in NumPy, and what the model says."""
    own, other = np.fft.fft2(images, axes=(1, 2)), np.fft.fft2(images[donors], axes=(1, 2))
    mixed = {
        "content": other,
        "amplitude": np.abs(other) * np.exp(1j * np.angle(own)),
        "phase": np.abs(own) * np.exp(1j * np.angle(other)),
    }[what]
    spectra = np.where(np.fft.ifftshift(mask)[None, ..., None], mixed, own)
    return np.argmax(model(np.fft.ifft2(spectra, axes=(1, 2)).real.astype("float32")), axis=1)


def pixel_energy(images, mask):
    """The squared distance of the pixels from their mean, with the frequencies of the map alone."""
    spectra = np.fft.fft2(images, axes=(1, 2)) * np.fft.ifftshift(mask)[None, ..., None]
    kept = np.fft.ifft2(spectra, axes=(1, 2)).real
    return ((kept - kept.mean(axis=(1, 2), keepdims=True)) ** 2).sum(axis=(1, 2, 3))


@pytest.mark.parametrize(
    ("what", "random"), [("content", "cells"), ("amplitude", "energy"), ("phase", "cells")]
)
def test_rates_the_long_way(odd, what, random):
    model, images, labels, maps = odd
    rates = kf.transplant_rates(
        model, (images, labels), maps, what=what, random=random, num_random=40, random_images=None
    )
    donors = dealt_donors(labels, 3, seed=0)
    power = None
    if random == "energy":
        amplitudes = np.fft.fftshift(np.fft.fft2(images, axes=(1, 2)), axes=(1, 2))
        power = (np.abs(amplitudes) ** 2).mean(axis=(0, 3))
    before = np.argmax(model(images), axis=1)
    for k, row in rates.iterrows():
        of_k = labels == k
        # They have none of the map's frequencies, but for DC.
        drawn = random_maps(maps[k], 40, power=power, disjoint=True, seed=(0, k))

        def called(mask, side, k=k):
            return answers_with(model, images, donors[k][:, side], mask, what) == k

        assert row["untouched_in"] == (before == k)[~of_k].mean()
        assert row["untouched_out"] == (before == k)[of_k].mean()
        with_own, with_other = called(maps[k], 1), called(maps[k], 0)
        assert row["swapped_in"] == with_own[~of_k].mean()
        assert row["other_in"] == with_other[~of_k].mean()
        assert row["swapped_out"] == with_other[of_k].mean()
        assert row["same_out"] == with_own[of_k].mean()
        chance_in = [called(mask, 1)[~of_k].mean() for mask in drawn]
        chance_out = [called(mask, 0)[of_k].mean() for mask in drawn]
        np.testing.assert_allclose(row["random_in"], np.mean(chance_in))
        np.testing.assert_allclose(row["random_out"], np.mean(chance_out))
        np.testing.assert_allclose(row["random_in_high"], np.max(chance_in))
        np.testing.assert_allclose(row["random_out_low"], np.min(chance_out))
        as_much = np.sum(np.array(chance_in) >= row["swapped_in"] - 1e-9)
        np.testing.assert_allclose(row["in_p_value"], (1 + as_much) / 41)
        as_much = np.sum(np.array(chance_out) <= row["swapped_out"] + 1e-9)
        np.testing.assert_allclose(row["out_p_value"], (1 + as_much) / 41)
        # In pixels: what the donors' maps hold, and what the others keep.
        given, kept = (
            pixel_energy(images[part], mask).mean()
            for part, mask in ((of_k, maps[k]), (~of_k, ~maps[k]))
        )
        np.testing.assert_allclose(row["donor_energy"], given / (given + kept), rtol=1e-6)
    assert rates["has_dc"].tolist() == maps[:, 4, 6].tolist()
    assert rates["random_images_out"].tolist() == np.bincount(labels).tolist()


def test_the_map_is_compared_on_the_images_of_the_random_maps(odd):
    """With few of them, shares of random maps are multiples of their number."""
    model, images, labels, maps = odd
    rates = kf.transplant_rates(model, (images, labels), maps, num_random=40, random_images=1)
    assert rates["random_images_in"].tolist() == rates["random_images_out"].tolist() == [1, 1, 1]
    assert set(rates["random_in_high"]) <= {0.0, 1.0}
    whole = kf.transplant_rates(model, (images, labels), maps, num_random=40)
    same = ["swapped_in", "swapped_out", "other_in", "same_out", "untouched_in"]
    pd.testing.assert_frame_equal(rates[same], whole[same])


def test_batches_and_kinds_of_data_do_not_matter(odd):
    model, images, labels, maps = odd
    options = {"num_random": 40, "random_images": 10}
    expected = kf.transplant_rates(model, (images, labels), maps, **options)
    dataset = tf.data.Dataset.from_tensor_slices((images, np.eye(3)[labels])).batch(7)
    dataset.class_names = ["0", "1", "2"]
    for batch_size in (None, 33):
        rates = kf.transplant_rates(model, dataset, maps, batch_size=batch_size, **options)
        pd.testing.assert_frame_equal(rates, expected)
    one_hot = kf.transplant_rates(model, (images, np.eye(3)[labels]), maps, **options)
    pd.testing.assert_frame_equal(one_hot, expected)
    other = kf.transplant_rates(model, dataset, maps, seed=1, **options)
    assert (other["untouched_in"] == expected["untouched_in"]).all()
    assert (other["swapped_in"] != expected["swapped_in"]).any()


def test_a_search_that_was_stopped_goes_on(odd, tmp_path):
    model, images, labels, maps = odd
    options = {"num_random": 40, "batch_size": 8, "checkpoint": tmp_path / "log"}
    expected = kf.transplant_rates(model, (images, labels), maps, **options)
    log = (tmp_path / "log").read_bytes()
    (tmp_path / "log").write_bytes(log[: len(log) // 2])
    again = kf.transplant_rates(model, (images, labels), maps, **options)
    pd.testing.assert_frame_equal(again, expected)
    assert (tmp_path / "log").read_bytes() == log
    with pytest.raises(ValueError, match="of another search"):
        kf.transplant_rates(model, (images, labels), maps, what="phase", **options)


def test_classes_without_map_without_images_or_without_others(odd):
    model, images, labels, maps = odd
    maps = maps.copy()
    maps[0] = False
    present = labels != 1
    options = {"num_random": 40}
    rates = kf.transplant_rates(model, (images[present], labels[present]), maps, **options)
    assert rates["cells"][0] == 0 and rates["positives"][1] == 0
    measured = [name for name in CONTRACT[4:] if not name.startswith("untouched")]
    measured.append("donor_energy")
    assert rates.loc[0, measured].isna().all()
    assert rates.loc[1, measured].isna().all()  # neither donors nor images
    assert rates.loc[2, measured].notna().all()
    assert rates.loc[0, ["untouched_in", "untouched_out"]].notna().all()
    assert rates.loc[2, "in_p_holm"] == max(rates.loc[2, ["in_p_value", "in_donor_p_value"]])
    alone = labels == 2
    rates = kf.transplant_rates(model, (images[alone], labels[alone]), maps, **options)
    assert rates.loc[2, measured].isna().all()
    assert rates.loc[2, "untouched_out"] >= 0


def test_a_low_frequency_network_and_dc(odd):
    """The network reads the mean alone: a map of DC moves it, and its random maps hold DC too."""
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.GlobalAveragePooling2D()])
    model.add(keras.layers.Dense(2))
    model.layers[-1].set_weights([np.array([[1.0, -1.0]]), np.array([-0.5, 0.5])])
    labels = np.arange(40) % 2
    images = np.full((40, 8, 8, 1), 0.25, np.float32)
    images[labels == 0] = 0.75
    maps = np.zeros((2, 8, 8), bool)
    maps[:, 4, 4] = maps[:, 4, 3] = maps[:, 4, 5] = True
    rates = kf.transplant_rates(model, (images, labels), maps)
    assert rates["has_dc"].all()
    assert rates[["untouched_in", "swapped_in", "random_in"]].values.tolist() == [[0, 1, 1]] * 2
    assert (rates["in_p_value"] == 1).all()
    # Random maps do as much, by the mean: that is no reason to find nothing.
    found = kf.shortcut_table(transplants=rates)
    assert found["finding"].tolist() == ["cannot tell"] * 2
    assert "with random frequencies and the mean 100 %); but the mean of" in found["verdict"][0]


@pytest.mark.parametrize("what", ["content", "phase"])
def test_who_becomes_what_the_long_way(odd, what):
    model, images, labels, maps = odd
    names = ["a", "b", "c"]
    options = {"what": what, "class_names": names}
    table = kf.transplant_matrix(model, (images, labels), maps, **options)
    assert table["donor_name"].tolist() == names * 3
    donors = dealt_donors(labels, 3, seed=0)
    before = np.argmax(model(images), axis=1)
    for row in table.itertuples():
        of_class, k = labels == row.class_id, row.donor_id
        after = answers_with(model, images, donors[k][:, 1], maps[k], what)
        assert row.images == of_class.sum()
        assert row.untouched == (before == k)[of_class].mean()
        assert row.swapped == (after == k)[of_class].mean()
        np.testing.assert_allclose(
            [row.swapped_low, row.swapped_high],
            wilson_interval((after == k)[of_class].sum(), of_class.sum()),
        )
    # The same donors as of the rates: the weighted mean over other classes.
    rates = kf.transplant_rates(
        model, (images, labels), maps, num_random=40, random_images=1, **options
    )
    others = table[table["class_id"] != table["donor_id"]]
    for k, part in others.groupby("donor_id"):
        mean = np.average(part["swapped"], weights=part["images"])
        np.testing.assert_allclose(rates["swapped_in"][k], mean)
    present = labels != 1
    maps = maps.copy()
    maps[0] = False
    part = kf.transplant_matrix(model, (images[present], labels[present]), maps)
    known = part.pivot(index="class_id", columns="donor_id", values="swapped").notna()
    assert known.values.tolist() == [[False, False, True], [False] * 3, [False, False, True]]


def test_workers_give_the_same(odd):
    from concurrent.futures import ThreadPoolExecutor

    model, images, labels, maps = odd
    options = {"num_random": 40, "batch_size": 16}
    expected = kf.transplant_rates(model, (images, labels), maps, **options)
    with ThreadPoolExecutor(2) as executor:
        rates = kf.transplant_rates(model, (images, labels), maps, executor=executor, **options)
    pd.testing.assert_frame_equal(rates, expected)


def test_what_does_not_fit_is_refused(odd):
    model, images, labels, maps = odd
    data = images, labels
    with pytest.raises(TypeError, match=r"`model` must be a keras.Model"):
        kf.transplant_rates(lambda x: x, data, maps)
    with pytest.raises(ValueError, match=r"`maps` must be boolean"):
        kf.transplant_rates(model, data, maps.astype(int))
    with pytest.raises(ValueError, match=r"`maps` must have the size of the images, \(9, 12\)"):
        kf.transplant_rates(model, data, np.ones((3, 9, 9), bool))
    with pytest.raises(ValueError, match=r"`num_random` must be an integer >= 40"):
        kf.transplant_rates(model, data, maps, num_random=10)
    with pytest.raises(ValueError, match=r"`random_images` must be an integer >= 1"):
        kf.transplant_rates(model, data, maps, random_images=0)
    with pytest.raises(ValueError, match=r"`what` must be one of"):
        kf.transplant_rates(model, data, maps, what="contents")
    with pytest.raises(ValueError, match=r"`random` must be one of"):
        kf.transplant_rates(model, data, maps, random="radius")
    with pytest.raises(ValueError, match=r"class_names"):
        kf.transplant_rates(model, data, maps, class_names=["a"])


def test_one_frequency_that_decides_alone_is_no_matter_of_chance():
    """One random map in five would hold it, if random maps could hold what the map holds."""
    rows, columns = np.mgrid[:8, :8] / 8
    wave = np.cos(2 * np.pi * (2 * rows + 3 * columns))[..., None]
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model.set_weights([np.stack([-wave.reshape(-1), wave.reshape(-1)], axis=1), np.zeros(2)])
    labels = np.arange(60) % 2
    noise = np.random.default_rng(0).normal(0, 0.02, (60, 8, 8, 1))
    images = (0.5 + 0.1 * (2 * labels - 1)[:, None, None, None] * wave + noise).astype("float32")
    mask = np.zeros((8, 8), bool)
    mask[4 + 2, 4 + 3] = mask[4 - 2, 4 - 3] = True
    mask[4, 1:8] = mask[1:8, 4] = True  # 15 of 64 cells
    rates = kf.transplant_rates(model, (images, labels), np.stack([mask, mask]))
    assert rates["swapped_in"].tolist() == [1, 1]
    assert rates["in_p_value"].tolist() == [1 / 201, 1 / 201]
    assert rates["random_overlap"].tolist() == [0, 0]
    assert kf.shortcut_table(transplants=rates)["finding"][0] == "carried by few"


def test_random_maps_that_hold_the_map_are_no_control():
    """Random maps of equal energy hold parts of a map with most of it: nothing is told."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    images = 0.5 + 0.02 * rng.normal(size=(60, 32, 32, 1))
    images[..., 0] += 0.2 * turned((1, 0), 0)  # in all images: nearly all of the energy
    images[labels == 0, ..., 0] += 0.1 * turned(PLANTED[0], 0)
    masks = np.stack([pair_mask((1, 0)) | pair_mask(PLANTED[0]), *[pair_mask((0, 6))] * 2])
    options = {"num_random": 40, "random_images": 20}
    data = images.astype("float32"), labels
    model = energy_model(PLANTED[:1], 0.004)
    cells = kf.transplant_rates(model, data, masks, **options)
    assert kf.shortcut_table(transplants=cells)["finding"][0] != "nothing found"
    energy = kf.transplant_rates(model, data, masks, random="energy", **options)
    assert energy["swapped_in"][0] == 1 and energy["random_in_high"][0] == 1
    assert energy["random_overlap"][0] > 0.4 and energy["random_overlap"][1] == 0
    found = kf.shortcut_table(transplants=energy)
    assert found["finding"][0] == "cannot tell"
    assert "of the map's frequencies themselves" in found["verdict"][0]


def test_the_mean_alone_is_compared_with_donors_of_other_classes():
    """A map of DC alone has no random maps but itself: they are no evidence against it."""
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.GlobalAveragePooling2D()])
    model.add(keras.layers.Dense(3))
    model.layers[-1].set_weights([np.array([[1.0, -1.0, -1.0]]), np.array([-0.5, 0.5, 0.4])])
    labels = np.arange(60) % 3
    images = np.full((60, 8, 8, 1), 0.25, np.float32)
    images[labels == 0] = 0.75
    maps = np.zeros((3, 8, 8), bool)
    maps[:, 4, 4] = True
    rates = kf.transplant_rates(model, (images, labels), maps, num_random=40)
    assert rates[["untouched_in", "swapped_in", "other_in"]].values.tolist()[0] == [0, 1, 0]
    assert rates[["random_in", "in_p_value", "random_out", "out_p_value"]].isna().all(axis=None)
    assert (rates["random_images_in"] == 0).all() and rates["in_p_holm"][0] < 0.001
    found = kf.shortcut_table(transplants=rates)
    assert found["finding"][0] == "suspected shortcut"
    assert "with those of other classes 0 %);" in found["verdict"][0]
    assert "nan" not in " ".join(found["verdict"]) and "unknown" not in found["verdict"][0]
