"""WAV files read without a decoder: the most common kind, and odd ones.

libsndfile gives the same numbers, but opening a file with it takes longer than reading
a short clip of 16-bit samples. Plain samples whose size is not what the header states,
or that stand too far behind for libsndfile, are read here as well.

References
----------
IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import BinaryIO

from mfccclf.waveform.containers.chunks import iff_chunks
from mfccclf.waveform.containers.extent import AHEAD, are_samples, find_extent
from mfccclf.waveform.containers.plain_samples import PlainSource
from mfccclf.waveform.containers.source import BLOCK_VALUES, AudioSource, is_plausible
from mfccclf.waveform.containers.wave_format import parse_wave_format
from mfccclf.waveform.paths import file_size, read_at
from mfccclf.waveform.raw import RawFormat

__all__ = ["open_odd_wave", "open_plain_wav"]

_PCM, _BITS = 1, 16
# libsndfile looks no further than this for samples.
_FAR = 2**16


def open_plain_wav(file: BinaryIO, path: str) -> PlainSource | None:
    """Return a reader for an intact WAV file of 16-bit samples; None for all others."""
    if read_at(file, 0, 4) != b"RIFF":
        return None
    size = file_size(file)
    chunks = iff_chunks(partial(read_at, file), 12, "<I", size)
    wanted = [(name, chunk) for name, chunk in chunks if name in (b"fmt ", b"data")]
    if [name for name, _ in wanted] != [b"fmt ", b"data"]:
        return None
    (_, form), (_, data) = wanted
    layout = _parse_layout(read_at(file, form.start, min(form.size, 16)))
    behind = size - data.start - data.size
    if layout is None or not data.size or behind < 0:
        return None
    if are_samples(read_at(file, data.start + data.size, AHEAD), data.size % 2):
        return None
    file.seek(data.start)
    step = _BITS // 8 * BLOCK_VALUES
    return PlainSource(
        file, layout, path=path, container="WAV", size=data.size, step=step
    )


def open_odd_wave(file: BinaryIO, path: str, container: str) -> AudioSource | None:
    """Return a reader for a file that libsndfile would misread; None for all others.

    Parameters
    ----------
    file : binary file object
        The file.
    path : str
        What to call it in messages.
    container : str
        Kind of file: ``"WAV"``, ``"W64"``, ``"AIFF"`` or ``"CAF"``.
    """
    read = partial(read_at, file)
    size = file_size(file)
    extent = find_extent(read, container=container, file_size=size)
    if extent is None or not (extent.is_mended or extent.chunk.start > _FAR):
        return None
    layout = parse_wave_format(extent.form, path)  # None for AIFF and CAF
    if layout is None and extent.is_mended:
        from mfccclf.waveform.containers.libsndfile import SoundfileSource

        return SoundfileSource(file, path=path, container=container, extent=extent)
    if layout is None:
        return None
    file.seek(extent.chunk.start)
    source = PlainSource(file, layout, path=path, container=container, size=extent.size)
    source.remark = extent.remark
    return source


def _parse_layout(body: bytes) -> RawFormat | None:
    if len(body) < 16:
        return None
    tag, n_channels, rate, _, frame_size, bits = struct.unpack("<HHIIHH", body)
    is_plain = (tag, bits) == (_PCM, _BITS) and frame_size == 2 * n_channels
    if not is_plain or not is_plausible(rate, n_channels):
        return None
    return RawFormat(rate, "s16le", n_channels)
