"""Photographs as they come: every kind of file is read right, or refused with its name."""

import os
import struct
import warnings

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

import keras_freq as kf
from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.experiments.data import load_data

RNG = np.random.default_rng(0)
HEIGHT, WIDTH = 20, 28
# Smooth, so that JPEG keeps it.
PHOTO = Image.fromarray(RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)).resize(
    (WIDTH, HEIGHT), Image.Resampling.BICUBIC
)
PALETTE = PHOTO.convert("P", palette=Image.Palette.ADAPTIVE)
ALPHA = Image.fromarray(RNG.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8))
JPEG = {"suffix": "jpg", "quality": 100, "subsampling": 0}


def with_alpha(mode):
    image = PHOTO.convert(mode)
    image.putalpha(ALPHA)
    return image


# name: image, and how it is saved
FILES = {
    "grey": (PHOTO.convert("L"), {}),
    "black and white": (PHOTO.convert("1"), {}),
    "grey with alpha": (with_alpha("L"), {}),
    "RGBA": (with_alpha("RGB"), {}),
    "one transparent colour": (PHOTO, {"transparency": PHOTO.getpixel((3, 4))}),
    "palette": (PALETTE, {}),
    "palette of 2 bits": (PHOTO.quantize(4), {"bits": 2}),
    "palette, one transparent": (PALETTE, {"transparency": PALETTE.getpixel((3, 4))}),
    "palette with alpha": (PALETTE, {"transparency": bytes(range(256))}),
    "GIF": (PALETTE, {"suffix": "gif"}),
    "GIF, one transparent": (PALETTE, {"suffix": "gif", "transparency": PALETTE.getpixel((3, 4))}),
    "grey GIF": (PHOTO.convert("L"), {"suffix": "gif"}),
    "BMP": (PHOTO, {"suffix": "bmp"}),
    "palette BMP": (PALETTE, {"suffix": "bmp"}),
    "RGBA BMP": (with_alpha("RGB"), {"suffix": "bmp"}),
    "JPEG": (PHOTO, JPEG),
    "progressive JPEG": (PHOTO, {**JPEG, "progressive": True}),
    "grey JPEG": (PHOTO.convert("L"), {"suffix": "jpg", "quality": 100}),
    "CMYK JPEG": (PHOTO.convert("CMYK"), JPEG),
    "JFIF": (PHOTO, {**JPEG, "suffix": "jfif", "format": "jpeg"}),
    "capital letters": (PHOTO, {"suffix": "PNG"}),
    "a PNG called JPEG": (PHOTO, {"suffix": "jpg", "format": "png"}),
}


def save(path, image=PHOTO, suffix="png", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    path = path.with_name(f"{path.name}.{suffix}")
    image.save(path, **options)
    return path


def read(folder, **options):
    """The images of a folder, on the scale of 0 to 255."""
    dataset = kf.data.image_folder(folder, image_size=(HEIGHT, WIDTH), **options)
    return np.concatenate([images for images, _ in dataset.as_numpy_iterator()]) * 255.0


@pytest.fixture
def folder(tmp_path):
    """Two classes of two images."""
    for name in ("cat/1", "cat/2", "dog/1", "dog/2"):
        save(tmp_path / name)
    return tmp_path


def test_every_mode_as_pillow_converts_it(tmp_path):
    for name, (image, options) in FILES.items():
        save(tmp_path / "x" / name, image, **options)
    save(tmp_path / "y" / "1")
    dataset = kf.data.image_folder(tmp_path, image_size=(HEIGHT, WIDTH))
    assert len(dataset.file_paths) == len(FILES) + 1
    for path, image in zip(dataset.file_paths, read(tmp_path), strict=True):
        with Image.open(path) as opened:
            # Through RGBA, since Pillow warns of palettes with alpha.
            opened = opened.convert("RGBA") if "transparency" in opened.info else opened
            expected = np.asarray(opened.convert("RGB"), np.float64)
        np.testing.assert_allclose(image, expected, atol=1e-4, err_msg=path)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_stay_16_bits(tmp_path, channels):
    values = RNG.integers(0, 65536, (HEIGHT, WIDTH, channels), dtype=np.uint16)
    values[0, 0], values[0, 1] = 0, 65535
    path = save(tmp_path / "x" / "1")
    path.write_bytes(tf.io.encode_png(values).numpy())
    save(tmp_path / "y" / "1")
    expected = values[..., :3] if channels > 2 else values[..., :1].repeat(3, axis=-1)
    # Pillow reads the same grey values, and only the upper 8 bits of colour.
    if channels == 1:
        with Image.open(path) as opened:
            np.testing.assert_array_equal(np.asarray(opened), values[..., 0])
    np.testing.assert_allclose(read(tmp_path)[0] / 255, expected / 65535.0, atol=1e-7)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_photographs_are_turned_upright(tmp_path, orientation, order, suffix):
    head = struct.pack(f"{order}2sHI", b"MM" if order == ">" else b"II", 42, 8)
    # A make before the orientation, which is then not the first entry.
    entries = struct.pack(f"{order}HHI4s", 0x010F, 2, 4, b"abc\0")
    entries += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0" + head + struct.pack(f"{order}H", 2) + entries + bytes(4)
    square = PHOTO.crop((0, 0, HEIGHT, HEIGHT))
    options = JPEG if suffix == "jpg" else {}
    path = save(tmp_path / "x" / "1", square, exif=exif, **options)
    save(tmp_path / "y" / "1", square)
    with Image.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"), np.float64)
    images, _ = next(iter(kf.data.image_folder(tmp_path, image_size=HEIGHT)))
    np.testing.assert_allclose(images[0] * 255.0, expected, atol=1e-4)


def test_the_window_of_a_turned_photograph_is_that_of_the_upright_one(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / "x" / "1", PHOTO, exif=exif, **JPEG)
    with Image.open(path) as opened:
        upright = ImageOps.exif_transpose(opened)
        save(tmp_path / "x" / "2", upright)
    save(tmp_path / "y" / "1")
    images = read(tmp_path)
    np.testing.assert_allclose(images[0], images[1], atol=1e-3)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"junk"]
)
def test_broken_exif_is_no_exif(tmp_path, exif):
    save(tmp_path / "x" / "1", PHOTO, exif=exif, **JPEG)
    save(tmp_path / "y" / "1")
    np.testing.assert_allclose(read(tmp_path)[0], read(tmp_path)[1], atol=30)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("jpg", {}), ("jpg", {"progressive": True}), ("png", {}), ("gif", {}), ("bmp", {})],
)
@pytest.mark.parametrize("missing", [8, 40, 0.5, 0.97, 1.0])  # bytes, or a share of them
def test_wherever_a_file_is_cut_it_is_refused_by_name(folder, suffix, options, missing):
    path = save(folder / "dog" / "cut", PHOTO.resize((80, 60)), suffix=suffix, **options)
    contents = path.read_bytes()
    kept = len(contents) - (missing if missing > 1 else round(missing * len(contents)))
    path.write_bytes(contents[:kept])
    with pytest.raises(ValueError, match=r"1 of 5 .*Repair or remove") as error:
        read(folder)
    assert f"{path}: " in str(error.value)
    assert ("the file is empty" in str(error.value)) == (kept == 0)


def test_what_is_skipped_is_counted_and_named(folder):
    empty, cut = folder / "cat" / "3.jpg", folder / "dog" / "3.png"
    empty.write_bytes(b"")
    cut.write_bytes((folder / "dog" / "1.png").read_bytes()[:-30])
    with pytest.warns(UserWarning, match=r"(?s)^Skipped 2 of 6 .*") as caught:
        images = read(folder, on_error="skip")
    assert len(images) == 4
    assert len(caught) == 1
    lines = str(caught[0].message).splitlines()
    assert lines[1].strip() == f"{empty}: the file is empty"
    assert lines[2].strip().startswith(f"{cut}: ")


def test_stray_files_and_hidden_folders_are_left_alone(folder):
    expected = read(folder)
    strays = ["README.md", "1.png", "cat/.DS_Store", "cat/Thumbs.db", "cat/desktop.ini"]
    strays += ["cat/labels.txt", "cat/._1.png", "dog/.thumbnails/1.png", "dog/no suffix"]
    strays += [".git/1.png", "__MACOSX/cat/._1.png", "dog/deeper/.hidden/deeper/1.png"]
    for stray in strays:
        (folder / stray).parent.mkdir(parents=True, exist_ok=True)
        (folder / stray).write_bytes(b"no image")
    (folder / "cat" / "a folder.png").mkdir()
    np.testing.assert_array_equal(read(folder), expected)


def test_images_that_are_not_read_are_not_left_out_in_silence(folder):
    for name in ("cat/3.webp", "cat/4.webp", "dog/3.tif"):
        (folder / name).write_bytes(b"anything")
    with pytest.warns(UserWarning, match=r"Left out 3 files .*1 \.tif, 2 \.webp.*3\.webp.*Convert"):
        assert len(read(folder)) == 4
    (folder / "bird").mkdir()
    (folder / "bird" / "1.webp").write_bytes(b"anything")
    with pytest.raises(ValueError, match=r"bird, which holds 1 \.webp\. Remove it, or add images"):
        read(folder)


def test_names_may_be_any_bytes(folder):
    names = ["a b  c", "überraschung", "写真", "percent%20sign", "new\nline", "quote'\"", "-x", "~"]
    for number, name in enumerate(names):
        grey = Image.new("L", (WIDTH, HEIGHT), number)
        save(folder / "ça va" / name, grey)
    path = os.fsdecode(os.fsencode(folder / "ça va") + b"/\xff\xfe.png")
    os.rename(save(folder / "ça va" / "latin", Image.new("L", (WIDTH, HEIGHT), 99)), path)
    dataset = kf.data.image_folder(folder, image_size=(HEIGHT, WIDTH))
    assert dataset.class_names == ["cat", "dog", "ça va"]
    assert path in dataset.file_paths
    greys = {round(float(image.mean())) for image in read(folder)[4:]}
    assert greys == {*range(len(names)), 99}


def test_a_folder_of_splits_is_not_taken_for_classes(folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    os.rename(folder / "cat", root / "Train")
    os.rename(folder / "dog", root / "valid")
    with pytest.raises(ValueError, match=r"holds Train, valid: parts of a data set.*Read each"):
        read(root)
    assert len(read(root, classes=["Train", "valid"])) == 4


def test_the_home_folder_is_understood(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    assert len(read(f"~/{folder.name}")) == 4


def loaded(path, **table):
    data = {"source": "folder", "path": str(path), "image_size": 16, **table}
    base = {"name": "x", "model": {"name": "LeNet5"}, "train": {"steps": 1}}
    return load_data(parse_experiment({**base, "data": data}).data, 0)


def test_the_share_set_aside_is_that_of_every_class(tmp_path):
    rng = np.random.default_rng(0)
    for name, count in (("cat", 10), ("dog", 20)):
        for i in range(count):
            (tmp_path / name).mkdir(exist_ok=True)
            pixels = rng.integers(0, 256, (16, 16, 3)).astype("uint8")
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    data = loaded(tmp_path, test_fraction=0.2)
    assert np.bincount(data.train_labels).tolist() == [8, 16]
    assert np.bincount(data.test_labels).tolist() == [2, 4]
    train, test = (
        {image.tobytes() for image in part} for part in (data.train_images, data.test_images)
    )
    assert not train & test
    assert len(train | test) == 30


def test_splits_with_different_classes_are_told_apart(folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    for split, names in (("train", ("cat", "dog", "bird")), ("val", ("cat", "dog", "Bird"))):
        for name in names:
            save(root / split / name / "1")
    message = r"train and val of .*only in train: bird; only in val: Bird. Add, remove or rename"
    with pytest.raises(ConfigError, match=message):
        loaded(root)
    with pytest.raises(ValueError, match=r"`classes` must name class folders.*'bird'. are missing"):
        kf.data.image_folder(root / "val", image_size=16, classes=["bird", "cat", "dog"])


def test_experiments_refuse_folders_that_they_would_misread(folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    os.rename(folder / "cat", root / "cat")
    with pytest.raises(ValueError, match="holds only 'cat'"):
        loaded(root)
    save(root / "train" / "cat" / "1")
    save(root / "train" / "dog" / "1")
    with pytest.raises(ConfigError, match=r"holds train, but none of test, val, validation. Add"):
        loaded(root)
    (root / "val" / "cat").mkdir(parents=True)
    (root / "val" / "dog").mkdir()
    with pytest.raises(ValueError, match=r"Every class folder.*val/cat, which holds none"):
        loaded(root)
    with pytest.raises(ConfigError, match=r"there is no folder .*1\.png \(a file\)"):
        loaded(root / "cat" / "1.png")
    (root / "val" / "cat").rmdir()
    (root / "val" / "cat").write_bytes(b"a file where a folder is expected")
    save(root / "val" / "dog" / "1")
    with pytest.raises(ValueError, match="holds only 'dog'"):
        loaded(root)


def test_a_class_may_be_called_train(folder):
    os.rename(folder / "cat", folder / "train")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loaded(folder).class_names == ["dog", "train"]


def test_experiments_skip_what_is_broken_if_told_to(folder):
    (folder / "cat" / "3.png").write_bytes(b"")
    with pytest.raises(ValueError, match="on_error"):
        loaded(folder)
    with pytest.warns(UserWarning, match=r"Skipped 1 of 5"):
        data = loaded(folder, on_error="skip")
    assert len(data.train_labels) + len(data.test_labels) == 4


def test_a_class_folder_whose_name_is_no_text_is_refused(tmp_path):
    for name in (b"cats", b"caf\xe9"):
        folder = tmp_path / os.fsdecode(name)
        folder.mkdir()
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(folder / "0.png")
    with pytest.raises(ValueError, match=r"in UTF-8. Received: b'caf\\xe9'"):
        kf.data.image_folder(tmp_path, image_size=4)
