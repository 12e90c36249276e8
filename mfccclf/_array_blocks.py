"""Large arrays read and written a block of rows at a time.

X may be mapped from a file that is larger than memory: no step holds it whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["row_blocks", "write_blocks"]

_ROWS = 1024


def row_blocks(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield an array's rows, 1,024 at a time; only views are made."""
    for first in range(0, len(array), _ROWS):
        yield array[first : first + _ROWS]


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
