"""The tasks of a transfer experiment: the classes of one data set split in two, in several ways.

Their images are in memory, or are read from disk in every epoch if they do not fit there.
"""

import dataclasses
import functools

import numpy as np

from keras_freq import checks
from keras_freq import data as kf_data
from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.data import load_data, sample_of_each_class, split_reader
from keras_freq.lab.split_folders import TEST_FOLDERS, class_names_in

GROUPS = {"cifar10": kf_data.CIFAR10_GROUPS, "imagenet": kf_data.imagenet_group}


@dataclasses.dataclass(frozen=True, eq=False)
class TransferTask:
    """One of the two tasks of a split.

    Attributes:
        group: The name of its kind of classes; "A" or "B" for random halves.
        train: The training part, a `ClassSubset`.
        test: The test part, likewise.
    """

    group: str
    train: object
    test: object

    @property
    def class_names(self):
        """Names of its classes."""
        return self.train.class_names

    @property
    def image_shape(self):
        """`(H, W, C)`."""
        return self.train[0].shape[1:]

    @functools.cached_property
    def test_counts(self):
        """How many test images each class has, `(K,)`."""
        return np.bincount(self.test[1], minlength=len(self.class_names))

    def image_counts(self):
        """How many training and test images each class has, as pairs."""
        train_counts = np.bincount(self.train[1], minlength=len(self.class_names))
        return list(zip(train_counts, self.test_counts, strict=True))

    def sample(self, per_class, seed):
        """Draws up to `per_class` test images of each class, as a pair of arrays."""
        return sample_of_each_class(*self.test, per_class, seed)


class StreamedTask(TransferTask):
    """A task whose parts are data sets that are read anew in every epoch."""

    @property
    def image_shape(self):
        """`(H, W, C)`."""
        return tuple(self.train.element_spec[0].shape[1:])

    @functools.cached_property
    def test_counts(self):
        """How many test images each class has, `(K,)`."""
        return self._read_test(0)[0]

    def image_counts(self):
        """No numbers of images: another reading of all of them would be needed."""
        return [(None, None)] * len(self.class_names)

    def sample(self, per_class, seed):
        """Takes the first test images of each class; the seed draws none of them."""
        _, kept = self._read_test(per_class)
        images, labels = zip(*kept, strict=True)
        return np.stack(images), np.array(labels)

    def _read_test(self, per_class):
        """Reads the test images once: how many each class has, and its first ones with labels."""
        counts, kept = np.zeros(len(self.class_names), int), []
        for images, labels in self.test.as_numpy_iterator():
            for image, label in zip(images, labels, strict=True):
                if counts[label] < per_class:
                    kept.append((image, label))
                counts[label] += 1
        return counts, kept


@dataclasses.dataclass(frozen=True, eq=False)
class TaskPair:
    """The two tasks of a split.

    Attributes:
        split: Name of the split.
        type: "random" or "groups".
        tasks: Task A and task B, each a `TransferTask`.
    """

    split: str
    type: str
    tasks: tuple


def load_tasks(experiment):
    """Makes the tasks of every split of a transfer experiment.

    Args:
        experiment: A `TransferExperiment`.

    Returns:
        A list of `TaskPair`.

    Raises:
        ConfigError: If there is no such data, or its classes cannot be split so, with at least two
            for each task.
    """
    if experiment.transfer.stream:
        return stream_tasks(experiment)
    data = load_data(experiment.data, validation=False)
    return [split_data(split, data) for split in experiment.transfer.splits]


def split_data(split, data):
    """Splits the classes of data in memory.

    Args:
        split: A `RandomSplit` or a `GroupsSplit`.
        data: The experiment's `Data`.

    Returns:
        The `TaskPair`.
    """
    _split_names(split, data.class_names)
    train, test = (_parts(split, pair, data.class_names) for pair in (data.train, data.test))
    tasks = tuple(TransferTask(group, train[group], test[group]) for group in train)
    return TaskPair(split.name, split.type, tasks)


def stream_tasks(experiment):
    """Makes the tasks of every split, whose images are read from disk as they are needed.

    Args:
        experiment: A `TransferExperiment` whose data are a folder or a set of TFDS.

    Returns:
        A list of `TaskPair`. The order of the training images is the same for all networks.
    """
    table = experiment.data
    read, sources = split_reader(table, batch_size=experiment.train.batch_size)
    if len(sources) == 1:
        raise ConfigError(
            f"`data.path`: {sources[0]} must hold train and one of {', '.join(TEST_FOLDERS)} if "
            "`transfer.stream` is true"
        )
    if table.source == "tfds":
        classes = table.classes or read(table.test_split).class_names
    else:
        classes = table.classes or class_names_in(sources[0])
    # A set of TFDS may have its classes renamed: their names there, and here.
    renamed = classes if isinstance(classes, dict) else {name: name for name in classes}
    order = {"shuffle": True, "seed": experiment.seed, "first_epoch": 0}
    pairs = []
    for split in experiment.transfer.splits:
        tasks = []
        for group, names in _split_names(split, list(renamed.values())).items():
            chosen = {there: here for there, here in renamed.items() if here in names}
            train = read(sources[0], classes=chosen, **order)
            tasks.append(StreamedTask(group, train, read(sources[1], classes=chosen)))
        pairs.append(TaskPair(split.name, split.type, tuple(tasks)))
    return pairs


def _split_names(split, class_names):
    """Splits names of classes into `{group: names}`, or raises if a task has fewer than two."""
    one_of_each = np.zeros((len(class_names), 1, 1, 1), np.float32), np.arange(len(class_names))
    parts = _parts(split, one_of_each, class_names)
    for group, part in parts.items():
        if len(part.class_names) < 2:
            raise ConfigError(
                f"`transfer.splits`: the task {group!r} of {split.name!r} has only "
                f"{len(part.class_names)} class(es), {', '.join(part.class_names)}. Each task "
                "needs at least two"
            )
    return {group: part.class_names for group, part in parts.items()}


def _parts(split, pair, class_names):
    """Splits images into `{group: ClassSubset}`, task A first."""
    if split.type == "random":
        halves = kf_data.split_classes(pair, len(class_names), split.seed, class_names=class_names)
        return dict(zip("AB", halves, strict=True))
    if isinstance(split.groups, dict):
        _check_mapping(split.groups, class_names)
        # TOML has no null: the group "" leaves a class out.
        groups = {name: group or None for name, group in split.groups.items()}
    else:
        groups = GROUPS[split.groups]
    try:
        parts = kf_data.group_classes(pair, groups, class_names=class_names)
    except ValueError as error:
        raise ConfigError(f"`transfer.splits`: {error}") from None
    if len(parts) != 2:
        raise ConfigError(
            f"`transfer.splits`: the classes of the data must be of two groups for "
            f"{split.name!r}. Received: {', '.join(map(repr, parts))}"
        )
    return parts


def _check_mapping(groups, class_names):
    """Raises unless a mapping names the group of each of these classes, and no others."""
    unknown = [name for name in groups if name not in class_names]
    if unknown:
        raise ConfigError(
            f"`transfer.splits`: the data has no class {unknown[0]!r}."
            f"{checks.did_you_mean(unknown[0], class_names)} Its classes are: "
            f"{', '.join(class_names[:20])}{', ...' if len(class_names) > 20 else ''}"
        )
    missing = [name for name in class_names if name not in groups]
    if missing:
        raise ConfigError(
            f"`transfer.splits`: the table `groups` names no group for {missing[0]!r}"
            f"{f' and {len(missing) - 1} more' if len(missing) > 1 else ''}. "
            'The group "" leaves a class out'
        )
