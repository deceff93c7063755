"""A callback that records what a classifier learns first, class by class and step by step."""

import copy
import weakref

import keras
import numpy as np

from keras_freq import checks
from keras_freq.recording.batch_counts import (
    BatchCounts,
    check_compiled,
    check_size,
    check_strategy,
    counted_output,
)
from keras_freq.recording.probes import Probes
from keras_freq.recording.recorded_rows import RecordedRows, tidy_table

_TRAIN = "train"


class ClassMetricsRecorder(keras.callbacks.Callback):
    """Records TP, FP and FN of each class at each training step, and on other data sets.

    Give `batch_counts` to `compile`, and the recorder to `fit`:

    ```python
    recorder = kf.ClassMetricsRecorder(num_classes=4, max_steps=500)
    model.compile(optimizer, loss, metrics=["accuracy", recorder.batch_counts])
    model.fit(dataset, epochs=100, callbacks=[recorder])
    recorder.to_frame()
    ```

    The batches that `fit` trains on are counted inside the training graph. The counts come from the
    forward pass that the update uses (dropout on, batch statistics in BatchNormalization), so that
    recording costs next to nothing. Labels are integers or one-hot. Labels that are mixed or
    smoothed for training are allowed too: each row sums to 1, and the class is that of the largest
    entry. A row of several classes such as `[1, 1, 0]` is refused. Every image counts once,
    whatever its weight in the loss.

    The counts are right across epochs, with data of any or unknown length, with `validation_data`,
    with `evaluate` called by other callbacks, with `steps_per_execution` > 1 and with
    `jit_compile=True`. Under a `tf.distribute.MirroredStrategy`, create the recorder in the
    strategy's scope.

    A second `fit` of the same model continues the rows, also after another `compile`. Each model
    needs a recorder of its own. A deep copy, such as KerasTuner makes for each trial, is one: it
    has its own rows, and it shares `batch_counts`, so that a model compiled with either can be
    fitted with either.

    Of a model with several outputs, one is recorded: the one that `compile` gives the metric to,
    as in `metrics={"predictions": [recorder.batch_counts]}`.

    *Probes* are other data sets, such as filtered test images. They are evaluated every
    `probe_every` steps (dropout off, moving statistics). The recorder does this by a function of
    its own, which changes no state of the model: a run with probes is bit for bit the run without
    them. Probes are read again each time, so `cache()` a probe whose pipeline is slow.

    With `steps_per_execution=n`, Keras calls back every n steps. Probes are then evaluated at the
    first call at or after their step. Training stops at the first call at or after `max_steps`.

    To load a model that was saved with the metric, import `keras` first and then `keras_freq`. In
    the other order, import `keras_freq.recording.batch_counts` too. `keras.models.load_model(path,
    compile=False)` needs neither.

    Args:
        num_classes: The number of classes K, at least 2.
        max_steps: The number of training steps to record, at least 1. Later steps are dropped.
            Defaults to 500.
        probes: A dict of data sets by name, each a `tf.data.Dataset` of `(images, labels)` batches
            or a pair of arrays. Defaults to None: no probes.
        probe_every: Steps between two evaluations of the probes, at least 1. Defaults to 1.
        stop_training: Whether `fit` stops after `max_steps` steps, and a printed line says so.
            Defaults to False.

    Attributes:
        batch_counts: The metric for `model.compile(metrics=[...])`.
        steps: The number of training steps so far.

    Raises:
        ValueError: If an argument is out of range. When training begins: if `batch_counts` is not
            in `compile`, if a probe is broken or does not fit the model, if the recorder holds
            steps of another model, or if it is full and `stop_training` is True. In training: if a
            label names no class.

    Source:
        Wang et al., "What do neural networks learn in image classification? A frequency shortcut
        perspective", ICCV 2023: F1 of each class over the first 500 steps, precision and recall
        over 1200.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> model = keras.Sequential([keras.Input((2, 1, 1)), keras.layers.Flatten()])
        >>> images = np.array([[1, 0], [0, 1], [0, 1]], "float32").reshape(3, 2, 1, 1)
        >>> recorder = kf.ClassMetricsRecorder(num_classes=2, max_steps=5)
        >>> model.add(keras.layers.Dense(2, kernel_initializer="identity"))
        >>> model.compile("sgd", "mse", metrics=[recorder.batch_counts])
        >>> history = model.fit(
        ...     images, np.eye(2)[[0, 0, 1]], epochs=9, callbacks=[recorder], verbose=0
        ... )
        >>> frame = recorder.to_frame(class_names=["cat", "dog"])
        >>> frame[["step", "source", "class_name", "tp", "fp", "fn", "f1"]].head(2)
           step source class_name  tp  fp  fn        f1
        0     1  train        cat   1   0   1  0.666667
        1     1  train        dog   1   1   0  0.666667
    """

    def __init__(self, num_classes, max_steps=500, probes=None, probe_every=1, stop_training=False):
        super().__init__()
        self.num_classes = checks.num_classes(num_classes, least=2)
        self.max_steps = checks.integer("max_steps", max_steps)
        self.probe_every = checks.integer("probe_every", probe_every)
        check_size(self.num_classes, self.max_steps)
        self.stop_training = stop_training
        self.probes = Probes(probes, self.num_classes, reserved=_TRAIN)
        self.batch_counts = BatchCounts(self.num_classes, self.max_steps)
        self._rows = RecordedRows(self.batch_counts)
        # A weak reference to the model whose steps the rows are.
        self._recorded = None
        self.steps = 0
        # For each probe: its (3, K) counts, by the step after which it was evaluated.
        self._probe_rows = {name: {} for name in self.probes.datasets}

    def on_train_begin(self, logs=None):
        """Checks the model and the probes, before the first step."""
        check_compiled(self.model, self.batch_counts)
        check_strategy(self.model, self.batch_counts)
        self._rows.take_metric()
        self.steps = self._rows.read_step()
        if self.steps and self._recorded is not None and self._recorded() is not self.model:
            raise ValueError(
                "Each model needs a recorder of its own. Received: one that holds "
                f"{self.steps} steps of another model. Make a new one and compile with it: "
                "recorder = ClassMetricsRecorder(...). If this model goes on with the other "
                "model's training, first new_recorder.set_state(recorder.get_state())"
            )
        if self.stop_training and self.steps >= self.max_steps:
            raise ValueError(
                f"The recorder is full: it holds {self.max_steps} steps, its `max_steps`. Make a "
                "new one, or pass stop_training=False to train on without recording"
            )
        self.probes.prepare(self.model, counted_output(self.model, self.batch_counts))
        self._recorded = weakref.ref(self.model)
        self._first_batch, self._stopped = True, False

    def on_train_batch_begin(self, batch, logs=None):
        """Switches the counting on, which the start of an epoch or an evaluation switched off."""
        self.batch_counts.switch(True)

    def on_train_batch_end(self, batch, logs=None):
        """Counts the step, evaluates the probes when it is time, and stops at `max_steps`."""
        before, most = self.steps, self.model.steps_per_execution
        self.steps += 1
        # To read the counter is to wait until the step is computed, so it is only read if needed.
        if most > 1 or self._first_batch or not self.batch_counts.recording:
            self._read_steps(before + 1, before + most)
        if self._first_batch:
            self._rows.read()
            self._first_batch = False
        due = self.steps // self.probe_every > before // self.probe_every
        if due and self.steps <= self.max_steps:
            for name, counts in self.probes.counts().items():
                self._probe_rows[name][self.steps] = counts
        if self.stop_training and self.steps >= self.max_steps:
            self.model.stop_training = self._stopped = True

    def on_epoch_end(self, epoch, logs=None):
        """Checks that each batch of the epoch was counted once, with labels of one class."""
        self._read_steps(self.steps, self.steps)
        self._rows.read()

    def on_train_end(self, logs=None):
        """Ends the counting, and says where the recorder has stopped the training."""
        self.batch_counts.switch(False)
        if self._stopped:
            print(
                f"The recorder has stopped the training after step {self.steps}, since "
                f"max_steps={self.max_steps} and stop_training=True."
            )

    def to_frame(self, class_names=None):
        """Gives all that was recorded as a tidy table.

        Args:
            class_names: Sequence of K strings, the names of the classes. Defaults to None: the
                table has no column `class_name`.

        Returns:
            A `pandas.DataFrame`, one row for each step, source and class, sorted by source
            (training first), step and class:

            - `step`: int from 1. A training row of step t counts the batch of update t, with the
              weights before the update. A probe's row of step t has the weights after update t.
            - `source`: `"train"` or the name of the probe.
            - `class_id`: int in [0, K).
            - `class_name`: string, if `class_names` are given.
            - `tp`, `fp`, `fn`, `support`: ints. `support` is `tp + fn`, the images of the class.
            - `precision`, `recall`, `f1`: floats, NaN where undefined (see
              `keras_freq.metrics.rates_from_counts`).

            If an output of the model is NaN, no class counts as predicted. An empty table warns.
        """
        if class_names is not None:
            class_names = checks.class_names(class_names, self.num_classes)
        return tidy_table(self._rows_by_source(), class_names)

    def get_state(self):
        """Gives all that was recorded as arrays, for a checkpoint of the training.

        Call it between steps, in a callback that comes after the recorder in `callbacks`. To resume
        a run so that it equals the uninterrupted one, also put back the weights, the optimizer and
        the order of the data.

        Returns:
            A dict of NumPy arrays, which `np.savez(path, **state)` can store.

        Example:
            >>> import keras_freq as kf
            >>> state = kf.ClassMetricsRecorder(num_classes=3, max_steps=5).get_state()
            >>> state["counts"].shape
            (0, 3, 3)
        """
        self._read_steps(self.steps, self.steps)
        (_, rows), *probes = self._rows_by_source().values()
        state = {
            "steps": np.array(self.steps),
            "counts": rows,
            "probe_names": np.array(list(self._probe_rows), dtype=str),
        }
        for i, (steps, counts) in enumerate(probes):
            state |= {f"probe_{i}_steps": steps, f"probe_{i}_counts": counts}
        return state

    def set_state(self, state):
        """Puts back what `get_state` gave. The next `fit` continues after its last step.

        Args:
            state: A dict of arrays, or what `np.load` gives.

        Raises:
            ValueError: If it comes from a recorder of other classes or probes, or if it has too few
                or too many rows for this `max_steps`.

        Example:
            >>> import keras_freq as kf
            >>> recorder = kf.ClassMetricsRecorder(num_classes=3, max_steps=5)
            >>> kf.ClassMetricsRecorder(num_classes=3, max_steps=5).set_state(recorder.get_state())
        """
        steps, rows = int(state["steps"]), np.asarray(state["counts"])
        names = [str(name) for name in state["probe_names"]]
        if rows.shape[1:] != (3, self.num_classes) or names != list(self._probe_rows):
            raise ValueError(
                f"`state` must come from a recorder of {self.num_classes} classes and the probes "
                f"{list(self._probe_rows)}. Received: {rows.shape[-1]} classes and probes {names}"
            )
        if len(rows) != min(steps, self.max_steps):
            raise ValueError(
                f"`state` must hold {min(steps, self.max_steps)} rows: it is of {steps} steps, and "
                f"this recorder has max_steps={self.max_steps}. Received: {len(rows)} rows"
            )
        self._rows.restore(rows, steps)
        self.steps = steps
        self._recorded = None
        for i, name in enumerate(names):
            probe_steps = np.asarray(state[f"probe_{i}_steps"]).tolist()
            counts = np.asarray(state[f"probe_{i}_counts"])
            self._probe_rows[name] = dict(zip(probe_steps, counts, strict=True))

    def __deepcopy__(self, memo):
        """Copies the recorder with its rows. Metric, data sets and model are those of both."""
        copied = memo[id(self)] = type(self).__new__(type(self))
        shared = {name: vars(self)[name] for name in ("batch_counts", "probes", "_model")}
        own = {name: value for name, value in vars(self).items() if name not in shared}
        copied.__dict__.update(shared, **copy.deepcopy(own, memo))
        return copied

    def _rows_by_source(self):
        """Gives the steps `(T,)` and the counts `(T, 3, K)` of each source, int64."""
        rows = self._rows.read()
        sources = {_TRAIN: (np.arange(1, len(rows) + 1), rows)}
        for name, by_step in self._probe_rows.items():
            counts = np.array(list(by_step.values()), np.int64).reshape(-1, 3, self.num_classes)
            sources[name] = np.array(list(by_step), np.int64), counts
        return sources

    def _read_steps(self, low, high):
        """Reads the number of batches that the graph counted, and checks that it is expected."""
        steps = self._rows.read_step()
        if not low <= steps <= high:
            raise RuntimeError(
                f"`recorder.batch_counts` must count each training batch once. Received: {steps} "
                f"counted, {self.steps} trained. Give it to `compile` once. A custom `train_step` "
                "must return `self.compute_metrics(...)`. In `callbacks`, list the recorder after "
                "one that evaluates the model in `on_train_batch_begin`, and before one that calls "
                "`get_state`"
            )
        self.steps = steps
