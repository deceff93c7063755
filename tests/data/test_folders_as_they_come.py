"""Folders as they come: what is skipped, left alone or refused is named."""

import os

import numpy as np
import pytest
from photo_cases import HEIGHT, WIDTH, read, save
from PIL import Image

import keras_freq as kf


def test_what_is_skipped_is_counted_and_named(photo_folder):
    empty, cut = photo_folder / "cat" / "3.jpg", photo_folder / "dog" / "3.png"
    empty.write_bytes(b"")
    cut.write_bytes((photo_folder / "dog" / "1.png").read_bytes()[:-30])
    with pytest.warns(UserWarning, match=r"(?s)^Skipped 2 of 6 .*") as caught:
        images = read(photo_folder, on_error="skip")
    assert len(images) == 4
    assert len(caught) == 1
    lines = str(caught[0].message).splitlines()
    assert lines[1].strip() == f"{empty}: the file is empty"
    assert lines[2].strip().startswith(f"{cut}: ")


def test_stray_files_and_hidden_folders_are_left_alone(photo_folder):
    expected = read(photo_folder)
    strays = ["README.md", "1.png", "cat/.DS_Store", "cat/Thumbs.db", "cat/desktop.ini"]
    strays += ["cat/labels.txt", "cat/._1.png", "dog/.thumbnails/1.png", "dog/no suffix"]
    strays += [".git/1.png", "__MACOSX/cat/._1.png", "dog/deeper/.hidden/deeper/1.png"]
    for stray in strays:
        (photo_folder / stray).parent.mkdir(parents=True, exist_ok=True)
        (photo_folder / stray).write_bytes(b"no image")
    (photo_folder / "cat" / "a folder.png").mkdir()
    np.testing.assert_array_equal(read(photo_folder), expected)


def test_images_that_are_not_read_are_not_left_out_in_silence(photo_folder):
    for name in ("cat/3.heic", "cat/4.heic", "dog/3.tif"):
        (photo_folder / name).write_bytes(b"anything")
    with pytest.warns(UserWarning, match=r"Left out 3 files .*2 \.heic, 1 \.tif.*3\.heic.*Convert"):
        assert len(read(photo_folder)) == 4
    (photo_folder / "bird").mkdir()
    (photo_folder / "bird" / "1.heic").write_bytes(b"anything")
    with pytest.raises(ValueError, match=r"bird, which holds 1 \.heic\. Remove it, or add images"):
        read(photo_folder)


def test_names_may_be_any_bytes(photo_folder):
    names = ["a b  c", "überraschung", "写真", "percent%20sign", "new\nline", "quote'\"", "-x", "~"]
    for number, name in enumerate(names):
        grey = Image.new("L", (WIDTH, HEIGHT), number)
        save(photo_folder / "ça va" / name, grey)
    path = os.fsdecode(os.fsencode(photo_folder / "ça va") + b"/\xff\xfe.png")
    os.rename(save(photo_folder / "ça va" / "latin", Image.new("L", (WIDTH, HEIGHT), 99)), path)
    dataset = kf.data.image_folder(photo_folder, image_size=(HEIGHT, WIDTH))
    assert dataset.class_names == ["cat", "dog", "ça va"]
    assert path in dataset.file_paths
    greys = {round(float(image.mean())) for image in read(photo_folder)[4:]}
    assert greys == {*range(len(names)), 99}


def test_a_folder_of_splits_is_not_taken_for_classes(photo_folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    os.rename(photo_folder / "cat", root / "Train")
    os.rename(photo_folder / "dog", root / "valid")
    with pytest.raises(ValueError, match=r"holds Train, valid: parts of a data set.*Read each"):
        read(root)
    assert len(read(root, classes=["Train", "valid"])) == 4


def test_the_home_folder_is_understood(photo_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(photo_folder.parent))
    assert len(read(f"~/{photo_folder.name}")) == 4


def test_a_class_folder_whose_name_is_no_text_is_refused(tmp_path):
    for name in (b"cats", b"caf\xe9"):
        folder = tmp_path / os.fsdecode(name)
        folder.mkdir()
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(folder / "0.png")
    with pytest.raises(ValueError, match=r"in UTF-8. Received: b'caf\\xe9'"):
        kf.data.image_folder(tmp_path, image_size=4)
