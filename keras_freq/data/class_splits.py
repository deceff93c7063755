"""Tasks from one data set: some of its classes each, with labels of their own."""

import bisect
import re
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.data.batches import (
    checked_dataset,
    class_names_of,
    with_class_names,
)
from keras_freq.data.label_tensors import integer_label_tensor

CIFAR10_GROUPS = {
    "airplane": "vehicles",
    "automobile": "vehicles",
    "bird": "animals",
    "cat": "animals",
    "deer": "animals",
    "dog": "animals",
    "frog": "animals",
    "horse": "animals",
    "ship": "vehicles",
    "truck": "vehicles",
}

# The natural classes among the 1000 of ILSVRC-2012, as runs of WordNet ids. The ids sort like the
# classes: animals; vegetables, fruits and hay; alp; cliff to ear of maize.
_NATURAL = (
    ("n01440764", "n02655020"),
    ("n07714571", "n07802026"),
    ("n09193705", "n09193705"),
    ("n09246464", "n13133613"),
)
_FIRST, _LAST = "n01440764", "n15075141"


class ClassSubset(tuple):
    """`(images, labels)` of some classes of a larger set; a pair of arrays like any other.

    Args:
        images: Float32 `(N, H, W, C)`.
        labels: Int64 `(N,)`, 0 to K - 1 in the subset.
        class_names: K names.
        class_ids: The K labels that the classes have in the larger set, increasing.
        of_classes: The names of all classes of the larger set. With them, `layerwise_transfer`
            tells classes of one name apart by their ids. Defaults to None: not known.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.zeros((4, 8, 8, 3), np.float32)
        >>> half, _ = kf.data.split_classes((images, [0, 1, 2, 3]), 4, seed=0)
        >>> images, labels = half
        >>> labels.tolist(), half.class_ids
        ([0, 1], [0, 2])
    """

    def __new__(cls, images, labels, class_names, class_ids, of_classes=None):
        """Makes a tuple of two arrays that knows its classes."""
        subset = super().__new__(cls, (images, labels))
        subset.class_names = list(class_names)
        subset.class_ids = list(class_ids)
        subset.of_classes = None if of_classes is None else list(of_classes)
        return subset

    def __getnewargs__(self):
        """Gives what a copy in another process is made of."""
        return (*self, self.class_names, self.class_ids, self.of_classes)


def split_classes(dataset, num_classes, seed=0, *, class_names=None, batch_size=32):
    """Splits a data set into two tasks of half of the classes each, at random.

    The halves depend on `num_classes` and `seed` alone. To get both parts of the same tasks, make
    the same call on the training images and on the test images.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays.
        num_classes: Int >= 2, the number of classes K.
        seed: Int >= 0, decides which classes go where. Defaults to 0.
        class_names: K names. Defaults to those of `dataset`, else "0", "1", ...
        batch_size: Int >= 1, the batch size of the halves of a `tf.data.Dataset`. Defaults to 32.

    Returns:
        `(a, b)`, of floor(K / 2) and ceil(K / 2) classes in the order of the larger set, labelled
        from 0. Each is a `ClassSubset`, or a `tf.data.Dataset` if `dataset` is one. Their
        attributes are `class_names` and `class_ids` (the labels in the larger set).

    Raises:
        TypeError: If `dataset` is no data set.
        ValueError: If the data set is not images and labels, or has labels beyond `num_classes`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> data = (np.zeros((6, 8, 8, 3), np.float32), [0, 1, 2, 3, 0, 1])
        >>> a, b = kf.data.split_classes(data, 4, seed=0, class_names=["ant", "bee", "cat", "dog"])
        >>> a.class_names, b.class_names
        (['ant', 'cat'], ['bee', 'dog'])

    Source:
        Yosinski et al. (2014), section 2: random halves of ImageNet's 1000 classes.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    seed = checks.integer("seed", seed, least=0)
    order = np.random.default_rng(seed).permutation(num_classes)
    names = class_names_of(dataset, class_names, num_classes)
    halves = np.sort(order[: num_classes // 2]), np.sort(order[num_classes // 2 :])
    batch_size = checks.integer("batch_size", batch_size)
    dataset = checked_dataset(dataset)
    return tuple(_part(dataset, half.tolist(), names, batch_size) for half in halves)


def group_classes(dataset, groups, num_classes=None, *, class_names=None, batch_size=32):
    """Splits a data set into tasks by the kind of its classes, such as man-made and natural.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays.
        groups: Mapping from each class's name (or its label, an int) to the name of its group, or a
            function from name to group. Classes of the group None are left out. Where two classes
            have one name, their labels must be given.
            `kf.data.CIFAR10_GROUPS` makes vehicles and animals of CIFAR-10.
            `kf.data.imagenet_group` makes man-made and natural classes of ImageNet, whose class
            names must be WordNet ids ("n01440764").
        num_classes: Int, the number of classes K. Defaults to the number of names.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Int >= 1, the batch size of the parts of a `tf.data.Dataset`. Defaults to 32.

    Returns:
        A dict from group to its part of the data, in the order in which the groups come up in the
        classes. The parts are as in `split_classes`.

    Raises:
        TypeError: If `dataset` is no data set, or `groups` neither a mapping nor a function.
        ValueError: If a class has no group, two classes have one name and are not told apart, or
            the data set is not images and labels.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> data = (np.zeros((3, 8, 8, 3), np.float32), [0, 1, 2])
        >>> groups = {"cat": "animals", "ship": "vehicles", "truck": "vehicles"}
        >>> parts = kf.data.group_classes(data, groups, class_names=["cat", "ship", "truck"])
        >>> {group: part.class_names for group, part in parts.items()}
        {'animals': ['cat'], 'vehicles': ['ship', 'truck']}

    Source:
        Yosinski et al. (2014), sections 2 and 4.2: man-made against natural classes.
    """
    if num_classes is not None:
        num_classes = checks.num_classes(num_classes)
    names = class_names_of(dataset, class_names, num_classes)
    members = {}
    for label in range(len(names)):
        group = _group_of(groups, label, names)
        if group is not None:
            members.setdefault(group, []).append(label)
    batch_size = checks.integer("batch_size", batch_size)
    dataset = checked_dataset(dataset)
    return {group: _part(dataset, labels, names, batch_size) for group, labels in members.items()}


def imagenet_group(wordnet_id):
    """Tells whether a class of ImageNet is "man-made" or "natural".

    Of the 1000 classes of ILSVRC-2012, 551 are man-made and 449 are natural. This is exactly the
    split of the source, whose authors have published its lists: classes 0 to 397, 936 to 958, 970
    and 972 to 998 of the sorted ids are natural. Dishes, drinks and "bubble" count as man-made
    there, and the three kinds of persons (ballplayer, groom, scuba diver) as natural.

    Args:
        wordnet_id: "n01440764" or the like, an id among those 1000. The source does not know ids of
            other synsets. Those outside the range of the 1000 are refused. Those inside it get an
            answer that means nothing.

    Returns:
        "man-made" or "natural".

    Raises:
        ValueError: If it is no WordNet id of the range.

    Example:
        >>> import keras_freq as kf
        >>> kf.data.imagenet_group("n02123045"), kf.data.imagenet_group("n02708093")
        ('natural', 'man-made')

    Source:
        Yosinski et al. (2014), section 4.2; the lists `half_nat_idx.txt` and `half_man_idx.txt`
        of the code published with it (github.com/yosinski/convnet_transfer).
    """
    text = str(wordnet_id)
    if not re.fullmatch(r"n\d{8}", text) or not _FIRST <= text <= _LAST:
        raise ValueError(
            "`wordnet_id` must be the WordNet id of a class of ILSVRC-2012, from 'n01440764' to "
            f"'n15075141'. Received: wordnet_id={wordnet_id!r}. Name the classes by their ids: "
            "class_names=[...]"
        )
    run = bisect.bisect_right([first for first, _ in _NATURAL], text) - 1
    return "natural" if text <= _NATURAL[run][1] else "man-made"


def _group_of(groups, label, names):
    """The group of one class."""
    name = names[label]
    by_label = isinstance(groups, Mapping) and label in groups
    namesakes = [other for other, one in enumerate(names) if one == name]
    if len(namesakes) > 1 and not by_label:
        raise ValueError(
            f"`groups` must tell classes of one name apart. Received: classes {namesakes}, all "
            f"named {name!r}. Give the group of each by its label, groups={{{namesakes[0]}: ..., "
            f"{namesakes[1]}: ...}}, or names that differ: class_names=[...]"
        )
    if not isinstance(groups, Mapping):
        if not callable(groups):
            raise TypeError(
                "`groups` must be a mapping from class to group, or a function. "
                f"Received: {type(groups).__name__}"
            )
        return groups(name)
    for key in (label, name) if len(namesakes) > 1 else (name, label):
        if key in groups:
            return groups[key]
    raise ValueError(
        f"`groups` must name the group of every class (None leaves one out). Received: no group "
        f"for class {label}, {name!r}. Groups are given for {', '.join(map(repr, groups))}"[:500]
    )


def _part(dataset, labels, names, batch_size):
    """The images of a checked data set that have one of `labels`, with the labels 0, 1, ..."""
    new_labels = np.full(len(names), -1, np.int64)
    new_labels[labels] = np.arange(len(labels))
    part_names = [names[label] for label in labels]
    if not isinstance(dataset, tf.data.Dataset):
        images, given = dataset
        given = checks.integer_labels("The labels of `dataset`", given, len(names))
        kept = new_labels[given] >= 0
        return ClassSubset(images[kept], new_labels[given][kept], part_names, labels, names)

    @tf.autograph.experimental.do_not_convert
    def select(images, given):
        relabelled = tf.gather(tf.constant(new_labels), integer_label_tensor(given))
        kept = relabelled >= 0
        return tf.boolean_mask(images, kept), tf.boolean_mask(relabelled, kept)

    part = dataset.map(select, num_parallel_calls=tf.data.AUTOTUNE).rebatch(batch_size)
    part.class_ids, part.of_classes = labels, names
    return with_class_names(part, part_names)
