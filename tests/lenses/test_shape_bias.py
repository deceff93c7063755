"""Cue conflicts in arrays and in folders, for a model that sees one level in each half."""

import keras
import numpy as np
import pytest
from PIL import Image

import keras_freq as kf

NAMES = ["knife", "oven", "bear"]


def image_of(shape, texture):
    """The shape is the level of the left half, the texture that of the right half."""
    image = np.empty((8, 8, 3), np.float32)
    image[:, :4], image[:, 4:] = (0.2 * (1 + shape)), (0.2 * (1 + texture))
    return image


def half_model(half):
    """A model that goes by one half of an image: "left", "right", or "left or bear"."""
    inputs = keras.Input((8, 8, 3))
    cropped = keras.layers.Cropping2D(((0, 0), (4, 0) if half == "right" else (0, 4)))(inputs)
    level = keras.layers.GlobalAveragePooling2D()(cropped)
    model = keras.Model(inputs, keras.layers.Dense(3)(level))
    # The nearest level has the least (x - level)^2, up to x^2.
    levels = 0.2 * np.arange(1, 4)
    bias = -(levels**2) + (1 if half == "left or bear" else 0) * np.array([0, 0, 0.2])
    model.set_weights([np.tile(2 * levels / 3, (3, 1)), bias])
    return model


@pytest.fixture(scope="module")
def conflicts():
    shapes, textures = np.indices((3, 3)).reshape(2, -1)
    images = np.array([image_of(*pair) for pair in zip(shapes, textures, strict=True)])
    return images, shapes, textures


@pytest.mark.parametrize(("half", "bias"), [("left", 1), ("right", 0)])
def test_models_that_go_by_one_of_the_two(conflicts, half, bias):
    table = kf.shape_bias(half_model(half), conflicts, 3, class_names=NAMES)
    assert (table["shape_bias"] == bias).all()
    assert (table["shape"] == bias).all() and (table["texture"] == 1 - bias).all()
    assert table["images"].tolist() == [2, 2, 2, 6]  # same shape and texture: left out
    assert table["class_name"].tolist() == [*NAMES, "all"]


def test_other_answers_count_in_the_shares_and_not_in_the_bias(conflicts):
    # It calls everything a bear.
    table = kf.shape_bias(half_model("left or bear"), conflicts, 3)
    assert table["shape"].tolist() == [0, 0, 1, 2 / 6]
    assert table["texture"].tolist() == [0.5, 0.5, 0, 2 / 6]
    assert table["shape_bias"].tolist() == [0, 0, 1, 0.5]
    low, high = kf.metrics.wilson_interval(2, 4)
    assert table[["shape_bias_low", "shape_bias_high"]].iloc[-1].tolist() == [low, high]


def test_a_folder_of_the_published_form(conflicts, tmp_path):
    for number, (image, shape, texture) in enumerate(zip(*conflicts, strict=True)):
        folder = tmp_path / NAMES[shape]
        folder.mkdir(exist_ok=True)
        name = f"{NAMES[shape]}{number}-{NAMES[texture]}{texture}.png"
        Image.fromarray(np.round(255 * image).astype("uint8")).save(folder / name)
    model = half_model("left or bear")
    table = kf.shape_bias(model, tmp_path, 3, class_names=NAMES)
    assert table.equals(kf.shape_bias(model, conflicts, 3, class_names=NAMES))
    with pytest.raises(ValueError, match="`class_names` must name the outputs"):
        kf.shape_bias(model, tmp_path, 3)
    with pytest.raises(ValueError, match="such as knife/knife2-elephant1"):
        kf.shape_bias(model, tmp_path, 3, class_names=["knife", "oven", "cat"])
