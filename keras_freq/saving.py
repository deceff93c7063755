"""Files that are written whole or not at all, and results in them."""

import contextlib
import dataclasses
import os
import typing
import zipfile
import zlib
from pathlib import Path

import numpy as np

from keras_freq import file_checks

# What NumPy raises for a file that is no archive, is cut short, or lacks an array.
_NO_ARCHIVE = (KeyError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error)


@contextlib.contextmanager
def atomic_path(path, *, replace=True):
    """Gives a temporary path, whose file is moved to `path` once the block has succeeded.

    Args:
        path: Where the file shall be. Missing folders are made.
        replace: Whether the new file replaces one that is there already. Otherwise the old file
            stays, and the new one is removed. Defaults to True.

    Yields:
        A `Path` beside `path`, with the same suffix. If the block raises, the temporary file is
        removed, and an earlier file at `path` stays as it was.

    Raises:
        OSError: If the file cannot be written. It names `path`.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomic_path(Path(folder) / "result.txt") as temporary:
        ...         _ = temporary.write_text("whole")
        ...     (Path(folder) / "result.txt").read_text()
        'whole'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield temporary
        _flush_to_disk(temporary)
        if replace:
            os.replace(temporary, path)
        else:
            _put_first(temporary, path)
    except OSError as error:
        if error.errno is None:
            raise
        # The file that the user knows: the error of a full disk names none.
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):  # it must not hide why the block failed
            temporary.unlink(missing_ok=True)


def save_npz(path, result):
    """Writes a dataclass of arrays and plain values to one `.npz` file, whole or not at all.

    Args:
        path: The file; missing folders are made. The name is used as it is.
        result: An instance of a dataclass. Its fields are arrays, ints, floats, strings, or lists
            or tuples of them.
    """
    path = file_checks.path("path", path)
    fields = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    arrays = {name: np.asarray(value) for name, value in fields.items()}
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


class KeptInFile:
    """What a result that is a dataclass has besides: it is written to a file, and read again."""

    def save(self, path):
        """Writes everything to one `.npz` file, whole or not at all.

        Args:
            path: The file; missing folders are made. The name is used as it is.
        """
        save_npz(path, self)

    @classmethod
    def load(cls, path):
        """Reads what `save` wrote.

        Args:
            path: The `.npz` file. Nothing in it is ever executed (no pickle).

        Returns:
            A result of this class, equal to the saved one bit for bit.

        Raises:
            ValueError: If the file is not one that `save` wrote.
        """
        return load_npz(path, cls)


def load_npz(path, cls):
    """Reads a dataclass that `save_npz` wrote.

    Args:
        path: The `.npz` file. Nothing in it is ever executed (no pickle).
        cls: The dataclass. The annotations of its fields say what each of them becomes.

    Returns:
        A `cls`, equal to the saved one bit for bit.

    Raises:
        TypeError: If `path` is no path. An int is none: `open` takes it as a file that is open.
        ValueError: If the file does not hold such a result.

    Example:
        >>> import tempfile
        >>> @dataclasses.dataclass
        ... class Result:
        ...     rates: np.ndarray
        ...     names: list[str]
        ...     seed: int
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_npz(Path(folder) / "result.npz", Result(np.array([0.5]), ["cat"], 3))
        ...     load_npz(Path(folder) / "result.npz", Result)
        Result(rates=array([0.5]), names=['cat'], seed=3)
    """
    path = file_checks.path("path", path)
    try:
        # Opened here, since NumPy leaves a broken archive open.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            # A field with a default may be missing from a file that an earlier version wrote.
            fields = [
                one
                for one in dataclasses.fields(cls)
                if one.default is dataclasses.MISSING or one.name in file
            ]
            return cls(**{one.name: _as(one.type, file[one.name]) for one in fields})
    except FileNotFoundError:
        raise
    except _NO_ARCHIVE as error:
        raise ValueError(
            f"`path` must be a file that `{cls.__name__}.save` wrote. "
            f"Received: path={str(path)!r} ({error})"
        ) from error


def _as(annotation, array):
    """Turns an array into what a field's annotation says, such as `tuple[float, ...]`."""
    kind = typing.get_origin(annotation) or annotation
    return array if kind is np.ndarray else kind(array.tolist())


def _put_first(temporary, path):
    """Names a file `path` unless there is one. Of several processes, only the first succeeds."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        if not path.exists():
            os.replace(temporary, path)


def _flush_to_disk(path):
    """Waits until the content is on disk, so that a power failure does not leave an empty file."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
