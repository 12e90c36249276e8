"""Read arrays from an archive of features, whose sizes anybody may have stated."""

from __future__ import annotations

import math
import os
import zipfile
from typing import IO

import numpy as np
from numpy.typing import NDArray

__all__ = ["unpack_array", "unpack_texts"]

# Bytes of all texts: those of ten million clips.
_MOST_TEXT = 2**31


def unpack_texts(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Return a one-dimensional array of texts as a list.

    Raises
    ------
    KeyError
        If there is no such array.
    ValueError
        If it holds anything else, or is too large.
    """
    if archive.getinfo(_member(name)).file_size > _MOST_TEXT:
        raise ValueError(f"its {name} are absurdly long")
    array = unpack_array(archive, name)
    if array.dtype.kind != "U" or array.ndim > 1:
        raise ValueError(f"its {name} are no texts")
    texts: list[str] = array.reshape(-1).tolist()
    return texts


def unpack_array(archive: zipfile.ZipFile, name: str) -> NDArray[np.generic]:
    """Return an array that fits the memory and the size that its member states.

    Raises
    ------
    KeyError
        If there is no such array.
    ValueError
        If it is damaged, or too large.
    """
    member = archive.getinfo(_member(name))
    with archive.open(member) as file:
        stated = _stated_size(file)
    if stated > member.file_size:
        raise ValueError(f"its {name} should have {stated:,} bytes, and has fewer")
    if stated > _memory_size():
        raise ValueError(
            f"its {name} takes {stated / 1e9:.1f} GB once it is unpacked, more than "
            "the memory of this machine; a folder ending in .mfccdata does not"
        )
    with archive.open(member) as file:
        array: NDArray[np.generic] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _member(name: str) -> str:
    return f"{name}.npy"


def _stated_size(file: IO[bytes]) -> int:
    """Return the bytes of the array that starts here."""
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"an array of format {version}")
    is_short = version == (1, 0)
    read_header = (
        np.lib.format.read_array_header_1_0
        if is_short
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise ValueError("an array of objects, which could run code")
    return math.prod(shape) * dtype.itemsize


def _memory_size() -> int:
    """Return the bytes of memory that this machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 2**62
