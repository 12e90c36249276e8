"""Sound that arrives through a pipe: read while it is still being recorded.

WAV and AU are plain enough to be read as they arrive, whatever length their header
declares; FLAC is decoded as it arrives. All others are stored first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.au import HEADER_SIZE, AuHeader, parse_au_header
from mfccclf.waveform.containers.extent import starts_chunk
from mfccclf.waveform.containers.flac_stream import FlacStream
from mfccclf.waveform.containers.forward import read_exactly
from mfccclf.waveform.containers.plain_samples import PlainSource
from mfccclf.waveform.containers.source import AudioSource
from mfccclf.waveform.containers.wave_format import parse_wave_format
from mfccclf.waveform.paths import printable
from mfccclf.waveform.raw import RawFormat

__all__ = ["open_piped"]

# Programs that cannot go back to the header declare sizes from here on.
_STREAMED_SIZE = 0x7FFFF000
_MAX_CHUNKS = 1000
_MAX_FORMAT_SIZE = 4096
_AU_ENCODINGS = {
    "ULAW": "mulaw",
    "PCM_S8": "s8",
    "PCM_16": "s16be",
    "PCM_24": "s24be",
    "PCM_32": "s32be",
    "FLOAT": "f32be",
    "DOUBLE": "f64be",
    "ALAW": "alaw",
}


def open_piped(file: Any, *, path: str, container: str) -> AudioSource | None:
    """Return a reader for this container as it arrives; None if there is none.

    Parameters
    ----------
    file : ForwardFile
        The stream, at its start; move it back there if None is returned.
    path : str
        What to call it in messages.
    container : str
        Kind of file, found from its content.
    """
    if container == "WAV":
        return _open_wav(file, path)
    if container == "AU":
        return _open_au(file, path)
    return FlacStream(file, path=path) if container == "FLAC" else None


def _open_au(file: Any, path: str) -> AudioSource | None:
    head = read_exactly(file, HEADER_SIZE)
    # The file's size is unknown; it reaches beyond any header.
    header = parse_au_header(head, file_size=2**62, path=path)
    encoding = _au_encoding(header)
    if encoding is None:
        return None
    file.seek(header.data_offset)
    layout = RawFormat(header.sample_rate, encoding, header.n_channels)
    is_open = header.declared is None
    size = None if is_open else header.declared_size
    return PlainSource(file, layout, path=path, container="AU", size=size, is_live=True)


def _au_encoding(header: AuHeader) -> str | None:
    encoding = _AU_ENCODINGS.get(header.encoding)
    if encoding and header.byte_order == "<":
        return encoding.replace("be", "le")
    return encoding


def _open_wav(file: Any, path: str) -> AudioSource | None:
    if read_exactly(file, 12)[:4] == b"RIFX":
        return None
    layout, long_size = None, None
    for key, size in _iter_chunks(file):
        if key == b"data":
            if layout is None:
                return None
            known = _data_size(file, size, long_size)
            return PlainSource(
                file, layout, path=path, container="WAV", size=known, is_live=True
            )
        if key == b"fmt ":
            body = read_exactly(file, min(size, _MAX_FORMAT_SIZE))
            layout = parse_wave_format(body, path)
        elif key == b"ds64":
            long_size = _long_size(read_exactly(file, 16))
    text = f"{printable(path)} ends before its samples. Record it again."
    raise AudioFileError(text)


def _iter_chunks(file: Any) -> Iterator[tuple[bytes, int]]:
    """Yield name and size of each chunk, with the file at the chunk's content."""
    for _ in range(_MAX_CHUNKS):
        header = read_exactly(file, 8)
        if len(header) < 8:
            return
        (size,) = struct.unpack("<I", header[4:])
        end = file.tell() + size + size % 2
        yield header[:4], size
        file.seek(end)


def _data_size(file: Any, size: int, long_size: int | None) -> int | None:
    """Return the bytes of samples, which come next; None for all there are."""
    if long_size is not None:
        return long_size
    if size:
        return None if size >= _STREAMED_SIZE else size
    start = file.tell()
    is_empty = starts_chunk(read_exactly(file, 8))
    file.seek(start)
    return 0 if is_empty else None


def _long_size(body: bytes) -> int | None:
    """Return the bytes of samples of an RF64 file; None if it leaves them open."""
    (size,) = struct.unpack("<8xQ", body.ljust(16, b"\0"))
    return size if 0 < size < 2**62 else None
