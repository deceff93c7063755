"""The arguments of a transfer experiment, checked before anything is trained."""

import contextlib
import json
import pickle
import tempfile
from concurrent import futures
from pathlib import Path

import keras
import numpy as np

from keras_freq import checks
from keras_freq.classifier.logits import outputs_are_logits
from keras_freq.transfer.runs import built, load_model
from keras_freq.transfer.units import network_of


def built_for(build_model, task):
    """The network of a task, checked to take its images and give its classes."""
    network = built(build_model, task.num_classes, 0)
    shapes = (tuple(network.model.input_shape[1:]), tuple(network.model.output_shape))
    fits = len(shapes[0]) == 3 and all(
        side in (None, given) for side, given in zip(shapes[0], task.image_shape, strict=True)
    )
    if not fits or shapes[1] != (None, task.num_classes):
        raise ValueError(
            f"`build_model({task.num_classes})` must return a model from the tasks' images "
            f"{task.image_shape} to {task.num_classes} class scores. Received: a model from "
            f"{shapes[0]} to {shapes[1]}"
        )
    return network


def gives_logits(networks, tasks, from_logits):
    """Whether the outputs are logits, found out as everywhere in the package."""
    shape = [side or 32 for side in tasks[0].image_shape]
    images = np.random.default_rng(0).random((2, *shape), np.float32)
    model = networks[0].model
    return outputs_are_logits(model, images, tasks[0].num_classes, from_logits=from_logits)


def check_can_be_saved(model, folder):
    """Raises unless a network can be written and read, which is not for the end to find out."""
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
    """The numbers of copied layers, increasing."""
    if layers is None:
        return list(range(1, count))
    layers = [checks.integer("layers", n) for n in distinct("layers", layers)]
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


def description(optimizer):
    """An optimizer's class and settings, for the manifest."""
    config = {key: value for key, value in optimizer.get_config().items() if key != "name"}
    return json.loads(json.dumps([type(optimizer).__name__, config], default=repr))


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


def chosen(name, given, known):
    """A selection of known names, in the order of these."""
    given = distinct(name, given)
    unknown = [one for one in given if one not in known]
    if unknown:
        raise ValueError(
            f"`{name}` must be some of {', '.join(map(repr, known))}. Received: {unknown[0]!r}"
        )
    return [one for one in known if one in given]


def distinct(name, values):
    """A list of at least one value, none of them twice."""
    try:
        listed = [values] if isinstance(values, str | int) else list(values)
    except TypeError:
        listed = []
    if not listed or len(set(listed)) != len(listed):
        raise ValueError(f"`{name}` must hold distinct values, at least one. Received: {values!r}")
    return listed
