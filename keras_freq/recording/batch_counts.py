"""The part of `ClassMetricsRecorder` that runs inside the training graph."""

import keras
import numpy as np
import tensorflow as tf

from keras_freq.classifier import check_scores, highest_score

_MOST_GIB = 2


@keras.saving.register_keras_serializable("keras_freq")
class BatchCounts(keras.metrics.Metric):
    """Writes the TP, FP and FN of each training batch into a buffer, one row for each step.

    Keras gives a metric all batches, those of `evaluate` too, and resets it before each epoch and
    each evaluation. At a reset, this metric keeps its rows and stops writing. The recorder switches
    it on again when the next training batch begins. Its result is an empty dict, so that no log
    shows it. A row of NaN stands for a batch with a label that names no class.

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
            y_true: Integer labels `(N,)` or `(N, 1)`, or rows `(N, K)` that sum to 1.
            y_pred: Scores `(N, K)`.
            sample_weight: Not used.
        """
        # Imported here, since a saved model that holds this metric must load quickly.
        from keras_freq.data.label_tensors import integer_label_tensor

        check_scores(y_pred, self.num_classes)
        labels = integer_label_tensor(y_true, self.num_classes, "The labels")
        row = _batch_row(labels, y_pred, self.num_classes)
        step, gate = self.step.value, self._gate.value
        written = tf.logical_and(gate > 0, step < self.max_steps)
        row = tf.where(written, row, 0.0)
        index = tf.minimum(step, self.max_steps - 1)[None, None]
        counts = self.counts.value
        if isinstance(counts, tf.distribute.DistributedValues):
            # A replica's variable cannot be updated in some of its rows only.
            self.counts.assign_add(tf.scatter_nd(index, row[None], counts.shape))
        else:
            counts.scatter_nd_add(index, row[None])
        # The step waits for the row. A graph runs what needs no data even where the data has just
        # ended, and would count a batch that never was.
        with tf.control_dependencies([row]):
            self.step.assign_add(gate)

    def result(self):
        """Returns an empty dict: counts by class are not one number for a log."""
        return {}

    def read_step(self):
        """Reads the number of batches counted, including those after `max_steps`."""
        return int(np.asarray(tf.convert_to_tensor(self.step.value)))

    def read_rows(self):
        """Reads the rows written so far: TP, FP and FN of each class, `(steps, 3, K)` float32."""
        return np.asarray(tf.convert_to_tensor(self.counts.value))[: self.read_step()]

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


def check_size(num_classes, max_steps):
    """Raises if the rows, which lie beside the model, would take too much memory."""
    size = 3 * 4 * num_classes * max_steps / 2**30
    if size > _MOST_GIB:
        raise ValueError(
            f"`max_steps` x `num_classes` must be smaller: their rows would take {size:.3g} GiB "
            f"beside the model, and at most {_MOST_GIB} are allowed. "
            f"Received: max_steps={max_steps}, num_classes={num_classes}"
        )


def check_compiled(model, metric):
    """Raises a ValueError unless the model was compiled with the metric."""
    if _place_in_compile(model, metric) is None:
        raise ValueError(
            "`recorder.batch_counts` must be among the metrics of the model, where it counts the "
            "training batches: model.compile(..., metrics=['accuracy', recorder.batch_counts]). "
            "With several outputs, give it to the one that holds the class scores: "
            "metrics={'predictions': [recorder.batch_counts]}"
        )


def counted_output(model, metric):
    """Finds the output of a model whose scores the metric counts.

    Args:
        model: A `keras.Model` that was compiled with the metric.
        metric: A `BatchCounts`.

    Returns:
        The symbolic tensor of this output. None if the model gives one tensor, which is then it,
        and for subclassed models, whose outputs are not known before they are called.
    """
    outputs = getattr(model, "outputs", None)
    structure = getattr(model, "output", None) if outputs else None
    if not isinstance(structure, list | tuple | dict):
        return None
    if len(outputs) == 1:
        return outputs[0]
    place, names = _place_in_compile(model, metric)[0], list(model.output_names)
    if isinstance(structure, dict):
        # Keras' own order of a list of metrics for a dict of outputs.
        keys = names if set(names) == set(structure) else sorted(structure)
        return structure[place if isinstance(place, str) else keys[place]]
    return outputs[names.index(place) if isinstance(place, str) else place]


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


def _place_in_compile(model, metric):
    """Finds the path of a metric in the arguments of `compile`; None if it is not there.

    With several outputs, the first entry of the path is the name or the number of an output.
    """
    compiled = getattr(model, "_compile_metrics", None)
    for argument in ("_user_metrics", "_user_weighted_metrics"):
        for path, entry in keras.tree.flatten_with_path(getattr(compiled, argument, None)):
            if entry is metric:
                return path
    return None


def _batch_row(labels, scores, num_classes):
    """Counts TP, FP and FN of each class in a batch, `(3, K)` float32; NaN for a wrong label."""
    actual = tf.one_hot(labels, num_classes)
    predicted = tf.one_hot(highest_score(scores), num_classes)
    tp = tf.reduce_sum(actual * predicted, axis=0)
    row = [tp, tf.reduce_sum(predicted, axis=0) - tp, tf.reduce_sum(actual, axis=0) - tp]
    valid = tf.reduce_all((labels >= 0) & (labels < num_classes))
    return tf.where(valid, tf.stack(row), np.nan)
