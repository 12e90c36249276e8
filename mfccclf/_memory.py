"""Keep freed memory for the next batch or clip; tell when there is none."""

from __future__ import annotations

import ctypes
import os
import sys

__all__ = ["keep_freed_memory", "lacks_memory"]

# Numbers of the GNU C library's mallopt(3), and the largest value of a C int.
_TRIM_THRESHOLD, _MMAP_MAX, _INT_MAX = -1, -4, 2**31 - 1
_USERS_CHOICE = ("MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Tell the C library to keep freed memory for the rest of the process.

    Each batch of a training, and each long clip, needs large pieces of memory. The GNU
    C library returns them to the system when they are freed, and getting them again
    takes time. This does not change results; the process keeps its peak memory.
    ``mfccclf train`` and ``extract`` call this.

    Returns
    -------
    done : bool
        False if the system has another C library, or if environment variables give
        other settings.

    References
    ----------
    mallopt(3), Linux manual pages.

    Examples
    --------
    >>> from mfccclf import keep_freed_memory
    >>> keep_freed_memory()  # doctest: +SKIP
    True
    """
    if not sys.platform.startswith("linux") or set(_USERS_CHOICE) & set(os.environ):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    kept = mallopt(_MMAP_MAX, 0)
    untrimmed = mallopt(_TRIM_THRESHOLD, _INT_MAX)
    return bool(kept and untrimmed)


def lacks_memory(error: BaseException) -> bool:
    """Return whether an error of Python, torch or onnxruntime tells of no memory."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    signs = ("bad_alloc", "bad allocation", "out of memory", "allocate memory")
    return any(sign in text for sign in signs)
