"""Files of arrays that cannot be read, of every kind: one message that says what the file is."""

import pickle
import zipfile

import numpy as np
import pytest

from keras_freq.lab.array_files import check_array_file, read_array_file
from keras_freq.lab.config import ConfigError

ARRAYS = {"images": np.zeros((4, 8, 8, 3), np.uint8), "labels": np.arange(4) % 2}


def saved(path):
    np.savez(path, **ARRAYS)
    return path.read_bytes()


def cut(path):
    path.write_bytes(saved(path)[:700])


def broken_inside(path):
    contents = bytearray(saved(path))
    contents[300] ^= 255
    path.write_bytes(contents)


def npy(path):
    with open(path, "wb") as file:
        np.save(file, ARRAYS["images"])


def objects(path):
    np.savez(path, images=np.array([{}, {}], object), labels=[0, 1])


def other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "no arrays")


def text(path):
    path.write_text("file,label\n")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (cut, "it is cut off before its end"),
        (broken_inside, "it is broken"),
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (text, "it is no .npz file"),
        (npy, "it is an .npy file of one array"),
        (objects, "it holds Python objects"),
        (lambda path: path.write_bytes(pickle.dumps(ARRAYS)), "Python's pickle"),
        (lambda path: path.write_bytes(b"version https://git-lfs.github.com/spec/v1"), "lfs pull"),
        (other_zip, "must hold images and labels.*Received: notes.txt"),
        (lambda path: None, "there is no file"),
    ],
)
def test_what_cannot_be_read_is_one_line(make, message, tmp_path):
    path = tmp_path / "data.npz"
    make(path)
    with pytest.raises(ConfigError, match=message) as refused:
        read_array_file(path)
    assert str(path) in str(refused.value) and "\n" not in str(refused.value)
    # What a file holds is known without its values, and so before TensorFlow is loaded.
    if make is not broken_inside:
        with pytest.raises(ConfigError, match=message):
            check_array_file(path)


def test_a_whole_file_passes_and_gives_its_arrays(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, **ARRAYS, class_names=["cat", "dog"])
    check_array_file(path)
    pairs, names = read_array_file(path)
    assert list(pairs) == [("images", "labels")] and names == ["cat", "dog"]
    np.testing.assert_array_equal(pairs["images", "labels"][1], ARRAYS["labels"])
