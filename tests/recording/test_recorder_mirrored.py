"""A recorder under a strategy of two replicas; in a process of its own, with a CPU split in two."""

import subprocess
import sys
import textwrap

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

    def train(recorder, dataset=dataset):
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
        # Batches of which TensorFlow does not know how many there are.
        unknown = kf.ClassMetricsRecorder(3, **options)
        frame = train(unknown, dataset.filter(lambda images, labels: True))
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
