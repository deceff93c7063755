"""The two tasks that layers are transferred between, checked before anything is trained."""

import dataclasses
import functools
import hashlib

import keras
import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.data.batches import (
    checked_batches,
    checked_dataset,
    repeated,
)
from keras_freq.data.epochs import arrays
from keras_freq.data.label_tensors import integer_label_tensor


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """Images to learn from, images to be measured on, and the classes of both.

    Attributes:
        train: A pair of arrays, or a `tf.data.Dataset`.
        test: Likewise.
        num_classes: K.
        class_names: A tuple of K names, or None if the data has none.
        image_shape: `(H, W, C)`.
        origin: `(names, ids)`: the names of all classes of the larger set that the data is a part
            of, and the ids of its own classes there. None if the data does not say.
    """

    train: object
    test: object
    num_classes: int
    class_names: tuple | None
    image_shape: tuple
    origin: tuple | None = None

    @property
    def in_memory(self):
        """Whether both parts are arrays."""
        return not any(isinstance(part, tf.data.Dataset) for part in (self.train, self.test))

    @functools.cached_property
    def test_passes(self):
        """The images to be measured on. They are read for each network, and must stay the same."""
        return repeated(self.test) if isinstance(self.test, tf.data.Dataset) else self.test

    @property
    def trial_images(self):
        """Two of the images, to try a model on: `(2, H, W, C)`."""
        if isinstance(self.test, tf.data.Dataset):
            return self.test_passes.first_batch()[0][:2]
        return self.test[0][:2]

    def loaded(self):
        """Itself, as a `StoredTask` gives the `Task` in its file."""
        return self

    def training_batches(self, batch_size, seed):
        """The endless stream of training batches. The seed decides their order."""
        if not isinstance(self.train, tf.data.Dataset):
            options = {"batch_size": batch_size, "shuffle": True, "seed": seed, "first_epoch": 0}
            return arrays(*self.train, **options)
        batches = self.train
        if int(batches.cardinality()) != tf.data.INFINITE_CARDINALITY:
            batches = batches.repeat()
        as_it_is = tf.autograph.experimental.do_not_convert
        return batches.map(as_it_is(lambda images, labels: (images, integer_label_tensor(labels))))

    def fingerprint(self):
        """Names the data by the content of arrays, or by what a data set says of itself."""
        names = None if self.class_names is None else list(self.class_names)
        digest = hashlib.sha256(repr((self.num_classes, names)).encode())
        for part in (self.train, self.test):
            if isinstance(part, tf.data.Dataset):
                digest.update(repr((part.element_spec, int(part.cardinality()))).encode())
                continue
            for array in part:
                digest.update(f"{array.dtype.str} {array.shape}".encode())
                digest.update(np.ascontiguousarray(array))
        return digest.hexdigest()[:16]


@dataclasses.dataclass(frozen=True)
class StoredTask:
    """A `Task` of arrays that is a file, for workers in other processes.

    Attributes:
        path: The `.npz` file.
        num_classes: K.
        class_names: As in `Task`.
    """

    path: str
    num_classes: int
    class_names: tuple | None

    def loaded(self):
        """The `Task` in the file. The last two that were read are kept."""
        return _read_task(self)


def stored_task(task, path):
    """Writes a `Task` of arrays to a `.npz` file, and returns its `StoredTask`."""
    np.savez(path, *task.train, *task.test)
    return StoredTask(str(path), task.num_classes, task.class_names)


@functools.lru_cache(maxsize=2)
def _read_task(stored):
    """Reads a `StoredTask`."""
    with np.load(stored.path) as file:
        train_images, train_labels, test_images, test_labels = file.values()
    parts = (train_images, train_labels), (test_images, test_labels)
    return Task(*parts, stored.num_classes, stored.class_names, train_images.shape[1:])


def checked_task(task, name):
    """Reads one of the user's tasks.

    Args:
        task: `(train, test)`, each a pair of arrays or a `tf.data.Dataset` of batches.
        name: "task_a" or "task_b", for messages.

    Returns:
        A `Task`.

    Raises:
        TypeError, ValueError: If it is none.
    """
    if not isinstance(task, tuple | list) or len(task) != 2:
        raise TypeError(
            f"`{name}` must be (train, test), each a pair of arrays (images, labels) or a "
            f"tf.data.Dataset of batches. Received: {type(task).__name__}"
        )
    names = [getattr(part, "class_names", None) for part in task]
    origins = [_origin(part) for part in task]
    if None not in names and (
        list(names[0]) != list(names[1]) or (_of_one_set(*origins) and origins[0] != origins[1])
    ):
        raise ValueError(
            f"`{name}` must train and test on the same classes. Received: {names[0][:5]} and "
            f"{names[1][:5]}. Split both with the same seed"
        )
    names = next((tuple(map(str, one)) for one in names if one is not None), None)
    parts = [
        _checked_part(part, f"{name} ({label})")
        for part, label in zip(task, ("train", "test"), strict=True)
    ]
    last = max((part[1].max() for part in parts if isinstance(part, tuple)), default=None)
    if names is None and last is None:
        raise ValueError(
            f"`{name}` must name its classes, since a tf.data.Dataset does not tell how many there "
            "are: `kf.data.with_class_names(dataset, names)`. Received: no `class_names`"
        )
    num_classes = int(last) + 1 if names is None else len(names)
    if last is not None and last >= num_classes:
        raise ValueError(
            f"`{name}` must have labels from 0 to {num_classes - 1}, one for each of its class "
            f"names. Received: label {last}"
        )
    if num_classes < 2:
        raise ValueError(f"`{name}` must have at least two classes. Received: {num_classes}")
    shapes = [_image_shape(part) for part in parts]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"`{name}` must train and test on images of one size. Received: {shapes[0]} and "
            f"{shapes[1]}"
        )
    return Task(*parts, num_classes, names, shapes[0], origins[0])


def check_tasks(task_a, task_b):
    """Raises if features cannot be moved between two tasks, or the answer would mean nothing."""
    if task_a.image_shape != task_b.image_shape:
        raise ValueError(
            "`task_a` and `task_b` must have images of one size. "
            f"Received: {task_a.image_shape} and {task_b.image_shape}"
        )
    if _of_one_set(task_a.origin, task_b.origin):
        # Classes may have one name: ImageNet has two cranes, a bird and a machine.
        (all_names, ids), (_, others) = task_a.origin, task_b.origin
        shared = [all_names[k] for k in ids if k in others]
    else:
        shared = [name for name in task_a.class_names or () if name in (task_b.class_names or ())]
    if shared:
        raise ValueError(
            "`task_a` and `task_b` must not share classes: features of a class that both know "
            f"would pass for general ones. Received: {', '.join(map(repr, shared[:5]))}"
            f"{', ...' if len(shared) > 5 else ''} in both. Make both tasks by one call of "
            "`kf.data.split_classes` or `kf.data.group_classes` for the training images and the "
            "same call for the test images"
        )
    unnamed = None in (task_a.class_names, task_b.class_names)
    if unnamed and task_a.in_memory and task_b.in_memory:
        known = {image.tobytes() for image in task_a.train[0]}
        both = sum(image.tobytes() in known for image in task_b.train[0])
        if both > 0.01 * len(task_b.train[0]):
            raise ValueError(
                "`task_a` and `task_b` must not share classes. Received: "
                f"{both} of the {len(task_b.train[0])} training images of `task_b` are also in "
                "`task_a`. Split one data set with `kf.data.split_classes`"
            )


def accuracy(model, test):
    """Share of the test images whose highest score is that of their class.

    Args:
        model: A `keras.Model`.
        test: The `test_passes` of a `Task`.

    Returns:
        A float in [0, 1].
    """
    hits = total = 0
    for images, labels in checked_batches(test, model.output_shape[-1], batch_size=256):
        scores = keras.ops.convert_to_numpy(model(images, training=False))
        hits += int((scores.argmax(axis=1) == labels).sum())
        total += len(labels)
    return hits / total


def _origin(part):
    """The names of the larger set that a part is of, and the ids of the part's classes in it."""
    names, ids = (getattr(part, key, None) for key in ("of_classes", "class_ids"))
    return None if names is None or ids is None else (tuple(names), tuple(ids))


def _of_one_set(first, second):
    """Whether two origins are known, and say that the parts are of one larger set."""
    return first is not None and second is not None and first[0] == second[0]


def _checked_part(part, name):
    """The training or test images of a task: a data set, or images and integer labels."""
    part = checked_dataset(part, name)
    if isinstance(part, tf.data.Dataset):
        return part
    return part[0], checks.integer_labels(f"The labels of `{name}`", part[1])


def _image_shape(part):
    """`(H, W, C)` of a part."""
    shape = part.element_spec[0].shape if isinstance(part, tf.data.Dataset) else part[0].shape
    return tuple(shape[1:])
