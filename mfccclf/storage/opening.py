"""Open what an address names: the one door to bytes that are no files here."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from typing import IO

from mfccclf._inert import printable
from mfccclf.errors import StorageError
from mfccclf.storage.addresses import is_remote, is_stored, split_address
from mfccclf.storage.archive import Archive

__all__ = [
    "find_member",
    "home_version",
    "open_archive",
    "open_bytes",
    "open_stored",
]

# Archives that a process keeps open, with the names and places of their members.
_N_OPEN = 8
_PIECE = 2**20


def open_stored(text: str) -> IO[bytes]:
    """Open a member of an archive, or a file at an address.

    Parameters
    ----------
    text : str
        For which `is_stored` holds.

    Returns
    -------
    stream : binary file object
        To be read forward; some can seek.

    Raises
    ------
    StorageError
        If it cannot be read; the message names archive and member.
    """
    home, member = split_address(text)
    if member is None:
        return _open_remote(home)
    archive, member = find_member(text)
    try:
        return archive.open(member)
    except Exception as exc:  # an odd compression, or damage
        raise StorageError(
            f"{printable(text)} cannot be read: {exc}. The archive is damaged or of an "
            "odd kind. Make it again."
        ) from exc


def find_member(text: str) -> tuple[Archive, str]:
    """Return an archive, and the name of one of its members, which can be read.

    Parameters
    ----------
    text : str
        The member's address.

    Raises
    ------
    StorageError
        If there is no such archive or member, or it cannot be read.
    """
    home, member = split_address(text)
    archive = open_archive(home)
    member = str(member)
    if member in archive.faults:
        raise StorageError(f"{printable(text)} {archive.faults[member]}")
    if member not in archive.sizes:
        raise StorageError(
            f"{printable(text)} does not exist: the archive has no such member. Check "
            "its spelling and folder."
        )
    return archive, member


def open_bytes(path: str) -> IO[bytes]:
    """Open a file, a member of an archive, or a file at an address.

    Raises
    ------
    OSError
        If it cannot be read; a `StorageError` if it is no file here.
    """
    return open_stored(path) if is_stored(path) else open(path, "rb")


def open_archive(home: str) -> Archive:
    """Open an archive, or return it if this process has it open.

    Parameters
    ----------
    home : str
        A path, or an address of fsspec.

    Raises
    ------
    StorageError
        As for `open_stored`.
    """
    return _open_archive(home, home_version(home), os.getpid())


def home_version(home: str) -> str | None:
    """Return a text that differs if a file, here or at an address, has changed.

    None if there is no such file, or the address does not tell.
    """
    if is_remote(home):
        from mfccclf.storage.remote import file_version

        return file_version(home)
    try:
        status = os.stat(home)
    except (OSError, ValueError):
        return None
    numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return repr((*numbers, status.st_ino, status.st_dev))


@lru_cache(maxsize=_N_OPEN)
def _open_archive(home: str, version: str | None, process: int) -> Archive:
    """Open an archive; one for each process, as two must not share a position."""
    name = printable(home)
    try:
        if home.casefold().endswith(".zip"):
            from mfccclf.storage.zip_archive import ZipArchive

            return ZipArchive(name, _open_remote(home) if is_remote(home) else home)
        from mfccclf.storage.tar_archive import TarArchive

        remote = is_remote(home)
        file = _copy(_open_remote(home), name) if remote else open(home, "rb")  # noqa: SIM115
        return TarArchive(name, file)
    except FileNotFoundError as exc:
        text = f"{name} does not exist. Check its spelling and folder."
        raise StorageError(text) from exc
    except StorageError:
        raise
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise StorageError(f"{name} cannot be opened: {reason}.") from exc


def _open_remote(home: str) -> IO[bytes]:
    from mfccclf.storage.remote import open_remote

    return open_remote(home)


def _copy(remote: IO[bytes], name: str) -> IO[bytes]:
    """Return a copy in a temporary file without a name: a tar has no list of members.

    It takes room on the disk while the archive is among the few that are kept open.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with remote:
            while piece := remote.read(_PIECE):
                target.write(piece)
        target.seek(0)
    except Exception as exc:
        target.close()
        raise StorageError(
            f"{name} cannot be copied into the folder for temporary files: {exc}. "
            "Check the connection, and the room there (TMPDIR)."
        ) from exc
    return target
