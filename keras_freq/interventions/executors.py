"""Running units in other processes, on this machine or others."""

import contextlib
import dataclasses
import functools
import os
import tempfile
from concurrent import futures

import keras

from keras_freq.classifier import CompiledClassifier, Logits
from keras_freq.interventions.work_units import run_unit


@dataclasses.dataclass(frozen=True)
class StoredClassifier:
    """A `CompiledClassifier` whose network is a file: small to send, and loaded once a process.

    Attributes:
        path: The network that gives the scores, a `.keras` file.
        num_classes, take_log: As in `Logits`.
        image_shape, batch_size: As in `CompiledClassifier`.
    """

    path: str
    num_classes: int
    take_log: bool
    image_shape: tuple[int, ...]
    batch_size: int

    def __call__(self, unit):
        """Computes a unit in the process where this is called."""
        return run_unit(_loaded(self), unit)


@contextlib.contextmanager
def remote_runner(executor, classifier, checkpoint=None):
    """Gives what an executor calls with each unit.

    Args:
        executor: A `concurrent.futures.Executor`, or None.
        classifier: A `CompiledClassifier`.
        checkpoint: The file of the work's log, or None. The network is written beside it, or in
            the folder for temporary files: workers on other machines must see that folder.

    Yields:
        None where the units run in this process, else a `StoredClassifier`. Its file is removed
        at the end.

    Raises:
        TypeError, ValueError: As in `shares_memory`.
    """
    if executor is None or shares_memory(executor):
        yield None
        return
    folder = os.path.dirname(os.path.abspath(checkpoint)) if checkpoint else None
    # A name of its own each time, since workers keep what they have loaded by its path.
    handle, path = tempfile.mkstemp(suffix=".keras", prefix="network-", dir=folder)
    os.close(handle)
    try:
        logits = classifier.logits
        logits.model.save(path)
        yield StoredClassifier(
            path=path,
            num_classes=logits.num_classes,
            take_log=logits.take_log,
            image_shape=classifier.image_shape,
            batch_size=classifier.batch_size,
        )
    finally:
        os.unlink(path)


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
    """The `CompiledClassifier` of a `StoredClassifier`, kept for the units to come."""
    # The package's own layers must be known before a model that holds them is read.
    import keras_freq.layers  # noqa: F401

    model = keras.models.load_model(stored.path, compile=False)
    logits = Logits(model, stored.num_classes, stored.take_log)
    return CompiledClassifier(logits, stored.image_shape, stored.batch_size)
