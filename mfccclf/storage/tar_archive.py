"""Tar archives, compressed or not, whose members are read in any order."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import threading
import zlib
from collections.abc import Callable
from typing import IO, Any

from mfccclf.errors import StorageError
from mfccclf.storage.archive import Archive
from mfccclf.storage.members import clean_name, expansion_fault

__all__ = ["TarArchive"]

_PIECE = 2**20
# More than this many bytes of an archive must not come from a 250th of them.
_MAX_EXPANSION, _EXPANDED = 250, 2**28
_BLOCK = 512
_CUT = "is cut short: it has no end mark. Copy or make it again."
_DAMAGE = (tarfile.TarError, EOFError, lzma.LZMAError, zlib.error, ValueError)


class TarArchive(Archive):
    """A tar archive.

    A compressed one cannot be read from the middle, so it is unpacked into a temporary
    file without a name, which is still one archive.

    Parameters
    ----------
    name : str
        What to call it in messages; its ending tells how it is compressed.
    file : binary file object
        The archive, which this object closes.
    """

    def __init__(self, name: str, file: IO[bytes]) -> None:
        super().__init__()
        self._lock = threading.Lock()
        try:
            self._file = _uncompressed(name, file)
            self._end = self._file.seek(0, io.SEEK_END)
            self._file.seek(0)
            self._take_all()
        except (*_DAMAGE, OSError) as exc:
            if isinstance(exc, StorageError):
                raise
            raise StorageError(
                f"{name} cannot be read as a tar archive: {exc}. It is cut short or "
                "damaged. Copy or make it again."
            ) from exc

    def open(self, member: str) -> IO[bytes]:
        """Return a member as a stream."""
        return io.BufferedReader(_Piece(self, self._places[member], self.sizes[member]))

    def read_at(self, start: int, size: int) -> bytes:
        """Return some bytes of the archive; threads may ask at the same time."""
        with self._lock:
            self._file.seek(start)
            return self._file.read(size)

    def __del__(self) -> None:
        """Close the archive when nobody reads it any more."""
        if hasattr(self, "_file"):
            self._file.close()

    def _take_all(self) -> None:
        with tarfile.open(fileobj=self._file, mode="r:") as tar:
            while (info := self._next(tar)) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # else all are kept
                if info.isdir():
                    self.folders.append(clean_name(info.name))
                else:
                    self._take(
                        info.name,
                        size=info.size,
                        place=info.offset_data,
                        fault=self._content_fault(info),
                    )

    def _next(self, tar: tarfile.TarFile) -> tarfile.TarInfo | None:
        """Return the next header; at the end, note if it is not the true end."""
        try:
            info = tar.next()
        except tarfile.ReadError:
            if not (self.sizes or self.faults):
                raise
            info = None
        if info is None:
            self._file.seek(tar.offset)
            if not self._file.read(_BLOCK).startswith(b"\0"):
                self.faults[""] = _CUT
        return info

    def _content_fault(self, info: tarfile.TarInfo) -> str | None:
        if info.islnk() or info.issym():
            return "is a link. Pack what it points to (tar -h --hard-dereference)."
        if not info.isreg() or info.sparse:
            return "is no regular file. Pack the sound itself."
        if info.offset_data + info.size > self._end:
            return "is cut short: the archive ends before it. Copy the archive again."
        return expansion_fault(info.size, info.size)


class _Piece(io.RawIOBase):
    """A member of a tar archive, which stays open as long as its members."""

    def __init__(self, archive: TarArchive, start: int, size: int) -> None:
        self._archive = archive
        self._start, self._size = start, size
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the current byte of the part."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte of the part."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        self._position = max(0, origin[whence] + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with the next bytes of the part."""
        size = min(len(buffer), max(0, self._size - self._position))
        data = self._archive.read_at(self._start + self._position, size)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _uncompressed(name: str, file: IO[bytes]) -> IO[bytes]:
    """Return a tar archive as it is, or unpacked into a temporary file."""
    opener = _decompressor(name)
    if opener is None:
        return file
    stored = file.seek(0, io.SEEK_END)
    file.seek(0)
    target = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with file, opener(file) as unpacked:
            while piece := unpacked.read(_PIECE):
                target.write(piece)
                if target.tell() > max(_EXPANDED, _MAX_EXPANSION * stored):
                    raise StorageError(
                        f"{name} grows more than {_MAX_EXPANSION}-fold when it is "
                        "unpacked, as bombs do. It is not read."
                    )
        target.flush()
    except BaseException:
        target.close()
        raise
    return target


def _decompressor(name: str) -> Callable[[IO[bytes]], Any] | None:
    """Return what unpacks a file with such a name; None if it is not compressed."""
    openers: dict[str, Callable[[IO[bytes]], Any]] = {
        "gz": lambda file: gzip.GzipFile(fileobj=file),
        "bz2": bz2.BZ2File,
        "xz": lzma.LZMAFile,
    }
    found = [o for ending, o in openers.items() if name.casefold().endswith(ending)]
    return found[0] if found else None
