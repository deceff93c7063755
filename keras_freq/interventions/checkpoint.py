"""A log of finished units on disk, by which a killed search carries on where it was."""

import hashlib
import io
import os
import struct
import zlib

import numpy as np

_MAGIC = b"keras_freq results 1\n"
# Number of the unit, length of its bytes, their checksum.
_RECORD = struct.Struct("<QQI")


class ResultLog:
    """Results of numbered units, appended to one file as they come.

    A search asks for its units in an order that depends on its arguments and earlier results
    alone. Run again, it asks for the same units and takes from the log those that are in it: the
    same bits, whenever it was killed. What was being written at that moment is dropped.

    Args:
        path: The file; its folder must exist.
        fingerprint: 32 bytes that name the search: model, data and arguments.

    Raises:
        ValueError: If the file belongs to another search, or is none of ours.
    """

    def __init__(self, path, fingerprint):
        self._places = {}
        self._file = _opened(path)
        head = _MAGIC + fingerprint
        found = self._file.read(len(head))
        if found and not head.startswith(found) and found != head:
            self._file.close()
            ours = found.startswith(_MAGIC)
            raise ValueError(
                "`checkpoint` must be the file of this same search (model, data in the same order, "
                "arguments), or not exist: delete it or name another. Received: checkpoint="
                f"{str(path)!r}, which {'is of another search' if ours else 'is another file'}"
            )
        if found != head:
            self._file.seek(0)
            self._file.write(head)
            self._file.flush()
        self._read_places(len(head))

    def __len__(self):
        return len(self._places)

    def get(self, number):
        """The result of a unit, or None if the log has none."""
        if number not in self._places:
            return None
        start, length = self._places[number]
        self._file.seek(start)
        return np.load(io.BytesIO(self._file.read(length)), allow_pickle=False)

    def append(self, number, result):
        """Adds the result of a unit; it is on disk when this returns."""
        buffer = io.BytesIO()
        np.save(buffer, result, allow_pickle=False)
        content = buffer.getvalue()
        self._file.seek(0, os.SEEK_END)
        start = self._file.tell() + _RECORD.size
        self._file.write(_RECORD.pack(number, len(content), zlib.crc32(content)) + content)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._places[number] = (start, len(content))

    def close(self):
        """Closes the file; what is in it stays."""
        self._file.close()

    def _read_places(self, start):
        """Finds the whole records and cuts off what follows them."""
        self._file.seek(start)
        while True:
            head = self._file.read(_RECORD.size)
            if len(head) < _RECORD.size:
                break
            number, length, checksum = _RECORD.unpack(head)
            content = self._file.read(length)
            # Zeros, which a power cut may leave, read as an empty record with the right checksum.
            if not length or len(content) < length or zlib.crc32(content) != checksum:
                break
            start += _RECORD.size
            self._places[number] = (start, length)
            start += length
        self._file.truncate(start)


def fingerprint_of(*parts):
    """Hashes arrays and plain values to 32 bytes."""
    digest = hashlib.sha256()
    for part in parts:
        array = np.ascontiguousarray(part)
        digest.update(f"{array.dtype.str} {array.shape} ".encode())
        # Numbers are hashed where they are: the images of an experiment are not copied.
        content = array.data if array.dtype.kind in "biufc" else array.tobytes()
        digest.update(repr(part).encode() if array.dtype.kind == "O" else content)
    return digest.digest()


def content_number(number, *arrays):
    """A number of 64 bits for a unit of work, from its place and from what is in it."""
    return int.from_bytes(fingerprint_of(number, *arrays)[:8], "big")


def _opened(path):
    """Opens the file for reading and writing, and makes it if there is none."""
    try:
        return open(path, "r+b" if os.path.exists(path) else "w+b")
    except OSError as error:
        raise ValueError(
            "`checkpoint` must be a file that can be written, in a folder that exists. "
            f"Received: checkpoint={str(path)!r} ({error})"
        ) from error
