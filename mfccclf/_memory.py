"""Keep the memory that a batch or a clip frees, for the next one."""

from __future__ import annotations

import ctypes
import os
import sys

__all__ = ["keep_freed_memory"]

# Numbers of the GNU C library's mallopt(3), and the largest value of a C int.
_TRIM_THRESHOLD, _MMAP_MAX, _INT_MAX = -1, -4, 2**31 - 1
_USERS_CHOICE = ("MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Tell the C library to keep freed memory for the rest of the process.

    Every batch of a training, and every long clip, needs large pieces of memory again.
    The GNU C library returns them to the system when they are freed, and getting them
    back takes time. Results are the same; the process holds on to its peak memory.
    ``mfccclf train`` and ``extract`` call this.

    Returns
    -------
    done : bool
        False where the system has another C library, or the user has chosen other
        settings by environment variables.

    References
    ----------
    mallopt(3), Linux manual pages.
    """
    if not sys.platform.startswith("linux") or set(_USERS_CHOICE) & set(os.environ):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    kept = mallopt(_MMAP_MAX, 0)
    untrimmed = mallopt(_TRIM_THRESHOLD, _INT_MAX)
    return bool(kept and untrimmed)
