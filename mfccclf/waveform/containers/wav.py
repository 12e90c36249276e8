"""WAV files of 16-bit samples, the most common kind, read without a decoder.

libsndfile gives the same numbers, but opening a file with it takes longer than reading
a short clip. Anything unusual is left to libsndfile.

References
----------
IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
"""

from __future__ import annotations

import os
import struct
from functools import partial
from typing import BinaryIO

from mfccclf.waveform.containers.chunks import iff_chunks
from mfccclf.waveform.containers.plain_samples import PlainSource
from mfccclf.waveform.containers.source import BLOCK_VALUES, is_plausible
from mfccclf.waveform.paths import read_at
from mfccclf.waveform.raw import RawFormat

__all__ = ["open_plain_wav"]

_PCM, _BITS = 1, 16


def open_plain_wav(file: BinaryIO, path: str) -> PlainSource | None:
    """Return a reader for an intact WAV file of 16-bit samples; None for all others."""
    if read_at(file, 0, 4) != b"RIFF":
        return None
    file_size = os.fstat(file.fileno()).st_size
    chunks = iff_chunks(partial(read_at, file), 12, "<I", file_size)
    wanted = [(name, chunk) for name, chunk in chunks if name in (b"fmt ", b"data")]
    if [name for name, _ in wanted] != [b"fmt ", b"data"]:
        return None
    (_, form), (_, data) = wanted
    layout = _parse_layout(read_at(file, form.start, min(form.size, 16)))
    if layout is None or not 0 < data.size <= file_size - data.start:
        return None
    file.seek(data.start)
    step = _BITS // 8 * BLOCK_VALUES
    return PlainSource(
        file, layout, path=path, container="WAV", size=data.size, step=step
    )


def _parse_layout(body: bytes) -> RawFormat | None:
    if len(body) < 16:
        return None
    tag, n_channels, rate, _, frame_size, bits = struct.unpack("<HHIIHH", body)
    is_plain = (tag, bits) == (_PCM, _BITS) and frame_size == 2 * n_channels
    if not is_plain or not is_plausible(rate, n_channels):
        return None
    return RawFormat(rate, "s16le", n_channels)
