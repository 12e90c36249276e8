"""Paths and streams: checked, named in messages, opened with one clear error."""

from __future__ import annotations

import io
import os
import stat
import sys
from os import PathLike
from typing import IO, BinaryIO

from mfccclf._inert import printable
from mfccclf._validation import argument_error
from mfccclf.errors import AudioFileError
from mfccclf.storage.held_clip import HeldClip

__all__ = [
    "AnyPath",
    "AnySource",
    "Source",
    "check_path",
    "check_source",
    "file_size",
    "open_regular_file",
    "printable",
    "read_at",
    "source_name",
]

AnyPath = str | bytes | PathLike[str] | PathLike[bytes]
AnySource = AnyPath | HeldClip | IO[bytes]
Source = str | IO[bytes]

_MAX_OFFSET = 2**62
_SPECIAL_FILES = (
    (stat.S_ISDIR, "is a folder, not a sound file. Name the files inside it."),
    (stat.S_ISFIFO, "is a named pipe, not a regular file. Save its sound first."),
    (stat.S_ISSOCK, "is a socket, not a regular file. Save its sound first."),
    (stat.S_ISCHR, "is a device, not a regular file. Record from it first."),
    (stat.S_ISBLK, "is a device, not a regular file. Copy the sound first."),
)


def check_path(path: AnyPath, *, owner: str) -> str:
    """Return ``path`` as a str, whatever bytes its name consists of."""
    if not isinstance(path, (str, bytes, PathLike)):
        kind = "a path (str or PathLike)"
        raise argument_error("path", path, kind, owner=owner, error=TypeError)
    return os.fsdecode(path)


def check_source(source: AnySource, *, owner: str) -> Source:
    """Return a path as a str, a clip in memory as a stream, a stream as it is."""
    if isinstance(source, (str, bytes, PathLike)):
        return os.fsdecode(source)
    if isinstance(source, HeldClip):
        return source.open()
    if hasattr(source, "read") and not isinstance(source, io.TextIOBase):
        return source
    kind = "a path (str or PathLike) or a binary stream"
    hint = "Pass sys.stdin.buffer for standard input."
    raise argument_error("path", source, kind, owner=owner, error=TypeError, hint=hint)


def source_name(source: AnySource) -> str:
    """Return the name of a path or stream for a one-line message."""
    if isinstance(source, (str, bytes, PathLike)):
        return printable(os.fsdecode(source))
    if isinstance(source, HeldClip):
        return printable(source.name)
    if source is getattr(sys.stdin, "buffer", None):
        return "standard input"
    name = getattr(source, "name", None)
    return printable(name) if isinstance(name, str) else "the stream"


def open_regular_file(path: str) -> BinaryIO:
    """Open a file for reading, or raise an error that names it."""
    name = printable(path)
    try:
        _check_kind(path, name)
        return open(path, "rb")
    except FileNotFoundError as exc:
        raise AudioFileError(_missing_text(path, name)) from exc
    except PermissionError as exc:
        text = f"{name} may not be read by this user. Change its permissions."
        raise AudioFileError(text) from exc
    except (NotADirectoryError, ValueError) as exc:
        text = f"{name!r} cannot be a path. Check its spelling."
        raise AudioFileError(text) from exc
    except AudioFileError:
        raise
    except OSError as exc:
        reason = exc.strerror or "unknown reason"
        text = f"{name} cannot be opened: {reason}. Check the path and the disk."
        raise AudioFileError(text) from exc


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Return up to ``size`` bytes from ``offset``; none beyond the end."""
    # Headers may name places beyond any file and any offset type.
    if offset > _MAX_OFFSET:
        return b""
    file.seek(offset)
    return file.read(size)


def file_size(file: BinaryIO) -> int:
    """Return the bytes of a file that can seek, on disk or in memory."""
    try:
        return os.fstat(file.fileno()).st_size
    except OSError:  # it is in memory
        position = file.tell()
        size = file.seek(0, os.SEEK_END)
        file.seek(position)
        return size


def _check_kind(path: str, name: str) -> None:
    # Checked before opening, because opening a named pipe waits for a writer.
    mode = os.stat(path).st_mode
    for is_kind, text in _SPECIAL_FILES:
        if is_kind(mode):
            raise AudioFileError(f"{name} {text}")


def _missing_text(path: str, name: str) -> str:
    if not path:
        return "The path of the sound file is empty. Name a file."
    return f"{name} does not exist. Check its spelling and folder."
