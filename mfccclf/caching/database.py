"""One LMDB database of the cache: verified when opened, and only added to."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lmdb
from lmdb import verify

__all__ = [
    "DamagedError",
    "Database",
    "RemovedError",
    "create_database",
    "database_size",
]

# Features by content and parameters, and content by file stamp.
_TABLES = (b"features", b"files")

_CHECKSUM = struct.Struct("<I")
_DATA, _LOCK = "data.mdb", "lock.mdb"
_FIRST_MAP_SIZE = 64 * 1024**2
_MAX_READERS = 1024
# Room for a table of that many readers, 64 bytes each, and more.
_LOCK_FILE_SIZE = (_MAX_READERS + 64) * 64
_DAMAGE = (
    lmdb.CorruptedError,
    lmdb.InvalidError,
    lmdb.PageNotFoundError,
    lmdb.VersionMismatchError,
    verify.VerifyError,
)


class DamagedError(Exception):
    """A database is damaged.

    Parameters
    ----------
    folder : pathlib.Path
        The database.
    reason : str
        What is damaged.
    """

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(reason)
        self.folder = folder


class RemovedError(Exception):
    """The database has been removed by another process."""


def create_database(folder: Path) -> None:
    """Create an empty database, whole or not at all.

    Raises
    ------
    OSError
        If the folder cannot be created.
    """
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        # LMDB would create this file with holes and map it. On a full disk, the process
        # would be killed when it touches a hole; writing zeros raises an error instead.
        (temporary / _LOCK).write_bytes(bytes(_LOCK_FILE_SIZE))
        with lmdb.open(str(temporary), max_dbs=len(_TABLES)) as environment:
            for table in _TABLES:
                environment.open_db(table)
        os.rename(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        # Another process may have created it in the meantime, which is just as good.
        if not folder.is_dir():
            raise


class Database:
    """An open database.

    LMDB trusts the file's pages, so a damaged file could crash the process. That is why
    the whole structure is verified before the first look-up. Values have checksums of
    their own.

    Parameters
    ----------
    folder : pathlib.Path
        Created by `create_database`.
    max_bytes : int
        Size that the file may grow to.

    Raises
    ------
    DamagedError
        If the file is damaged.
    RemovedError
        If it does not exist.
    lmdb.Error or OSError
        If it cannot be opened for another reason.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        try:
            self._environment = lmdb.open(
                str(folder),
                create=False,
                map_size=min(_FIRST_MAP_SIZE, max_bytes),
                max_dbs=len(_TABLES),
                max_readers=_MAX_READERS,
                # A power cut may undo the last write, but never harm the others.
                metasync=False,
                readahead=False,
            )
        except _DAMAGE as exc:
            raise DamagedError(folder, str(exc)) from exc
        except (lmdb.Error, OSError) as exc:
            if folder.is_dir():
                raise
            raise RemovedError(str(folder)) from exc
        try:
            self._tables = self._verify()
        except BaseException:
            self._environment.close()
            raise

    def get(self, table: bytes, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the values of the keys that are stored, from one snapshot.

        Raises
        ------
        DamagedError
            If a value is not what was written.
        """
        found = {}
        with self._transaction(write=False) as transaction:
            for key in keys:
                value = transaction.get(key, db=self._tables[table])
                if value is not None:
                    found[key] = self._check_value(value)
        return found

    def put(self, items: Mapping[bytes, Mapping[bytes, bytes]]) -> None:
        """Add all values or none; existing values stay.

        Raises
        ------
        lmdb.MapFullError
            If they do not fit into ``max_bytes``.
        lmdb.Error
            If they cannot be written.
        """
        while True:
            try:
                self._put(items)
            except lmdb.MapFullError:
                size = self._environment.info()["map_size"]
                if size >= self._max_bytes:
                    raise
                self._environment.set_mapsize(min(2 * size, self._max_bytes))
            else:
                return

    def count(self, table: bytes) -> int:
        """Return the number of values."""
        with self._transaction(write=False) as transaction:
            return int(transaction.stat(self._tables[table])["entries"])

    def close(self) -> None:
        """Close the file."""
        self._environment.close()

    def _put(self, items: Mapping[bytes, Mapping[bytes, bytes]]) -> None:
        with self._transaction(write=True) as transaction:
            for table, values in items.items():
                for key, value in values.items():
                    signed = _CHECKSUM.pack(zlib.crc32(value)) + value
                    transaction.put(
                        key, signed, overwrite=False, db=self._tables[table]
                    )

    def _check_value(self, signed: bytes) -> bytes:
        value = signed[_CHECKSUM.size :]
        if signed[: _CHECKSUM.size] != _CHECKSUM.pack(zlib.crc32(value)):
            raise DamagedError(self.folder, "a checksum is wrong")
        return value

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[Any]:
        try:
            transaction = self._environment.begin(write=write)
        except lmdb.MapResizedError:
            # Another process has made the file larger than our map of it.
            self._environment.set_mapsize(0)
            transaction = self._environment.begin(write=write)
        with transaction:
            yield transaction

    def _verify(self) -> dict[bytes, Any]:
        """Verify the file, and return handles of its tables."""
        self._environment.reader_check()  # frees the slots of killed processes
        try:
            # Nobody else can change the file during a write transaction.
            with self._transaction(write=True) as transaction:
                problems = verify.verify(str(self.folder))  # type: ignore[no-untyped-call]
                if problems:
                    raise DamagedError(self.folder, problems[0])
                return {
                    table: self._environment.open_db(table, transaction)
                    for table in _TABLES
                }
        except _DAMAGE as exc:
            raise DamagedError(self.folder, str(exc)) from exc


def database_size(folder: Path) -> int:
    """Return the size of a database on disk, in bytes; 0 if it has been removed."""
    try:
        return (folder / _DATA).stat().st_size
    except OSError:
        return 0
