"""The arguments of a transfer experiment, checked before anything is trained."""

import contextlib
import pickle
import tempfile
from concurrent import futures
from pathlib import Path

import keras

from keras_freq import checks
from keras_freq.classifier import check_model
from keras_freq.transfer.layer_groups import network_of
from keras_freq.transfer.result_folder import load_model
from keras_freq.transfer.training import build_network


def built_for(build_model, task):
    """The network of a task, checked to take its images and give its classes."""
    network = build_network(build_model, task.num_classes, 0)
    try:
        check_model(network.model, task.trial_images, task.num_classes)
    except ValueError as error:
        raise ValueError(
            f"`build_model({task.num_classes})` must return a model from the tasks' images "
            f"{task.image_shape} to {task.num_classes} class scores. {error}"
        ) from error
    return network


def check_can_be_saved(model, folder):
    """Raises unless a network can be written and read, which should not come out at the end."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "network.keras"
        try:
            model.save(path)
            network_of(load_model(path))
        except Exception as error:
            reason = str(error).split("\n")[0]
            raise ValueError(
                "`build_model` must return a model that can be saved and loaded. Layers and "
                "functions of your own need `@keras.saving.register_keras_serializable()` and "
                f"`get_config`. Received: {type(error).__name__}: {reason}"
            ) from error


def checked_layers(layers, count):
    """The numbers of copied layers, increasing; None gives all but the last."""
    if layers is None:
        return list(range(1, count))
    layers = [checks.integer("layers", n) for n in checks.distinct("layers", layers)]
    if max(layers) >= count:
        raise ValueError(
            f"`layers` must be from 1 to {count - 1}: the network has {count} layers with weights, "
            f"of which the last must learn the task's classes. Received: layers={layers}"
        )
    return sorted(layers)


def checked_optimizer(make_optimizer):
    """An optimizer of the user's function."""
    if not callable(make_optimizer) or isinstance(make_optimizer, keras.optimizers.Optimizer):
        raise TypeError(
            "`make_optimizer` must be a function that returns a new optimizer, since each network "
            "needs one of its own: `lambda: keras.optimizers.SGD(0.01, momentum=0.9)`. "
            f"Received: {type(make_optimizer).__name__}"
        )
    first, second = make_optimizer(), make_optimizer()
    if not isinstance(first, keras.optimizers.Optimizer):
        raise TypeError(
            "`make_optimizer` must return a keras.optimizers.Optimizer. "
            f"Received: {type(first).__name__}"
        )
    if first is second:
        raise ValueError(
            "`make_optimizer` must return a new optimizer each time, since one holds the state of "
            "one training. Received: the same one twice"
        )
    return first


def check_remote(executor, build_model, make_optimizer, tasks, folder):
    """Raises unless other processes can be given the work."""
    if folder is None:
        raise ValueError(
            "`folder` must be given with an `executor` of other processes, which write there. "
            "Received: folder=None"
        )
    if not all(task.in_memory for task in tasks):
        raise ValueError(
            "`task_a` and `task_b` must be arrays with an `executor` of other processes, since a "
            "tf.data.Dataset cannot be sent there. Use arrays, or a ThreadPoolExecutor"
        )
    pickler = pickle
    if not isinstance(executor, futures.ProcessPoolExecutor):
        # Dask sends functions with cloudpickle, lambdas included.
        with contextlib.suppress(ImportError):
            import cloudpickle as pickler
    for name, function in (("build_model", build_model), ("make_optimizer", make_optimizer)):
        try:
            pickler.dumps(function)
        except Exception as error:
            raise ValueError(
                f"`{name}` must be picklable to be sent to other processes: a function defined "
                "with `def` at the top of a module (a file of its own when working in a "
                f"notebook), or functools.partial of one. Received: {function!r} ({error})"
            ) from error
