"""The records of a TFRecord file, one after the other."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from mfccclf.errors import DatasetError
from mfccclf.synthesis.tfrecord.checksum import masked_crc32c

__all__ = ["read_records"]

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
# Far more than any note has, and far less than would fill the memory.
_LONGEST = 2**30


def read_records(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each record of a TFRecord file; only one is in memory at a time.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    offset : int
        Byte at which the record begins.
    content : bytes
        What it holds; its checksum has been verified.

    Raises
    ------
    DatasetError
        At the first record that is damaged, with its offset.
    """
    try:
        with path.open("rb") as file:
            offset = 0
            while True:
                content = _read_record(file, path, offset)
                if content is None:
                    return
                yield offset, content
                offset = file.tell()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatasetError(f"{path} cannot be read ({reason}). Check it.") from error


def _read_record(file: BinaryIO, path: Path, offset: int) -> bytes | None:
    head = file.read(_LENGTH.size)
    if not head:
        return None
    checksum = _read(file, _CHECKSUM.size, path, offset)
    if len(head) < _LENGTH.size:
        _fail(path, offset, "is cut short")
    if masked_crc32c(head) != _CHECKSUM.unpack(checksum)[0]:
        _fail(
            path,
            offset,
            "is damaged, or this is not a TFRecord file: the checksum of "
            "its length differs",
        )
    (length,) = _LENGTH.unpack(head)
    if length > _LONGEST:
        _fail(path, offset, f"claims {length:,} bytes")
    content = _read(file, length, path, offset)
    checksum = _read(file, _CHECKSUM.size, path, offset)
    if masked_crc32c(content) != _CHECKSUM.unpack(checksum)[0]:
        _fail(path, offset, "is damaged: its checksum differs")
    return content


def _read(file: BinaryIO, size: int, path: Path, offset: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        _fail(path, offset, "is cut short")
    return content


def _fail(path: Path, offset: int, problem: str) -> NoReturn:
    raise DatasetError(
        f"{path}: the record at byte {offset:,} {problem}. Download the file again."
    )
