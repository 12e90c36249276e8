"""Files at addresses of fsspec: S3, Google's storage, Hugging Face, the web, memory.

References
----------
.. [1] fsspec, "Filesystem interfaces for Python",
   https://filesystem-spec.readthedocs.io.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

from mfccclf._inert import printable
from mfccclf.errors import StorageError

__all__ = ["RemoteFile", "file_version", "is_folder", "list_remote", "open_remote"]

# What file systems call the state of a file, apart from its size and time.
_VERSION_FIELDS = (
    *("ETag", "etag", "VersionId", "generation", "md5Hash", "crc32c"),
    *("blob_id", "LastModified", "last_modified", "mtime", "updated", "created"),
)


class RemoteFile(NamedTuple):
    """A file that a folder at an address holds.

    Attributes
    ----------
    name : str
        Its path below that folder, with "/" between its parts.
    size : int or None
        Bytes, if they are known.
    """

    name: str
    size: int | None


def open_remote(address: str) -> IO[bytes]:
    """Open a file at an address, to be read piece by piece.

    Raises
    ------
    StorageError
        If it cannot be read, or fsspec or what it needs is not installed.
    """
    with _told(address):
        system, path = _find(address)
        file: IO[bytes] = system.open(path, "rb")
        return file


def is_folder(address: str) -> bool:
    """Tell whether an address is that of a folder; raise if there is nothing.

    Raises
    ------
    StorageError
        If nothing is there, or it cannot be read.
    """
    with _told(address):
        system, path = _find(address)
        return bool(system.info(path)["type"] == "directory")


def list_remote(address: str) -> Iterator[RemoteFile]:
    """Yield the files below an address, folder by folder, in order.

    Raises
    ------
    StorageError
        As for `open_remote`.
    """
    with _told(address):
        system, path = _find(address)
        top = str(path).rstrip("/")
        for folder, _, files in system.walk(path, detail=True, on_error="raise"):
            inner = str(folder).rstrip("/")[len(top) :].strip("/")
            for name in sorted(files):
                size = files[name].get("size")
                yield RemoteFile(f"{inner}/{name}" if inner else name, size)


def match_remote(pattern: str) -> list[str]:
    """Return the addresses that a pattern with "*" and "?" fits, in order."""
    with _told(pattern):
        system, path = _find(pattern)
        return [str(system.unstrip_protocol(one)) for one in sorted(system.glob(path))]


def file_version(address: str) -> str | None:
    """Return a text that differs if a file at an address has changed.

    None if the address does not tell enough of it, or there is no such file.
    """
    try:
        with _told(address):
            system, path = _find(address)
            facts = system.info(path)
    except StorageError:
        return None
    known = {name: str(facts[name]) for name in _VERSION_FIELDS if facts.get(name)}
    return f"{facts.get('size')} {sorted(known.items())}" if known else None


def _find(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path there."""
    try:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(address)
    except ImportError as exc:
        raise StorageError(
            f"{printable(address)} is read with fsspec, and something for it is not "
            f'installed ({exc}). Install it with `pip install "mfccclf[remote]"`.'
        ) from exc
    return system, path


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn what file systems raise into one line that names the address."""
    name = printable(address)
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError as exc:
        text = f"{name} does not exist, or may not be seen. Check the address."
        raise StorageError(text) from exc
    except PermissionError as exc:
        text = (
            f"{name} may not be read: {_reason(exc)}. Check who you are signed in as."
        )
        raise StorageError(text) from exc
    except Exception as exc:  # each file system has its own
        raise StorageError(
            f"{name} cannot be read: {_reason(exc)}. Check the address and the "
            "connection."
        ) from exc


def _reason(exc: BaseException) -> str:
    lines = str(exc).strip().splitlines() or [type(exc).__name__]
    return printable(lines[0].rstrip("."))
