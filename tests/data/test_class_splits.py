"""Class splits: every image in one part, relabelled, the same way for any kind of data set."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import keras_freq as kf

NAMES = ["ant", "bee", "cat", "dog", "elk"]


def numbered(count=40, num_classes=5):
    """Images whose pixels hold their own number, labels in no order."""
    labels = np.random.default_rng(0).integers(0, num_classes, count)
    images = np.full((count, 4, 4, 1), 0.0, np.float32) + np.arange(count)[:, None, None, None] / 99
    return images, labels


def rows(part):
    """(number of the image, its label in the part) of every image, from arrays or batches."""
    batches = part if isinstance(part, tf.data.Dataset) else [part]
    pairs = [
        (round(float(image[0, 0, 0]) * 99), int(label))
        for images, labels in batches
        for image, label in zip(np.asarray(images), np.asarray(labels), strict=True)
    ]
    return sorted(pairs)


def test_halves_share_no_class_and_lose_no_image():
    images, labels = numbered()
    a, b = kf.data.split_classes((images, labels), 5, seed=3, class_names=NAMES)
    assert len(a.class_ids) == 2 and len(b.class_ids) == 3
    assert sorted(a.class_ids + b.class_ids) == [0, 1, 2, 3, 4]
    for half in (a, b):
        assert half.class_ids == sorted(half.class_ids)
        assert half.class_names == [NAMES[k] for k in half.class_ids]
        assert half[0].dtype == np.float32 and half[1].dtype == np.int64
        wanted = [(i, half.class_ids.index(k)) for i, k in enumerate(labels) if k in half.class_ids]
        assert rows(half) == wanted
    assert len(a[0]) + len(b[0]) == len(images)


def test_the_split_depends_on_the_seed_and_the_number_of_classes_alone():
    images, labels = numbered()
    halves = {s: kf.data.split_classes((images, labels), 5, s)[0].class_ids for s in range(8)}
    other = kf.data.split_classes((images[:5], labels[:5]), 5, 3)[0].class_ids
    assert other == halves[3]
    assert len({tuple(ids) for ids in halves.values()}) > 3


@pytest.mark.parametrize("one_hot", [False, True])
def test_batches_are_split_as_arrays_are(one_hot):
    images, labels = numbered()
    given = np.eye(5, dtype=np.float32)[labels] if one_hot else labels
    batches = tf.data.Dataset.from_tensor_slices((images, given)).batch(7)
    kf.data.with_class_names(batches, NAMES)
    streamed = kf.data.split_classes(batches, 5, seed=1, batch_size=6)
    whole = kf.data.split_classes((images, given), 5, seed=1, class_names=NAMES)
    for part, half in zip(streamed, whole, strict=True):
        assert part.class_names == half.class_names
        assert part.class_ids == half.class_ids
        assert rows(part) == rows(half)
        sizes = [len(x) for x, _ in part]
        assert set(sizes[:-1]) <= {6} and 0 < sizes[-1] <= 6


def test_groups_of_cifar10():
    names = list(kf.data.CIFAR10_GROUPS)
    assert names == sorted(names)
    images, labels = numbered(60, 10)
    parts = kf.data.group_classes((images, labels), kf.data.CIFAR10_GROUPS, class_names=names)
    assert list(parts) == ["vehicles", "animals"]
    assert parts["vehicles"].class_ids == [0, 1, 8, 9]
    assert parts["animals"].class_names == ["bird", "cat", "deer", "dog", "frog", "horse"]


def test_groups_by_label_by_function_and_with_classes_left_out():
    data = numbered()
    by_label = kf.data.group_classes(data, {0: "x", 1: "y", 2: None, 3: "x", 4: "y"}, 5)
    assert {group: part.class_ids for group, part in by_label.items()} == {"x": [0, 3], "y": [1, 4]}
    by_name = kf.data.group_classes(data, lambda name: name > "c", class_names=NAMES)
    assert {group: part.class_ids for group, part in by_name.items()} == {
        False: [0, 1],
        True: [2, 3, 4],
    }
    with pytest.raises(ValueError, match=r"no group for class 2, 'cat'"):
        kf.data.group_classes(data, {"ant": "x", "bee": "x"}, class_names=NAMES)
    with pytest.raises(TypeError, match="mapping"):
        kf.data.group_classes(data, "ant", class_names=NAMES)


def test_imagenet_splits_as_the_source_did():
    path = Path(tfds.__file__).parent / "datasets" / "imagenet2012" / "labels.txt"
    wordnet_ids = path.read_text().split()
    groups = [kf.data.imagenet_group(one) for one in wordnet_ids]
    natural = [index for index, group in enumerate(groups) if group == "natural"]
    assert natural == [*range(398), *range(936, 959), 970, *range(972, 999)]
    assert len(natural) == 449 and groups.count("man-made") == 551


@pytest.mark.parametrize("wrong", ["tench", "n0144", "n99999999", 7, "n00000001"])
def test_what_is_no_class_of_imagenet_is_refused(wrong):
    with pytest.raises(ValueError, match="WordNet id"):
        kf.data.imagenet_group(wrong)


def test_parts_survive_pickling():
    half, _ = kf.data.split_classes(numbered(), 5, class_names=NAMES)
    copy = pickle.loads(pickle.dumps(half))
    assert copy.class_names == half.class_names and copy.class_ids == half.class_ids
    np.testing.assert_array_equal(copy[0], half[0])


def test_wrong_arguments_are_refused():
    data = numbered()
    with pytest.raises(ValueError, match="num_classes"):
        kf.data.split_classes(data, 1)
    with pytest.raises(ValueError, match=r"must be in \[0, 3\]"):
        kf.data.split_classes(data, 4)
    with pytest.raises(ValueError, match="`seed`"):
        kf.data.split_classes(data, 5, -1)
    with pytest.raises(TypeError, match="pair of arrays"):
        kf.data.split_classes(data[0], 5)
    with pytest.raises(ValueError, match="one name for each"):
        kf.data.split_classes(data, 5, class_names=["a"])


def test_classes_of_one_name_are_told_apart_by_their_ids():
    """ImageNet has two cranes, a bird and a machine."""
    images, labels = numbered()
    names = ["crane", "bee", "crane", "dog", "elk"]
    for dataset in (
        (images, labels),
        tf.data.Dataset.from_tensor_slices((images, labels)).batch(7),
    ):
        a, b = kf.data.split_classes(dataset, 5, seed=1, class_names=names)
        assert sorted(a.class_ids + b.class_ids) == list(range(5))
        assert a.class_names == [names[k] for k in a.class_ids]
        assert a.of_classes == b.of_classes == names
        kinds = {0: "animals", 1: "animals", 2: "machines", "dog": "animals", "elk": "animals"}
        parts = kf.data.group_classes(dataset, kinds, class_names=names)
        assert parts["animals"].class_ids == [0, 1, 3, 4]
        assert parts["machines"].class_ids == [2]
    again = pickle.loads(pickle.dumps(kf.data.split_classes((images, labels), 5)[0]))
    assert again.of_classes == ["0", "1", "2", "3", "4"]
    for groups in (str.upper, {"crane": "animals", "bee": "a", "dog": "a", "elk": "a"}):
        with pytest.raises(ValueError, match=r"classes \[0, 2\], all named 'crane'.*groups={0: "):
            kf.data.group_classes((images, labels), groups, class_names=names)
