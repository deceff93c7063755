"""From the tables of an experiment file to arrays, filters and a model."""

import dataclasses
import math
from pathlib import Path

import numpy as np

from keras_freq import data as kf_data
from keras_freq.data.batches import collected
from keras_freq.fourier import (
    band_edges,
    band_pass_mask,
    high_pass_mask,
    low_pass_mask,
)
from keras_freq.interventions.checkpoint import fingerprint_of
from keras_freq.lab.config import ConfigError

TEST_FOLDERS = ("test", "val", "validation")


@dataclasses.dataclass(frozen=True, eq=False)
class Data:
    """The images of an experiment, in memory.

    Attributes:
        train_images: float32 `(N, H, W, C)` in [0, 1].
        train_labels: int64 `(N,)`.
        test_images: float32 `(M, H, W, C)`.
        test_labels: int64 `(M,)`.
        class_names: list of K strings.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: list

    @property
    def size(self):
        """Height and width of the images."""
        return self.train_images.shape[1:3]

    @property
    def train(self):
        """The pair of training arrays."""
        return self.train_images, self.train_labels

    @property
    def test(self):
        """The pair of test arrays."""
        return self.test_images, self.test_labels

    @property
    def channel_means(self):
        """`(C,)` float64 means of the training images: what an image without its DC becomes."""
        return self.train_images.mean(axis=(0, 1, 2), dtype=np.float64)

    def digest(self):
        """A hash of all images, labels and class names, as text: other data have another."""
        return fingerprint_of(self.class_names, *self.train, *self.test).hex()

    def sample(self, split, per_class, seed):
        """Draw up to `per_class` images of each class, a function of the seed alone."""
        images, labels = getattr(self, split)
        chosen = sample_of_each_class(labels, per_class, seed)
        return images[chosen], labels[chosen]


def load_data(table, seed):
    """Load train and test images.

    Args:
        table: The `[data]` table of an experiment.
        seed: Of what is drawn at random: a held-out split, capped classes.

    Returns:
        A `Data`, in which every class has images in both splits.

    Raises:
        ConfigError: If there is no such folder, or a class is empty.
        ValueError: If images cannot be read, or TFDS has no such set or split.
    """
    loaders = {
        "frequency_bands": _synthetic,
        "folder": _folder,
        "imagenet10": _imagenet10,
        "tfds": _tfds,
    }
    data = loaders[table.source](table, seed)
    for split, labels in (("training", data.train_labels), ("test", data.test_labels)):
        counts = np.bincount(labels, minlength=len(data.class_names))
        if not counts.all():
            empty = ", ".join(repr(data.class_names[k]) for k in np.flatnonzero(counts == 0))
            raise ConfigError(f"`data`: no {split} images of the class {empty}")
    return data


def _synthetic(table, _seed):
    """The two splits of a synthetic band."""
    options = {"size": table.size, "seed": table.seed}
    train = kf_data.frequency_bands(
        table.band, split="train", per_class=table.train_per_class, **options
    )
    test = kf_data.frequency_bands(
        table.band, split="test", per_class=table.test_per_class, **options
    )
    return Data(*train, *test, class_names=["C0", "C1", "C2", "C3"])


def _folder(table, seed):
    """A folder with train and test, or one that is divided here."""
    path = Path(table.path).expanduser()
    if not path.is_dir():
        raise ConfigError(
            f"`data.path`: there is no folder {path}{' (a file)' if path.exists() else ''}. "
            "Set it in the file, or with --set data.path=path/to/images"
        )
    tests = [path / name for name in TEST_FOLDERS if (path / name).is_dir()]
    if (path / "train").is_dir() and tests:
        train, test = (_read_folder(folder, table) for folder in (path / "train", tests[0]))
        _check_same_classes(path, tests[0].name, train[2], test[2])
        names = train[2]
    elif _holds_class_folders(path / "train"):
        raise ConfigError(
            f"`data.path`: {path} holds train, but none of {', '.join(TEST_FOLDERS)}. Add one of "
            f"them, or read {path / 'train'}, of which a part is then set aside for testing"
        )
    else:
        images, labels, names = _read_folder(path, table)
        held_out = _held_out(labels, table.test_fraction, seed)
        train = images[~held_out], labels[~held_out]
        test = images[held_out], labels[held_out]
    train = _capped(*train[:2], table.max_train_per_class, seed)
    test = _capped(*test[:2], table.max_test_per_class, seed)
    return Data(*train, *test, class_names=names)


def _check_same_classes(path, test, train_names, test_names):
    """Raises unless training and test images have the same class folders."""
    differences = [
        f"only in {split}: {', '.join(sorted(own - other))}"
        for split, own, other in (
            ("train", set(train_names), set(test_names)),
            (test, set(test_names), set(train_names)),
        )
        if own - other
    ]
    if differences:
        raise ConfigError(
            f"`data.path`: train and {test} of {path} must have the same class folders. "
            f"Received: {'; '.join(differences)}. Add, remove or rename folders"
        )


def _holds_class_folders(path):
    """Whether a folder holds folders and no images of its own."""
    if not path.is_dir():
        return False
    inside = list(path.iterdir())
    images = any(entry.suffix.lower() in kf_data.folder.SUFFIXES for entry in inside)
    return any(entry.is_dir() for entry in inside) and not images


def _read_folder(path, table):
    """All images of class folders, in the order of their names."""
    dataset = kf_data.image_folder(path, image_size=table.image_size, on_error=table.on_error)
    return *collected(dataset), list(dataset.class_names)


def _imagenet10(table, seed):
    """The ten classes of ImageNet-10, from folders or from TFDS."""
    options = {} if table.path is None else {"on_error": table.on_error}
    splits = []
    for split, most in (
        ("train", table.max_train_per_class),
        ("validation", table.max_test_per_class),
    ):
        dataset = kf_data.imagenet10(
            table.path, split=split, image_size=table.image_size, **options
        )
        splits.append(_capped(*collected(dataset), most, seed))
    return Data(*splits[0], *splits[1], class_names=list(dataset.class_names))


def _tfds(table, seed):
    """Two splits of a set of TensorFlow Datasets."""
    options = {name: getattr(table, name) for name in ("image_size", "classes", "data_dir")}
    splits = []
    for split, most in (
        (table.train_split, table.max_train_per_class),
        (table.test_split, table.max_test_per_class),
    ):
        dataset = kf_data.tfds_dataset(table.name, split, **options)
        splits.append(_capped(*collected(dataset), most, seed))
    return Data(*splits[0], *splits[1], class_names=list(dataset.class_names))


def _held_out(labels, fraction, seed):
    """Which images are set aside for testing: the same share of every class, at least one."""
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        count = max(1, round(fraction * len(own)))
        chosen[np.random.default_rng([seed, label]).permutation(own)[:count]] = True
    return chosen


def _capped(images, labels, per_class, seed):
    """At most `per_class` images of each class."""
    if per_class is None:
        return images, labels
    chosen = sample_of_each_class(labels, per_class, seed)
    return images[chosen], labels[chosen]


def sample_of_each_class(labels, per_class, seed):
    """Indices, in order, of up to `per_class` images of each class."""
    chosen = []
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        chosen.append(np.random.default_rng([seed, label]).permutation(own)[:per_class])
    return np.sort(np.concatenate(chosen))


def filter_mask(table, size):
    """The mask of one entry of `[filters]`.

    Args:
        table: A `CircleFilter` or `BandFilter`.
        size: `(H, W)` of the images.

    Returns:
        A boolean mask `(H, W)`.
    """
    if table.type in ("low-pass", "high-pass"):
        circle = low_pass_mask if table.type == "low-pass" else high_pass_mask
        return circle(size, table.radius, fraction=table.fraction)
    if table.bands is None:
        passed = band_pass_mask(size, table.low, table.high)
    else:
        edges = [*band_edges(size)[:-1], math.inf]
        bands = [band_pass_mask(size, edges[b - 1], edges[b]) for b in table.bands]
        passed = np.any(bands, axis=0)
    return passed if table.type == "band-pass" else ~passed


def build_model(experiment, data):
    """Build the model of an experiment for its images and classes.

    Args:
        experiment: An `Experiment`.
        data: Its `Data`.

    Returns:
        An uncompiled `keras.Model`.

    Raises:
        ConfigError: If the builder refuses the options or the size of the images.
    """
    return build_network(experiment, data.train_images.shape[1:], len(data.class_names))


def build_network(experiment, input_shape, num_classes):
    """Build the model of an experiment for some images and a number of classes.

    Args:
        experiment: An `Experiment` or a `TransferExperiment`.
        input_shape: `(H, W, C)`.
        num_classes: The number of classes.

    Returns:
        An uncompiled `keras.Model`.

    Raises:
        ConfigError: If the builder refuses the options or the size of the images.
    """
    from keras_freq import models

    builder = getattr(models, experiment.model.name)
    try:
        return builder(
            input_shape,
            num_classes,
            weight_decay=experiment.train.weight_decay,
            **experiment.model.options,
        )
    except (TypeError, ValueError) as error:
        raise ConfigError(f"`model`: {error}") from None
