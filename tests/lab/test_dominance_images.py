"""`keras-freq dominance` shows a model the images and the order of classes it was trained with."""

import keras
import numpy as np
import pytest
from PIL import Image

from keras_freq.lab.cli import main
from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.source_images import load_source, say_reading

RNG = np.random.default_rng(0)


def grey_model(num_classes, size=8):
    """A model of grey images that is right by construction: class k has the level k / K."""
    levels = np.arange(num_classes) / num_classes
    inputs = keras.Input((size, size, 1))
    outputs = keras.layers.Dense(num_classes)(keras.layers.GlobalAveragePooling2D()(inputs))
    model = keras.Model(inputs, outputs)
    # The nearest level has the least (x - level)^2, up to x^2.
    model.set_weights([2 * levels[None], -(levels**2)])
    return model


@pytest.fixture
def numbers(tmp_path):
    """Twelve classes of grey levels, called 0 to 11, of images that are not square."""
    for number in range(12):
        folder = tmp_path / "numbers" / str(number)
        folder.mkdir(parents=True)
        for i in range(4):
            level = round(255 * number / 12) + i
            Image.fromarray(np.full((9, 15, 3), level, np.uint8)).save(folder / f"{i}.png")
    return tmp_path / "numbers"


@pytest.mark.filterwarnings("ignore:The class folders are numbers")
def test_a_model_of_one_channel_whose_classes_are_numbers(numbers, tmp_path, capsys):
    grey_model(12).save(tmp_path / "model.keras")
    paths = [str(tmp_path / "model.keras"), str(numbers), "--out", str(tmp_path / "out")]
    options = ["--fractions", "0.1", "--images-per-class", "1", "--from-logits"]
    assert main(["dominance", *paths, *options]) == 0
    said = capsys.readouterr().err
    assert "100.0 % of the 24 test images are classified correctly" in said
    assert "scores are those of: 0, 1, 2, 3" in said
    reading = (
        "(Images of other sizes were stretched to 8 x 8 pixels, without antialiasing, as Keras'"
    )
    assert said.count(reading) == 1 and "and turned grey" in said


def test_classes_are_taken_in_the_order_that_is_given(numbers, tmp_path):
    as_text = sorted(map(str, range(12)))
    names = tmp_path / "names.txt"
    names.write_text("\n".join(as_text), encoding="utf-8-sig")
    model = grey_model(12)
    for classes in (as_text, [str(names)]):
        data = load_source(numbers, (8, 8, 1), classes=classes)
        assert data.class_names == as_text
        right = model.predict(data.test_images, verbose=0).argmax(axis=1) == data.test_labels
        assert 0 < right.mean() < 0.3  # the numbers that are at their place in both orders
    with pytest.raises(ValueError, match=r"`classes` must name class folders.*'12'. are missing"):
        load_source(numbers, (8, 8, 1), classes=["0", "12"])
    with pytest.raises(ConfigError, match="--classes is for folders"):
        load_source("frequency_bands/b1", (32, 32, 3), classes=["C0", "C1"])
    with pytest.raises(ConfigError, match="5 channels, and files give images of 3 or 1"):
        load_source(numbers, (8, 8, 5))


@pytest.mark.parametrize("channels", [3, 1])
def test_images_are_those_of_keras_loader(tmp_path, channels):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i, size in enumerate([(40, 60), (61, 33), (16, 16), (200, 30)]):
            image = Image.fromarray(RNG.integers(0, 256, (*size, 3), dtype=np.uint8))
            image.save(tmp_path / name / f"{i}.{'jpg' if i % 2 else 'png'}", quality=80)
    data = load_source(tmp_path, (16, 16, channels))
    loader = keras.utils.image_dataset_from_directory(
        tmp_path,
        image_size=(16, 16),
        color_mode="rgb" if channels == 3 else "grayscale",
        verbose=False,
    )
    expected = np.concatenate([images for images, _ in loader.as_numpy_iterator()])
    got = np.concatenate([data.train_images, data.test_images])
    as_bytes = [{image.tobytes() for image in some} for some in (got, expected / np.float32(255))]
    assert as_bytes[0] == as_bytes[1] and len(as_bytes[0]) == 8


def test_it_is_said_if_another_reading_makes_the_model_more_or_less_right(tmp_path, capsys):
    # Class 1 is bright at its sides, which cropping cuts off.
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        pixels = np.zeros((8, 32, 3), np.uint8)
        pixels[:, :12] = pixels[:, 20:] = 170 * number
        for i in range(4):
            Image.fromarray(pixels).save(tmp_path / str(number) / f"{i}.png")
    model, options = grey_model(2), {"classes": None, "on_error": "raise", "seed": 0}
    data = load_source(tmp_path, (8, 8, 1), **options)
    say_reading(model, data, tmp_path, **options)
    said = capsys.readouterr().err
    assert "right for 100.0 % of the test images so, and for 50.0 % if they are cropped" in said
    cropped = load_source(tmp_path, (8, 8, 1), resize="crop", antialias=True, **options)
    say_reading(model, cropped, tmp_path, resize="crop", antialias=True, **options)
    said = capsys.readouterr().err
    assert "cropped and resized to 8 x 8 pixels, with antialiasing, and turned grey." in said
    assert "right for 50.0 % of the test images so, and for 100.0 % if they are stretched" in said


def test_photographs_that_were_turned_are_counted(tmp_path, capsys):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(2):
            image = Image.fromarray(np.full((8, 8, 3), 9 * i, np.uint8))
            image.save(tmp_path / name / f"{i}.jpg", **({"exif": exif} if i else {}))
    data = load_source(tmp_path, (8, 8, 1))
    say_reading(grey_model(2), data, tmp_path)
    assert "(2 photographs were turned upright, which Keras' loader" in capsys.readouterr().err
