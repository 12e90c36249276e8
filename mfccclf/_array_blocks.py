"""Large arrays read and written a block of rows at a time.

X may be mapped from a file that is larger than memory: no step holds it whole, and what
has been read leaves memory again.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["forget_pages", "row_blocks", "take_rows", "write_blocks"]

_ROWS = 1024
# Rows read from all over a file before its pages are forgotten: Linux maps up to 2 MB
# around each.
_FEW_ROWS = 16


def row_blocks(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield an array's rows, 1,024 at a time; only views are made.

    Pages of an array that is mapped from a file leave memory as the next are asked for.
    """
    for first in range(0, len(array), _ROWS):
        yield array[first : first + _ROWS]
        forget_pages(array)


def take_rows(array: NDArray[Any], rows: NDArray[Any], stop: int) -> NDArray[Any]:
    """Return ``array[rows, :stop]``, with few pages of a file in memory at a time."""
    if _mapping(array) is None:
        taken: NDArray[Any] = array[rows, :stop]
        return taken
    taken = np.empty((len(rows), stop, *array.shape[2:]), array.dtype)
    for first in range(0, len(rows), _FEW_ROWS):
        some = slice(first, first + _FEW_ROWS)
        taken[some] = array[rows[some], :stop]
        forget_pages(array)
    return taken


def forget_pages(array: NDArray[Any]) -> None:
    """Let what was read of an array that is mapped from a file leave memory.

    The system reads it again when it is needed, mostly from its cache. Without this,
    all pages that were ever touched count as the process's memory.

    Parameters
    ----------
    array : ndarray
        Any; nothing happens unless it is mapped, or a view of an array that is. Changes
        that a copy-on-write mapping keeps from its file stay, too.
    """
    file = _mapping(array)
    if file is not None and hasattr(mmap, "MADV_DONTNEED"):
        file.madvise(mmap.MADV_DONTNEED)


def _mapping(array: Any) -> mmap.mmap | None:
    """Return the file that an array is mapped from; None if memory alone has it."""
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap) and isinstance(array.base, mmap.mmap):
            return None if array.mode == "c" else array.base
        array = array.base
    return None


def write_blocks(
    file: IO[bytes], shape: tuple[int, ...], blocks: Iterable[NDArray[Any]]
) -> None:
    """Write one float32 array in NumPy's format from blocks of its rows.

    A memory map would do the same, but its pages count as the process's memory.

    Parameters
    ----------
    file : binary file
        Open for writing.
    shape : tuple of int
        Of the whole array.
    blocks : iterable of ndarray of shape (n_rows_of_block, *shape[1:])
        In order; together they have ``shape``.
    """
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    for block in blocks:
        file.write(np.ascontiguousarray(block, "<f4").data)
