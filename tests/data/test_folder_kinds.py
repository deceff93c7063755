"""Folders of every kind: parts of a data set, folders of systems, links, numbers, spellings."""

import os
import unicodedata

import numpy as np
import pytest
from photo_cases import HEIGHT, WIDTH, read, save
from PIL import Image

import keras_freq as kf
from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.experiments.data import load_data

SIZE = (HEIGHT, WIDTH)
COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
SYSTEM_FOLDERS = ["@eaDir", "__MACOSX", ".ipynb_checkpoints", "$RECYCLE.BIN", "#recycle"]
SYSTEM_FOLDERS += [
    "System Volume Information",
    "lost+found",
    ".@__thumb",
    "@Recycle",
    ".Trash-1000",
]


def names_of(path, **options):
    return kf.data.image_folder(path, image_size=SIZE, **options).class_names


def loaded(path, **table):
    data = {"source": "folder", "path": str(path), "image_size": list(SIZE), **table}
    base = {"name": "x", "model": {"name": "LeNet5"}, "train": {"steps": 1}}
    return load_data(parse_experiment({**base, "data": data}).data, validation=False)


def grey(value):
    return Image.new("L", (WIDTH, HEIGHT), value)


@pytest.mark.parametrize(
    "parts",
    [
        ("training_set", "test_set"),
        ("Train", "Valid"),
        ("seg_train", "seg_test"),
        ("train-images", "validation-images"),
        ("part one", "part two"),  # told by what they hold
        ("Art", "Clipart", "Product"),
    ],
)
def test_parts_of_a_data_set_are_no_classes(tmp_path, parts):
    for part in parts:
        for name in ("cat", "dog", "cow"):
            save(tmp_path / part / name / "1")
    with pytest.raises(ValueError, match=r"parts of a data set\. Read each of them") as error:
        names_of(tmp_path)
    assert str(tmp_path / sorted(parts)[0]) in str(error.value)
    assert names_of(tmp_path, classes=list(parts)) == list(parts)


def test_parts_need_not_hold_all_classes_or_only_parts(tmp_path):
    for path in ("a/cat/1", "a/dog/1", "a/cow/1", "b/cat/1", "b/dog/1", "unlabelled/1"):
        save(tmp_path / path)
    with pytest.raises(ValueError, match="parts of a data set"):
        names_of(tmp_path)


@pytest.mark.parametrize(
    "paths",
    [
        ("n01/images/1", "n02/images/1"),  # as Tiny ImageNet
        ("cat/left/1", "cat/right/1", "dog/left/1", "dog/right/1", "dog/1", "cat/1"),
        ("cat/small/1", "cat/large/1", "dog/brown/1", "dog/black/1"),
        ("train/1", "bus/1"),
        ("test positive/1", "test negative/1"),
        ("valid/1", "invalid/1"),
    ],
)
def test_classes_with_folders_of_their_own_stay_classes(tmp_path, paths):
    for path in paths:
        save(tmp_path / path)
    assert names_of(tmp_path) == sorted({path.split("/")[0] for path in paths})
    assert len(read(tmp_path)) == len(paths)


@pytest.mark.parametrize(
    ("train", "test"), [("training_set", "test_set"), ("Train", "Val"), ("seg_train", "seg_test")]
)
def test_experiments_find_their_parts(tmp_path, train, test):
    for part, value in ((train, 10), (test, 200)):
        for name in ("cat", "dog"):
            save(tmp_path / part / name / "1", grey(value))
    data = loaded(tmp_path)
    assert {round(float(image.mean()) * 255) for image in data.train_images} == {10}
    assert {round(float(image.mean()) * 255) for image in data.test_images} == {200}
    assert data.class_names == ["cat", "dog"]


def test_folders_of_systems_are_no_classes_and_hold_no_images(photo_folder):
    for name in SYSTEM_FOLDERS:
        for path in (name, f"cat/{name}", f"dog/deeper/{name}/1.png"):
            save(photo_folder / path / "thumbnail")
    dataset = kf.data.image_folder(photo_folder, image_size=SIZE)
    assert dataset.class_names == ["cat", "dog"]
    hidden = [path for path in dataset.file_paths if path.endswith("thumbnail.png")]
    assert hidden == [] and len(read(photo_folder)) == 4
    named = ["dog", *SYSTEM_FOLDERS]
    assert names_of(photo_folder, classes=named) == named


def test_a_class_whose_name_looks_like_a_system_s_is_not_left_out_in_silence(photo_folder):
    save(photo_folder / "#selfie" / "1")
    assert names_of(photo_folder) == ["#selfie", "cat", "dog"]
    save(photo_folder / "@home" / "1")
    with pytest.warns(UserWarning, match=r"Left out .*@home, since systems.*`classes`"):
        names_of(photo_folder)


def test_links_are_followed_once_and_loops_end(photo_folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    save(elsewhere / "3")
    save(elsewhere / "deeper" / "4")
    expected = len(read(photo_folder))
    (photo_folder / "cat" / "linked").symlink_to(elsewhere)
    (photo_folder / "cat" / "again").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(photo_folder / "cat")
    (photo_folder / "dog" / "self").symlink_to(photo_folder / "dog")
    (photo_folder / "dog" / "root").symlink_to(photo_folder)
    os.mkfifo(photo_folder / "dog" / "pipe.png")  # reading it would never end
    assert len(read(photo_folder)) == expected + 2
    (photo_folder / "bird").symlink_to(elsewhere)
    assert names_of(photo_folder) == ["bird", "cat", "dog"]
    (photo_folder / "kitten").symlink_to(photo_folder / "cat")
    with pytest.raises(ValueError, match=r"cat and .*kitten, which are one folder, by a link"):
        names_of(photo_folder)


def test_a_link_to_nothing_is_missed_by_its_name(photo_folder):
    (photo_folder / "cat" / "3.png").symlink_to(photo_folder / "nowhere.png")
    with pytest.raises(ValueError, match=r"1 of 5 image files .*\n.*3\.png: No such file"):
        names_of(photo_folder)


def test_classes_that_are_numbers_come_in_the_order_of_the_numbers(tmp_path):
    for number in range(12):
        save(tmp_path / str(number) / "1", grey(10 * number))
    with pytest.warns(UserWarning, match=r"0, 1, 2, 3, ..., 11.*as text: 0, 1, 10, 11, ..., 9\."):
        dataset = kf.data.image_folder(tmp_path, image_size=SIZE)
    assert dataset.class_names == list(map(str, range(12)))
    for images, labels in dataset.as_numpy_iterator():
        assert (images.mean(axis=(1, 2, 3)) * 255 / 10).round().astype(int).tolist() == [*labels]
    as_text = sorted(map(str, range(12)))
    assert names_of(tmp_path, classes=as_text) == as_text
    assert names_of(tmp_path, classes=range(12)) == list(map(str, range(12)))


def test_padded_numbers_have_one_order_and_no_warning(tmp_path):
    for number in range(12):
        save(tmp_path / f"{number:03}" / "1")
    assert names_of(tmp_path) == [f"{number:03}" for number in range(12)]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_classes_are_read_from_a_file_of_names(photo_folder, mark):
    path = photo_folder / "classes.txt"
    path.write_bytes(mark + b"dog\r\ncat\r\n\r\n")
    assert names_of(photo_folder, classes=path) == ["dog", "cat"]
    assert loaded(photo_folder, classes=str(path)).class_names == ["dog", "cat"]
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        path.write_bytes("dog\ncat".encode(encoding))
        with pytest.raises(ValueError, match=r"classes\.txt is not a text .*UTF-(16|32).* Save it"):
            names_of(photo_folder, classes=str(path))
    with pytest.raises(ValueError, match=r"cannot read the file of `classes` nowhere\.txt"):
        names_of(photo_folder, classes="nowhere.txt")


def test_one_name_in_two_spellings_is_one_class(tmp_path):
    assert COMPOSED != DECOMPOSED
    for part, name in (("train", COMPOSED), ("test", DECOMPOSED)):
        for folder, value in ((name, 10), ("caff", 100), ("cafz", 200)):
            save(tmp_path / part / folder / "1", grey(value))
    data = loaded(tmp_path)
    assert data.class_names == ["caff", "cafz", COMPOSED]
    for images, labels in (data.train, data.test):
        values = (images.mean(axis=(1, 2, 3)) * 255).round().astype(int)
        assert dict(zip(labels.tolist(), values.tolist(), strict=True)) == {0: 100, 1: 200, 2: 10}
    train = kf.data.image_folder(tmp_path / "train", image_size=SIZE)
    assert names_of(tmp_path / "test", classes=train.class_names) == train.class_names
    save(tmp_path / "train" / DECOMPOSED / "1")
    with pytest.raises(ValueError, match="one name, in two spellings"):
        names_of(tmp_path / "train")


def test_an_experiment_names_the_classes_that_a_part_lacks(tmp_path):
    for path in ("train/a/1", "train/b/1", "train/c/1", "test/a/1", "test/b/1"):
        save(tmp_path / path)
    with pytest.raises(ConfigError, match=r"only in train: c\. .*`data\.classes`"):
        loaded(tmp_path)
    assert loaded(tmp_path, classes=["b", "a"]).class_names == ["b", "a"]


def test_paths_that_are_none(tmp_path):
    for path in ("a\0b", "~nobody-of-this-name", 3, None):
        with pytest.raises(
            ValueError, match=r"`path` must be a folder of class folders\. Received"
        ):
            names_of(path)
    with pytest.raises(ConfigError, match="there is no folder"):
        loaded("a\0b")
    (tmp_path / "set" / "a").mkdir(parents=True)
    (tmp_path / "set" / "b").mkdir()
    for name in "ab":
        np.testing.assert_equal(save(tmp_path / "set" / name / "1").exists(), True)
    with pytest.raises(ValueError, match=r"holds only 'set'. Did you mean .*/set\?"):
        names_of(tmp_path)
