"""Streams that cannot seek, such as a pipe, wrapped as files that nearly can."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

__all__ = ["ForwardFile", "SpoolError", "read_exactly", "spool"]

# How far back a reader may go: headers, and what a decoder looks at twice.
_KEPT = 2**18
_STEP = 2**16
# Less than this needs no file.
_SMALL = 2**22
# Where the end is assumed, because it is unknown.
_FAR = 2**62

_TOO_LONG = (
    "goes on after {:,.0f} MB, the most that is stored for one clip. Use --window "
    "(predict_windows), or save it as a file."
)
_NO_ROOM = (
    "cannot be stored in the folder for temporary files: {}. Make room there, or name "
    "another folder in the environment variable TMPDIR."
)


class SpoolError(Exception):
    """A stream that cannot be stored; the text follows the stream's name."""


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


def spool(
    stream: Any,
    *,
    head: bytes = b"",
    max_size: int | None = None,
    enough: int | None = None,
) -> BinaryIO:
    """Copy the rest of a stream into a temporary file, removed when it is closed.

    A short one is kept in memory.

    Parameters
    ----------
    stream : binary file object
        The stream.
    head : bytes, default=b""
        What has been read of it.
    max_size : int or None, default=None
        Bytes that it may have; None for any number.
    enough : int or None, default=None
        Bytes after which to stop; None copies all.

    Raises
    ------
    SpoolError
        If the stream goes on after ``max_size``, or there is no room for it.
    """
    head += read_exactly(stream, _SMALL - len(head))
    if len(head) < _SMALL:
        return io.BytesIO(head)
    import tempfile

    with tempfile.TemporaryFile() as stored:
        size = 0
        data = head or stream.read(_STEP)
        while data:
            size += len(data)
            if max_size is not None and size > max_size:
                raise SpoolError(_TOO_LONG.format(max_size / 1e6))
            _store(stored, data)
            data = b"" if enough is not None and size > enough else stream.read(_STEP)
        _store(stored, b"")
        # libsndfile moves the descriptor, which a file open for writing does not bear.
        file = open(os.dup(stored.fileno()), "rb")  # noqa: SIM115
    file.seek(0)
    return file


def _store(file: Any, data: bytes) -> None:
    """Write ``data``; write nothing to have all before it on the disk."""
    try:
        file.write(data)
        if not data:
            file.flush()
    except OSError as exc:
        raise SpoolError(_NO_ROOM.format(exc.strerror)) from exc
