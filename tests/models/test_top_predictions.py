"""Class names from files, and the classes with the highest scores."""

import json

import keras
import numpy as np
import pytest

from keras_freq import models


def test_class_names_from_three_kinds_of_file(tmp_path):
    path = tmp_path / "names"
    table = {str(i): [f"n{i}", name] for i, name in enumerate(["tench", "great_white_shark"])}
    path.write_text(json.dumps(table))
    assert models.imagenet_class_names(path) == ["tench", "great white shark"]
    path.write_text("{0: 'tench, Tinca tinca',\n 1: 'great white shark'}")
    assert models.imagenet_class_names(path) == ["tench, Tinca tinca", "great white shark"]
    path.write_text("tench\ngreat white shark\n")
    assert models.imagenet_class_names(path) == ["tench", "great white shark"]
    path.write_text("{0: __import__('os').getcwd()}")
    with pytest.raises(ValueError, match="neither JSON nor a dictionary"):
        models.imagenet_class_names(path)
    path.write_text('{"0": "tench", "2": "shark"}')
    with pytest.raises(ValueError, match="must number the classes 0 to 1"):
        models.imagenet_class_names(path)


def test_top_predictions(capsys):
    model = keras.Sequential([keras.Input((1, 1, 3)), keras.layers.Flatten()])
    images = np.array([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4]], "float32").reshape(2, 1, 1, 3)
    frame = models.top_predictions(model, images, ["ant", "bee", "cat"], k=2)
    assert frame.class_name.tolist() == ["bee", "cat", "ant", "cat"]
    assert frame["rank"].tolist() == [1, 2, 1, 2]
    assert capsys.readouterr().out.splitlines() == [
        "image 0", "#1    0.70  bee", "#2    0.20  cat",
        "image 1", "#1    0.50  ant", "#2    0.40  cat",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="`class_names` must hold one name for each"):
        models.top_predictions(model, images, ["ant", "bee"])
    with pytest.raises(ValueError, match="`k` must be from 1 to 3"):
        models.top_predictions(model, images, ["ant", "bee", "cat"], k=4)
    with pytest.raises(
        ValueError, match=r"`images` must be floats in \[0, 1\]: divide them by 255"
    ):
        models.top_predictions(model, np.full((2, 1, 1, 3), 200, "uint8"), ["ant", "bee", "cat"])


def test_two_classes_may_have_one_name_as_in_imagenet():
    layers = [keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    names = ["crane", "crane"]
    table = models.top_predictions(keras.Sequential(layers), np.zeros((4, 4, 3)), names, k=2)
    assert table["class_name"].tolist() == names
