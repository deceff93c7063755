"""Running units in other processes, on this machine or others."""

import dataclasses
import functools
import os
import tempfile
from concurrent import futures

import keras
import numpy as np

from keras_freq.classifier.logits import Logits
from keras_freq.interventions.removal import FrequencyRemoval
from keras_freq.interventions.work_units import run_unit


@dataclasses.dataclass(frozen=True)
class StoredRemoval:
    """A `FrequencyRemoval` whose network is a file: small to send, and loaded once a process.

    Attributes:
        path: The network that gives the scores, a `.keras` file.
        num_classes, take_log: As in `Logits`.
        image_shape, neutral, batch_size: As in `FrequencyRemoval`.
    """

    path: str
    num_classes: int
    take_log: bool
    image_shape: tuple[int, ...]
    neutral: tuple[float, ...]
    batch_size: int

    def __call__(self, unit):
        """Computes a unit in the process where this is called."""
        return run_unit(_loaded(self), unit)


def stored_removal(removal, image_shape, folder):
    """Writes the network of a `FrequencyRemoval` into a folder that all workers can read."""
    logits = removal.logits
    # A name of its own each time, since workers keep what they have loaded by its path.
    handle, path = tempfile.mkstemp(suffix=".keras", prefix="network-", dir=folder)
    os.close(handle)
    logits.model.save(path)
    return StoredRemoval(
        path=path,
        num_classes=logits.num_classes,
        take_log=logits.take_log,
        image_shape=tuple(image_shape),
        neutral=tuple(removal.neutral.tolist()),
        batch_size=removal.batch_size,
    )


def shares_memory(executor):
    """Whether an executor's workers are threads of this process.

    Raises:
        TypeError: If `executor` is no executor.
        ValueError: If it forks this process, in which TensorFlow's threads then hang.
    """
    if not isinstance(executor, futures.Executor):
        raise TypeError(
            "`executor` must be a concurrent.futures.Executor (a pool of threads or processes, "
            f"dask's `client.get_executor()`). Received: {type(executor).__name__}"
        )
    if isinstance(executor, futures.ProcessPoolExecutor):
        context = executor._mp_context
        if context.get_start_method() == "fork":
            raise ValueError(
                "`executor` must not fork this process, since TensorFlow hangs in the copy. Pass "
                'ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"))'
            )
    return isinstance(executor, futures.ThreadPoolExecutor)


@functools.lru_cache(maxsize=1)
def _loaded(stored):
    """The `FrequencyRemoval` of a `StoredRemoval`, kept for the units to come."""
    # The package's own layers must be known before a model that holds them is read.
    import keras_freq.layers  # noqa: F401

    model = keras.models.load_model(stored.path, compile=False)
    logits = Logits(model, stored.num_classes, stored.take_log)
    neutral = np.asarray(stored.neutral)
    return FrequencyRemoval(logits, stored.image_shape, neutral, stored.batch_size)
