"""The tasks of a transfer experiment: one data set, split in two in several ways."""

import dataclasses
import difflib

import numpy as np

from keras_freq import data as kf_data
from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.inputs import sample_of_each_class

GROUPS = {"cifar10": kf_data.CIFAR10_GROUPS, "imagenet": kf_data.imagenet_group}


@dataclasses.dataclass(frozen=True, eq=False)
class Tasks:
    """The two tasks of a split.

    Attributes:
        split: Name of the split.
        type: "random" or "groups".
        groups: Names of the kinds of classes of A and B; "A" and "B" for random halves.
        train: The training parts of A and B, each a `ClassSubset`.
        test: The test parts, likewise.
    """

    split: str
    type: str
    groups: tuple
    train: tuple
    test: tuple

    def __iter__(self):
        """Task A and task B, each as `layerwise_transfer` takes it."""
        return zip(self.train, self.test, strict=True)

    @property
    def image_shape(self):
        """`(H, W, C)`."""
        return self.train[0][0].shape[1:]

    def class_names(self, task):
        """Names of the classes of a task, 0 for A and 1 for B."""
        return self.train[task].class_names

    def test_counts(self, task):
        """How many test images a task has, and how many of them its commonest class."""
        labels = self.test[task][1]
        return len(labels), int(np.bincount(labels).max())

    def image_counts(self, task):
        """How many training and test images each class of a task has, as pairs."""
        classes = len(self.class_names(task))
        counts = [np.bincount(part[task][1], minlength=classes) for part in (self.train, self.test)]
        return np.stack(counts, axis=1).tolist()

    def sample(self, task, per_class, seed):
        """Up to `per_class` test images of each class of a task, as a pair of arrays."""
        images, labels = self.test[task]
        chosen = sample_of_each_class(labels, per_class, seed)
        return images[chosen], labels[chosen]


def make_tasks(split, data):
    """Split the classes of the data.

    Args:
        split: A `RandomSplit` or `GroupsSplit`.
        data: The experiment's `Data`.

    Returns:
        The `Tasks`.

    Raises:
        ConfigError: If the classes cannot be split so, with at least two for each task.
    """
    names = tuple(parts_of_classes(split, data.class_names))
    parts = [_parts(split, pair, data.class_names) for pair in (data.train, data.test)]
    train, test = (tuple(part.values()) for part in parts)
    return Tasks(split.name, split.type, names, train, test)


def parts_of_classes(split, class_names):
    """Which classes the two tasks of a split have.

    Args:
        split: A `RandomSplit` or `GroupsSplit`.
        class_names: The names of all classes.

    Returns:
        `{name of the task: names of its classes}`, A first.

    Raises:
        ConfigError: If the classes cannot be split so, with at least two for each task.
    """
    one_of_each = np.zeros((len(class_names), 1, 1, 1), np.float32), np.arange(len(class_names))
    parts = _parts(split, one_of_each, class_names)
    names = {task: part.class_names for task, part in parts.items()}
    for task, own in names.items():
        if len(own) < 2:
            raise ConfigError(
                f"`transfer.splits`: the task {task!r} of {split.name!r} has only {len(own)} "
                f"class(es), {', '.join(own)}. Each task needs at least two"
            )
    return names


def _parts(split, pair, class_names):
    """The two parts of some images, by the name of their task."""
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
    """Refuse a mapping that is not one of these classes."""
    unknown = [name for name in groups if name not in class_names]
    if unknown:
        close = difflib.get_close_matches(unknown[0], class_names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ConfigError(
            f"`transfer.splits`: the data has no class {unknown[0]!r}.{hint} Its classes are: "
            f"{', '.join(class_names[:20])}{', ...' if len(class_names) > 20 else ''}"
        )
    missing = [name for name in class_names if name not in groups]
    if missing:
        raise ConfigError(
            f"`transfer.splits`: the table `groups` names no group for {missing[0]!r}"
            f"{f' and {len(missing) - 1} more' if len(missing) > 1 else ''}. "
            'The group "" leaves a class out'
        )
