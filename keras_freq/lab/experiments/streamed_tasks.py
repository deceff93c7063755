"""Tasks whose images stay on disk, for sets that do not fit into memory."""

import dataclasses
import functools
from pathlib import Path

import numpy as np

from keras_freq import data as kf_data
from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.inputs import TEST_FOLDERS
from keras_freq.lab.experiments.transfer_tasks import Tasks, parts_of_classes


@dataclasses.dataclass(frozen=True, eq=False)
class StreamedTasks(Tasks):
    """The two tasks of a split as data sets that are read anew in every epoch."""

    _counts: dict = dataclasses.field(default_factory=dict, init=False, repr=False)

    @property
    def image_shape(self):
        """`(H, W, C)`."""
        return tuple(self.train[0].element_spec[0].shape[1:])

    def test_counts(self, task):
        """How many test images a task has, and how many of them its commonest class."""
        if task not in self._counts:
            self._counts[task], _ = self._test_pass(task, 0)
        counts = self._counts[task]
        return int(counts.sum()), int(counts.max())

    def image_counts(self, task):
        """No numbers of images: they would take another reading of all of them."""
        return [(None, None)] * len(self.class_names(task))

    def sample(self, task, per_class, seed):
        """The first test images of each class of a task; the seed draws none of them."""
        return self._test_pass(task, per_class)[1]

    def _test_pass(self, task, per_class):
        """One reading of the test images: how many each class has, and its first ones."""
        counts = np.zeros(len(self.class_names(task)), int)
        kept = []
        for images, labels in self.test[task]:
            images, labels = images.numpy(), labels.numpy()
            for image, label in zip(images, labels, strict=True):
                if counts[label] < per_class:
                    kept.append((image, label))
                counts[label] += 1
        if not kept:
            return counts, None
        images, labels = zip(*kept, strict=True)
        return counts, (np.stack(images), np.array(labels))


def stream_tasks(experiment):
    """The tasks of every split of an experiment, read from disk as they are needed.

    Args:
        experiment: A `TransferExperiment` whose data are a folder or a set of TFDS.

    Returns:
        A list of `StreamedTasks`. The order of the training images is the same for all networks.

    Raises:
        ConfigError: If there is no such data, or its classes cannot be split so.
    """
    read, sources, classes = _source(experiment)
    order = {"shuffle": True, "seed": experiment.seed, "first_epoch": 0}
    tasks = []
    for split in experiment.transfer.splits:
        parts = parts_of_classes(split, list(classes))
        chosen = [{classes[name]: name for name in part} for part in parts.values()]
        train = tuple(read(sources[0], classes=part, **order) for part in chosen)
        test = tuple(read(sources[1], classes=part) for part in chosen)
        tasks.append(StreamedTasks(split.name, split.type, tuple(parts), train, test))
    return tasks


def _source(experiment):
    """A function that reads a part of the data, its two parts, and `{name: where it is called so}`.

    The last are the classes: a set of TFDS may have them renamed.
    """
    table = experiment.data
    options = {"image_size": table.image_size, "batch_size": experiment.train.batch_size}
    if table.source == "tfds":
        options["data_dir"] = table.data_dir
        read = functools.partial(kf_data.tfds_dataset, table.name, **options)
        classes = table.classes or read(table.test_split).class_names
        if isinstance(classes, dict):
            named = {new: old for old, new in classes.items()}
        else:
            named = {name: name for name in classes}
        return read, (table.train_split, table.test_split), named
    path = Path(table.path).expanduser()
    tests = [path / name for name in TEST_FOLDERS if (path / name).is_dir()]
    if not (path / "train").is_dir() or not tests:
        raise ConfigError(
            f"`data.path`: {path} must hold train and one of {', '.join(TEST_FOLDERS)} where "
            "`transfer.stream` is true"
        )
    read = functools.partial(kf_data.image_folder, on_error=table.on_error, **options)
    folders = sorted(p for p in (path / "train").iterdir() if p.is_dir())
    names = [folder.name for folder in folders if not folder.name.startswith(".")]
    return read, (path / "train", tests[0]), {name: name for name in names}
