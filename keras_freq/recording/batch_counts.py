"""The part of `ClassMetricsRecorder` that runs inside the training graph."""

import keras
import numpy as np
import tensorflow as tf

from keras_freq.classifier import check_scores, highest_score


@keras.saving.register_keras_serializable("keras_freq")
class BatchCounts(keras.metrics.Metric):
    """Writes the TP, FP and FN of each training batch into a buffer, one row for each step.

    Keras gives a metric all batches, those of `evaluate` too, and resets it before each epoch and
    each evaluation. At a reset, this metric keeps its rows and stops writing. The recorder switches
    it on again when the next training batch begins. Its result is an empty dict, so that no log
    shows it.

    Args:
        num_classes: The number of classes K.
        max_steps: The number of rows. Later batches are only counted, in `step`.
        name: The name of the metric. Defaults to "batch_counts".
    """

    def __init__(self, num_classes, max_steps, name="batch_counts", **kwargs):
        super().__init__(name=name, **kwargs)
        self.num_classes = num_classes
        self.max_steps = max_steps
        # The counts of all replicas are added up, but each replica counts every step. Every device
        # can add float32, which holds whole numbers up to 2**24.
        self.counts = self.add_variable(
            (max_steps, 3, num_classes), "zeros", dtype="float32", name="counts"
        )
        same_everywhere = {"dtype": "int64", "aggregation": "only_first_replica"}
        self.step = self.add_variable((), "zeros", name="step", **same_everywhere)
        self._gate = self.add_variable((), "zeros", name="recording", **same_everywhere)
        self.recording = False

    def switch(self, recording):
        """Says whether the batches to come are written (True) or not (False)."""
        if recording != self.recording:
            self._gate.assign(int(recording))
            self.recording = recording

    def reset_state(self):
        """Keeps the rows, and stops writing until `switch(True)`."""
        self.switch(False)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Writes the counts of a batch. Every image counts once, whatever its weight.

        Args:
            y_true: Integer labels `(N,)` or `(N, 1)`, or one-hot labels `(N, K)`.
            y_pred: Scores `(N, K)`.
            sample_weight: Not used.
        """
        # Imported here, since a saved model that holds this metric must load quickly.
        from keras_freq.data.batches import integer_label_tensor

        check_scores(y_pred, self.num_classes)
        labels = integer_label_tensor(y_true, self.num_classes, "The labels")
        row = _batch_row(labels, y_pred, self.num_classes)
        step, gate = self.step.value, self._gate.value
        inside = tf.cast(gate, tf.float32) * tf.cast(step < self.max_steps, tf.float32)
        index = tf.minimum(step, self.max_steps - 1)[None, None]
        counts = self.counts.value
        if isinstance(counts, tf.distribute.DistributedValues):
            # A replica's variable cannot be updated in some of its rows only.
            self.counts.assign_add(tf.scatter_nd(index, row[None] * inside, counts.shape))
        else:
            counts.scatter_nd_add(index, row[None] * inside)
        self.step.assign_add(gate)

    def result(self):
        """Returns an empty dict: counts by class are not one number for a log."""
        return {}

    def read_step(self):
        """Reads the number of batches counted, including those after `max_steps`."""
        return int(np.asarray(tf.convert_to_tensor(self.step.value)))

    def read_rows(self):
        """Reads the rows written so far: TP, FP and FN of each class, `(steps, 3, K)` int64."""
        counts = np.asarray(tf.convert_to_tensor(self.counts.value))
        return np.rint(counts[: self.read_step()]).astype(np.int64)

    def restore(self, rows, step):
        """Puts back rows that were read before, and the number of steps.

        Args:
            rows: `(T, 3, K)` counts, where T <= `max_steps`.
            step: The number of steps counted so far.
        """
        counts = np.zeros(self.counts.shape, np.float32)
        counts[: len(rows)] = rows
        self.counts.assign(counts)
        self.step.assign(step)

    def get_config(self):
        """Returns the arguments of the constructor."""
        own = {"num_classes": self.num_classes, "max_steps": self.max_steps}
        return super().get_config() | own


def check_compiled(model, metric):
    """Raises a ValueError unless the model has one output and was compiled with the metric."""
    compiled = getattr(model, "_compile_metrics", None)
    given = [getattr(compiled, name, None) for name in ("_user_metrics", "_user_weighted_metrics")]
    if not any(entry is metric for entry in keras.tree.flatten(given)):
        raise ValueError(
            "`recorder.batch_counts` must be among the metrics of the model, where it counts the "
            "training batches: model.compile(..., metrics=['accuracy', recorder.batch_counts])"
        )
    outputs = getattr(model, "outputs", None) or [None]
    if len(outputs) > 1:
        raise ValueError(f"The model must have one output. Received: {len(outputs)} outputs")


def check_strategy(model, metric):
    """Raises a ValueError under a strategy that does not add up the counts of all replicas."""
    strategy = model.distribute_strategy
    home = getattr(metric.counts.value, "distribute_strategy", None)
    if strategy.num_replicas_in_sync == 1 and home is None:
        return
    if not isinstance(strategy, tf.distribute.MirroredStrategy):
        raise ValueError(
            "The recorder works without a distribution strategy or under a "
            f"tf.distribute.MirroredStrategy. Received: {type(strategy).__name__}"
        )
    if home is not strategy:
        raise ValueError(
            "The recorder must be created in the scope of the model's strategy: "
            "with strategy.scope(): recorder = ClassMetricsRecorder(...)"
        )


def _batch_row(labels, scores, num_classes):
    """Counts TP, FP and FN of each class in a batch: `(3, K)` float32."""
    # A label out of range becomes a row of zeros here, and the recorder notices it.
    actual = tf.one_hot(labels, num_classes)
    predicted = tf.one_hot(highest_score(scores), num_classes)
    tp = tf.reduce_sum(actual * predicted, axis=0)
    return tf.stack([tp, tf.reduce_sum(predicted, axis=0) - tp, tf.reduce_sum(actual, axis=0) - tp])
