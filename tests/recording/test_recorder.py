"""The recorder against scikit-learn on predictions of a training loop written by hand."""

import subprocess
import sys
import textwrap

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.metrics import precision_recall_fscore_support

import keras_freq as kf

K, SHAPE = 4, (5, 4, 2)
# Three batches an epoch, of 8, 8 and 5 images.
NUM_IMAGES, BATCH = 21, 8
RATES = ["precision", "recall", "f1"]


def _arrays(num_images=NUM_IMAGES, seed=0):
    """Returns images and labels that can be learned, but not at once."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, K, num_images)
    images = rng.random((num_images, *SHAPE), np.float32)
    images[np.arange(num_images), labels] += 0.3
    return images, labels


def _batches(arrays=None, labels_as=np.asarray):
    """Returns unshuffled batches, the last of them smaller."""
    images, labels = arrays or _arrays()
    batches = tf.data.Dataset.from_tensor_slices((images, labels_as(labels))).batch(BATCH)
    # Dozens of iterators with tuning threads take up to a minute to be collected.
    return kf.data.without_autotune(batches)


def _one_hot(labels):
    return np.eye(K, dtype=np.float32)[labels]


def _model(seed=0):
    """Returns a classifier without randomness, so that a loop by hand can follow it."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(K, "softmax")]
    )


def _noisy_model(seed=0):
    """Returns a classifier with every kind of state that an evaluation could disturb."""
    if seed is not None:
        keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.RandomFlip(),
            keras.layers.Conv2D(8, 3, padding="same"),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.Dropout(0.3),
            keras.layers.Flatten(),
            keras.layers.Dense(K, "softmax", activity_regularizer="l2"),
        ]
    )


def _compile(model, recorder, loss="sparse_categorical_crossentropy", **options):
    """Compiles for plain gradient descent, fast enough for the predictions to change."""
    model.compile(
        keras.optimizers.SGD(0.5), loss, metrics=["accuracy", recorder.batch_counts], **options
    )


def _fit(model, callbacks, dataset=None, **options):
    """Fits on the batches as they come; Keras warns of `shuffle`, its default, with a dataset."""
    dataset = dataset or _batches()
    return model.fit(dataset, callbacks=callbacks, verbose=0, shuffle=False, **options)


def _predictions_by_hand(epochs, batches=None):
    """Trains `_model` without Keras' `fit`: labels and predictions of each batch, before it."""
    model = _model()
    record = []
    for _ in range(epochs):
        for images, labels in batches or _batches():
            with tf.GradientTape() as tape:
                scores = model(images, training=True)
                losses = keras.losses.sparse_categorical_crossentropy(labels, scores)
                loss = tf.reduce_mean(losses)
            for variable, gradient in zip(
                model.trainable_variables,
                tape.gradient(loss, model.trainable_variables),
                strict=True,
            ):
                variable.assign_sub(0.5 * gradient)
            record.append((labels.numpy(), scores.numpy().argmax(-1)))
    return record


@pytest.fixture(scope="module")
def by_hand():
    """Four epochs, twelve batches."""
    record = _predictions_by_hand(epochs=4)
    # The test data is such that predictions change, and are neither all right nor all wrong.
    accuracies = [np.mean(labels == predicted) for labels, predicted in record]
    assert len(set(accuracies)) > 3
    return record


def _assert_rows(frame, record, source="train", steps=None):
    """Compares the rows of a source with scikit-learn, step by step."""
    frame = frame[frame.source == source]
    steps = range(1, len(record) + 1) if steps is None else steps
    assert frame.step.tolist() == np.repeat(list(steps), K).tolist()
    assert frame.class_id.tolist() == list(range(K)) * len(record)
    for step, (labels, predicted) in zip(steps, record, strict=True):
        rows = frame[frame.step == step]
        precision, recall, f1, support = precision_recall_fscore_support(
            labels, predicted, labels=range(K), zero_division=np.nan
        )
        np.testing.assert_array_equal(rows.support, support)
        np.testing.assert_allclose(rows[RATES], np.stack([precision, recall, f1], axis=1))
        np.testing.assert_array_equal(rows.tp + rows.fp, np.bincount(predicted, minlength=K))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"steps_per_execution": 2},
        {"steps_per_execution": 7},
        {"jit_compile": True},
        {"jit_compile": True, "steps_per_execution": 3},
        {"run_eagerly": True},
    ],
    ids=str,
)
def test_training_rows_agree_with_scikit_learn(by_hand, options):
    recorder = kf.ClassMetricsRecorder(K, max_steps=12)
    model = _model()
    _compile(model, recorder, **options)
    _fit(model, [recorder], epochs=4)
    assert recorder.steps == 12
    _assert_rows(recorder.to_frame(), by_hand)


@pytest.mark.parametrize(
    ("labels_as", "loss"),
    [
        (_one_hot, "categorical_crossentropy"),
        (lambda labels: labels[:, None], "sparse_categorical_crossentropy"),
        (lambda labels: labels.astype(np.float32), "sparse_categorical_crossentropy"),
        (lambda labels: labels.astype(np.uint8), "sparse_categorical_crossentropy"),
    ],
    ids=["one-hot", "column", "float", "uint8"],
)
def test_labels_may_come_in_any_form(by_hand, labels_as, loss):
    recorder = kf.ClassMetricsRecorder(K, max_steps=6)
    model = _model()
    _compile(model, recorder, loss)
    _fit(model, [recorder], dataset=_batches(labels_as=labels_as), epochs=2)
    _assert_rows(recorder.to_frame(), by_hand[:6])


class _Evaluate(keras.callbacks.Callback):
    """Evaluates the model inside `fit`, at one of the hooks."""

    def __init__(self, hook, steps_per_call=1):
        super().__init__()
        setattr(self, hook, self._evaluate)

    def _evaluate(self, *args, **kwargs):
        self.model.evaluate(_batches(_arrays(30, seed=1)), verbose=0)


@pytest.mark.parametrize(
    ("hook", "first"),
    [
        ("on_train_begin", True),
        ("on_epoch_begin", True),
        ("on_train_batch_end", True),
        ("on_train_batch_end", False),
        ("on_epoch_end", True),
        ("on_train_end", False),
    ],
)
def test_evaluations_inside_fit_are_not_recorded(by_hand, hook, first):
    recorder = kf.ClassMetricsRecorder(K, max_steps=6)
    model = _model()
    _compile(model, recorder)
    callbacks = [recorder, _Evaluate(hook)]
    _fit(model, callbacks[:: 1 if first else -1], epochs=2)
    model.evaluate(_batches(), verbose=0)
    _assert_rows(recorder.to_frame(), by_hand[:6])


@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_validation_is_not_recorded(by_hand, steps_per_execution):
    recorder = kf.ClassMetricsRecorder(K, max_steps=12)
    model = _model()
    _compile(model, recorder, steps_per_execution=steps_per_execution)
    history = _fit(model, [recorder], epochs=4, validation_data=_batches(_arrays(20, seed=1)))
    _assert_rows(recorder.to_frame(), by_hand)
    # The counts show in no log.
    assert sorted(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert len(model.evaluate(_batches(), verbose=0)) == 2


def test_evaluation_at_the_start_of_a_batch_is_right_before_the_recorder_and_refused_after(by_hand):
    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = _model()
    _compile(model, recorder)
    evaluate = _Evaluate("on_train_batch_begin")
    _fit(model, [evaluate, recorder])
    _assert_rows(recorder.to_frame(), by_hand[:3])

    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = _model()
    _compile(model, recorder)
    with pytest.raises(RuntimeError, match="on_train_batch_begin"):
        _fit(model, [recorder, evaluate])


def test_an_interrupted_fit_leaves_its_rows_and_records_no_later_evaluation(by_hand):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                raise KeyboardInterrupt

    recorder = kf.ClassMetricsRecorder(K, max_steps=12)
    model = _model()
    _compile(model, recorder)
    with pytest.raises(KeyboardInterrupt):
        _fit(model, [recorder, Interrupt()])
    model.evaluate(_batches(), verbose=0)
    _assert_rows(recorder.to_frame(), by_hand[:2])


def test_a_second_fit_continues_the_rows(by_hand):
    recorder = kf.ClassMetricsRecorder(K, max_steps=12)
    model = _model()
    _compile(model, recorder)
    _fit(model, [recorder], epochs=1)
    _fit(model, [recorder], epochs=3)
    _assert_rows(recorder.to_frame(), by_hand)
    with pytest.raises(ValueError, match="recorder is full"):
        _fit(model, [recorder])


@pytest.mark.parametrize(("steps_per_execution", "trained"), [(1, 7), (2, 8)])
def test_training_stops_at_the_first_call_at_or_after_max_steps(
    by_hand, steps_per_execution, trained
):
    recorder = kf.ClassMetricsRecorder(K, max_steps=7, probes={"probe": _arrays(9)})
    model = _model()
    _compile(model, recorder, steps_per_execution=steps_per_execution)
    _fit(model, [recorder], epochs=4)
    assert int(model.optimizer.iterations) == recorder.steps == trained
    frame = recorder.to_frame()
    _assert_rows(frame, by_hand[:7])
    probed = frame.loc[frame["source"] == "probe", "step"]
    assert probed.max() == (7 if steps_per_execution == 1 else 6)


def test_training_goes_on_without_recording_when_asked(by_hand):
    recorder = kf.ClassMetricsRecorder(
        K, max_steps=4, stop_training=False, probes={"probe": _arrays(9)}, probe_every=2
    )
    model = _model()
    _compile(model, recorder)
    _fit(model, [recorder], epochs=3)
    _fit(model, [recorder], epochs=1)
    assert int(model.optimizer.iterations) == recorder.steps == 12
    frame = recorder.to_frame()
    _assert_rows(frame, by_hand[:4])
    assert frame[frame.source == "probe"].step.unique().tolist() == [2, 4]


class _Predict(keras.callbacks.Callback):
    """Predicts data sets after every batch, by Keras' own function."""

    def __init__(self, **datasets):
        super().__init__()
        self.datasets = datasets
        self.record = {name: [] for name in datasets}

    def on_train_batch_end(self, batch, logs=None):
        for name, (images, labels) in self.datasets.items():
            predicted = self.model.predict_on_batch(images).argmax(-1)
            self.record[name].append((labels, predicted))


def test_probe_rows_agree_with_scikit_learn_after_each_update():
    low, high = _arrays(30, seed=1), _arrays(19, seed=2)
    probes = {"low-pass": _batches(low, _one_hot), "high-pass": high}
    recorder = kf.ClassMetricsRecorder(K, max_steps=12, probes=probes, probe_every=2)
    model = _noisy_model()
    _compile(model, recorder)
    predict = _Predict(low=low, high=high)
    _fit(model, [recorder, predict], epochs=4)
    frame = recorder.to_frame()
    assert frame.source.unique().tolist() == ["train", "low-pass", "high-pass"]
    steps = range(2, 13, 2)
    _assert_rows(frame, predict.record["low"][1::2], "low-pass", steps)
    _assert_rows(frame, predict.record["high"][1::2], "high-pass", steps)


def test_probes_run_at_the_first_call_at_or_after_their_step():
    recorder = kf.ClassMetricsRecorder(
        K, max_steps=20, probes={"probe": _arrays(9)}, probe_every=3, stop_training=False
    )
    model = _model()
    _compile(model, recorder, steps_per_execution=2)
    _fit(model, [recorder], epochs=3)
    frame = recorder.to_frame()
    # Keras calls back after 2 and 1 batches of each epoch of 3.
    assert frame[frame.source == "probe"].step.unique().tolist() == [3, 6, 9]


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_fit_with_probes_is_bit_for_bit_the_fit_without(jit_compile):
    def train(make_probes):
        keras.utils.set_random_seed(0)
        recorder = kf.ClassMetricsRecorder(K, max_steps=100, probes=make_probes())
        model = _noisy_model(seed=None)
        model.compile(
            keras.optimizers.Adam(0.01),
            "sparse_categorical_crossentropy",
            metrics=["accuracy", recorder.batch_counts],
            jit_compile=jit_compile,
        )
        images, labels = _arrays()
        train_set = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(50).batch(BATCH)
        validation = _batches(_arrays(9, seed=3))
        history = _fit(model, [recorder], train_set, epochs=3, validation_data=validation)
        values = [*model.trainable_variables, *model.non_trainable_variables]
        values += model.optimizer.variables
        frame = recorder.to_frame()
        return history.history, [np.asarray(v) for v in values], frame[frame.source == "train"]

    history, values, frame = train(
        lambda: {"arrays": _arrays(20, seed=1), "batches": _batches(_arrays(20, seed=2))}
    )
    expected_history, expected_values, expected_frame = train(lambda: None)
    assert history == expected_history
    for value, expected in zip(values, expected_values, strict=True):
        np.testing.assert_array_equal(value, expected)
    pd.testing.assert_frame_equal(frame, expected_frame)


def test_probes_are_traced_once_whatever_their_batches():
    class Counted(keras.layers.Layer):
        calls = 0

        def call(self, images):
            Counted.calls += 1
            return images

    def traces(probes):
        model = keras.Sequential([keras.Input(SHAPE), Counted(), *_model().layers])
        recorder = kf.ClassMetricsRecorder(K, max_steps=12, probes=probes)
        _compile(model, recorder)
        Counted.calls = 0
        _fit(model, [recorder], epochs=2)
        _fit(model, [recorder], epochs=2)
        return Counted.calls

    probes = {"one": _batches(), "two": _arrays(100), "three": _arrays(2)}
    assert traces(probes) == traces(None) + 1


def test_a_model_built_by_its_first_batch_can_be_probed(by_hand):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(K, "softmax")])
    recorder = kf.ClassMetricsRecorder(K, max_steps=6, probes={"probe": _arrays(10)})
    _compile(model, recorder)
    _fit(model, [recorder], epochs=2)
    frame = recorder.to_frame()
    _assert_rows(frame, by_hand[:6])
    assert len(frame) == 2 * 6 * K


def test_the_frame_is_tidy_and_typed():
    recorder = kf.ClassMetricsRecorder(K, max_steps=3, probes={"b": _arrays(9), "a": _arrays(5)})
    empty = recorder.to_frame()
    model = _model()
    _compile(model, recorder)
    _fit(model, [recorder])
    frame = recorder.to_frame()
    columns = ["step", "source", "class_id", "tp", "fp", "fn", "support", *RATES]
    assert list(frame.columns) == list(empty.columns) == columns
    assert len(empty) == 0
    assert all(frame[name].dtype == np.int64 for name in columns if name not in ["source", *RATES])
    assert all(frame[name].dtype == np.float64 for name in RATES)
    assert frame.dtypes.equals(empty.dtypes)
    assert frame.source.drop_duplicates().tolist() == ["train", "b", "a"]
    assert (frame.tp + frame.fn == frame.support).all()


def test_a_resumed_fit_is_the_uninterrupted_one(tmp_path):
    probes = {"low-pass": _arrays(9), "a/b é": _arrays(5)}

    def setting():
        recorder = kf.ClassMetricsRecorder(K, max_steps=12, probes=probes, probe_every=2)
        model = _model()
        _compile(model, recorder)
        return model, recorder

    whole, expected = setting()
    _fit(whole, [expected], epochs=4)

    class Checkpoint(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            np.savez(tmp_path / "state.npz", **recorder.get_state())
            self.model.save_weights(tmp_path / "model.weights.h5")
            self.model.stop_training = epoch == 2

    model, recorder = setting()
    _fit(model, [recorder, Checkpoint()], epochs=4)
    model, recorder = setting()
    model.load_weights(tmp_path / "model.weights.h5")
    with np.load(tmp_path / "state.npz", allow_pickle=False) as state:
        recorder.set_state(state)
    assert recorder.steps == 9
    _fit(model, [recorder], epochs=4, initial_epoch=3)
    pd.testing.assert_frame_equal(recorder.to_frame(), expected.to_frame())

    # What does not fit is refused.
    state = expected.get_state()
    for other, message in [
        (kf.ClassMetricsRecorder(K + 1, 12, probes), "5 classes.*4 classes"),
        (kf.ClassMetricsRecorder(K, 12), r"probes \[\]"),
        (kf.ClassMetricsRecorder(K, 11, probes), "12 rows"),
        (kf.ClassMetricsRecorder(K, 13, probes, stop_training=False), None),
    ]:
        if message is None:
            other.set_state(state)
        else:
            with pytest.raises(ValueError, match=message):
                other.set_state(state)


def test_a_full_recorder_cannot_be_extended():
    recorder = kf.ClassMetricsRecorder(K, max_steps=2, stop_training=False)
    model = _model()
    _compile(model, recorder)
    _fit(model, [recorder])
    with pytest.raises(ValueError, match="2 rows"):
        kf.ClassMetricsRecorder(K, max_steps=5).set_state(recorder.get_state())


def test_the_state_is_refused_before_the_recorder_has_counted_the_step():
    class TooEarly(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            recorder.get_state()

    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = _model()
    _compile(model, recorder)
    with pytest.raises(RuntimeError, match="before one that calls `get_state`"):
        _fit(model, [TooEarly(), recorder])


def test_a_compiled_model_saves_and_loads_with_the_metric(tmp_path):
    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = _model()
    _compile(model, recorder)
    _fit(model, [recorder])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    images, _ = _arrays()
    np.testing.assert_array_equal(
        loaded.predict(images, verbose=0), model.predict(images, verbose=0)
    )
    loaded.evaluate(_batches(), verbose=0)
    # A new process does not know the metric; these are the ways that the docstring names.
    script = textwrap.dedent(f"""
        import keras
        path = {str(tmp_path / "model.keras")!r}
        keras.models.load_model(path, compile=False)
        import keras_freq.recording.recorder
        assert keras.models.load_model(path).compiled
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nan_outputs_count_as_no_prediction():
    recorder = kf.ClassMetricsRecorder(K, max_steps=3, probes={"probe": _arrays()})
    model = _model()
    model.layers[-1].set_weights([w * np.nan for w in model.layers[-1].get_weights()])
    _compile(model, recorder)
    _fit(model, [recorder])
    frame = recorder.to_frame()
    assert not frame.tp.any() and not frame.fp.any()
    assert (frame.fn == frame.support).all()
    assert frame.precision.isna().all()


def test_labels_out_of_range_are_refused_at_once():
    images, labels = _arrays()
    recorder = kf.ClassMetricsRecorder(K, max_steps=9)
    model = _model()
    # A loss that does not look at the labels: the usual ones raise an error of their own.
    _compile(model, recorder, loss=lambda labels, scores: scores[:, 0])
    with pytest.raises(ValueError, match=r"\[0, 3\].*batch of step 1"):
        _fit(model, [recorder], dataset=_batches((images, labels + 1)))
    assert int(model.optimizer.iterations) == 1

    labels[12] = -1
    recorder = kf.ClassMetricsRecorder(K, max_steps=9)
    _compile(model, recorder, loss=lambda labels, scores: scores[:, 0])
    with pytest.raises(ValueError, match="batch of step 2"):
        _fit(model, [recorder], dataset=_batches((images, labels)), epochs=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 1}, "num_classes=1"),
        ({"num_classes": 2.0}, "num_classes=2.0"),
        ({"max_steps": 0}, "max_steps=0"),
        ({"max_steps": 2.5}, "max_steps=2.5"),
        ({"probe_every": -1}, "probe_every=-1"),
        ({"probes": {"train": _arrays()}}, "'train'"),
        ({"probes": {3: _arrays()}}, "strings.*3"),
        ({"probes": {"x": tf.data.Dataset.range(3)}}, r"probes\['x'\].*pairs"),
        ({"probes": {"x": (np.zeros((3, 2)), [0, 1, 2])}}, r"probes\['x'\].*rank 4"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        kf.ClassMetricsRecorder(**{"num_classes": K, **arguments})


def test_wrong_types_of_probes_are_refused():
    with pytest.raises(TypeError, match=r"dict.*tuple"):
        kf.ClassMetricsRecorder(K, probes=_arrays())
    with pytest.raises(TypeError, match=r"probes\['x'\].*str"):
        kf.ClassMetricsRecorder(K, probes={"x": "cifar10"})


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ((np.zeros((3, 9, 9, 2)), [0, 1, 2]), r"\(9, 9, 2\).*\(5, 4, 2\)"),
        ((np.zeros((3, *SHAPE)), [0, 1, K]), r"\[0, 3\].*Received: 4"),
        (_batches().map(lambda images, labels: (images * np.nan, labels)), "finite"),
        (_batches().take(0), "empty"),
        (_batches().repeat(), "must end"),
    ],
)
def test_broken_probes_are_refused_before_the_first_step(probe, message):
    recorder = kf.ClassMetricsRecorder(K, probes={"good": _arrays(), "bad": probe})
    model = _model()
    _compile(model, recorder)
    with pytest.raises(ValueError, match=r"probes\['bad'\].*" + message):
        _fit(model, [recorder])
    assert int(model.optimizer.iterations) == 0


def test_a_recorder_outside_compile_is_refused():
    recorder, other = kf.ClassMetricsRecorder(K), kf.ClassMetricsRecorder(K)
    model = _model()
    _compile(model, other)
    with pytest.raises(ValueError, match=r"metrics=\['accuracy', recorder.batch_counts\]"):
        _fit(model, [recorder])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"metrics=\['accuracy', recorder.batch_counts\]"):
        _fit(model, [recorder])
    # Twice is once too often.
    recorder = kf.ClassMetricsRecorder(K)
    metrics = [recorder.batch_counts, recorder.batch_counts]
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics)
    with pytest.raises(RuntimeError, match="2 counted, 1 trained"):
        _fit(model, [recorder])


def test_models_of_other_outputs_are_refused():
    recorder = kf.ClassMetricsRecorder(K + 1)
    model = _model()
    _compile(model, recorder)
    with pytest.raises(ValueError, match=r"\(N, 5\).*\(None, 4\)"):
        _fit(model, [recorder])

    recorder = kf.ClassMetricsRecorder(2)
    model = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten()])
    model.add(keras.layers.Dense(1, "sigmoid"))
    model.compile("sgd", "binary_crossentropy", metrics=[recorder.batch_counts])
    images, labels = _arrays()
    with pytest.raises(ValueError, match="sigmoid"):
        model.fit(images, labels > 1, callbacks=[recorder], verbose=0)

    recorder = kf.ClassMetricsRecorder(K)
    single = _model()
    model = keras.Model(single.inputs, [single.outputs[0], single.outputs[0] + 1])
    loss = "sparse_categorical_crossentropy"
    metrics = [[recorder.batch_counts], ["accuracy"]]
    model.compile("sgd", [loss, loss], metrics=metrics)
    with pytest.raises(ValueError, match="one output"):
        model.fit(images, [labels, labels], callbacks=[recorder], verbose=0)


_MIRRORED = """
    import keras, numpy as np, tensorflow as tf
    import keras_freq as kf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    rng = np.random.default_rng(0)
    images, labels = rng.random((20, 4, 4, 1), np.float32), rng.integers(0, 3, 20)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
    options = dict(max_steps=6, probes={"probe": (images[:7], labels[:7])}, probe_every=2)

    def train(recorder):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
        model.add(keras.layers.Dense(3, "softmax"))
        model.compile(
            keras.optimizers.SGD(0.5),
            "sparse_categorical_crossentropy",
            metrics=["accuracy", recorder.batch_counts],
        )
        model.fit(
            dataset,
            epochs=2,
            validation_data=dataset,
            callbacks=[recorder],
            verbose=0,
            shuffle=False,
        )
        return recorder.to_frame()

    expected = train(kf.ClassMetricsRecorder(3, **options))
    assert expected.tp.sum() > 0
    with strategy.scope():
        recorder = kf.ClassMetricsRecorder(3, **options)
        frame = train(recorder)
        assert frame.equals(expected), (frame, expected)
        again = kf.ClassMetricsRecorder(3, **options)
        again.set_state(recorder.get_state())
        assert again.to_frame().equals(recorder.to_frame())
    outside = kf.ClassMetricsRecorder(3, **options)
    try:
        with strategy.scope():
            train(outside)
    except ValueError as error:
        assert "with strategy.scope(): recorder" in str(error), error
    else:
        raise AssertionError("a recorder outside the scope was not refused")
    print("as without a strategy")
"""


def test_under_a_mirrored_strategy_it_is_right_or_refused():
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_MIRRORED)], capture_output=True, text=True
    )
    assert result.stdout.strip() == "as without a strategy", result.stderr[-3000:]
