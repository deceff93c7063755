"""The rows of one recorder, in a metric that copies of the recorder share."""

import warnings
import weakref

import numpy as np

from keras_freq.metrics import rates_from_counts


class RecordedRows:
    """Rows of training batches, in a metric or put aside.

    KerasTuner compiles each model with the same metric, and fits each with a copy of the recorder.
    So the metric holds the rows of the recorder that was fitted last. Those of its copies are put
    aside, in their own `RecordedRows`.

    Args:
        metric: A `BatchCounts`, whose rows these are.
    """

    def __init__(self, metric):
        self._metric = metric
        self._put_aside = None
        metric.holder = weakref.ref(self)

    def __deepcopy__(self, memo):
        """Copies the rows. The metric is shared, and goes on to hold those of the original."""
        copied = memo[id(self)] = type(self).__new__(type(self))
        copied._metric, copied._put_aside = self._metric, self._read()
        return copied

    def take_metric(self):
        """Brings these rows into the metric, and puts aside those that it held."""
        if self._put_aside is None:
            return
        holder = self._metric.holder()
        if holder is not None:
            holder._put_aside = holder._read()
        self._metric.restore(*self._put_aside)
        self._metric.holder, self._put_aside = weakref.ref(self), None

    def restore(self, rows, steps):
        """Puts back rows that were read before, `(T, 3, K)`, and the number of steps."""
        self.take_metric()
        self._metric.restore(rows, steps)

    def read_step(self):
        """Reads the number of batches counted, including those after the last row."""
        return self._metric.read_step() if self._put_aside is None else self._put_aside[1]

    def read(self):
        """Reads TP, FP and FN of each class, `(steps, 3, K)` int64, and checks their labels.

        Raises:
            ValueError: If a label of a batch names no class.
        """
        rows, _ = self._read()
        wrong = np.flatnonzero(np.isnan(rows).any(axis=(1, 2)))
        if len(wrong):
            num_classes = rows.shape[2]
            raise ValueError(
                f"The labels must each name one class: integers in [0, {num_classes - 1}], or rows "
                f"of {num_classes} numbers >= 0 that sum to 1, since num_classes={num_classes}. "
                f"Received: others in the training batch of step {wrong[0] + 1}. An image of "
                "several classes cannot be recorded"
            )
        return np.rint(rows).astype(np.int64)

    def _read(self):
        """Reads the rows as they are, and the number of steps, wherever they are."""
        if self._put_aside is not None:
            return self._put_aside
        return self._metric.read_rows(), self._metric.read_step()


def tidy_table(rows_by_source, class_names=None):
    """Makes the table of `ClassMetricsRecorder.to_frame`.

    Args:
        rows_by_source: A dict of steps `(T,)` and counts `(T, 3, K)` by source.
        class_names: K strings, or None.

    Returns:
        A `pandas.DataFrame`.
    """
    import pandas as pd

    if not any(len(steps) for steps, _ in rows_by_source.values()):
        warnings.warn(
            "The recorder holds no training step. It needs both: model.compile(..., "
            "metrics=['accuracy', recorder.batch_counts]) and model.fit(..., callbacks=[recorder])",
            stacklevel=3,
        )
    tables = [_source_table(name, *rows) for name, rows in rows_by_source.items()]
    columns = {key: np.concatenate([table[key] for table in tables]) for key in tables[0]}
    frame = pd.DataFrame(columns)
    if class_names is not None:
        place = frame.columns.get_loc("class_id") + 1
        frame.insert(place, "class_name", np.array(class_names, object)[frame["class_id"]])
    return frame


def _source_table(source, steps, counts):
    """Turns the `(T, 3, K)` counts of one source into columns of T * K entries."""
    tp, fp, fn = np.moveaxis(counts, 1, 0)
    support = tp + fn
    tn = support.sum(axis=1, keepdims=True) - tp - fp - fn
    rates = rates_from_counts(tp, fp, fn, tn)
    num_classes = tp.shape[1]
    return {
        "step": np.repeat(steps, num_classes),
        "source": np.full(tp.size, source),
        "class_id": np.tile(np.arange(num_classes), len(tp)),
        **{"tp": tp.ravel(), "fp": fp.ravel(), "fn": fn.ravel(), "support": support.ravel()},
        **{name: rates[name].ravel() for name in ("precision", "recall", "f1")},
    }
