"""The experiment files of the standard sets, on `mock_data`: nothing is downloaded."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import keras_freq as kf
from keras_freq.lab.config import ConfigError, load_experiments, parse_experiment
from keras_freq.lab.experiments import run_experiment
from keras_freq.lab.experiments.build import build_model
from keras_freq.lab.experiments.data import load_data

CONFIGS = Path(__file__).parents[2] / "configs"
FLOWERS = ["dandelion", "daisy", "tulips", "sunflowers", "roses"]
NAMES = {
    # The names of CIFAR-10's classes come with its download.
    "cifar10": [str(label) for label in range(10)],
    "fashion_mnist": None,
    "imagenet2012": list(kf.data.IMAGENET10.values()),
    "imagenette": None,
    "tf_flowers": FLOWERS,
}


def quick(name, *overrides):
    (experiment,) = load_experiments(CONFIGS / f"{name}.toml", overrides, quick=True)
    return experiment


def mocked(labels):
    """`mock_data` of random images with the labels 0, 1, ... of a set, or with those given."""

    def as_dataset(self, **kwargs):
        shape = [64 if side is None else side for side in self.info.features["image"].shape]
        rng = np.random.default_rng(0)
        wanted = labels or range(self.info.features["label"].num_classes)
        wanted = [label for label in wanted for _ in range(3)]
        images = rng.integers(0, 256, (len(wanted), *shape), dtype=np.uint8)
        encoded = [tf.io.encode_png(image).numpy() for image in images]
        return tf.data.Dataset.from_tensor_slices({"image": encoded, "label": np.array(wanted)})

    return tfds.testing.mock_data(as_dataset_fn=as_dataset)


@pytest.mark.parametrize("name", NAMES)
def test_the_file_gives_images_names_and_a_network_that_fits(name):
    experiment = quick(name)
    labels = None
    if name == "imagenet2012":
        names = tfds.builder("imagenet2012").info.features["label"].names
        labels = [names.index(wordnet_id) for wordnet_id in kf.data.IMAGENET10]
    with mocked(labels):
        data = load_data(experiment.data)
    side = experiment.data.image_size
    assert data.train_images.shape[1:3] == data.test_images.shape[1:3] == (side, side)
    # One of three is set aside for validation.
    assert np.bincount(data.train_labels).tolist() == [2] * len(data.class_names)
    assert np.bincount(data.validation[1]).tolist() == [1] * len(data.class_names)
    if NAMES[name] is not None:
        assert data.class_names == NAMES[name]
    if name == "imagenette":
        assert data.class_names == list(experiment.data.classes.values())
    model = build_model(experiment, data.image_shape, len(data.class_names))
    assert model.output_shape == (None, len(data.class_names))


def test_imagenette_names_every_class_of_the_set():
    names = tfds.builder("imagenette/160px-v2").info.features["label"].names
    assert list(quick("imagenette").data.classes) == names


def test_a_whole_run_on_two_classes_of_grey_images(tmp_path):
    changed = ['data.classes = ["Trouser", "Sneaker"]', "analysis.fractions = [0.05]"]
    experiment = quick("fashion_mnist", *changed)
    with mocked(None):
        folder = run_experiment(experiment, tmp_path / "run", progress=False)
    with np.load(folder / "spectra.npz") as stored:
        assert stored["class_names"].tolist() == ["Trouser", "Sneaker"]
        assert stored["spectra"].shape == (2, 28, 28, 1)
    # Of a training of one step there is no probe, and so no figure of what it shows.
    assert not (folder / "figures" / "reliance.png").exists()
    assert "Sneaker" in (folder / "report.html").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_had_is_said_at_once(name, tmp_path, monkeypatch):
    def no_network(request, timeout):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", no_network)
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    experiment = quick(name)
    start = time.monotonic()
    message = "ILSVRC2012_img_train.tar" if name == "imagenet2012" else "Connect to the network, or"
    with pytest.raises(ValueError, match=message) as error:
        run_experiment(experiment, tmp_path / "run", progress=False)
    assert str(tmp_path) in str(error.value)
    assert time.monotonic() - start < 20
    assert not (tmp_path / "run").exists()


def test_capped_classes_are_a_function_of_the_seed():
    table = {"source": "tfds", "name": "cifar10", "image_size": 32, "max_train_per_class": 2}
    base = {"name": "x", "model": {"name": "AlexNetSmall"}, "train": {"steps": 1}}
    experiment = parse_experiment({**base, "data": {**table, "max_test_per_class": 1}})
    with mocked(None):
        data = load_data(experiment.data)
        again = load_data(experiment.data)
    assert np.bincount(data.train_labels).tolist() == [1] * 10
    assert np.bincount(data.validation[1]).tolist() == [1] * 10
    assert np.bincount(data.test_labels).tolist() == [1] * 10
    np.testing.assert_array_equal(data.train_images, again.train_images)
    with pytest.raises(ConfigError, match=r"data.classes.*at least two"):
        parse_experiment({**base, "data": {**table, "classes": ["0"]}})


def test_splits_are_parts_of_those_that_are_there(tmp_path, monkeypatch):
    config = tfds.builder_cls("frequency_bands").builder_configs["b1"]
    monkeypatch.setattr(config, "train_per_class", 5)
    monkeypatch.setattr(config, "validation_per_class", 1)
    monkeypatch.setattr(config, "test_per_class", 1)

    def images(split):
        dataset = kf.data.tfds_dataset("frequency_bands/b1", split, data_dir=tmp_path)
        return np.concatenate([batch for batch, _ in dataset.as_numpy_iterator()])

    table = quick("tf_flowers").data
    train, test = images(table.train_split), images(table.test_split)
    assert (len(train), len(test)) == (18, 2)
    np.testing.assert_array_equal(np.concatenate([train, test]), images("train"))
    with pytest.raises(
        ValueError, match=r"`split`: .*'train', 'validation', 'test'.*Received: split='valid'"
    ):
        images("valid")
    with pytest.raises(ValueError, match=r"`split`: .*'train\[90%:\]'.*split='train\[:90%'"):
        images("train[:90%")
