"""Validation images choose epochs and rates, and test images choose nothing."""

import dataclasses
import typing
from pathlib import Path

import keras
import numpy as np
import pytest
from experiment_cases import TINY
from PIL import Image

import keras_freq as kf
from keras_freq.data.planted_cues import CUES
from keras_freq.lab.config import load_experiments, parse_experiment
from keras_freq.lab.config.data_schema import FrequencyBandsData
from keras_freq.lab.experiments import training
from keras_freq.lab.experiments.build import build_model
from keras_freq.lab.experiments.data import load_data

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))


def folder_of(path, counts):
    """Writes class folders of random images, and returns the folder."""
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        for i in range(count):
            file = path / name / f"{i}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (16, 16, 3)).astype("uint8")).save(file)
    return path


def loaded(path, **table):
    data = {"source": "folder", "path": str(path), "image_size": 16, **table}
    base = {"name": "x", "model": {"name": "LeNet5"}, "train": {"steps": 1}}
    return load_data(parse_experiment({**base, "data": data}).data)


def images_of(pair):
    return {image.tobytes() for image in pair[0]}


def counts_of(*pairs):
    return [np.bincount(labels).tolist() for _, labels in pairs]


def test_the_three_parts_of_a_folder_have_no_image_in_common(tmp_path):
    data = loaded(folder_of(tmp_path, {"cat": 10, "dog": 30}), validation_fraction=0.25)
    parts = (data.train, data.validation, data.test)
    assert counts_of(*parts) == [[6, 18], [2, 6], [2, 6]]
    sets = [images_of(part) for part in parts]
    assert len(set.union(*sets)) == 40 == sum(map(len, sets))
    # Another seed sets others aside.
    again, other = (loaded(tmp_path, validation_fraction=0.25, seed=seed) for seed in (0, 1))
    assert images_of(again.validation) == sets[1]
    assert images_of(other.validation) != sets[1]
    assert images_of(other.test) != sets[2]


def test_a_folder_of_validation_images_is_read(tmp_path):
    for index, part in enumerate(("train", "val", "test")):
        folder_of(tmp_path / part, {"cat": 4 + index, "dog": 4})
    data = loaded(tmp_path)
    assert counts_of(data.train, data.validation, data.test) == [[4, 4], [5, 4], [6, 4]]


def test_without_a_test_folder_the_validation_images_test(tmp_path):
    for part in ("train", "val"):
        folder_of(tmp_path / part, {"cat": 10, "dog": 10})
    data = loaded(tmp_path, max_train_per_class=5, validation_fraction=0.4)
    assert counts_of(data.train, data.validation, data.test) == [[3, 3], [2, 2], [10, 10]]


def test_synthetic_splits_are_those_of_the_library():
    table = FrequencyBandsData(
        source="frequency_bands", band=2, cues="two", size=16, seed=7, validation_per_class=3
    )
    images, labels = load_data(table.model_copy(update={"train_per_class": 2})).validation
    own, own_labels = kf.data.frequency_bands(
        2, split="validation", per_class=3, size=16, seed=7, cues="two"
    )
    np.testing.assert_array_equal(images, own)
    np.testing.assert_array_equal(labels, own_labels)


def test_files_may_name_every_kind_of_cue():
    annotation = FrequencyBandsData.model_fields["cues"].annotation
    assert typing.get_args(annotation) == tuple(CUES)


def test_the_seed_of_the_experiment_changes_no_image():
    tables = [parse_experiment({**TINY, "seed": seed}).data for seed in (0, 1)]
    assert tables[0] == tables[1]
    other = parse_experiment({**TINY, "data": {**TINY["data"], "seed": 1}}).data
    assert load_data(other).digest() != load_data(tables[0]).digest()


def test_other_test_images_change_nothing_of_the_training(tmp_path):
    """The epoch and the rates are the same bits; with other validation images they are not."""
    options = {"learning_rate": 0.3, "plateau_patience": 1, "keep": "best"}
    train = {"epochs": 3, "batch_size": 32, **options}
    experiment = parse_experiment({**TINY, "train": train})
    plain = load_data(experiment.data)
    noise = np.random.default_rng(0).random(plain.test_images.shape, np.float32)
    cases = {
        "plain": plain,
        "test": dataclasses.replace(plain, test_images=noise),
        "validation": dataclasses.replace(plain, validation=(noise, plain.test_labels)),
    }
    histories, weights = {}, {}
    for name, data in cases.items():
        keras.utils.set_random_seed(0)
        model = build_model(experiment, data.image_shape, 4)
        (tmp_path / name).mkdir()
        folder = tmp_path / name
        training.train(model, data, experiment, probes={}, folder=folder, progress=False)
        histories[name] = (folder / "history.csv").read_bytes()
        model = keras.models.load_model(folder / "model.keras", compile=False)
        weights[name] = np.concatenate([w.ravel() for w in model.get_weights()]).tobytes()
    assert histories["test"] == histories["plain"] != histories["validation"]
    assert weights["test"] == weights["plain"]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_no_file_lets_test_images_choose(path):
    for experiment in load_experiments(path):
        assert getattr(experiment.analysis, "search_split", "train") != "test"
    assert "on the test images no longer" not in path.read_text()
    assert "often on the test images" not in path.read_text()
