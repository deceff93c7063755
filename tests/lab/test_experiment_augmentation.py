"""Augmentation in experiments: what it does to batches, and the loop of train, map, train again."""

import functools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from experiment_cases import (
    TRAINING_ONLY,
    assert_same_training,
    run_until_interrupted,
    same_content,
)

import keras_freq as kf
from keras_freq.lab.config import ConfigError, load_experiments, parse_experiment
from keras_freq.lab.experiments import run_experiment, run_sweep
from keras_freq.lab.experiments.build import build_augmentation, run_of
from keras_freq.lab.experiments.data import load_data

LOOP = """
[data]
source = "frequency_bands"
band = 1
size = 16
train_per_class = 16
test_per_class = 6
[model]
name = "LeNet5"
[train]
epochs = 2
batch_size = 32
checkpoint_seconds = 0
[augmentation]
maps_from = "recipe=none"
probability = 1.0
[recording]
probes = ["test"]
probe_every = 2
[analysis]
images_per_class = 2
fractions = [0.1]
transplants = []
[sweep]
augmentation.recipe = ["none", "dfm_x"]
"""


def augmentation(tmp_path, **table):
    experiment = parse_experiment({**TRAINING_ONLY, "augmentation": table})
    data = load_data(experiment.data)
    return build_augmentation(experiment, tmp_path / "tiny", data), data


@pytest.mark.parametrize("geometry", ["flowers", "pad_crop_flip", "resized_crop_flip"])
def test_geometry_moves_the_image(tmp_path, geometry):
    function, data = augmentation(tmp_path, geometry=geometry)
    images = data.train_images[:4]
    changed = np.asarray(function(images, data.train_labels[:4], seed=(0, 1)))
    assert changed.shape == images.shape
    assert not np.allclose(changed, images)


@pytest.mark.parametrize("recipe", ["auto_augment_imagenet", "rand_augment", "augmix"])
def test_recipes_follow_their_geometry(tmp_path, recipe):
    both, data = augmentation(tmp_path, geometry="pad_crop_flip", recipe=recipe)
    moved, _ = augmentation(tmp_path, geometry="pad_crop_flip")
    images, labels = data.train_images[:8], data.train_labels[:8]
    changed = np.asarray(both(images, labels, seed=(0, 1)))
    assert changed.shape == images.shape
    assert not np.allclose(changed, np.asarray(moved(images, labels, seed=(0, 1))))


def test_none_is_none(tmp_path):
    assert augmentation(tmp_path)[0] is None


def test_maps_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"needs `maps_from`"):
        parse_experiment({**TRAINING_ONLY, "augmentation": {"recipe": "dfm_x"}})
    with pytest.raises(ConfigError, match=r"there is no .*importance.npz. Run that experiment"):
        augmentation(tmp_path, recipe="dfm_x", maps_from=str(tmp_path / "elsewhere"))
    other = kf.frequency_importance(
        kf.models.LeNet5((16, 16, 3), 2),
        (np.random.default_rng(0).random((4, 16, 16, 3)), [0, 1, 0, 1]),
        2,
        progress=False,
    )
    other.save(tmp_path / "importance.npz")
    with pytest.raises(ConfigError, match="the maps must be those of 4 classes of images of 16 x"):
        augmentation(tmp_path, recipe="dfm_x", maps_from=str(tmp_path))
    with pytest.raises(ConfigError, match=r"This run is called tiny"):
        augmentation(tmp_path, recipe="dfm_x", maps_from="recipe=none")


def test_without_its_maps_nothing_is_written(tmp_path):
    table = {"recipe": "dfm_x", "maps_from": str(tmp_path / "elsewhere")}
    with pytest.raises(ConfigError, match="Run that experiment first"):
        run_experiment(parse_experiment({**TRAINING_ONLY, "augmentation": table}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "loop.toml"
    path.write_text(LOOP)
    experiments = load_experiments(path)
    folder = tmp_path_factory.mktemp("runs") / "loop"
    # The run that needs maps comes before the one that makes them, and is tried again.
    return experiments, run_sweep(experiments[::-1], folder, progress=False)


def test_the_second_run_trains_on_images_seen_through_maps_of_the_first(loop):
    experiments, folder = loop
    assert [e.name for e in experiments] == ["recipe=none", "recipe=dfm_x"]
    data = load_data(experiments[1].data)
    neutral = data.train_images.mean(axis=(0, 1, 2), dtype=np.float64)
    function = build_augmentation(experiments[1], folder / "recipe=dfm_x", data)
    images, labels = data.train_images[:6], data.train_labels[:6]
    seen = np.asarray(function(images, labels, seed=(0, 3)))
    importance = kf.FrequencyImportance.load(folder / "recipe=none" / "importance.npz")
    maps = kf.dominant_frequency_maps(importance, 0.1)
    for image, label, through in zip(images, labels, seen, strict=True):
        candidates = [
            kf.filter_images(image[None], maps[k], neutral=neutral).numpy()[0]
            for k in range(4)
            if k != label
        ]
        assert min(np.abs(candidate - through).max() for candidate in candidates) < 1e-4
    # Without DC an image keeps the channel means, or this would not have looked at them.
    assert not all(one[8, 8] for one in maps)
    first, second = (
        pd.read_csv(folder / e.name / "history.csv")["loss"].to_numpy() for e in experiments
    )
    assert not np.allclose(first, second)
    assert (folder / "recipe=dfm_x" / "figures" / "augmented.png").exists()
    assert not (folder / "recipe=none" / "figures" / "augmented.png").exists()
    assert (
        "what the network was trained on" in (folder / "recipe=dfm_x" / "report.html").read_text()
    )


def test_an_augmented_run_that_was_stopped_goes_on_bit_for_bit(loop):
    experiments, folder = loop
    again = folder.parent / "again"
    (again / "recipe=none").mkdir(parents=True)
    maps = (folder / "recipe=none" / "importance.npz").read_bytes()
    (again / "recipe=none" / "importance.npz").write_bytes(maps)
    run_until_interrupted(experiments[1], again / "recipe=dfm_x", epochs=1)
    run_experiment(experiments[1], again / "recipe=dfm_x", progress=False)
    assert_same_training(again / "recipe=dfm_x", folder / "recipe=dfm_x")
    rates = (base / "recipe=dfm_x" / "rates.csv" for base in (folder, again))
    assert same_content(*rates)


def test_windows_have_at_least_the_area_asked_for(tmp_path):
    whole, _ = augmentation(tmp_path, geometry="resized_crop_flip", crop_area=1.0)
    parts, _ = augmentation(tmp_path, geometry="resized_crop_flip")
    ramp = np.broadcast_to(np.linspace(0, 1, 16)[:, None, None], (32, 16, 16, 3)).astype("float32")
    labels = np.zeros(32, int)
    # Of all of the image, with its border of 4, every row and so every grey is seen.
    ranges = [
        np.ptp(np.asarray(f(ramp, labels, seed=(0, 1))), axis=(1, 2, 3)) for f in (whole, parts)
    ]
    assert ranges[0].min() > 0.9
    assert ranges[1].min() < 0.7


def test_maps_come_from_a_part_of_the_name_or_from_a_folder(tmp_path):
    own = tmp_path / "recipe=dfm_x,seed=0"
    assert run_of("recipe=none", own) == tmp_path / "recipe=none,seed=0"
    assert run_of("runs/loop/recipe=none", own) == Path("runs/loop/recipe=none")
    with pytest.raises(ConfigError, match="names a part of the name"):
        run_of("model=VGG16", own)


def test_recipes_are_those_of_the_library(tmp_path):
    recipes = {
        "auto_augment_imagenet": functools.partial(kf.augment.auto_augment, policy="imagenet"),
        "auto_augment_cifar10": functools.partial(kf.augment.auto_augment, policy="cifar10"),
        "rand_augment": kf.augment.rand_augment,
        "augmix": kf.augment.augmix,
        "amplitude_mix": kf.augment.random_amplitude_mix,
    }
    results = set()
    for name, expected in recipes.items():
        function, data = augmentation(tmp_path, recipe=name)
        images, labels = data.train_images[:8], data.train_labels[:8]
        own = np.asarray(function(images, labels, seed=(0, 1)))
        np.testing.assert_array_equal(own, kf.augment.compose(expected)(images, seed=(0, 1)))
        results.add(own.tobytes())
    assert len(results) == len(recipes)
