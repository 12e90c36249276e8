"""Who is computing what: so that two processes never compute the same at once."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["Claims"]


class Claims:
    """Claims of one process on pieces of work that other processes may also want.

    A claim is a lock on one byte of a file, at an offset made from the piece's key.
    The system lets go of it when the process ends, however it ends.

    Parameters
    ----------
    path : pathlib.Path
        File to lock bytes of; made if need be, and left empty.

    Raises
    ------
    OSError
        If the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        # Closing any handle of the file would drop all claims, so there is only one.
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        # The system's locks do not keep threads of one process apart.
        self._held: set[bytes] = set()
        self._guard = threading.Lock()

    def take(self, keys: Iterable[bytes]) -> set[bytes]:
        """Claim what nobody else has claimed; return the keys that are ours now."""
        with self._guard:
            taken = {
                key
                for key in set(keys) - self._held
                if _try_lock(self._handle, _offset(key))
            }
            self._held |= taken
            return taken

    def release(self, keys: Iterable[bytes]) -> None:
        """Let others claim these again."""
        with self._guard:
            for key in self._held.intersection(keys):
                _unlock(self._handle, _offset(key))
                self._held.discard(key)


def _offset(key: bytes) -> int:
    # 31 bits fit every system's offsets. Two keys at one offset only wait needlessly.
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
            # No locks on this file system: work done twice is better than none.
            return True
        return True

    def _unlock(handle: int, offset: int) -> None:
        with suppress(OSError):
            fcntl.lockf(handle, fcntl.LOCK_UN, 1, offset)
