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
)
_LETTERS = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _"
)
_W64_TAIL = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"


class Extent(NamedTuple):
    """The samples of a file: where its header places them and how long they are.

    ``size`` counts bytes; ``remark`` tells what was assumed, to follow the file's name.
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
    """Return where the samples of a WAV or W64 file are; None if that is unknown.

    Parameters
    ----------
    read_at : callable
        ``read_at(offset, size)`` returns up to ``size`` bytes of the file.
    container : str
        Kind of file, ``"WAV"`` or ``"W64"``.
    file_size : int
        Its bytes.
    """
    form, chunk = find_wave_chunks(read_at, container=container, file_size=file_size)
    if form is None or chunk is None:
        return None
    body = read_at(form.start, min(form.size, AHEAD))
    available = max(file_size - chunk.start, 0)
    end = chunk.start + chunk.size
    if chunk.size in UNKNOWN_SIZES:
        is_empty = not chunk.size and starts_chunk(read_at(chunk.start, 24))
        return Extent(body, chunk, 0 if is_empty else available)
    if chunk.size < available:
        pad = -chunk.size % (8 if container == "W64" else 2)
        if are_samples(read_at(end, AHEAD), pad):
            return Extent(body, chunk, available, stale_text(chunk.size))
    return Extent(body, chunk, chunk.size)


def are_samples(behind: bytes, pad: int = 0) -> bool:
    """Return whether the samples go on behind their stated end.

    Parameters
    ----------
    behind : bytes
        The next `AHEAD` bytes, fewer at the end of the file.
    pad : int, default=0
        Bytes that would precede a chunk.
    """
    if len(behind) < _PADDING or not any(behind):
        return False
    return not (starts_chunk(behind) or (pad and starts_chunk(behind[pad:])))


def starts_chunk(head: bytes) -> bool:
    """Return whether a chunk starts here, as far as its name and size can tell."""
    if head[4:16] == _W64_TAIL or head.startswith((*_KNOWN, b"TAG")):
        return True
    if len(head) < 8 or not _LETTERS.issuperset(head[:4]):
        return False
    (size,) = struct.unpack("<I", head[4:8])
    return bool(size < _LARGEST_UNKNOWN)


def stale_text(size: int) -> str:
    """Return what was assumed of a file with samples behind their stated end."""
    return (
        f"has more samples than the {size} bytes that its header states, as after a "
        "crash of the recorder. All of them are used; save the file again to mend it."
    )
