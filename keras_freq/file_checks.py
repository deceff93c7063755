"""The checks of files and their paths. Call them as those of `checks`, which has them all."""

import codecs
import os
from pathlib import Path

# The longer marks first: one begins with another.
_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def path(name, value):
    """Reads the path of a file or folder as a `Path`."""
    if not isinstance(value, str | os.PathLike) or value == "":
        raise TypeError(
            f"`{name}` must be the path of a file or folder, a string or a `pathlib.Path`. "
            f"Received: {name}={value!r}"
        )
    return Path(value)


def checkpoint(value):
    """Reads the path of the file of finished work, whose folder must exist; None: none is kept."""
    if value is None:
        return None
    read = path("checkpoint", value)
    if not read.absolute().parent.is_dir():
        raise ValueError(
            "`checkpoint` must be a file that can be written, in a folder that exists. "
            f"Received: checkpoint={str(value)!r}"
        )
    return read


def text_file(what, path):
    """Reads a text file in UTF-8, with or without a byte-order mark.

    `what` says what the file is, for messages: "the experiment file".
    """
    try:
        contents = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # a ValueError for a path that cannot be one
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot read {what} {path}: {reason}") from None
    encoding = next((name for mark, name in _MARKS.items() if contents.startswith(mark)), None)
    if encoding is None and b"\0" in contents:
        encoding = "UTF-16, or no text"
    try:
        text = None if encoding else contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding = f"another encoding (see its byte {error.start})"
    if encoding:
        raise ValueError(
            f"{what} {path} is not a text file in UTF-8, but in {encoding}. Save it as UTF-8"
        )
    return text
