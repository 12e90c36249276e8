"""A file read as if a few bytes of its header were others, or were not there."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

__all__ = ["LateFile", "PatchedFile"]


class PatchedFile(io.RawIOBase):
    """Read a file as if ``patch`` stood at ``position``.

    libsndfile reads nothing if a header declares more bytes than the file has (AU) or
    none at all; with the true size in the header it reads what there is.
    """

    def __init__(self, file: BinaryIO, *, position: int, patch: bytes) -> None:
        self._file = file
        self._position = position
        self._patch = patch

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte of the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the current byte."""
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with the next bytes."""
        start = self._file.tell()
        data = bytearray(self._file.read(len(buffer)))
        first = max(self._position, start)
        last = min(self._position + len(self._patch), start + len(data))
        if first < last:
            new = self._patch[first - self._position : last - self._position]
            data[first - start : last - start] = new
        buffer[: len(data)] = data
        return len(data)


class LateFile(io.RawIOBase):
    """Read a file as if it began at a later byte."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self._start = start

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte, counted from the start."""
        if whence == os.SEEK_SET:
            offset += self._start
        return self._file.seek(offset, whence) - self._start

    def tell(self) -> int:
        """Return the current byte, counted from the start."""
        return self._file.tell() - self._start

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with the next bytes."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
