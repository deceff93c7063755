"""Folders as the data of an experiment: split, skipped and refused as its file says."""

import os
import warnings

import numpy as np
import pytest
from photo_cases import save
from PIL import Image

import keras_freq as kf
from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.experiments.data import load_data


def loaded(path, **table):
    data = {"source": "folder", "path": str(path), "image_size": 16, **table}
    base = {"name": "x", "model": {"name": "LeNet5"}, "train": {"steps": 1}}
    return load_data(parse_experiment({**base, "data": data}).data, validation=False)


def test_the_share_set_aside_is_that_of_every_class(tmp_path):
    rng = np.random.default_rng(0)
    for name, count in (("cat", 10), ("dog", 20)):
        for i in range(count):
            (tmp_path / name).mkdir(exist_ok=True)
            pixels = rng.integers(0, 256, (16, 16, 3)).astype("uint8")
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    data = loaded(tmp_path, test_fraction=0.2)
    assert np.bincount(data.train_labels).tolist() == [8, 16]
    assert np.bincount(data.test_labels).tolist() == [2, 4]
    train, test = (
        {image.tobytes() for image in part} for part in (data.train_images, data.test_images)
    )
    assert not train & test
    assert len(train | test) == 30


def test_splits_with_different_classes_are_told_apart(photo_folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    for split, names in (("train", ("cat", "dog", "bird")), ("val", ("cat", "dog", "Bird"))):
        for name in names:
            save(root / split / name / "1")
    message = r"train and val of .*only in train: bird; only in val: Bird. Add, remove or rename"
    with pytest.raises(ConfigError, match=message):
        loaded(root)
    with pytest.raises(ValueError, match=r"`classes` must name class folders.*'bird'. are missing"):
        kf.data.image_folder(root / "val", image_size=16, classes=["bird", "cat", "dog"])


def test_experiments_refuse_folders_that_they_would_misread(photo_folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    os.rename(photo_folder / "cat", root / "cat")
    with pytest.raises(ValueError, match="holds only 'cat'"):
        loaded(root)
    save(root / "train" / "cat" / "1")
    save(root / "train" / "dog" / "1")
    with pytest.raises(ConfigError, match=r"holds train, but none of test, val, validation. Add"):
        loaded(root)
    (root / "val" / "cat").mkdir(parents=True)
    (root / "val" / "dog").mkdir()
    with pytest.raises(ValueError, match=r"Every class folder.*val/cat, which holds none"):
        loaded(root)
    with pytest.raises(ConfigError, match=r"there is no folder .*1\.png \(a file\)"):
        loaded(root / "cat" / "1.png")
    (root / "val" / "cat").rmdir()
    (root / "val" / "cat").write_bytes(b"a file where a folder is expected")
    save(root / "val" / "dog" / "1")
    with pytest.raises(ConfigError, match=r"Received: only in train: cat\. Add, remove or rename"):
        loaded(root)


def test_a_class_may_be_called_train(photo_folder):
    os.rename(photo_folder / "cat", photo_folder / "train")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loaded(photo_folder).class_names == ["dog", "train"]


def test_experiments_skip_what_is_broken_if_told_to(photo_folder):
    (photo_folder / "cat" / "3.png").write_bytes(b"")
    with pytest.raises(ValueError, match="on_error"):
        loaded(photo_folder)
    with pytest.warns(UserWarning, match=r"Skipped 1 of 5"):
        data = loaded(photo_folder, on_error="skip")
    assert len(data.train_labels) + len(data.test_labels) == 4
