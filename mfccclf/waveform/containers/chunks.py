"""Chunks of a sound file and the sizes they declare, to find missing samples."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = [
    "UNKNOWN_SIZES",
    "DataChunk",
    "ReadAt",
    "find_data_chunk",
    "find_wave_chunks",
    "iff_chunks",
    "ogg_is_unfinished",
]

ReadAt = Callable[[int, int], bytes]

_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
# Programs that write to a pipe declare sizes from here on.
_STREAMED_SIZE = 0x7FFFF000
# What a recorder states before it knows better; W64 counts its own 24 bytes.
UNKNOWN_SIZES = (-1, 0, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1, 2**64 - 25)
_MAX_CHUNKS = 1000


class DataChunk(NamedTuple):
    """Where the samples are: byte of the size field, its format, first byte, size.

    The first ``preamble`` bytes of the chunk precede the samples.
    """

    size_field: int
    size_format: str
    start: int
    size: int
    preamble: int = 0


def find_data_chunk(
    read_at: ReadAt, *, container: str, file_size: int
) -> DataChunk | None:
    """Return the chunk of samples with its declared size; None if it is not found."""
    head = read_at(0, 4)
    if container == "WAV":
        order = ">" if head == b"RIFX" else "<"
        chunk = _find(iff_chunks(read_at, 12, f"{order}I", file_size), b"data")
        return _without_streamed(chunk, read_at, head)
    if container == "AIFF":
        chunk = _find(iff_chunks(read_at, 12, ">I", file_size), b"SSND")
        return chunk and chunk._replace(preamble=8)
    if container == "CAF":
        chunk = _find(_caf_chunks(read_at, file_size), b"data")
        return chunk and chunk._replace(preamble=4)
    if container == "W64":
        return _find(_w64_chunks(read_at, file_size), _W64_DATA)
    return None


def find_wave_chunks(
    read_at: ReadAt, *, container: str, file_size: int
) -> tuple[DataChunk | None, DataChunk | None]:
    """Return the chunks "fmt " and "data" of a WAV or W64 file, None where missing.

    A size above 4 GB comes from the chunk "ds64", which is where its field is then.
    """
    head = read_at(0, 36)
    is_w64 = container == "W64"
    chunks = (
        _w64_chunks(read_at, file_size)
        if is_w64
        else iff_chunks(read_at, 12, "<I", file_size)
    )
    form = None
    for name, chunk in () if head.startswith(b"RIFX") else chunks:
        if name[:4] == b"fmt ":
            form = chunk
        if name[:4] == b"data":
            is_long = head[:4] in (b"RF64", b"BW64") and chunk.size == 0xFFFFFFFF
            return form, _with_long_size(chunk, head) if is_long else chunk
    return form, None


def _with_long_size(chunk: DataChunk, head: bytes) -> DataChunk:
    if head[12:16] != b"ds64" or len(head) < 36:
        return chunk
    (size,) = struct.unpack("<Q", head[28:36])
    return chunk._replace(size_field=28, size_format="<Q", size=size)


def ogg_is_unfinished(read_at: ReadAt, file_size: int) -> bool:
    """Return whether an Ogg file lacks the page marked as its last."""
    tail_size = min(file_size, 2**17)
    tail = read_at(file_size - tail_size, tail_size)
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + 27:
        return True
    n_segments = tail[page + 26]
    page_size = 27 + n_segments + sum(tail[page + 27 : page + 27 + n_segments])
    return not tail[page + 5] & 4 or len(tail) < page + page_size


def iff_chunks(
    read_at: ReadAt, position: int, size_format: str, file_size: int
) -> Iterator[tuple[bytes, DataChunk]]:
    """Yield the name and place of each chunk of a WAV or AIFF file, in order."""
    for _ in range(_MAX_CHUNKS):
        header = read_at(position, 8)
        if len(header) < 8 or position >= file_size:
            return
        (size,) = struct.unpack(size_format, header[4:])
        chunk = DataChunk(position + 4, size_format, position + 8, size)
        yield header[:4], chunk
        position += 8 + size + size % 2


def _find(chunks: Iterator[tuple[bytes, DataChunk]], key: bytes) -> DataChunk | None:
    return next((chunk for name, chunk in chunks if name == key), None)


def _without_streamed(
    chunk: DataChunk | None, read_at: ReadAt, head: bytes
) -> DataChunk | None:
    if chunk is None or (chunk.size >= _STREAMED_SIZE and head[:3] == b"RIF"):
        return None
    if head in (b"RF64", b"BW64") and chunk.size == 0xFFFFFFFF:
        (size,) = struct.unpack("<Q", read_at(28, 8).ljust(8, b"\0"))
        return chunk._replace(size=size)
    return chunk


def _caf_chunks(read_at: ReadAt, file_size: int) -> Iterator[tuple[bytes, DataChunk]]:
    position = 8
    for _ in range(_MAX_CHUNKS):
        header = read_at(position, 12)
        if len(header) < 12 or position >= file_size:
            return
        (size,) = struct.unpack(">q", header[4:])
        yield header[:4], DataChunk(position + 4, ">q", position + 12, size)
        if size < 0:
            return
        position += 12 + size


def _w64_chunks(read_at: ReadAt, file_size: int) -> Iterator[tuple[bytes, DataChunk]]:
    position = 40
    for _ in range(_MAX_CHUNKS):
        header = read_at(position, 24)
        if len(header) < 24 or position >= file_size:
            return
        (size,) = struct.unpack("<Q", header[16:])
        chunk = DataChunk(position + 16, "<Q", position + 24, max(size - 24, 0))
        yield header[:16], chunk
        position += max(24, (size + 7) // 8 * 8)
