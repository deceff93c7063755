"""One run of a transfer experiment: build, copy, freeze, train, measure, write."""

import contextlib
import dataclasses
import functools
import hashlib
import json
import math
import random
import threading
import time
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_freq.saving import atomic_path
from keras_freq.transfer.tasks import StoredTask, accuracy
from keras_freq.transfer.units import check_same_structure, network_of

TREATMENTS = ("BnB", "BnB+", "AnB", "AnB+", "random")
DIRECTIONS = ("A->B", "B->A")

# Keras draws the seeds of layers from the process-wide generator: one at a time.
_BUILDING = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Run:
    """Which network of the experiment.

    Attributes:
        treatment: "base" or one of `TREATMENTS`.
        n: Number of copied layers, 0 for "base".
        seed: Of initial weights and of the order of the images.
        direction: "A->B", trained and measured on task B; or "B->A".
    """

    treatment: str
    n: int
    seed: int
    direction: str

    @property
    def target(self):
        """Index of the task that it learns: 0 is A, 1 is B."""
        return DIRECTIONS.index(self.direction) ^ 1

    @property
    def source(self):
        """The base network whose layers it gets, or None."""
        if self.treatment in ("base", "random"):
            return None
        if self.treatment.startswith("B"):
            return Run("base", 0, self.seed, self.direction)
        (other,) = set(DIRECTIONS) - {self.direction}
        return Run("base", 0, self.seed, other)

    @property
    def frozen(self):
        """Whether the lower layers stay as they are."""
        return self.treatment in ("BnB", "AnB", "random")

    @property
    def file_name(self):
        """A name for its files that every file system takes."""
        where = self.direction.replace("->", "to")
        layer = "" if self.treatment == "base" else f"-{self.n}"
        return f"seed{self.seed}-{where}-{self.treatment.replace('+', 'plus')}{layer}"

    def random_seeds(self):
        """Seeds of the initial weights and of the order of the images.

        Runs of one `n` start from the same weights and see the same batches, whatever their
        treatment: they differ in what was copied. No other run shares them.
        """
        parts = (self.seed, self.n, self.direction)
        digest = hashlib.sha256(repr(parts).encode()).digest()
        return [int.from_bytes(digest[i : i + 4], "little") for i in (0, 4)]


@dataclasses.dataclass(frozen=True)
class Job:
    """All that the runs have in common; calling it with a run makes that run.

    Attributes:
        build_model: Function from a number of classes to a model.
        make_optimizer: Function that returns a fresh optimizer.
        tasks: Task A and task B, each a `Task` or a `StoredTask`.
        steps: Updates of each run.
        batch_size: Images a batch, for arrays.
        from_logits: Whether the model gives logits.
        folder: The experiment's folder, absolute.
        save_models: Whether networks other than the bases are written.
    """

    build_model: object
    make_optimizer: object
    tasks: tuple
    steps: int
    batch_size: int
    from_logits: bool
    folder: str
    save_models: bool

    def __call__(self, run, on_step=None):
        """Makes one run, and returns its record, which then is on disk."""
        begun = time.monotonic()
        task = self.tasks[run.target]
        task = task.load() if isinstance(task, StoredTask) else task
        weight_seed, order_seed = run.random_seeds()
        network = built(self.build_model, task.num_classes, weight_seed)
        if run.source is not None:
            source = loaded(model_path(self.folder, run.source))
            classes = (source.model.output_shape[-1], task.num_classes)
            check_same_structure(source, network, classes)
            network.copy_lower(source, run.n)
        if run.frozen:
            network.freeze_lower(run.n)
        before = [layer.get_weights() for layer in network.lower(run.n)] if run.frozen else []
        batches = task.training_batches(self.batch_size, order_seed)
        loss = self._train(network.model, batches, on_step)
        _check_frozen(network.lower(run.n), before)
        if not math.isfinite(loss):
            warnings.warn(
                f"{run.file_name} diverged: its loss is {loss}. Try a smaller learning rate, or a "
                "model with BatchNormalization. Its accuracy is kept as measured",
                stacklevel=2,
            )
        record = {
            **dataclasses.asdict(run),
            "accuracy": accuracy(network.model, task.test),
            "loss": loss if math.isfinite(loss) else None,
            "seconds": round(time.monotonic() - begun, 2),
        }
        self._write(run, network.model, record)
        return record

    def _train(self, model, batches, on_step):
        """Trains for the budget of steps, and returns the mean loss over it."""
        with _BUILDING:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=self.from_logits)
            # XLA, which Keras would choose, compiles anew for each network, and its convolutions
            # on a CPU are several times slower.
            model.compile(optimizer=self.make_optimizer(), loss=loss, jit_compile=False)
            # Variables made while a step is traced would have it traced again.
            model.optimizer.build(model.trainable_variables)
        step = tf.function(_step_of(model), autograph=False, reduce_retracing=True)
        logs = {"loss": math.nan}
        for batch in batches.take(self.steps):
            logs = step(batch)
            if on_step is not None:
                on_step()
        return float(logs["loss"])

    def _write(self, run, model, record):
        """Writes the network and then the record, which says that the run is done."""
        if self.save_models or run.treatment == "base":
            with atomic_path(model_path(self.folder, run)) as path:
                # Without the state of the optimizer, which is of no more use.
                keras.Model(model.inputs[0], model.outputs[0], name=model.name).save(path)
        with atomic_path(record_path(self.folder, run)) as path:
            path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _step_of(model):
    """The training step of a model, so that its traced form can be freed.

    In the context of a replica, as in `fit`, Keras sums gradients over replicas even where there is
    one. TensorFlow writes the gradient of that sum into a registry, and with it keeps the graph of
    the step for good: some 20 MB a network, and an experiment has hundreds.
    """

    def step(batch):
        replica = tf.distribute.get_replica_context()
        return replica.merge_call(lambda _strategy: model.train_step(batch))

    return model.train_step if tf.distribute.has_strategy() else step


def built(build_model, num_classes, seed):
    """Builds a `Network` from a seed.

    Args:
        build_model: Function from a number of classes to a model.
        num_classes: The number of classes.
        seed: int, given to `keras.utils.set_random_seed`.

    Returns:
        A `Network`.

    Raises:
        TypeError, ValueError: If it is no network that layers can be transferred in.
    """
    with _BUILDING, _own_random_numbers(seed):
        model = build_model(num_classes)
    return network_of(model)


@contextlib.contextmanager
def _own_random_numbers(seed):
    """Seeds Keras, and lets it draw from numbers of its own.

    Keras draws the seeds of layers with Python's `random.randint`, from numbers that the whole
    process shares: the threads of a dask worker draw from them now and then.
    """
    keras.utils.set_random_seed(seed)
    shared, random.randint = random.randint, random.Random(seed).randint
    try:
        yield
    finally:
        random.randint = shared


def loaded(path):
    """The `Network` in a file; the last two asked for are kept."""
    path = Path(path)
    stat = path.stat()
    return _loaded(str(path), stat.st_mtime_ns, stat.st_size)


def model_path(folder, run):
    """Where the network of a run is kept."""
    return Path(folder) / "networks" / f"{run.file_name}.keras"


def record_path(folder, run):
    """Where the result of a run is kept."""
    return Path(folder) / "runs" / f"{run.file_name}.json"


def read_record(folder, run):
    """The record of a finished run, or None."""
    path = record_path(folder, run)
    with contextlib.suppress(FileNotFoundError):
        return json.loads(path.read_text(encoding="utf-8"))


def load_model(path, custom_objects=None):
    """Reads a network, the package's own layers included."""
    # They must be known before a model that holds them is read.
    import keras_freq.layers  # noqa: F401

    with _BUILDING:
        return keras.models.load_model(path, custom_objects=custom_objects, compile=False)


@functools.lru_cache(maxsize=2)
def _loaded(path, changed, size):
    """Reads a `Network`; a file that was written anew is read anew."""
    return network_of(load_model(path))


def _check_frozen(layers, before):
    """Raises if training has changed a layer that was to stay as it is."""
    for layer, weights in zip(layers, before, strict=False):
        for was, now in zip(weights, layer.get_weights(), strict=True):
            if was.tobytes() != np.asarray(now).tobytes():
                raise RuntimeError(
                    f"layer {layer.name!r} ({type(layer).__name__}) has changed while frozen: it "
                    "updates its weights although `trainable` is False. It cannot be used here"
                )
