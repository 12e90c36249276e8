"""Where the samples end if a recorder crashed before it completed the header.

A recorder writes the size of the samples last, or now and then. One rule holds for
files, pipes and windows: a size that is 0 or unknown means all bytes to the end; bytes
behind the size that is stated are samples too, unless a chunk starts there, or they
are few or all zero, which is padding.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from mfccclf.waveform.containers.chunks import (
    UNKNOWN_SIZES,
    DataChunk,
    ReadAt,
    find_data_chunk,
    find_wave_chunks,
)

__all__ = [
    "AHEAD",
    "Extent",
    "are_samples",
    "find_extent",
    "stale_text",
    "starts_chunk",
]

# Bytes that tell whether samples go on behind their stated end. Fewer than the second
# number never do, because programs append tags and padding.
AHEAD, _PADDING = 4096, 512
# No chunk behind the samples is larger, unless its name is known.
_LARGEST_UNKNOWN = 2**24
_KNOWN = (
    *(b"LIST", b"id3 ", b"ID3 ", b"ID3\x02", b"ID3\x03", b"ID3\x04", b"bext", b"iXML"),
    *(b"_PMX", b"cue ", b"smpl", b"inst", b"JUNK", b"junk", b"PAD ", b"FLLR", b"fact"),
    *(b"PEAK", b"data", b"axml", b"chna", b"cart", b"SNDM", b"afsp", b"DISP", b"APET"),
    # Of AIFF and CAF.
    *(b"NAME", b"AUTH", b"(c) ", b"ANNO", b"COMT", b"MARK", b"INST", b"APPL", b"CHAN"),
    *(b"info", b"strg", b"pakt", b"kuki", b"chan", b"free", b"peak", b"uuid", b"mark"),
)
_LETTERS = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _"
)
_W64_TAIL = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"


class _Order(NamedTuple):
    """Format of a chunk's size, and to what number of bytes chunks are padded."""

    form: str
    padded: int


_LITTLE = {"WAV": _Order("<I", 2), "W64": _Order("<I", 8)}
_BIG = {"AIFF": _Order(">I", 2), "CAF": _Order(">q", 1)}


class Extent(NamedTuple):
    """The samples of a file: where its header places them and how long they are.

    ``form`` is the body of "fmt ", empty for AIFF and CAF. ``size`` counts the bytes of
    the chunk; ``remark`` tells what was assumed, to follow the file's name.
    """

    form: bytes
    chunk: DataChunk
    size: int
    remark: str = ""

    @property
    def is_mended(self) -> bool:
        """Whether the header states another size, and not the usual unknown one."""
        return self.chunk.size not in (self.size, 0xFFFFFFFF)


def find_extent(read_at: ReadAt, *, container: str, file_size: int) -> Extent | None:
    """Return where the samples of a file are; None if that is unknown.

    Parameters
    ----------
    read_at : callable
        ``read_at(offset, size)`` returns up to ``size`` bytes of the file.
    container : str
        Kind of file: ``"WAV"``, ``"W64"``, ``"AIFF"`` or ``"CAF"``.
    file_size : int
        Its bytes.
    """
    if container in ("WAV", "W64"):
        form, chunk = find_wave_chunks(
            read_at, container=container, file_size=file_size
        )
        if form is None or chunk is None:
            return None
        body = read_at(form.start, min(form.size, AHEAD))
        return _measure(read_at, body, chunk, _LITTLE[container], file_size)
    chunk = find_data_chunk(read_at, container=container, file_size=file_size)
    if chunk is None:
        return None
    return _measure(read_at, b"", chunk, _BIG[container], file_size)


def _measure(
    read_at: ReadAt, body: bytes, chunk: DataChunk, order: _Order, file_size: int
) -> Extent:
    available = max(file_size - chunk.start, 0)
    if chunk.size in (*UNKNOWN_SIZES, chunk.preamble):
        first = read_at(chunk.start + chunk.preamble, AHEAD)
        is_empty = chunk.size in (0, chunk.preamble) and starts_chunk(first, order.form)
        return Extent(body, chunk, chunk.preamble if is_empty else available)
    if chunk.size < available:
        behind = read_at(chunk.start + chunk.size, AHEAD)
        if are_samples(behind, -chunk.size % order.padded, order.form):
            remark = stale_text(chunk.size - chunk.preamble)
            return Extent(body, chunk, available, remark)
    return Extent(body, chunk, chunk.size)


def are_samples(behind: bytes, pad: int = 0, form: str = "<I") -> bool:
    """Return whether the samples go on behind their stated end.

    Parameters
    ----------
    behind : bytes
        The next `AHEAD` bytes, fewer at the end of the file.
    pad : int, default=0
        Bytes that would precede a chunk.
    form : str, default="<I"
        Format of the size of a chunk.
    """
    if len(behind) < _PADDING or not any(behind):
        return False
    return not any(starts_chunk(behind[start:], form) for start in {0, pad})


def starts_chunk(head: bytes, form: str = "<I") -> bool:
    """Return whether a chunk starts here, as far as its name and size can tell."""
    if head[4:16] == _W64_TAIL or head.startswith((*_KNOWN, b"TAG")):
        return True
    end = 4 + struct.calcsize(form)
    if len(head) < end or not _LETTERS.issuperset(head[:4]):
        return False
    (size,) = struct.unpack(form, head[4:end])
    return bool(0 <= size < _LARGEST_UNKNOWN)


def stale_text(size: int) -> str:
    """Return what was assumed of a file with samples behind their stated end."""
    return (
        f"has more samples than the {size} bytes that its header states, as after a "
        "crash of the recorder. All of them are used; save the file again to mend it."
    )
