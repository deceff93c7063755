"""`keras-freq dominance` on models that Keras alone cannot read: a class of one's own, a folder."""

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
        for i in range(4):
            pixels = np.full((8, 8, 3), level + i, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{i}.png")
    (tmp_path / "my_net.py").write_text(NET)
    return tmp_path


@pytest.fixture
def search(folder, capsys):
    """Calls the command, and gives its exit status and what it printed."""

    def call(model, *options):
        arguments = ["dominance", model, folder / "images", "--out", folder / "out", *options]
        arguments += ["--fractions", "0.05", "--method", "exhaustive"]
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


def test_a_subclassed_model_is_read_with_its_file(folder, search):
    path = saved_net(folder)
    status, printed = search(path)
    assert status == 2
    assert "holds a class of your own, 'Net'" in printed.err
    assert "--import my_module.py" in printed.err
    assert not (folder / "out").exists()
    status, printed = search(path, "--import", folder / "my_net.py", "--from-logits")
    assert status == 0, printed.err
    assert "100.0 % of the 4 test images" in printed.err


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "there is no file"), ("1 / 0", "fails with ZeroDivisionError"), ("x =", "SyntaxError")],
)
def test_a_file_that_cannot_be_imported(text, message, folder, search):
    module = folder / "other.py"
    if text:
        module.write_text(text)
    status, printed = search(saved_net(folder), "--import", module)
    assert (status, printed.err.count("\n")) == (2, 1)
    assert "--import: " in printed.err and message in printed.err


def test_a_broken_saved_model_folder_is_one_message(folder, search):
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"")
    status, printed = search(folder / "saved")
    assert (status, printed.err.count("\n")) == (2, 1)
    assert "cannot read the SavedModel" in printed.err


def test_code_in_a_model_file_is_not_run(folder, search):
    inputs = keras.Input((8, 8, 3))
    scores = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    run, path = folder / "was_run", str(folder / "was_run")
    outputs = keras.layers.Lambda(lambda x: (open(path, "w").close(), x)[1])(scores)
    keras.Model(inputs, outputs).save(folder / "lambda.keras")
    run.unlink(missing_ok=True)
    status, printed = search(folder / "lambda.keras")
    assert (status, run.exists()) == (2, False)
    assert "cannot read the model file" in printed.err


def test_nothing_is_written_for_a_model_whose_scores_cannot_be_used(folder, search):
    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    keras.Sequential([*layers, keras.layers.Softmax()]).save(folder / "softmax.keras")
    status, printed = search(folder / "softmax.keras", "--from-logits")
    assert (status, "from_logits" in printed.err) == (2, True)
    assert not (folder / "out").exists()
