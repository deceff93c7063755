"""A small experiment, the whole way: its files, and its numbers against other computations."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
from experiment_cases import FILES, TINY
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

import keras_freq as kf
from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.experiments import run_experiment
from keras_freq.lab.experiments.build import filter_mask
from keras_freq.lab.experiments.data import load_data
from keras_freq.lab.tables import read_matrices


def test_everything_is_written_and_nothing_else(finished):
    written = {p.relative_to(finished).as_posix() for p in finished.rglob("*") if p.is_file()}
    names = ["filters", "spectra", "adcs", "training", "f1_by_class", "f1_by_probe", "confusion"]
    names += ["relative_confusion", "importance", "maps_5_percent", "rates_5_percent"]
    names += ["without_maps_5_percent", "reliance", "roc", "shortcut"]
    figures = {f"figures/{n}.{s}" for n in [*names, "through_maps"] for s in ("png", "svg")}
    others = {"config.toml", "environment.json", "model.keras", "report.html"}
    assert written == set(FILES) | figures | others


def test_history_and_recording_count_every_image(finished):
    history = pd.read_csv(finished / "history.csv")
    # 80 images in batches of 32 are 3 steps an epoch.
    assert history["step"].tolist() == [3, 6, 9]
    frame = pd.read_csv(finished / "class_metrics.csv")
    train = frame[frame["source"] == "train"].groupby("step")["support"].sum()
    assert train.tolist() == [32, 32, 16, 32, 32, 16, 32, 32]
    probes = frame[frame["source"] != "train"].groupby(["source", "step"])["support"].sum()
    assert probes.index.tolist() == [
        ("test", 3),
        ("test", 6),
        ("without band 1", 3),
        ("without band 1", 6),
    ]
    assert set(probes) == {24}


def test_confusions_are_those_of_the_saved_model(finished, tiny):
    data = load_data(tiny.data)
    model = keras.models.load_model(finished / "model.keras", compile=False)
    neutral = data.train_images.mean(axis=(0, 1, 2), dtype=np.float64)
    mask = kf.band_stop_mask(16, 2, 4)
    filtered = np.fft.ifft2(
        np.fft.fft2(data.test_images - neutral, axes=(1, 2))
        * np.fft.ifftshift(mask)[None, ..., None],
        axes=(1, 2),
    ).real
    frame = pd.read_csv(finished / "confusion.csv")
    for name, images in (("test", data.test_images), ("without band 2", filtered + neutral)):
        predicted = model.predict(images.astype("float32"), verbose=0).argmax(axis=1)
        expected = np.zeros((4, 4), int)
        np.add.at(expected, (data.test_labels, predicted), 1)
        counts = frame.loc[frame["set"] == name, "count"].to_numpy().reshape(4, 4)
        np.testing.assert_array_equal(counts, expected)


def test_changes_of_the_confusion_are_filtered_minus_untouched(finished):
    counts = read_matrices(finished / "confusion.csv")
    changes = read_matrices(finished / "relative_confusion.csv")
    assert set(changes) == set(counts) - {"test"}
    for name, change in changes.items():
        np.testing.assert_allclose(change, 100 * (counts[name] - counts["test"]) / 6)


def test_probes_see_filtered_images(tmp_path):
    train = {"steps": 3, "batch_size": 32}
    recording = {"max_steps": 3, "probe_every": 1, "probes": ["test", "without band 1"]}
    raw = {**TINY, "train": train, "recording": recording, "analysis": {"importance": False}}
    folder = run_experiment(parse_experiment(raw), tmp_path / "run", progress=False)
    counts = read_matrices(folder / "confusion.csv")
    # After the last step a probe is the saved network on the images of the confusion matrix.
    last = pd.read_csv(folder / "class_metrics.csv").query("step == 3")
    assert (counts["test"] != counts["without band 1"]).any()
    for name in recording["probes"]:
        own = last[last["source"] == name].sort_values("class_id")
        assert own["tp"].tolist() == np.diag(counts[name]).tolist()
        predicted = (own["tp"] + own["fp"]).tolist()
        assert predicted == counts[name].sum(axis=0).tolist()


def test_the_analyses_are_those_of_the_library(finished, tiny):
    data = load_data(tiny.data)
    model = keras.models.load_model(finished / "model.keras", compile=False)
    neutral = data.train_images.mean(axis=(0, 1, 2), dtype=np.float64)
    with np.load(finished / "spectra.npz") as stored:
        own = kf.class_spectra(data.train, 4)
        np.testing.assert_allclose(stored["spectra"], own)
        np.testing.assert_array_equal(stored["adcs"], kf.adcs(own))
        np.testing.assert_allclose(stored["neutral"], neutral, rtol=1e-6)
    options = {"neutral": neutral, "seed": tiny.seed, "progress": False}
    importance = kf.FrequencyImportance.load(finished / "importance.npz")
    # The search split is the test set here.
    sample = data.sample("test", 3, tiny.seed)
    assert all((image == data.test_images).all(axis=(1, 2, 3)).any() for image in sample[0])
    own = kf.frequency_importance(model, sample, 4, fractions=(0.05,), **options)
    np.testing.assert_allclose(importance.loss_change, own.loss_change, atol=1e-6)
    np.testing.assert_allclose(importance.neutral, neutral, rtol=1e-6)
    maps = kf.dominant_frequency_maps(importance, 0.05)
    rates = pd.read_csv(finished / "rates.csv")
    own = kf.rates_under_maps(model, data.test, maps, **options)
    for name in ("positives", "tpr", "fpr", "random_tpr_high"):
        np.testing.assert_allclose(rates[name], own[name])
    without = pd.read_csv(finished / "without_maps.csv")
    own = kf.recall_without_maps(model, data.test, maps, **options)
    assert without["fraction"].tolist() == [0.05] * 4
    for name in ("cells", "recall", "recall_without", "random_recall_low"):
        np.testing.assert_allclose(without[name], own[name])
    moved = pd.read_csv(finished / "transplants.csv")
    options = {"seed": tiny.seed, "progress": False, "num_random": 80, "random_images": 4}
    own = kf.transplant_rates(model, data.test, maps, random="energy", **options)
    for name in ("swapped_in", "random_in", "swapped_out", "same_out", "in_p_holm"):
        np.testing.assert_allclose(moved[name], own[name])
    options |= {"num_random": 40, "random": "energy"}
    fine = kf.transplant_rates(model, data.test, kf.fine_parts(maps, sample), **options)
    for name, own in (
        ("fine_cells", "cells"),
        ("fine_in", "swapped_in"),
        ("fine_random_in", "random_in"),
    ):
        np.testing.assert_allclose(moved[name], fine[own])
    verdicts = pd.read_csv(finished / "verdicts.csv")
    own = kf.shortcut_table(rates, without, moved)
    assert verdicts["finding"].tolist() == own["finding"].tolist()
    planted = pd.read_csv(finished / "planted.csv")
    truth = kf.data.planted_masks(1, size=16, seed=tiny.data.seed)
    recovery = kf.planted_recovery(maps, truth)
    assert planted["class_name"].tolist() == ["C0"]
    for name in ("hits", "found", "planted", "precision", "recall"):
        np.testing.assert_allclose(planted[name], recovery[name][0])
    # Of 255 cells beside DC the map has this many, and each is planted with the same chance.
    expected = recovery["planted"][0] * maps[0].sum() / 255
    np.testing.assert_allclose(planted["expected"], expected)


def test_scores_are_the_probabilities_of_the_test_images(finished, tiny):
    data = load_data(tiny.data)
    model = keras.models.load_model(finished / "model.keras", compile=False)
    with np.load(finished / "scores.npz") as stored:
        np.testing.assert_array_equal(stored["labels"], data.test_labels)
        expected = model.predict(data.test_images, verbose=0)
        np.testing.assert_allclose(stored["scores"], expected, atol=1e-6)


def test_rates_by_class_are_those_of_scikit_learn(finished):
    with np.load(finished / "scores.npz") as stored:
        labels, scores = stored["labels"], stored["scores"]
    table = pd.read_csv(finished / "class_rates.csv")
    assert table["class_name"].tolist() == ["C0", "C1", "C2", "C3", "macro average"]
    assert table["images"].tolist() == [6, 6, 6, 6, 24]
    rates = precision_recall_fscore_support(labels, scores.argmax(axis=1), zero_division=np.nan)
    for name, expected in zip(("precision", "recall", "f1"), rates, strict=False):
        np.testing.assert_allclose(table[name][:4], expected)
        np.testing.assert_allclose(table[name][4], np.nanmean(expected))
    areas = [roc_auc_score(labels == k, scores[:, k]) for k in range(4)]
    np.testing.assert_allclose(table["auc"], [*areas, np.mean(areas)])


def test_the_model_is_saved_without_compile_state(finished):
    assert not keras.models.load_model(finished / "model.keras").compiled


def test_another_seed_gives_other_numbers_and_importance_can_be_left_out(finished, tmp_path):
    other = {**TINY, "seed": 1, "train": {"epochs": 1, "batch_size": 32}}
    other = parse_experiment({**other, "analysis": {"importance": False}})
    folder = run_experiment(other, tmp_path / "other", progress=False)
    assert not (folder / "importance.npz").exists()
    assert "Which frequencies it relies on" not in (folder / "report.html").read_text()
    first = pd.read_csv(finished / "class_metrics.csv").iloc[:12]
    second = pd.read_csv(folder / "class_metrics.csv").iloc[:12]
    assert not first.equals(second)


def test_environment_tells_versions_and_times(finished):
    environment = json.loads((finished / "environment.json").read_text())
    assert environment["packages"]["keras"] == keras.__version__
    assert environment["command"] == "keras-freq run tiny.toml"
    assert {"training", "importance", "rates"} <= set(environment["seconds"])


def test_training_that_diverges_says_so(tmp_path):
    wild = parse_experiment({**TINY, "train": {"epochs": 3, "learning_rate": 1e30}})
    with pytest.raises(ValueError, match=r"training diverged.*train.learning_rate"):
        run_experiment(wild, tmp_path / "wild", progress=False)


def test_an_image_too_small_for_the_model_is_refused_before_anything_is_written(tmp_path):
    small = parse_experiment({**TINY, "model": {"name": "AlexNetFlowers"}})
    with pytest.raises(ConfigError, match=r"`model`: `input_shape` of AlexNetFlowers"):
        run_experiment(small, tmp_path / "small", progress=False)
    wrong = parse_experiment({**TINY, "model": {"name": "LeNet5", "options": {"std": -3}}})
    with pytest.raises(ConfigError, match=r"`model`: .*std"):
        run_experiment(wrong, tmp_path / "small", progress=False)
    outside = {"type": "band-stop", "low": 40, "high": 60}
    empty = parse_experiment({**TINY, "filters": {"f": outside}, "recording": {}})
    with pytest.raises(ConfigError, match=r"`filters.f`: a mask must keep a frequency"):
        run_experiment(empty, tmp_path / "small", progress=False)
    assert not (tmp_path / "small").exists()


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        ({"type": "low-pass", "radius": 4}, lambda r: r < 4),
        ({"type": "high-pass", "fraction": 0.5}, lambda r: r >= 8),
        ({"type": "band-pass", "bands": [1, 4]}, lambda r: (r < 4) | (r >= 12)),
        ({"type": "band-stop", "bands": [2, 3]}, lambda r: (r < 4) | (r >= 12)),
        ({"type": "band-stop", "low": 3, "high": 5.5}, lambda r: (r < 3) | (r >= 5.5)),
    ],
)
def test_filter_masks_follow_the_file(table, kept):
    experiment = parse_experiment({**TINY, "filters": {"f": table}, "recording": {}})
    mask = filter_mask(experiment.filters["f"], (32, 32))
    np.testing.assert_array_equal(mask, kept(kf.radius_map(32)))


def test_a_network_without_softmax_learns_the_same(finished, tiny, tmp_path):
    model = {"name": "LeNet5", "options": {"classifier_activation": "linear"}}
    experiment = parse_experiment({**TINY, "model": model, "analysis": {"importance": False}})
    run_experiment(experiment, tmp_path / "linear", progress=False)
    expected = pd.read_csv(finished / "history.csv")
    history = pd.read_csv(tmp_path / "linear" / "history.csv")
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-4)
