"""Files that are written whole or not at all."""

import contextlib
import os
from pathlib import Path


@contextlib.contextmanager
def atomic_path(path, *, replace=True):
    """Give a temporary path beside `path`, which replaces `path` once the block has succeeded.

    Args:
        path: Where the file shall be.
        replace: Whether a file that is there gives way; if not, it stays, and the new one goes.

    Yields:
        A `Path` with the same suffix. If the block raises, nothing is left of it, and an earlier
        file at `path` stays as it was.

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
    finally:
        temporary.unlink(missing_ok=True)


def _put_first(temporary, path):
    """Name a file `path` unless there is one: of processes at the same time one succeeds."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        if not path.exists():
            os.replace(temporary, path)


def _flush_to_disk(path):
    """Wait until the content is on disk, so that a power failure does not leave an empty file."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
