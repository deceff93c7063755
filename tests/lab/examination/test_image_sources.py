"""The sources of an examination: folders, CSV files, arrays, data sets; read only where chosen."""

import functools
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf
from keras_freq.lab.config import ConfigError
from keras_freq.lab.examination import subject
from keras_freq.lab.examination.image_sources import open_source
from keras_freq.lab.examination.missing_classes import check_halves, missing_in_words
from keras_freq.lab.examination.planning import Plan
from keras_freq.lab.examination.repeated_images import repeated_in_words

SHAPE = (8, 8, 3)


def plan(per_class, number):
    return Plan("class", per_class, per_class, number, number, (), (), 0.0, 1.0, None)


def write_images(folder, numbers):
    """Images whose grey value is their number."""
    folder.mkdir(parents=True)
    for number in numbers:
        image = np.full((8, 8, 3), number)
        keras.utils.save_img(folder / f"{number:03}.png", image, scale=False)


def greys(images):
    return np.round(np.asarray(images)[:, 0, 0, 0] * 255).astype(int).tolist()


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path / "images" / "cat", range(0, 20))
    write_images(tmp_path / "images" / "dog", range(100, 113))
    return tmp_path / "images"


def test_one_folder_is_divided_by_class(folder):
    source = open_source(folder, SHAPE)
    assert source.class_names == ["cat", "dog"]
    assert [counts.tolist() for counts in subject.available(source)] == [[10, 7], [10, 6]]
    (searched, labels), (scored, scored_labels), _ = subject.choose_images(source, plan(50, 100), 0)
    assert np.bincount(labels).tolist() == [10, 7]
    assert np.bincount(scored_labels).tolist() == [10, 6]
    assert sorted(greys(searched) + greys(scored)) == [*range(20), *range(100, 113)]
    assert [grey >= 100 for grey in greys(searched)] == (labels == 1).tolist()


def test_only_chosen_files_are_decoded(folder):
    for number in range(13, 20):
        (folder / "cat" / f"{number:03}.png").write_bytes(b"no image")
    source = open_source(folder, SHAPE)
    for seed in range(40):
        try:
            *pairs, _ = subject.choose_images(source, plan(2, 4), seed)
        except ValueError as error:
            assert "cannot be decoded" in str(error)
        else:
            assert [len(images) for images, _ in pairs] == [4, 4]
            break
    else:
        raise AssertionError("broken files were always read")


def test_no_more_images_are_chosen_than_planned(folder):
    source = open_source(folder, SHAPE)
    *pairs, _ = subject.choose_images(source, plan(50, 5), 3)
    assert [len(images) for images, _ in pairs] == [5, 5]
    (again, _), _, _ = subject.choose_images(source, plan(50, 5), 3)
    assert greys(pairs[0][0]) == greys(again)
    assert not set(greys(pairs[0][0])) & set(greys(pairs[1][0]))


def test_training_images_are_searched_and_test_images_scored(tmp_path):
    for part, first in (("train", 0), ("val", 100)):
        for name, offset in (("cat", 0), ("dog", 50)):
            numbers = range(first + offset, first + offset + 3)
            write_images(tmp_path / part / name, numbers)
    source = open_source(tmp_path, SHAPE)
    (searched, _), (scored, labels), _ = subject.choose_images(source, plan(5, 9), 0)
    assert sorted(greys(searched)) == [0, 1, 2, 50, 51, 52]
    assert sorted(greys(scored)) == [100, 101, 102, 150, 151, 152]
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert "Those of train are searched, those of val are scored." in source.reading
    write_images(tmp_path / "val" / "bird", [7])
    with pytest.raises(ConfigError, match=r"same class folders.*bird"):
        open_source(tmp_path, SHAPE)


def test_a_lone_part_is_named(tmp_path):
    for name in ("cat", "dog"):
        write_images(tmp_path / "val" / name, range(4))
    source = open_source(tmp_path, SHAPE)
    assert source.searched is source.scored
    assert "Only val is there: Half of the images of each class are searched" in source.reading


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "1 broken file was left out."), (2, "2 broken files were left out.")],
)
def test_broken_files_are_counted(folder, number, told):
    for name in ("000", "001")[:number]:
        (folder / "cat" / f"{name}.png").write_bytes(b"no image")
    source = open_source(folder, SHAPE, on_error="skip")
    with pytest.warns(UserWarning, match="cannot be decoded"):
        source.scored.read(np.arange(33))
    assert source.scored.notes[-1] == told


@pytest.mark.parametrize("which", ["file", "folder"])
def test_files_and_labels_of_a_csv_file(tmp_path, which):
    write_images(tmp_path / "pictures", range(6))
    lines = ["Label,Filename", *(f"{n % 2 * 10 + 2},pictures/{n:03}.png" for n in range(6))]
    (tmp_path / "labels.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    path = tmp_path / "labels.csv"
    if which == "folder":
        (tmp_path / "pictures").rename(tmp_path / ".pictures")
        path.write_text(path.read_text(encoding="utf-8-sig").replace("pict", ".pict"))
        path = tmp_path
    source = open_source(path, SHAPE)
    assert source.class_names == ["2", "12"]  # by their numbers
    assert source.scored.labels.tolist() == [0, 1] * 3
    assert greys(source.scored.read(np.array([1, 4]))[0]) == [1, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2", "must have a column `file`.*columns a, b"),
        ("file,label", "0 rows"),
        ("file,label\nno.png,cat", "1 file that is not there"),
        ("file,label\nlabels.csv,cat\nlabels.csv, ", "1 file without one, labels.csv for one"),
        ("", "cannot read"),
    ],
)
def test_csv_files_that_say_too_little(tmp_path, text, message):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ConfigError, match=message):
        open_source(tmp_path / "labels.csv", SHAPE)


@pytest.mark.parametrize("keys", [("x", "y"), ("images", "labels")])
def test_arrays_of_a_file(tmp_path, keys):
    images = np.arange(10, dtype=np.uint8)[:, None, None] * np.ones((8, 8), np.uint8)
    labels = np.arange(10) % 2
    np.savez(tmp_path / "data.npz", **dict(zip(keys, (images, labels), strict=True)))
    source = open_source(tmp_path / "data.npz", (8, 8, 1), num_classes=2)
    assert greys(source.scored.read(np.array([3, 7]))[0]) == [3, 7]
    assert source.class_names == ["0", "1"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            np.arange(5, 15),
            r"Received: 10 to 14 too\. If the first class is 5, subtract 5 from all",
        ),
        (np.arange(15), r"Received: 10 to 14 too\. Leave these images out"),
        (np.arange(10) + 1, r"Received: 10 too\. If the first class is 1, subtract 1 from all"),
    ],
)
def test_labels_beyond_the_model(tmp_path, labels, message):
    images = np.zeros((len(labels), *SHAPE), np.uint8)
    np.savez(tmp_path / "data.npz", x=images, y=labels)
    message = r"must be in \[0, 9\], since the model has 10 classes\. " + message
    for source in (tmp_path / "data.npz", (images / 255, labels)):
        with pytest.raises(ValueError, match=message):
            open_source(source, SHAPE, num_classes=10)


def test_a_file_without_names_has_the_classes_of_the_model(tmp_path):
    images = np.random.default_rng(0).uniform(size=(6, *SHAPE))
    np.savez(tmp_path / "data.npz", x=images, y=[2, 2, 2, 0, 0, 0])
    source = open_source(tmp_path / "data.npz", SHAPE, num_classes=4)
    assert source.class_names == ["0", "1", "2", "3"]
    names = ["cat", "dog", "cow", "frog"]
    named = open_source(tmp_path / "data.npz", SHAPE, num_classes=4, class_names=names)
    assert missing_in_words(named).startswith("No images of: dog and frog.")
    check_halves(named)
    np.savez(tmp_path / "data.npz", x=images, y=[2] * 6)
    with pytest.raises(ConfigError, match=r"at least two classes.*Received: images of class 2"):
        check_halves(open_source(tmp_path / "data.npz", SHAPE, num_classes=4))


@pytest.mark.parametrize("kind", [str, object])
def test_labels_that_are_text_are_refused_with_the_cure(tmp_path, kind):
    labels = np.array(["cat", "dog"] * 3, kind)
    np.savez(tmp_path / "data.npz", x=np.full((6, *SHAPE), 0.5), y=labels)
    with pytest.raises(ValueError, match=r"such as 'cat'\. Number them|labels as whole numbers"):
        open_source(tmp_path / "data.npz", SHAPE, num_classes=2)


@pytest.mark.parametrize("size", [8, 12])
def test_images_are_called_stretched_where_they_were(folder, size):
    source = open_source(folder, (size, size, 3))
    source.scored.read(np.arange(3))
    stretched = [f"stretched to {size} x {size} pixels" in note for note in source.scored.notes]
    assert stretched == ([] if size == 8 else [True])


def test_white_is_1_in_black_and_white_arrays(tmp_path):
    images = np.arange(4, dtype=np.uint8)[:, None, None, None] % 2 * np.ones(SHAPE, np.uint8)
    np.savez(tmp_path / "data.npz", x=images, y=[0, 1, 0, 1])
    source = open_source(tmp_path / "data.npz", SHAPE)
    assert greys(source.scored.read(np.arange(4))[0]) == [0, 255, 0, 255]


def test_images_in_other_ranges_are_refused():
    for largest in (12.0, 4095.0, 40000.0):
        images = np.linspace(0, largest, 6)[:, None, None, None] * np.ones(SHAPE)
        with pytest.raises(ValueError, match=r"`dataset` must hold images in \[0, 1\]"):
            open_source((images, np.arange(6) % 2), SHAPE)


def test_labels_that_have_no_name_are_refused():
    images = np.zeros((6, *SHAPE))
    with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
        open_source((images, np.arange(6) % 3), SHAPE, class_names=["cat", "dog"])


def test_of_a_data_set_of_files_only_the_chosen_ones_are_decoded(folder):
    dataset = kf.data.image_folder(folder, image_size=8)
    for path in [*dataset.file_paths[:5], *dataset.file_paths[8:]]:
        Path(path).unlink()
    source = open_source(dataset, SHAPE)
    assert source.class_names == ["cat", "dog"]
    images, labels = source.scored.read(np.array([5, 7]))
    assert (greys(images), labels.tolist()) == ([5, 7], [0, 0])


def test_arrays_as_keras_keeps_them(tmp_path):
    arrays = {
        f"{name}_{part}": values
        for part, first in (("train", 0), ("test", 100))
        for name, values in (
            ("x", np.full((4, 8, 8, 3), first, np.uint8)),
            ("y", np.array([[0], [1], [0], [1]], np.uint8)),
        )
    }
    np.savez(tmp_path / "cifar.npz", **arrays)
    source = open_source(tmp_path / "cifar.npz", SHAPE)
    assert greys(source.searched.read(np.array([0]))[0]) == [0]
    assert greys(source.scored.read(np.array([0]))[0]) == [100]


def test_a_data_set_is_read_by_its_numbers():
    images = (np.arange(30) / 255)[:, None, None, None] * np.ones(SHAPE)
    batches = tf.data.Dataset.from_tensor_slices((images.astype(np.float32), np.arange(30) % 3))
    source = open_source(batches.batch(7), SHAPE)
    assert source.class_names == ["0", "1", "2"]
    assert greys(source.scored.read(np.array([0, 6, 7, 29]))[0]) == [0, 6, 7, 29]


def test_synthetic_bands(monkeypatch):
    few = functools.partial(kf.data.frequency_bands, per_class=3)
    monkeypatch.setattr(kf.data, "frequency_bands", few)
    source = open_source("frequency_bands/b2", (32, 32, 3))
    assert source.class_names == ["C0", "C1", "C2", "C3"]
    images, _ = kf.data.frequency_bands(2, split="test")
    np.testing.assert_array_equal(source.scored.read(np.array([0, 5]))[0], images[[0, 5]])
    without = open_source("frequency_bands/b2/none", (32, 32, 3))
    images, _ = kf.data.frequency_bands(2, split="test", cues="none")
    np.testing.assert_array_equal(without.scored.read(np.array([0]))[0], images[[0]])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("frequency_bands/b9", "b1 to"),
        ("frequency_bands", "b1 to"),
        ("frequency_bands/b1/non", "planted"),
        ("frequency_bands/b1/none/x", "b1 to"),
        ("no/such/folder", "there is no folder or file no/such/folder$"),
        ("no_such_set", "no folder or file no_such_set, and TensorFlow Datasets knows no"),
        ("no.npz", "there is no file"),
        ("no.csv", "there is no file"),
    ],
)
def test_sources_that_are_not_there(name, message):
    with pytest.raises(ConfigError, match=message):
        open_source(name, (32, 32, 3))


@pytest.mark.parametrize(("most", "passes"), [(2**30, 1), (10_000, 3)])
def test_a_data_set_is_read_once_unless_it_is_large(monkeypatch, most, passes):
    monkeypatch.setattr("keras_freq.lab.examination.listed_images._HELD_BYTES", most)
    begun = []

    def batches():
        begun.append(1)
        for start in range(0, 40, 10):
            numbers = np.arange(start, start + 10)
            yield (numbers / 255)[:, None, None, None] * np.ones(SHAPE), numbers % 2

    signature = tf.TensorSpec((None, *SHAPE), tf.float32), tf.TensorSpec((None,), tf.int64)
    source = open_source(tf.data.Dataset.from_generator(batches, output_signature=signature), SHAPE)
    for numbers in ([0, 9, 10], [5, 39]):
        images, labels = source.scored.read(np.array(numbers))
        assert (greys(images), labels.tolist()) == (numbers, [n % 2 for n in numbers])
    assert len(begun) == passes


def test_images_that_are_there_twice_are_no_further_evidence():
    images = np.random.default_rng(0).random((20, 4, 4, 3))
    assert repeated_in_words(images[:10], images[10:]) == ""
    said = repeated_in_words(images[:10], np.concatenate([images[5:], images[15:]]))
    assert "Of the 20 images that are scored, 5 are also among those that maps" in said
    assert "only 15 are different" in said and "intervals are too narrow" in said
    said = repeated_in_words(images[:10], images[10:].repeat(2, axis=0))
    assert "only 10 are different" in said and "maps" not in said


@pytest.mark.parametrize(
    ("searched", "message"),
    [
        (3, r"`search_dataset` must be a `tf.data.Dataset`"),
        ((np.zeros((4, 8, 8)), [0, 1, 0, 1]), r"The images of `search_dataset` must have rank 4"),
        ((np.zeros((4, *SHAPE)), [0, 1]), r"`search_dataset` must hold as many labels as images"),
        ((np.zeros((4, *SHAPE)), [0, 1, 2, 9]), r"The labels of `search_dataset` must be in"),
        ((np.zeros((4, 9, 9, 3)), [0, 1, 0, 1]), r"`search_dataset` must hold images of the shape"),
        ((np.full((4, *SHAPE), 7.0), [0, 1, 0, 1]), r"`search_dataset` must hold images in"),
        ((np.full((4, *SHAPE), np.nan), [0, 1, 0, 1]), r"`search_dataset` must be finite"),
        (tf.data.Dataset.range(3), r"`search_dataset` must yield.*First `search_dataset.map\("),
    ],
)
def test_what_is_wrong_with_images_to_search_on_names_them(searched, message):
    dataset = (np.full((4, *SHAPE), 0.5), np.arange(4) % 2)
    with pytest.raises((TypeError, ValueError), match=message) as refused:
        open_source(dataset, SHAPE, num_classes=3, search_dataset=searched)
    assert "`dataset`" not in str(refused.value).replace("those of `dataset`", "")


def test_images_to_search_on_have_the_classes_of_those_to_score(folder, tmp_path):
    write_images(tmp_path / "others" / "dog", range(3))
    write_images(tmp_path / "others" / "eel", range(3))
    scored, searched = (
        kf.data.image_folder(path, image_size=8) for path in (folder, tmp_path / "others")
    )
    with pytest.raises(ValueError, match=r"`search_dataset` must have the classes.*'dog', 'eel'"):
        open_source(scored, SHAPE, search_dataset=searched)
