"""Files of arrays, `.npz`: images and labels read from them. Nothing here loads TensorFlow."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from keras_freq.lab.config import ConfigError

# Keys of images and labels, as Keras' own files and others have them.
ARRAY_KEYS = (("x_train", "y_train"), ("x_test", "y_test"), ("images", "labels"), ("x", "y"))
_OBJECTS = (
    "cannot read {}: it holds Python objects. Store images of one size as one array of numbers, "
    "and labels as whole numbers"
)
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
# What NumPy raises for a file that is cut off, of another kind, or broken inside.
_UNREADABLE = (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error)


def check_array_file(path):
    """Raises unless a file holds images and labels, by its arrays' names and kinds; reads none."""

    def check(stored):
        _check_keys(path, stored)
        for key in {key for keys in ARRAY_KEYS for key in keys} & set(stored):
            with stored.zip.open(f"{key}.npy") as file:
                version = np.lib.format.read_magic(file)
                if version in _READERS and _READERS[version](file)[2].hasobject:
                    raise ConfigError(_OBJECTS.format(path))

    _opened(path, check)


def read_array_file(path):
    """Reads images and labels.

    Args:
        path: The `.npz` file.

    Returns:
        A dict from pairs of `ARRAY_KEYS` to pairs of arrays, at least one; and the list of class
        names, or None.

    Raises:
        ConfigError: If there is no such file, or it is no such file.
    """

    def read(stored):
        _check_keys(path, stored)
        pairs = {
            keys: tuple(stored[key] for key in keys)
            for keys in ARRAY_KEYS
            if all(key in stored for key in keys)
        }
        return pairs, stored["class_names"].tolist() if "class_names" in stored else None

    return _opened(path, read)


def _opened(path, use):
    """Gives what a function makes of the open file, or raises one message for all that is wrong."""
    path = Path(path)
    if not path.is_file():
        raise ConfigError(f"there is no file {path}")
    try:
        if not zipfile.is_zipfile(path):
            raise ConfigError(f"cannot read {path}: {_what_it_is(path)}")
        with np.load(path, allow_pickle=False) as stored:
            return use(stored)
    except ConfigError:
        raise
    except _UNREADABLE as error:
        if "pickle" in str(error).lower():
            raise ConfigError(_OBJECTS.format(path)) from None
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ConfigError(
            f"cannot read {path}: it is broken ({reason}). Copy it or write it again"
        ) from None


def _check_keys(path, stored):
    """Raises unless there are images and labels among the names of arrays."""
    if not any(all(key in stored for key in keys) for keys in ARRAY_KEYS):
        raise ConfigError(
            f"{path} must hold images and labels, as `images` and `labels`, `x` and `y`, or "
            f"`x_train`, `y_train`, `x_test` and `y_test`. Received: {', '.join(stored)}"
        )


def _what_it_is(path):
    """Says what a file is that is no zip archive, as every `.npz` file is, and what to do."""
    with open(path, "rb") as file:
        begin = file.read(64)
    write = "np.savez(path, images=images, labels=labels)"
    if not begin:
        return f"the file is empty. Write it again: {write}"
    if begin.startswith(b"PK"):
        return "it is cut off before its end. Copy it or write it again"
    if begin.startswith(b"version https://git-lfs"):
        return "it only points to a file in Git LFS. Fetch it: git lfs pull"
    if begin.startswith(b"\x93NUMPY"):
        return f"it is an .npy file of one array. Write images and labels into one file: {write}"
    if begin.startswith(b"\x80"):
        return f"it is a file of Python's pickle. Write its arrays as {write}"
    return f"it is no .npz file, which NumPy writes: {write}"
