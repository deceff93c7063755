"""What a recorder has recorded, as curves and figures in TensorBoard."""

import io

import keras
import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.recording.recorder import ClassMetricsRecorder

_METRICS = ("precision", "recall", "f1")


class ClassMetricsTensorBoard(keras.callbacks.Callback):
    """Writes what a `ClassMetricsRecorder` records for TensorBoard, while `fit` is running.

    Give it to `fit` after the recorder, beside `keras.callbacks.TensorBoard` or alone:

    ```python
    curves = kf.ClassMetricsTensorBoard(recorder, "logs")
    model.fit(dataset, epochs=100, callbacks=[recorder, curves])
    ```

    Each source of the recorder, `train` and each probe, is a run, such as `class_metrics/train`:
    beside `train` and `validation` of Keras's own callback. Each class has a curve such as
    `f1/cat`, with a point for each recorded step. Where a metric is undefined, the curve has no
    point. The points are written at the end of each epoch, and the figures at the end of the
    training.

    The files are written by TensorFlow alone. To see them, install `tensorboard` and call
    `tensorboard --logdir logs`.

    Args:
        recorder: The `ClassMetricsRecorder`.
        log_dir: The folder that TensorBoard is given; it is made. Defaults to "logs".
        metrics: Which metrics: one or several of "precision", "recall" and "f1". Defaults to "f1".
        figures: A dict of functions by name. Each draws the table of `recorder.to_frame`, with the
            names of the classes, and returns its axes, as `keras_freq.plots.class_metric_curves`
            does. Defaults to None: no figures.
        class_names: K names. Defaults to those of the first probe that has `class_names`, as Keras'
            loaders give them; without one, to "0", "1", ...

    Raises:
        TypeError: If `recorder` is no recorder, or `log_dir` no path.
        ValueError: If a metric is unknown, `figures` is no dict of functions, or the number of
            names is wrong.

    Example:
        >>> import keras_freq as kf
        >>> recorder = kf.ClassMetricsRecorder(num_classes=2)
        >>> curves = kf.ClassMetricsTensorBoard(recorder, "logs", class_names=["cat", "dog"])

    See Also:
        `ClassMetricsRecorder.to_frame`, the same as a table.
    """

    def __init__(self, recorder, log_dir="logs", *, metrics="f1", figures=None, class_names=None):
        super().__init__()
        if not isinstance(recorder, ClassMetricsRecorder):
            raise TypeError(
                f"`recorder` must be a ClassMetricsRecorder. Received: {type(recorder).__name__}"
            )
        self.recorder, self.log_dir = recorder, checks.path("log_dir", log_dir)
        self.metrics = checks.some_of("metrics", metrics, _METRICS)
        figures = {} if figures is None else figures
        if not isinstance(figures, dict) or not all(map(callable, figures.values())):
            raise ValueError(
                "`figures` must be a dict from names to functions that draw the recorder's table, "
                f"such as keras_freq.plots.class_metric_curves. Received: figures={figures!r}"
            )
        self.figures = figures
        if class_names is None:
            own = (probe.class_names for probe in recorder.probes.datasets.values())
            class_names = next(filter(None, own), None)
        self.class_names = checks.class_names(class_names, recorder.num_classes)
        # The last step that is written of each source, and the writers that are open.
        self._written, self._writers = {}, {}

    def on_epoch_end(self, epoch, logs=None):
        """Writes the steps that were recorded since the last epoch."""
        for source, rows in self.recorder.to_frame().groupby("source"):
            new = rows[rows["step"] > self._written.get(source, 0)]
            self._written[source] = int(rows["step"].max())
            with self._writer(source).as_default():
                self._write_curves(new)
            self._writer(source).flush()

    def on_train_end(self, logs=None):
        """Writes what an epoch that was cut short has recorded, and the figures."""
        self.on_epoch_end(None)
        for name, draw in self.figures.items():
            axes = np.atleast_1d(np.asarray(draw(self.recorder.to_frame(self.class_names)), object))
            with self._writer("train").as_default():
                _write(str(name), _encoded(axes.flat[0].figure), self.recorder.steps, "images")
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _writer(self, source):
        if source not in self._writers:
            # A source's name is that of its run. With a slash it would be a folder of runs.
            folder = self.log_dir / "class_metrics" / source.replace("/", "_")
            self._writers[source] = tf.summary.create_file_writer(str(folder))
        return self._writers[source]

    def _write_curves(self, rows):
        for metric in self.metrics:
            known = rows[np.isfinite(rows[metric])]
            for step, k, value in zip(known["step"], known["class_id"], known[metric], strict=True):
                _write(f"{metric}/{self.class_names[k]}", np.float32(value), step, "scalars")


def _write(tag, value, step, plugin):
    """Writes a value as `tf.summary.scalar` and `tf.summary.image` do, which need TensorBoard."""
    metadata = tf.compat.v1.SummaryMetadata()
    metadata.plugin_data.plugin_name = plugin
    tf.summary.write(tag, value, step=step, metadata=metadata)


def _encoded(figure):
    """A figure as TensorBoard stores images: width, height and the bytes of the picture."""
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight")
    height, width, _ = tf.io.decode_png(file.getvalue()).shape
    return tf.constant([str(width), str(height), file.getvalue()])
