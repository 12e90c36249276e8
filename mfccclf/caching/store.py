"""The databases of one folder: the newest grows, the oldest is removed."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import lmdb

from mfccclf.caching.claims import Claims
from mfccclf.caching.database import (
    DamagedError,
    Database,
    RemovedError,
    create_database,
)
from mfccclf.errors import CacheWarning

__all__ = ["Store", "add_database", "find_databases", "remove_database"]

# A full cache loses its oldest quarter. Deleting a value would only leave a hole in the
# file; deleting a file frees space on the disk.
N_DATABASES = 4

_NAME = re.compile(r"features-(\d{6,})")
_LEFTOVER = re.compile(r"\.(old|new)-.*")
_LEFTOVER_AGE_S = 60

Items = Mapping[bytes, Mapping[bytes, bytes]]
Answer = TypeVar("Answer")


def find_databases(folder: Path) -> dict[int, Path]:
    """Return the databases in a folder by their numbers, oldest first."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return {}
    matches = filter(None, map(_NAME.fullmatch, names))
    return {int(m[1]): folder / m[0] for m in sorted(matches, key=lambda m: int(m[1]))}


def remove_database(path: Path) -> None:
    """Remove a database, even while other processes use it."""
    # Renamed first, so that no process opens a half-removed database.
    leaving = path.with_name(f".old-{path.name}-{os.getpid()}")
    with suppress(FileNotFoundError):
        os.rename(path, leaving)
        shutil.rmtree(leaving, ignore_errors=True)


def add_database(folder: Path) -> int:
    """Create the next database, and remove those beyond the limit.

    Returns
    -------
    number : int
        Number of the new database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    databases = find_databases(folder)
    number = max(databases, default=0) + 1
    create_database(database_path(folder, number))
    for old, path in databases.items():
        if old <= number - N_DATABASES:
            with suppress(OSError):  # in use on Windows: next time
                remove_database(path)
    _remove_leftovers(folder)
    return number


def database_path(folder: Path, number: int) -> Path:
    """Return the path of the database with a number."""
    return folder / f"features-{number:06d}"


def _remove_leftovers(folder: Path) -> None:
    """Remove databases that killed processes had half created or removed."""
    for name in filter(_LEFTOVER.fullmatch, os.listdir(folder)):
        path = folder / name
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFTOVER_AGE_S:
                shutil.rmtree(path, ignore_errors=True)


class Store:
    """One process's access to the databases of a folder.

    Problems of the cache raise no error: values that cannot be read count as missing,
    those that cannot be written are left out, and one warning says so.

    Parameters
    ----------
    folder : pathlib.Path
        Created if missing.
    max_bytes : int
        Size that all databases together may grow to.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._guard = threading.RLock()
        self._open: dict[int, Database] = {}
        self._claims: Claims | None = None
        self._readable = self._writable = True
        self._has_warned = False
        self._attempt(self._prepare)

    def get(self, table: bytes, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the values of the keys that are stored."""
        found: dict[bytes, bytes] = {}
        missing = set(keys)
        with self._guard:
            for number in self._newest_first():
                if missing:
                    some = self._attempt(partial(self._get, number, table, missing))
                    found |= some or {}
                    missing -= found.keys()
        return found

    def put(self, items: Items) -> None:
        """Add values in one transaction."""
        with self._guard:
            if self._writable and any(items.values()):
                self._attempt(partial(self._put, items), writing=True)

    def claim(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return the keys that no other process or thread is working on."""
        if self._claims is None or not self._writable:
            return set(keys)
        return self._claims.take(keys)

    def release(self, keys: Iterable[bytes]) -> None:
        """Let others work on these keys."""
        if self._claims is not None:
            self._claims.release(keys)

    def count(self, table: bytes) -> int:
        """Return the number of values in all databases."""
        with self._guard:
            counts = (
                self._attempt(partial(self._count, number, table))
                for number in self._newest_first()
            )
            return sum(count or 0 for count in counts)

    def suspend(self) -> None:
        """Close all databases, and keep them closed until `resume`."""
        self._guard.acquire()
        self._close()

    def resume(self) -> None:
        """Let databases be opened again."""
        self._guard.release()

    def _close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._claims = Claims(self.folder / "claims.lock")
        if not find_databases(self.folder):
            add_database(self.folder)

    def _newest_first(self) -> list[int]:
        """Return the numbers of the databases to search, newest first."""
        numbers = self._attempt(self._numbers) if self._readable else None
        return sorted(numbers or [], reverse=True)

    def _get(self, number: int, table: bytes, keys: set[bytes]) -> dict[bytes, bytes]:
        return self._database(number).get(table, keys)

    def _count(self, number: int, table: bytes) -> int:
        return self._database(number).count(table)

    def _numbers(self) -> list[int]:
        """Return the numbers of the existing databases, and close removed ones."""
        numbers = list(find_databases(self.folder))
        for number in self._open.keys() - set(numbers):
            self._open.pop(number).close()
        return numbers

    def _database(self, number: int) -> Database:
        if number not in self._open:
            path = database_path(self.folder, number)
            limit = self.max_bytes // N_DATABASES
            self._open[number] = Database(path, max_bytes=limit)
        return self._open[number]

    def _put(self, items: Items) -> None:
        newest = max(self._numbers(), default=0)
        try:
            self._database(newest or add_database(self.folder)).put(items)
        except lmdb.MapFullError:
            self._close()  # Windows removes no open file
            self._database(add_database(self.folder)).put(items)

    def _attempt(
        self, work: Callable[[], Answer], *, writing: bool = False
    ) -> Answer | None:
        """Do some work; if it fails, warn once and continue without the cache."""
        try:
            return work()
        except RemovedError:
            pass  # another process has made room, or cleared the cache
        except DamagedError as damage:
            self._attempt(partial(self._replace, damage), writing=True)
        except (lmdb.Error, OSError) as exc:
            self._give_up(exc, writing=writing)
        return None

    def _replace(self, damage: DamagedError) -> None:
        # The new one is created first, so that no number is used twice: a process that
        # is just opening the old one must not get one file of each.
        self._close()
        add_database(self.folder)
        remove_database(damage.folder)
        self._warn(
            f"The feature cache {self.folder} was damaged ({damage}). Lost features "
            "are computed again."
        )

    def _give_up(self, exc: Exception, *, writing: bool) -> None:
        self._writable = False
        self._readable = self._readable and writing
        does = "cannot be written" if writing else "cannot be used"
        self._warn(
            f"The feature cache {self.folder} {does}: {_reason(exc)}. Features are "
            "computed without it. Free some space, or choose another folder with the "
            "environment variable MFCCCLF_CACHE."
        )

    def _warn(self, text: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(text, CacheWarning, stacklevel=2)


def _reason(exc: Exception) -> str:
    if isinstance(exc, lmdb.MapFullError):
        return "its size limit is too small for a few clips"
    if isinstance(exc, OSError) and exc.strerror:
        return exc.strerror
    text = str(exc).rpartition(": ")[2].rstrip(".")
    # LMDB's error if a disk accepts only a part of what is written.
    return "the disk is full" if text == "Input/output error" else text
