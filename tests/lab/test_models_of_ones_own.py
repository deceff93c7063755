"""`keras-freq examine` on models that Keras alone cannot read: a class of one's own, a folder."""

import keras
import numpy as np
import pytest
from PIL import Image

from keras_freq.lab.cli import main

NET = """
import keras

class Net(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.flatten, self.dense = keras.layers.Flatten(), keras.layers.Dense(2)

    def call(self, images):
        return self.dense(self.flatten(images))
"""


@pytest.fixture
def folder(tmp_path):
    """Images of two classes, dark and light, and the file of the class Net."""
    for name, level in (("dark", 60), ("light", 180)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for i in range(12):
            pixels = np.full((8, 8, 3), level + i % 4, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{i}.png")
    (tmp_path / "my_net.py").write_text(NET)
    return tmp_path


@pytest.fixture
def examine(folder, capsys):
    """Calls the command, and gives its exit status and what it printed."""

    def call(model, *options):
        arguments = ["examine", model, folder / "images", "--out", folder / "out", *options]
        arguments += ["--minutes", "0.1"]
        return main([str(one) for one in arguments]), capsys.readouterr()

    return call


def saved_net(folder):
    """Saves a subclassed model that calls bright images light, and forgets its class."""
    namespace = {"__name__": "my_net"}
    exec(NET, namespace)
    model = namespace["Net"]()
    model(np.zeros((1, 8, 8, 3), "float32"))
    kernel = np.stack([np.zeros(192), np.full(192, 1 / 192)], axis=1)
    model.dense.set_weights([kernel, np.array([0.5, 0.0])])
    model.save(folder / "net.keras")
    return folder / "net.keras"


def test_a_subclassed_model_is_read_with_its_file(folder, examine):
    path = saved_net(folder)
    status, printed = examine(path)
    assert status == 2
    assert "holds a class of your own, 'Net'" in printed.err
    assert "--import my_module.py" in printed.err
    assert not (folder / "out").exists()
    status, printed = examine(path, "--import", folder / "my_net.py", "--from-logits")
    assert status == 0, printed.err
    assert "It is right for 100.0 % of the 12 scored images" in printed.out


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "there is no file"), ("1 / 0", "fails with ZeroDivisionError"), ("x =", "SyntaxError")],
)
def test_a_file_that_cannot_be_imported(text, message, folder, examine):
    module = folder / "other.py"
    if text:
        module.write_text(text)
    status, printed = examine(saved_net(folder), "--import", module)
    assert (status, printed.err.count("\n")) == (2, 1)
    assert "--import: " in printed.err and message in printed.err


def test_a_broken_saved_model_folder_is_one_message(folder, examine):
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"")
    status, printed = examine(folder / "saved")
    assert (status, printed.err.count("\n")) == (2, 1)
    assert "cannot read the SavedModel" in printed.err


def test_code_in_a_model_file_is_not_run(folder, examine):
    inputs = keras.Input((8, 8, 3))
    scores = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    run, path = folder / "was_run", str(folder / "was_run")
    outputs = keras.layers.Lambda(lambda x: (open(path, "w").close(), x)[1])(scores)
    keras.Model(inputs, outputs).save(folder / "lambda.keras")
    run.unlink(missing_ok=True)
    status, printed = examine(folder / "lambda.keras")
    assert (status, run.exists()) == (2, False)
    assert "cannot read the model file" in printed.err


def test_nothing_is_written_for_a_model_that_only_guesses(folder, examine):
    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([*layers, keras.layers.Softmax()])
    model.layers[1].set_weights([np.zeros((192, 2)), np.array([1.0, 0.0])])
    model.save(folder / "one_answer.keras")
    status, printed = examine(folder / "one_answer.keras")
    assert (status, "--inputs" in printed.err) == (2, True)
    assert not (folder / "out").exists()
