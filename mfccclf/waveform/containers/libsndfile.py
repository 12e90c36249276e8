"""Sound files read by libsndfile."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.au import UNKNOWN_SIZE, AuHeader
from mfccclf.waveform.containers.chunks import (
    UNKNOWN_SIZES,
    DataChunk,
    find_data_chunk,
    ogg_is_unfinished,
)
from mfccclf.waveform.containers.extent import Extent
from mfccclf.waveform.containers.patched_file import LateFile, PatchedFile
from mfccclf.waveform.containers.source import (
    BLOCK_VALUES,
    AudioInfo,
    Waveform,
    check_header,
)
from mfccclf.waveform.paths import file_size, printable, read_at

__all__ = ["ForeignCodingError", "SoundfileSource"]

# libsndfile's number of samples if a header leaves it open.
_OPEN_LENGTH = 2**62
_LARGEST = {"<I": 2**32 - 1, ">I": 2**32 - 1, "<Q": 2**62, ">q": 2**62}
# An MPEG file's own count is sometimes wrong by a few frames of samples.
_MP3_SLACK = 4 * 1152


# libsndfile's numbers of failures that tell of a coding, not of damage: one that it
# does not support, and FLAC in Ogg as others write it.
_FOREIGN = {("CAF", 4), ("WAV", 4), ("W64", 4), ("AIFF", 4), ("Ogg", 4), ("Ogg", 161)}


class ForeignCodingError(AudioFileError):
    """A sound file in a coding that libsndfile does not support."""


class SoundfileSource:
    """A sound file opened with libsndfile.

    libsndfile gets the file without its name: from the name it would guess, and take
    any bytes in a file ``*.au`` for mu-law sound.
    """

    remark = ""

    def __init__(
        self,
        file: BinaryIO,
        *,
        path: str,
        container: str,
        au_header: AuHeader | None = None,
        extent: Extent | None = None,
        start: int = 0,
    ) -> None:
        self._file = file
        self._name = printable(path)
        self._container = container
        self._file_size = file_size(file)
        read = partial(read_at, file)
        size = self._file_size
        chunk = find_data_chunk(read, container=container, file_size=size)
        self.unfinished = container == "Ogg" and ogg_is_unfinished(read, size)
        self.remark = (extent or au_header or self).remark
        self._prepared_file = self._prepared(chunk, au_header, extent, start)
        self._sound = self._open(self._prepared_file)
        self._position = 0
        self._check_sound()
        is_mpeg = self._sound.subtype.startswith("MPEG_LAYER")
        self.slack = _MP3_SLACK if is_mpeg else 0
        self.declared = self._count_declared(chunk, au_header)
        self.info = AudioInfo(
            path=path,
            container=container,
            encoding=self._sound.subtype,
            sample_rate=self._sound.samplerate,
            n_channels=self._sound.channels,
            n_samples=self._count_samples(),
        )

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), ``count`` samples from ``start``."""
        left = max(self._sound.frames - start, 0)
        left = left if count is None else min(left, count)
        n_skip = self._go_to(start) if left else 0
        left += n_skip
        step = max(1, BLOCK_VALUES // self._sound.channels)
        while left > 0:
            size = min(step, left)
            block = self._read(size)
            left -= len(block)
            if n_skip < len(block):
                yield block[n_skip:]
            n_skip = max(n_skip - len(block), 0)
            if len(block) < size:
                return

    def close(self) -> None:
        """Close the file."""
        self._sound.close()
        self._file.close()

    def _prepared(
        self,
        chunk: DataChunk | None,
        au_header: AuHeader | None,
        extent: Extent | None,
        start: int,
    ) -> BinaryIO | PatchedFile | LateFile:
        """Return the file, with the true size in its header if libsndfile needs it."""
        if start:
            return LateFile(self._file, start)
        if extent is not None:
            own = 24 if self._container == "W64" else 0  # counts its own header
            stated = min(extent.size, _LARGEST[extent.chunk.size_format]) + own
            patch = struct.pack(extent.chunk.size_format, stated)
            position = extent.chunk.size_field
            return PatchedFile(self._file, position=position, patch=patch)
        if au_header is not None and not au_header.is_true(self._file_size):
            patch = struct.pack(f"{au_header.byte_order}I", UNKNOWN_SIZE)
            return PatchedFile(self._file, position=8, patch=patch)
        if chunk is not None and self._container == "CAF":
            available = self._file_size - chunk.start
            if chunk.size > available >= 0:
                patch = struct.pack(chunk.size_format, available)
                return PatchedFile(self._file, position=chunk.size_field, patch=patch)
        return self._file

    def _open(self, file: BinaryIO | PatchedFile | LateFile) -> Any:
        file.seek(0)
        # A file descriptor avoids a call back to Python per buffer; on Windows
        # descriptors cannot be passed from one C runtime to another.
        in_memory = isinstance(file, io.BytesIO)
        is_plain = file is self._file and os.name == "posix" and not in_memory
        try:
            if is_plain:
                os.lseek(self._file.fileno(), 0, os.SEEK_SET)
                return soundfile.SoundFile(self._file.fileno(), closefd=False)
            return soundfile.SoundFile(file)
        except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError) as exc:
            raise self._damaged(exc) from exc

    def _damaged(self, exc: Exception) -> AudioFileError:
        reason = getattr(exc, "error_string", str(exc)).strip().rstrip(".")
        loss = "It is cut short. " if self.unfinished else ""
        is_foreign = (self._container, getattr(exc, "code", None)) in _FOREIGN
        kind = ForeignCodingError if is_foreign else AudioFileError
        return kind(
            f"{self._name} starts like {self._container} but cannot be read: its "
            f"header or data are damaged, or its encoding is unknown (libsndfile says: "
            f"{reason}). {loss}Create the file again, or save it as 16-bit WAV."
        )

    def _check_sound(self) -> None:
        try:
            check_header(self._name, self._sound.samplerate, self._sound.channels)
            if self._sound.format == "RAW":
                raise AudioFileError(f"{self._name} is not a known kind of sound file.")
        except AudioFileError:
            self._sound.close()
            raise

    def _count_declared(
        self, chunk: DataChunk | None, au_header: AuHeader | None
    ) -> int | None:
        frames = self._count_samples()
        if au_header is not None:
            return au_header.declared
        if chunk is None or not frames or chunk.size in UNKNOWN_SIZES:
            return frames
        claimed = chunk.size - chunk.preamble
        available = self._file_size - chunk.start - chunk.preamble
        if claimed <= available:
            return frames
        # Whole bytes per frame if there are any: exact for plain samples.
        bytes_per_frame = available // frames or available / frames
        return int(claimed / bytes_per_frame)

    def _count_samples(self) -> int | None:
        frames = int(self._sound.frames)
        return frames if frames < _OPEN_LENGTH else None

    def _go_to(self, start: int) -> int:
        """Move to a sample or to the start; return how many samples remain to skip."""
        if self._position == start:
            return 0
        if self._sound.seekable():
            try:
                self._position = int(self._sound.seek(start))
            except soundfile.LibsndfileError as exc:
                raise self._damaged(exc) from exc
        elif self._position > 0:
            self._sound.close()
            self._sound = self._open(self._prepared_file)
            self._position = 0
        return start - self._position

    def _read(self, size: int) -> Waveform:
        # Plain 16-bit samples come several times faster unconverted, and scale exactly.
        if self._sound.subtype == "PCM_16" and self._container != "FLAC":
            out = np.empty((size, self._sound.channels), np.int16)
            scale = np.float32(2**-15)
            block: Waveform = np.multiply(self._fill(out), scale, dtype=np.float32)
        else:
            out = np.full((size, self._sound.channels), np.nan, np.float32)
            block = self._fill(out)
        self._position += len(block)
        return block

    def _fill(self, out: NDArray[Any]) -> NDArray[Any]:
        """Read into ``out`` and return the part of it that was filled."""
        try:
            block: NDArray[Any] = self._sound.read(out=out)
        except soundfile.LibsndfileError as exc:
            # It does not tell how far it came, but later samples are still NaN.
            is_left = ~np.isfinite(out[:, 0])
            n_read = int(np.argmax(is_left)) if is_left.any() else 0
            if n_read == 0 and self._position == 0:
                raise self._damaged(exc) from exc
            return out[:n_read]
        return block
