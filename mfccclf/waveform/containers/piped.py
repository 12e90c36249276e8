"""Sound that arrives through a pipe: read while it is still being recorded.

WAV, AU and samples without a header are plain enough to be read as they come, whatever
length their header claims; FLAC is decoded as it comes. All else is stored first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.au import HEADER_SIZE, AuHeader, parse_au_header
from mfccclf.waveform.containers.forward import read_exactly
from mfccclf.waveform.containers.source import (
    AudioInfo,
    AudioSource,
    Waveform,
    check_header,
)
from mfccclf.waveform.paths import printable
from mfccclf.waveform.raw import RawFormat

__all__ = ["PlainSource", "open_piped"]

_STEP = 2**20
# Sizes from here on are what programs write that cannot go back to the header.
_STREAMED_SIZE = 0x7FFFF000
_MAX_CHUNKS = 1000
_MAX_FORMAT_SIZE = 4096
_WAV_TAGS = {
    (1, 8): "u8",
    (1, 16): "s16le",
    (1, 24): "s24le",
    (1, 32): "s32le",
    (3, 32): "f32le",
    (3, 64): "f64le",
    (6, 8): "alaw",
    (7, 8): "mulaw",
}
_EXTENSIBLE = 0xFFFE
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
    """Return what reads this container as it arrives; None if nothing does.

    Parameters
    ----------
    file : ForwardFile
        The stream, at its start; where None is returned it has to go back there.
    path : str
        What to call it in messages.
    container : str
        Kind of file by its content.
    """
    if container == "WAV":
        return _open_wav(file, path)
    if container == "AU":
        return _open_au(file, path)
    return FlacStream(file, path=path) if container == "FLAC" else None


class PlainSource:
    """Samples of a known format, from the file's current place on.

    ``size`` is the number of bytes that the header speaks of, None for all there are;
    ``step`` that to read at a time.
    """

    slack = 0
    unfinished = False

    def __init__(
        self,
        file: BinaryIO,
        layout: RawFormat,
        *,
        path: str,
        container: str = "RAW",
        size: int | None = None,
        step: int = _STEP,
    ) -> None:
        self._file = file
        self._layout = layout
        self._step = step
        self._start = file.tell()
        self.promised = None if size is None else size // layout.frame_size
        self.info = AudioInfo(
            path=path,
            container=container,
            encoding=layout.subtype,
            sample_rate=layout.sample_rate,
            n_channels=layout.n_channels,
            n_samples=self.promised,
        )

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), ``count`` samples from ``start``."""
        frame_size = self._layout.frame_size
        left = None if self.promised is None else max(self.promised - start, 0)
        if count is not None:
            left = count if left is None else min(left, count)
        self._file.seek(self._start + start * frame_size)
        rest = b""
        while left is None or left > 0:
            step = self._step if left is None else min(self._step, left * frame_size)
            block, rest = self._read(step, rest)
            if block is None:
                return
            yield block
            left = None if left is None else left - len(block)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, step: int, rest: bytes) -> tuple[Waveform | None, bytes]:
        """Read some ``step`` bytes and decode whole samples; return what is over.

        None stands for the end. The bytes are let go of here: what comes next then gets
        the same memory.
        """
        data, frame_size = rest, self._layout.frame_size
        while len(data) < frame_size:
            more = self._file.read(step)
            if not more:
                return None, b""
            data += more
        whole = len(data) // frame_size * frame_size
        return self._layout.decode(data[:whole]), data[whole:]


class FlacStream:
    """FLAC decoded while it arrives."""

    slack = 0
    unfinished = False

    def __init__(self, file: Any, *, path: str) -> None:
        self._file = file
        self._name = printable(path)
        self._sound = _open_forward(file, self._name)
        n_samples = int(self._sound.frames)
        self.promised = n_samples if 0 < n_samples < 2**36 - 1 else None
        self.info = AudioInfo(
            path=path,
            container="FLAC",
            encoding=self._sound.subtype,
            sample_rate=self._sound.samplerate,
            n_channels=self._sound.channels,
            n_samples=self.promised,
        )

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels); only from the start to the end."""
        import soundfile

        step = max(1, self.info.sample_rate // 10)
        n_read = 0
        block = None
        while block is None or len(block) == step:
            try:
                block = self._sound.read(step, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as exc:
                at = n_read / self.info.sample_rate
                text = f"{self._name} is damaged after {at:.3f} s. Record it again."
                raise AudioFileError(text) from exc
            n_read += len(block)
            if len(block):
                yield block

    def close(self) -> None:
        """Close the decoder."""
        self._sound.close()
        self._file.close()


def _open_forward(file: Any, name: str) -> Any:
    import soundfile

    class ForwardSound(soundfile.SoundFile):  # type: ignore[misc]
        """Sound that soundfile shall not move about in."""

        def seekable(self) -> bool:
            return False

    try:
        return ForwardSound(file)
    except (soundfile.LibsndfileError, OSError) as exc:
        text = f"{name} starts like FLAC but its header is damaged. Record it again."
        raise AudioFileError(text) from exc


def _open_au(file: Any, path: str) -> AudioSource | None:
    head = read_exactly(file, HEADER_SIZE)
    # No more is known of the file's size than that it reaches beyond any header.
    header = parse_au_header(head, file_size=2**62, path=path)
    encoding = _au_encoding(header)
    if encoding is None:
        return None
    file.seek(header.data_offset)
    layout = RawFormat(header.sample_rate, encoding, header.n_channels)
    is_open = header.promised is None
    size = None if is_open else header.declared_size
    return PlainSource(file, layout, path=path, container="AU", size=size)


def _au_encoding(header: AuHeader) -> str | None:
    encoding = _AU_ENCODINGS.get(header.encoding)
    if encoding and header.byte_order == "<":
        return encoding.replace("be", "le")
    return encoding


def _open_wav(file: Any, path: str) -> AudioSource | None:
    if read_exactly(file, 12)[:4] == b"RIFX":
        return None
    layout, long_size = None, None
    for _ in range(_MAX_CHUNKS):
        header = read_exactly(file, 8)
        if len(header) < 8:
            break
        key, size = header[:4], struct.unpack("<I", header[4:])[0]
        if key == b"data":
            if layout is None:
                return None
            size = size if long_size is None else long_size
            is_open = size == 0 or (size >= _STREAMED_SIZE and long_size is None)
            known = None if is_open else size
            return PlainSource(file, layout, path=path, container="WAV", size=known)
        after = file.tell() + size + size % 2
        if key == b"fmt ":
            layout = _wav_layout(read_exactly(file, min(size, _MAX_FORMAT_SIZE)), path)
        elif key == b"ds64":
            long_size = _long_size(read_exactly(file, 16))
        file.seek(after)
    text = f"{printable(path)} ends before its samples. Record it again."
    raise AudioFileError(text)


def _long_size(body: bytes) -> int | None:
    """Return the bytes of samples of an RF64 file, None where it leaves them open."""
    (size,) = struct.unpack("<8xQ", body.ljust(16, b"\0"))
    return size if 0 < size < 2**62 else None


def _wav_layout(body: bytes, path: str) -> RawFormat | None:
    if len(body) < 16:
        return None
    tag, n_channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
    if tag == _EXTENSIBLE and len(body) >= 26:
        (tag,) = struct.unpack("<H", body[24:26])
    check_header(printable(path), rate, n_channels)
    encoding = _WAV_TAGS.get((tag, bits))
    return None if encoding is None else RawFormat(rate, encoding, n_channels)
