"""Arguments and tasks that are refused before any training."""

import keras
import pytest
import tensorflow as tf
from transfer_cases import some_tasks, transfer

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
