"""One network of a transfer experiment: build, copy, freeze, train, measure, write."""

import contextlib
import dataclasses
import math
import random
import time
import warnings

import keras
import numpy as np
import tensorflow as tf

from keras_freq.saving import atomic_path
from keras_freq.transfer.layer_groups import check_same_structure, network_of
from keras_freq.transfer.result_folder import (
    KERAS_LOCK,
    load_network,
    model_path,
    record_path,
    write_json,
)
from keras_freq.transfer.tasks import accuracy


@dataclasses.dataclass(frozen=True)
class Trainer:
    """All that the networks have in common; calling it with a `NetworkKey` makes that network.

    Attributes:
        build_model: Function from a number of classes to a model.
        make_optimizer: Function that returns a fresh optimizer.
        tasks: Task A and task B, each a `Task` or a `StoredTask`.
        steps: Updates of each network.
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

    def __call__(self, key, on_step=None):
        """Makes one network, and returns its record, which then is on disk."""
        begun = time.monotonic()
        task = self.tasks[key.target].loaded()
        weight_seed, order_seed = key.random_seeds()
        network = build_network(self.build_model, task.num_classes, weight_seed)
        if key.source is not None:
            source = load_network(model_path(self.folder, key.source))
            classes = (source.model.output_shape[-1], task.num_classes)
            check_same_structure(source, network, classes)
            network.copy_lower(source, key.n)
        frozen = network.lower(key.n) if key.frozen else []
        for layer in frozen:
            layer.trainable = False
        before = [layer.get_weights() for layer in frozen]
        loss = self._train(
            network.model, task.training_batches(self.batch_size, order_seed), on_step
        )
        for layer, weights in zip(frozen, before, strict=True):
            _check_unchanged(layer, weights)
        if not math.isfinite(loss):
            warnings.warn(
                f"{key.file_name} diverged: its loss is {loss}. Try a smaller learning rate, or a "
                "model with BatchNormalization. Its accuracy is kept as measured",
                stacklevel=2,
            )
        record = {
            **dataclasses.asdict(key),
            "accuracy": accuracy(network.model, task.test_passes),
            "loss": loss if math.isfinite(loss) else None,
            "seconds": round(time.monotonic() - begun, 2),
        }
        self._write(key, network.model, record)
        return record

    def _train(self, model, batches, on_step):
        """Trains for the budget of steps, and returns the mean loss over it."""
        with KERAS_LOCK:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=self.from_logits)
            # Keras would choose XLA. XLA compiles anew for each network, and its convolutions on a
            # CPU are several times slower.
            model.compile(optimizer=self.make_optimizer(), loss=loss, jit_compile=False)
            # Variables made while a step is traced would have it traced again.
            model.optimizer.build(model.trainable_variables)
        step, logs, taken = None, {"loss": math.nan}, 0
        for batch in batches.take(self.steps):
            if step is None:
                step = _traced(_step_of(model), batch)
            logs = step(batch)
            taken += 1
            if on_step is not None:
                on_step()
        if taken < self.steps:
            raise ValueError(
                f"Training images must last for `steps`={self.steps} batches, epoch after epoch. "
                f"Received: {taken} batches. If they come from a generator, give "
                "`tf.data.Dataset.from_generator` a function that starts a new one"
            )
        return float(logs["loss"])

    def _write(self, key, model, record):
        """Writes the network and then the record, which says that the network is done."""
        if self.save_models or key.treatment == "base":
            with atomic_path(model_path(self.folder, key)) as path:
                # Without the state of the optimizer, which is of no more use.
                keras.Model(model.inputs[0], model.outputs[0], name=model.name).save(path)
        write_json(record_path(self.folder, key), record)


def _traced(step, batch):
    """Traces a training step once, for batches of any size. The last one may be smaller."""
    spec = tf.nest.map_structure(lambda x: tf.TensorSpec((None, *x.shape[1:]), x.dtype), batch)
    return tf.function(step, autograph=False).get_concrete_function(spec)


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


def build_network(build_model, num_classes, seed):
    """Builds a `Network` from a seed.

    Args:
        build_model: Function from a number of classes to a model.
        num_classes: The number of classes.
        seed: Int, given to `keras.utils.set_random_seed`.

    Returns:
        A `Network`.

    Raises:
        TypeError, ValueError: If layers cannot be transferred in this model.
    """
    with KERAS_LOCK, _own_random_numbers(seed):
        model = build_model(num_classes)
    return network_of(model)


@contextlib.contextmanager
def _own_random_numbers(seed):
    """Seeds Keras, and lets it draw from numbers of its own.

    Keras draws the seeds of layers with Python's `random.randint`, from numbers that the whole
    process shares. The threads of a dask worker draw from them, too, now and then.
    """
    keras.utils.set_random_seed(seed)
    shared, random.randint = random.randint, random.Random(seed).randint
    try:
        yield
    finally:
        random.randint = shared


def _check_unchanged(layer, before):
    """Raises if training has changed a layer that was frozen."""
    for was, now in zip(before, layer.get_weights(), strict=True):
        if was.tobytes() != np.asarray(now).tobytes():
            raise RuntimeError(
                f"layer {layer.name!r} ({type(layer).__name__}) has changed while frozen: it "
                "updates its weights although `trainable` is False. It cannot be used here"
            )
