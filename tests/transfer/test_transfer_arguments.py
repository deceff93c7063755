"""Arguments and tasks that are refused before any training."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from transfer_cases import CLASSES, SHAPE, some_tasks, transfer

import keras_freq as kf
from keras_freq.transfer import training


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"layers": [4]}, r"`layers` must be from 1 to 3.*has 4 layers"),
        ({"layers": [0]}, "`layers` must be an integer >= 1"),
        ({"layers": []}, "at least one"),
        ({"layers": [1, 1]}, "distinct"),
        ({"treatments": ["AnA"]}, "`treatments` must be one of"),
        ({"directions": "A-B"}, "`directions` must be one of"),
        ({"seeds": [-1]}, "`seeds`"),
        ({"steps": 0}, "`steps`"),
        ({"batch_size": 0.5}, "`batch_size`"),
        ({"make_optimizer": keras.optimizers.SGD()}, "must be a function"),
        ({"make_optimizer": lambda o=keras.optimizers.SGD(): o}, "new optimizer each time"),  # noqa: B008
        ({"make_optimizer": lambda: "sgd"}, "must return a keras.optimizers.Optimizer"),
    ],
)
def test_wrong_arguments_are_refused(options, told, monkeypatch):
    monkeypatch.setattr(training.Trainer, "__call__", None)
    with pytest.raises((ValueError, TypeError), match=told):
        transfer(**options)


def test_tasks_that_cannot_be_compared_are_refused(monkeypatch):
    monkeypatch.setattr(training.Trainer, "__call__", None)
    a, b = some_tasks()
    unnamed = [[tuple(part) for part in task] for task in (a, b)]
    small = tuple((part[0][:, :4], part[1]) for part in unnamed[1])
    relabelled = tuple((part[0], part[1] + 3) for part in b)
    for part, of_b in zip(relabelled, b, strict=True):
        assert len(part[0]) == len(of_b[0])
    with_names = [kf.data.ClassSubset(*p, ["x", "y"], [0, 1]) for p in relabelled]
    for tasks, told in (
        ((a, a), "must not share classes.* in both"),
        ((unnamed[0], unnamed[0]), "must not share classes.*training images"),
        ((a, small), "images of one size"),
        ((a, (b[0], a[1])), "same classes"),
        ((a, with_names), "labels from 0 to 1"),
        ((a, b[0][0]), r"must be \(train, test\)"),
        ((a, (b[0], 3)), "pair of arrays"),
    ):
        with pytest.raises((ValueError, TypeError), match=told):
            transfer(tasks=tasks)
    batches = [tf.data.Dataset.from_tensor_slices(tuple(part)).batch(8) for part in a]
    with pytest.raises(ValueError, match="must name its classes"):
        transfer(tasks=(batches, b))


def test_two_classes_of_one_name_are_two_classes(monkeypatch):
    """As the two cranes of ImageNet, a bird and a machine, one in each task."""
    rng = np.random.default_rng(0)
    data = (rng.random((60, *SHAPE), np.float32), np.arange(60) % CLASSES)
    half = kf.data.split_classes(data, CLASSES)[0].class_ids
    names = ["a", "b", "c", "d", "e"]
    names[half[0]] = names[next(k for k in range(CLASSES) if k not in half)] = "crane"
    a, b = kf.data.split_classes(data, CLASSES, class_names=names)
    assert "crane" in a.class_names and "crane" in b.class_names
    transfer(tasks=((a, a), (b, b)), layers=[1], treatments=["AnB"], steps=1)

    monkeypatch.setattr(training.Trainer, "__call__", None)
    streams = kf.data.split_classes(
        tf.data.Dataset.from_tensor_slices(data).batch(9), CLASSES, seed=1, class_names=names
    )
    other = next(part for part in streams if set(part.class_ids) & set(a.class_ids))
    with pytest.raises(ValueError, match="must not share classes"):
        transfer(tasks=((a, a), (other, other)))
    # Without ids there are only the names.
    unknown = [kf.data.ClassSubset(*part, part.class_names, part.class_ids) for part in (a, b)]
    with pytest.raises(ValueError, match=r"must not share classes.*'crane' in both"):
        transfer(tasks=[(one, one) for one in unknown])
    # The classes of training and test are told apart, too.
    pair = kf.data.group_classes(
        data, {0: "x", 1: "y", 2: "y", 3: "z", 4: "z"}, class_names=["k", "q", "r", "q", "r"]
    )
    with pytest.raises(ValueError, match="train and test on the same classes"):
        transfer(tasks=((pair["y"], pair["z"]), (b, b)))
