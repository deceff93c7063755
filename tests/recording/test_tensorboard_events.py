"""Curves and figures for TensorBoard: the event files are read back, without our code."""

import io

import numpy as np
import tensorflow as tf
from PIL import Image
from recording_cases import compile_model, fit, images_and_labels, small_model

import keras_freq as kf

NAMES = ["cat", "dog", "a/b", "<owl>"]


def events_in(folder):
    """Every value of the event files of a run: `(tag, step, plugin, array)`."""
    for path in sorted(folder.glob("events*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                plugin = value.metadata.plugin_data.plugin_name
                yield value.tag, event.step, plugin, tf.make_ndarray(value.tensor)


def curves(frame):
    return kf.plots.class_metric_curves(frame, class_names=NAMES)


def test_the_curves_are_the_recorded_rows_and_the_figure_is_there(tmp_path):
    # 3 steps an epoch, of which the last of the second epoch is beyond what is recorded.
    probes = {"seen/unseen": images_and_labels(seed=1)}
    recorder = kf.ClassMetricsRecorder(4, max_steps=5, probes=probes, probe_every=2)
    written = kf.ClassMetricsTensorBoard(
        recorder, tmp_path, metrics=["f1", "recall"], figures={"F1": curves}, class_names=NAMES
    )
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder, written], epochs=2)
    frame = recorder.to_frame()
    runs = {path.name: path for path in (tmp_path / "class_metrics").iterdir()}
    assert set(runs) == {"train", "seen_unseen"}
    for source, folder in (("train", runs["train"]), ("seen/unseen", runs["seen_unseen"])):
        found = {
            (tag, step): float(array)
            for tag, step, plugin, array in events_in(folder)
            if plugin == "scalars"
        }
        rows = frame[frame["source"] == source]
        expected = {
            (f"{metric}/{NAMES[row.class_id]}", row.step): np.float32(getattr(row, metric))
            for row in rows.itertuples()
            for metric in ("recall", "f1")
            if not np.isnan(getattr(row, metric))
        }
        assert found == expected and len(found) > 8
    (figure,) = [one for one in events_in(runs["train"]) if one[2] == "images"]
    assert figure[:2] == ("F1", 6)
    width, height, png = figure[3]
    image = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    assert image.shape == (int(height), int(width))
    assert 0.01 < (image < 128).mean() < 0.5  # lines and letters on white


def test_a_second_training_goes_on_where_the_first_ended(tmp_path):
    recorder = kf.ClassMetricsRecorder(4)
    written = kf.ClassMetricsTensorBoard(recorder, tmp_path)
    model = small_model()
    compile_model(model, recorder)
    for _ in range(2):
        fit(model, [recorder, written])
    steps = [
        step for tag, step, _, _ in events_in(tmp_path / "class_metrics" / "train") if tag == "f1/0"
    ]
    assert steps and steps == sorted(set(steps)) and max(steps) > 3


def test_names_are_those_of_a_probe_and_figures_get_them(tmp_path):
    images, labels = images_and_labels(seed=1)
    probe = kf.data.with_class_names(kf.data.as_batches((images, labels)), NAMES)
    recorder = kf.ClassMetricsRecorder(4, max_steps=3, probes={"plain": probe})
    drawn = []

    def figure(frame):
        drawn.append(kf.plots.class_metric_curves(frame))
        return drawn[-1]

    written = kf.ClassMetricsTensorBoard(recorder, tmp_path, figures={"F1": figure})
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder, written])
    tags = {event[0] for event in events_in(tmp_path / "class_metrics" / "train")}
    assert tags == {"F1", *(f"f1/{name}" for name in NAMES)}
    (legend,) = filter(None, (ax.get_legend() for ax in drawn[0]))
    assert [text.get_text() for text in legend.get_texts()] == NAMES
