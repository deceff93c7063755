"""Saved models that hold layers and metrics of the package load again, in a new process too."""

import json
import subprocess
import sys
import textwrap

import keras
import numpy as np
from recording_cases import (
    SHAPE,
    K,
    compile_model,
    fit,
    images_and_labels,
    ordered_batches,
    small_model,
)

import keras_freq as kf


def in_a_new_process(script, *arguments):
    """Runs a script, and returns what it prints."""
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_compiled_model_saves_and_loads_with_the_metric(tmp_path):
    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = small_model()
    compile_model(model, recorder)
    fit(model, [recorder])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    images, _ = images_and_labels()
    np.testing.assert_array_equal(
        loaded.predict(images, verbose=0), model.predict(images, verbose=0)
    )
    loaded.evaluate(ordered_batches(), verbose=0)
    # A new process does not know the metric. The class's docstring names these two ways.
    script = """
        import sys
        import keras
        keras.models.load_model(sys.argv[1], compile=False)
        import keras_freq.recording.recorder
        assert keras.models.load_model(sys.argv[1]).compiled
    """
    in_a_new_process(script, tmp_path / "model.keras")


def test_everything_loads_after_importing_the_package_which_stays_light(tmp_path):
    recorder = kf.ClassMetricsRecorder(K, max_steps=3)
    model = keras.Sequential(
        [
            keras.Input(SHAPE),
            kf.FourierFilter(kf.low_pass_mask(SHAPE[:2], radius=1.5)),
            kf.LocalResponseNormalization(),
            *small_model().layers,
        ]
    )
    compile_model(model, recorder)
    fit(model, [recorder])
    model.save(tmp_path / "model.keras")
    images, labels = images_and_labels()
    np.savez(tmp_path / "images.npz", images=images, labels=labels)
    script = """
        import json, sys
        import keras
        import keras_freq
        model = keras.models.load_model(sys.argv[1])
        light = "tensorflow_datasets" not in sys.modules
        import numpy as np
        data = np.load(sys.argv[2])
        loss, accuracy = model.evaluate(data["images"], data["labels"], batch_size=8, verbose=0)
        model.fit(data["images"], data["labels"], verbose=0)
        print(json.dumps([loss, accuracy, light]))
    """
    printed = in_a_new_process(script, tmp_path / "model.keras", tmp_path / "images.npz")
    loss, accuracy, light = json.loads(printed.splitlines()[-1])
    assert light
    assert [loss, accuracy] == model.evaluate(images, labels, batch_size=8, verbose=0)
