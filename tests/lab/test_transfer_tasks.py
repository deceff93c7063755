"""The two tasks of each split: which classes and images they have, in memory and as streams."""

import numpy as np
import pandas as pd
import pytest
from experiment_cases import GROUPS, TRANSFER, changed_transfer
from PIL import Image

import keras_freq as kf
from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.config import transfer_schema as schema
from keras_freq.lab.experiments import run_transfer
from keras_freq.lab.experiments.data import load_data
from keras_freq.lab.experiments.transfer_tasks import load_tasks, split_data


def test_random_halves_are_those_of_split_classes():
    data = load_data(parse_experiment(TRANSFER).data, validation=False)
    pair = split_data(schema.RandomSplit(type="random", seed=1), data)
    expected = kf.data.split_classes(data.train, 4, seed=1, class_names=data.class_names)
    for task, half in zip(pair.tasks, expected, strict=True):
        assert task.class_names == half.class_names
        np.testing.assert_array_equal(task.train[0], half[0])
    a, b = pair.tasks
    assert not set(a.class_names) & set(b.class_names)
    images, labels = a.sample(2, seed=0)
    assert np.bincount(labels).tolist() == [2, 2] and len(images) == 4
    assert b.test_counts.tolist() == [6, 6]


def test_a_class_of_no_group_is_left_out():
    data = load_data(parse_experiment(TRANSFER).data, validation=False)
    five = np.arange(5).repeat(3)
    images = np.zeros((15, 16, 16, 3), np.float32)
    data = type(data)(images, five, images, five, class_names=["C0", "C1", "C2", "C3", "rest"])
    split = schema.GroupsSplit(type="groups", groups={**GROUPS, "rest": ""})
    tasks = split_data(split, data).tasks
    assert [task.group for task in tasks] == ["<old>", "new"]
    assert [task.class_names for task in tasks] == [["C0", "C1"], ["C2", "C3"]]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Some images of four classes, named as ImageNet names them."""
    rng = np.random.default_rng(0)
    root = tmp_path_factory.mktemp("data") / "photographs"
    for part, count in (("train", 5), ("val", 3)):
        for name in ("n01440764", "n01443537", "n02708093", "n02747177"):
            (root / part / name).mkdir(parents=True)
            for i in range(count + (name == "n02747177")):
                pixels = rng.integers(0, 255, (18, 20, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(root / part / name / f"{i}.png")
    return root


def streamed(path, **keys):
    """The file with images on disk."""
    data = {"source": "folder", "path": str(path), "image_size": 16}
    raw = changed_transfer(data=data, transfer__stream=True, **keys)
    raw["transfer"]["splits"] = [
        {"type": "random", "seed": 2},
        {"type": "groups", "groups": "imagenet"},
    ]
    return parse_experiment(raw)


def test_streams_hold_the_images_of_arrays(photographs):
    experiment = streamed(photographs)
    data = load_data(experiment.data, validation=False)
    for split, streams in zip(experiment.transfer.splits, load_tasks(experiment), strict=True):
        arrays = split_data(split, data)
        assert (streams.split, streams.type) == (arrays.split, arrays.type)
        for stream, array in zip(streams.tasks, arrays.tasks, strict=True):
            assert (stream.group, stream.class_names) == (array.group, array.class_names)
            assert stream.image_shape == array.image_shape == (16, 16, 3)
            assert stream.test_counts.tolist() == array.test_counts.tolist()
            test = [np.concatenate(p) for p in zip(*stream.test, strict=True)]
            for one, other in zip(test, array.test, strict=True):
                np.testing.assert_array_equal(one, other)
            images, labels = stream.sample(2, seed=0)
            assert np.bincount(labels).tolist() == [2, 2] and images.shape == (4, 16, 16, 3)


def test_a_streamed_experiment_goes_the_whole_way_and_on(photographs, tmp_path):
    experiment = streamed(
        photographs, transfer__treatments=["AnB"], transfer__layers=[4], analysis__fractions=[0.1]
    )
    folder = run_transfer(experiment, tmp_path / "out", progress=False)
    assert "natural" in (folder / "report.html").read_text()
    before = (folder / "transfer.csv").read_bytes()
    frame = pd.read_csv(folder / "transfer.csv")
    natural = frame[(frame["type"] == "groups") & (frame["direction"] == "A->B")]
    # B are the man-made classes, with 3 and 4 test images.
    assert set(natural["test_images"]) == {7} and set(natural["chance"]) == {4 / 7}
    for name in ("report.html", "transfer.csv"):
        (folder / name).unlink()
    run_transfer(experiment, folder, progress=False)
    assert (folder / "transfer.csv").read_bytes() == before


def test_streams_that_cannot_be_are_refused(photographs, tmp_path):
    with pytest.raises(ConfigError, match=r'transfer.stream needs data.source = "folder"'):
        parse_experiment(changed_transfer(transfer__stream=True))
    data = {"source": "folder", "path": "x", "image_size": 16, "max_test_per_class": 3}
    with pytest.raises(ConfigError, match=r"leave out data.max_train_per_class"):
        parse_experiment(changed_transfer(transfer__stream=True, data=data))
    with pytest.raises(ConfigError, match="must hold train and one of test, val"):
        run_transfer(streamed(photographs / "train"), tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_a_stream_of_tfds_has_the_classes_asked_for(tmp_path):
    import tensorflow_datasets as tfds

    # Without the network TFDS knows the classes by their numbers alone.
    classes = {"0": "plane", "3": "cat", "5": "dog", "8": "ship"}
    data = {"source": "tfds", "name": "cifar10", "image_size": 16, "classes": classes}
    mapping = {"plane": "vehicles", "ship": "vehicles", "cat": "animals", "dog": "animals"}
    splits = [{"type": "groups", "groups": mapping}]
    raw = changed_transfer(data=data, transfer__stream=True, transfer__splits=splits)
    with tfds.testing.mock_data(num_examples=80):
        (pair,) = load_tasks(parse_experiment(raw))
        assert [task.group for task in pair.tasks] == ["vehicles", "animals"]
        assert [task.class_names for task in pair.tasks] == [["plane", "ship"], ["cat", "dog"]]
        images, labels = pair.tasks[1].sample(1, seed=0)
    assert labels.tolist() in ([0, 1], [1, 0]) and images.shape == (2, 16, 16, 3)
