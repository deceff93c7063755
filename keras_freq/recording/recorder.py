"""Callbacks: what a classifier learns first, class by class and step by step."""

import keras
import numpy as np

from keras_freq import checks
from keras_freq.metrics import rates_from_counts
from keras_freq.recording.batch_counts import BatchCounts, check_compiled, check_strategy
from keras_freq.recording.probes import Probes

_TRAIN = "train"


class ClassMetricsRecorder(keras.callbacks.Callback):
    """Records TP, FP and FN of each class at each training step, and on other data sets.

    The batches that `fit` trains on are counted inside the training graph, from the predictions of
    the forward pass that the update uses (dropout on, batch statistics in BatchNormalization), so
    recording them costs next to nothing. For this, `batch_counts` goes into `compile`:

    ```python
    recorder = kf.ClassMetricsRecorder(num_classes=4, max_steps=500)
    model.compile(optimizer, loss, metrics=["accuracy", recorder.batch_counts])
    model.fit(dataset, epochs=100, callbacks=[recorder])
    recorder.to_frame()
    ```

    It is right across epochs, with `validation_data`, with `evaluate` called by other callbacks,
    with `steps_per_execution` > 1 and with `jit_compile=True`. A second `fit` continues the rows.
    A model saved with the metric is loaded by `keras.models.load_model(path, compile=False)`, or
    with its compile state after `import keras_freq.recording.recorder`.
    Under a `tf.distribute.MirroredStrategy`, create the recorder inside the strategy's scope.
    Labels are integers or one-hot (of a mixed label the largest entry counts), and every image
    counts once, whatever its weight in the loss.

    Probes are further data sets, such as filtered test images. They are evaluated (dropout off,
    moving statistics) every `probe_every` steps, by a function of the recorder's own that changes
    no state of the model: a run with probes is bit for bit the run without them. They are read anew
    each time: `cache()` one whose pipeline is slow.

    With `steps_per_execution=n` Keras calls back every n steps: then probes are evaluated at the
    first call at or after their step, and training stops at the first call at or after `max_steps`.

    Args:
        num_classes: The number of classes K, at least 2.
        max_steps: The number of training steps to record, > 0. Later steps are dropped.
        probes: A dict of data sets by name, each a `tf.data.Dataset` of `(images, labels)` batches
            or a pair of arrays.
        probe_every: Evaluate the probes after every `probe_every` steps, > 0.
        stop_training: Whether to stop `fit` after `max_steps` steps.

    Attributes:
        batch_counts: The metric for `model.compile(metrics=[...])`.
        steps: The number of training steps so far.

    Raises:
        ValueError: If an argument is out of range; when training begins if `batch_counts` is not in
            `compile`, if a probe is broken or does not fit the model, or if the recorder is full;
            in training if labels are out of range.

    Source: S. Wang, R. Veldhuis, C. Brune and N. Strisciuglio, "What do neural networks learn in
        image classification? A frequency shortcut perspective", ICCV 2023: F1 of each class over
        the first 500 steps, precision and recall over 1200.

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
        >>> recorder.to_frame()[["step", "source", "class_id", "tp", "fp", "fn", "f1"]].head(2)
           step source  class_id  tp  fp  fn        f1
        0     1  train         0   1   0   1  0.666667
        1     1  train         1   1   1   0  0.666667
    """

    def __init__(self, num_classes, max_steps=500, probes=None, probe_every=1, stop_training=True):
        super().__init__()
        self.num_classes = checks.integer("num_classes", num_classes, least=2)
        self.max_steps = checks.integer("max_steps", max_steps)
        self.probe_every = checks.integer("probe_every", probe_every)
        self.stop_training = stop_training
        self.probes = Probes(probes, self.num_classes, reserved=_TRAIN)
        self.batch_counts = BatchCounts(self.num_classes, self.max_steps)
        self.steps = 0
        # For each probe: the steps after which it was evaluated, and the (3, K) counts of each.
        self._probe_rows = {name: ([], []) for name in self.probes.datasets}

    def on_train_begin(self, logs=None):
        """Checks the model and the probes, before the first step."""
        check_compiled(self.model, self.batch_counts)
        check_strategy(self.model, self.batch_counts)
        self.steps = self.batch_counts.read_step()
        if self.stop_training and self.steps >= self.max_steps:
            raise ValueError(
                f"The recorder is full: it holds {self.max_steps} steps, as `max_steps` says. Make "
                "a new one, or give it stop_training=False to train on without recording"
            )
        self.probes.prepare(self.model)
        self._first_batch = True

    def on_train_batch_begin(self, batch, logs=None):
        """Lets the batch be counted: the start of an epoch or an evaluation switched this off."""
        self.batch_counts.switch(True)

    def on_train_batch_end(self, batch, logs=None):
        """Counts the step, evaluates the probes when due, and stops when all is recorded."""
        before, most = self.steps, self.model.steps_per_execution
        self.steps += 1
        # Reading the counter waits until the step is computed: only when this is needed.
        if most > 1 or self._first_batch or not self.batch_counts.recording:
            self._read_steps(before + 1, before + most)
        if self._first_batch:
            self._checked_rows()
            self._first_batch = False
        due = self.steps // self.probe_every > before // self.probe_every
        if due and self.steps <= self.max_steps:
            for name, counts in self.probes.counts().items():
                self._probe_rows[name][0].append(self.steps)
                self._probe_rows[name][1].append(counts)
        if self.stop_training and self.steps >= self.max_steps:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        """Checks that each batch of the epoch was counted once, with labels in range."""
        self._read_steps(self.steps, self.steps)
        self._checked_rows()

    def to_frame(self):
        """Gives all that was recorded as a tidy table.

        Returns:
            A `pandas.DataFrame`, one row for each step, source and class, sorted by source
            (training first), step and class:

            - `step`: int from 1. A training row of step t counts the batch of update t, by the
              weights before it; a probe's row of step t is evaluated after update t.
            - `source`: `"train"` or the name of the probe.
            - `class_id`: int in [0, K).
            - `tp`, `fp`, `fn`, `support`: ints; `support` is `tp + fn`, the images of the class.
            - `precision`, `recall`, `f1`: floats, NaN where undefined (see
              `keras_freq.metrics.rates_from_counts`).

            An image for which the model's output is NaN counts as not predicted at all.

        Example: see the class.
        """
        import pandas as pd

        rows = self._checked_rows()
        sources = {_TRAIN: (np.arange(1, len(rows) + 1), rows)} | self._probe_rows
        tables = [
            _source_table(source, steps, self._as_rows(counts))
            for source, (steps, counts) in sources.items()
        ]
        columns = {key: np.concatenate([table[key] for table in tables]) for key in tables[0]}
        return pd.DataFrame(columns)

    def get_state(self):
        """Gives all that was recorded as arrays, for a checkpoint of the training.

        Call it between steps, after the recorder's own hooks: in a callback that comes after the
        recorder in `callbacks`. A resumed run is the uninterrupted one when the weights, the
        optimizer and the order of the data are put back as well.

        Returns:
            A dict of NumPy arrays, which `np.savez(path, **state)` can store.

        Example:
            >>> import keras_freq as kf
            >>> state = kf.ClassMetricsRecorder(num_classes=3, max_steps=5).get_state()
            >>> state["counts"].shape
            (0, 3, 3)
        """
        self._read_steps(self.steps, self.steps)
        state = {
            "steps": np.array(self.steps),
            "counts": self._checked_rows(),
            "probe_names": np.array(list(self._probe_rows), dtype=str),
        }
        for i, (steps, counts) in enumerate(self._probe_rows.values()):
            state[f"probe_{i}_steps"] = np.array(steps, np.int64)
            state[f"probe_{i}_counts"] = self._as_rows(counts)
        return state

    def set_state(self, state):
        """Puts back what `get_state` gave: the next `fit` continues after its last step.

        Args:
            state: A dict of arrays, or what `np.load` gives.

        Raises:
            ValueError: If it comes from a recorder of other classes or probes, or if rows would be
                missing or too many.

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
                f"`state` must hold a row for each of its {steps} steps up to max_steps="
                f"{self.max_steps}, the `max_steps` it was made with. Received: {len(rows)} rows"
            )
        self.batch_counts.restore(rows, steps)
        self.steps = steps
        for i, name in enumerate(names):
            probe_steps = [int(step) for step in state[f"probe_{i}_steps"]]
            self._probe_rows[name] = (probe_steps, list(np.asarray(state[f"probe_{i}_counts"])))

    def _as_rows(self, counts):
        """Stacks a list of `(3, K)` counts, which may be empty."""
        return np.array(counts, np.int64).reshape((-1, 3, self.num_classes))

    def _read_steps(self, low, high):
        """Reads the number of batches counted in the graph, and checks it."""
        steps = self.batch_counts.read_step()
        if not low <= steps <= high:
            raise RuntimeError(
                f"`recorder.batch_counts` must count each training batch once. Received: {steps} "
                f"counted, {self.steps} trained. Give it to `compile` once; let a custom "
                "`train_step` return `self.compute_metrics(...)`; and list the recorder in "
                "`callbacks` after one that evaluates the model in `on_train_batch_begin`, before "
                "one that calls `get_state`"
            )
        self.steps = steps

    def _checked_rows(self):
        """Reads the rows of the training batches, and checks their labels."""
        rows = self.batch_counts.read_rows()
        tp, fp, fn = rows.sum(axis=2).T
        wrong = np.flatnonzero(tp + fn < tp + fp)
        if len(wrong):
            raise ValueError(
                f"The labels must be in [0, {self.num_classes - 1}], since num_classes="
                f"{self.num_classes}. Received: others in the training batch of step {wrong[0] + 1}"
            )
        return rows


def _source_table(source, steps, counts):
    """Turns the `(T, 3, K)` counts of one source into columns of T * K entries."""
    tp, fp, fn = np.moveaxis(counts, 1, 0)
    support = tp + fn
    tn = support.sum(axis=1, keepdims=True) - tp - fp - fn
    rates = rates_from_counts(tp, fp, fn, tn)
    num_classes = tp.shape[1]
    return {
        "step": np.repeat(np.asarray(steps, np.int64), num_classes),
        "source": np.full(tp.size, source),
        "class_id": np.tile(np.arange(num_classes), len(tp)),
        **{"tp": tp.ravel(), "fp": fp.ravel(), "fn": fn.ravel(), "support": support.ravel()},
        **{name: rates[name].ravel() for name in ("precision", "recall", "f1")},
    }
