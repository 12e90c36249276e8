"""Streams that cannot seek, such as a pipe, wrapped as files that nearly can."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

__all__ = ["ForwardFile", "read_exactly", "spool"]

# How far back a reader may go: headers, and what a decoder looks at twice.
_KEPT = 2**18
_STEP = 2**16
# Where the end is assumed, because it is unknown.
_FAR = 2**62


class ForwardFile(io.RawIOBase):
    """Read a stream as it arrives; its last 256 KiB can be read again.

    A read waits for at least one byte and returns what is available, so that a running
    recorder need not fill a block first. The stream is left open.
    """

    def __init__(self, stream: Any) -> None:
        self._read = getattr(stream, "read1", stream.read)
        self._kept = bytearray()
        self._start = 0  # of what is kept
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True, though not every byte can be reached."""
        return True

    def tell(self) -> int:
        """Return the current byte."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte; only reading it shows whether it can be reached."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: _FAR}
        self._position = origin[whence] + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with some of the next bytes; return how many."""
        size = len(buffer)
        if self._position >= _FAR - _KEPT or not size:
            return 0
        if self._position < self._start:
            raise io.UnsupportedOperation("the stream cannot go back that far")
        while self._position >= self._end():
            if not self._fetch(max(size, _STEP)):
                return 0
        first = self._position - self._start
        data = self._kept[first : first + size]
        buffer[: len(data)] = data
        self._position += len(data)
        self._forget()
        return len(data)

    def _end(self) -> int:
        return self._start + len(self._kept)

    def _fetch(self, size: int) -> bool:
        data = self._read(size)
        self._kept += data or b""
        if self._position > self._end():
            self._forget()
        return bool(data)

    def _forget(self) -> None:
        """Drop what lies far behind, in large pieces because each costs a copy."""
        surplus = min(self._position, self._end()) - self._start - _KEPT
        if surplus > _KEPT:
            del self._kept[:surplus]
            self._start += surplus


def read_exactly(file: Any, size: int) -> bytes:
    """Return the next ``size`` bytes; fewer only at the end of the stream."""
    parts = []
    while size > 0:
        data = file.read(min(size, _STEP))
        if not data:
            break
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def spool(stream: Any) -> BinaryIO:
    """Copy the rest of a stream into a temporary file, removed when it is closed."""
    import shutil
    import tempfile

    file = tempfile.TemporaryFile()  # noqa: SIM115
    shutil.copyfileobj(stream, file)
    file.seek(0)
    return file
