"""The images of an experiment: read as its `[data]` table says."""

import dataclasses
import functools
import itertools

import numpy as np

from keras_freq import data as kf_data
from keras_freq.data.batches import collected
from keras_freq.interventions.checkpoint import fingerprint_of
from keras_freq.lab.config import ConfigError
from keras_freq.lab.split_folders import classes_of_both, split_folders


@dataclasses.dataclass(frozen=True, eq=False)
class Data:
    """The images of an experiment, in memory.

    Attributes:
        train_images: float32 `(N, H, W, C)` in [0, 1].
        train_labels: int64 `(N,)`.
        test_images: float32 `(M, H, W, C)`.
        test_labels: int64 `(M,)`.
        class_names: A list of K strings.
        validation: The pair of validation arrays, which choose epochs and rates; or None.
        turned: How many photographs of a folder were turned upright.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: list
    validation: tuple | None = None
    turned: int = 0

    @property
    def image_shape(self):
        """`(H, W, C)`."""
        return self.train_images.shape[1:]

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

    @functools.cached_property
    def channel_means(self):
        """`(C,)` float64 means of the training images: what an image without its DC becomes."""
        return self.train_images.mean(axis=(0, 1, 2), dtype=np.float64)

    def digest(self):
        """A hash of all images, labels and class names, as text."""
        pairs = (self.train, self.test, self.validation or ())
        return fingerprint_of(self.class_names, *itertools.chain(*pairs)).hex()

    def sample(self, split, per_class, seed):
        """Draws up to `per_class` images of each class of "train", "validation" or "test"."""
        return sample_of_each_class(*getattr(self, split), per_class, seed)


def sample_of_each_class(images, labels, per_class, seed):
    """Draws up to `per_class` images of each class, as a function of the seed; None draws all."""
    if per_class is None:
        return images, labels
    chosen = _drawn(labels, lambda size: per_class, seed)
    return images[chosen], labels[chosen]


def _drawn(labels, count, seed):
    """Marks `count(size)` images of each class, where `size` is how many the class has."""
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        order = np.random.default_rng([seed, label]).permutation(own)
        chosen[order[: count(len(own))]] = True
    return chosen


def load_data(table, *, validation=True):
    """Loads the images of every split.

    Args:
        table: The `[data]` table of an experiment. Its seed draws the images that are set aside,
            and those of classes with a maximum.
        validation: Whether to set validation images aside. What has nothing to choose trains on
            all training images. Defaults to True.

    Returns:
        A `Data`, in which every class has images in all splits.

    Raises:
        ConfigError: If there is no such folder, or a class is empty.
        ValueError: If images cannot be read, or TFDS has no such set or split.
    """
    load = _synthetic if table.source == "frequency_bands" else _read
    pairs, names, turned = load(table, validation)
    for split, (_, labels) in pairs.items():
        empty = np.flatnonzero(np.bincount(labels, minlength=len(names)) == 0)
        if len(empty):
            listed = ", ".join(repr(names[k]) for k in empty)
            raise ConfigError(f"`data`: no {split} images of the class {listed}")
    options = {"class_names": names, "validation": pairs.get("validation"), "turned": turned}
    return Data(*pairs["training"], *pairs["test"], **options)


def _synthetic(table, validation):
    """Makes the splits of a synthetic band."""
    splits = {"training": "train", "test": "test"}
    if validation:
        splits["validation"] = "validation"
    options = {key: getattr(table, key) for key in ("size", "seed", "cues")}
    pairs = {
        name: kf_data.frequency_bands(
            table.band, split=split, per_class=getattr(table, f"{split}_per_class"), **options
        )
        for name, split in splits.items()
    }
    return pairs, ["C0", "C1", "C2", "C3"], 0


def _read(table, validation):
    """Reads the splits into memory, or divides those that there are."""
    read, splits = split_reader(table)
    datasets = [read(split) for split in splits]
    pairs = dict(zip(("training", "test", "validation"), map(collected, datasets), strict=False))
    if len(datasets) == 1:
        fraction = table.test_fraction
        pairs["training"], pairs["test"] = _divided(pairs["training"], fraction, table.seed)
    most = {"training": table.max_train_per_class, "test": table.max_test_per_class}
    for split, limit in most.items():
        pairs[split] = sample_of_each_class(*pairs[split], limit, table.seed)
    if not validation:
        pairs.pop("validation", None)
    elif "validation" not in pairs:
        rest = _divided(pairs["training"], table.validation_fraction, table.seed)
        pairs["training"], pairs["validation"] = rest
    turned = sum(getattr(dataset, "turned", 0) for dataset in datasets)
    return pairs, list(datasets[0].class_names), turned


def _divided(pair, fraction, seed):
    """Sets a fraction of the images of each class aside, and returns both parts."""
    images, labels = pair
    aside = _drawn(labels, lambda size: max(1, round(fraction * size)), seed)
    return (images[~aside], labels[~aside]), (images[aside], labels[aside])


def split_reader(table, **options):
    """Makes the function that reads a split of images on disk, and names the splits.

    Args:
        table: The `[data]` table of an experiment, not of synthetic images.
        **options: Options of the function, such as `batch_size`.

    Returns:
        A function from the name or folder of a split to a `tf.data.Dataset`, and the splits: for
        training, for testing, and for validation if there is one. A folder that holds class
        folders is a single split.

    Raises:
        ConfigError: If there is no such folder, or its splits have different classes.
    """
    options |= {key: getattr(table, key) for key in ("image_size", "resize", "antialias")}
    if table.source == "tfds":
        options |= {"classes": table.classes, "data_dir": table.data_dir}
        read = functools.partial(kf_data.tfds_dataset, table.name, **options)
        splits = (table.train_split, table.test_split, table.validation_split)
        return read, tuple(split for split in splits if split is not None)
    if table.source == "folder" or table.path is not None:
        options["on_error"] = table.on_error
    if table.source == "imagenet10":
        return (
            lambda split: kf_data.imagenet10(table.path, split=split, **options),
            ("train", "validation"),
        )
    folders = split_folders(table)
    options |= {"classes": table.classes, "color_mode": table.color_mode}
    if table.classes is None:
        named = [classes_of_both(folders[0], folder) for folder in folders[1:]]
        options["classes"] = next((names for names in named if names), None)
    return functools.partial(kf_data.image_folder, **options), folders
