"""Claims on work, so that two processes never compute the same at once."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["Claims"]


class Claims:
    """Claims of one process on pieces of work that other processes may want, too.

    A claim is a lock on one byte of a file, at an offset computed from the piece's key.
    The system releases it when the process ends, even if it is killed.

    Parameters
    ----------
    path : pathlib.Path
        File whose bytes are locked; created if missing, and left empty.

    Raises
    ------
    OSError
        If the file cannot be created.
    """

    def __init__(self, path: Path) -> None:
        # Closing any handle of the file would release all claims, so there is only one.
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        # The system's locks do not separate the threads of a process.
        self._held: set[bytes] = set()
        self._guard = threading.Lock()

    def take(self, keys: Iterable[bytes]) -> set[bytes]:
        """Claim the keys that nobody else has claimed, and return them."""
        with self._guard:
            taken = {
                key
                for key in set(keys) - self._held
                if _try_lock(self._handle, _offset(key))
            }
            self._held |= taken
            return taken

    def release(self, keys: Iterable[bytes]) -> None:
        """Release the claims on some keys."""
        with self._guard:
            for key in self._held.intersection(keys):
                _unlock(self._handle, _offset(key))
                self._held.discard(key)


def _offset(key: bytes) -> int:
    # 31 bits fit every system's offsets. Two keys with one offset only cause a wait.
    return int.from_bytes(key[:4], "little") >> 1


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int, offset: int) -> bool:
        os.lseek(handle, offset, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int, offset: int) -> None:
        os.lseek(handle, offset, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int, offset: int) -> bool:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:
            # No locks on this file system: rather work twice than not at all.
            return True
        return True

    def _unlock(handle: int, offset: int) -> None:
        with suppress(OSError):
            fcntl.lockf(handle, fcntl.LOCK_UN, 1, offset)
