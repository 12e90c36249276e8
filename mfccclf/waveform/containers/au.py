"""Sun and NeXT ``.au`` files: the header, and samples that need no decoder.

References
----------
The header is described in the manual page audio(4) of SunOS and in "NeXT/Sun soundfile
format": six 32-bit numbers (magic, data offset, data size, encoding, sample rate,
channels), then a text of any length, then the samples.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.extent import stale_text
from mfccclf.waveform.containers.source import (
    BLOCK_VALUES,
    AudioInfo,
    Waveform,
    check_header,
)
from mfccclf.waveform.paths import printable

__all__ = [
    "HEADER_SIZE",
    "UNKNOWN_SIZE",
    "AuHeader",
    "LinearAuSource",
    "parse_au_header",
]

HEADER_SIZE = 24
UNKNOWN_SIZE = 0xFFFFFFFF

# Encoding code: libsndfile's name, bytes per sample, NumPy type if there is one.
_ENCODINGS = {
    1: ("ULAW", Fraction(1), ""),
    2: ("PCM_S8", Fraction(1), "i1"),
    3: ("PCM_16", Fraction(2), "i2"),
    4: ("PCM_24", Fraction(3), ""),
    5: ("PCM_32", Fraction(4), "i4"),
    6: ("FLOAT", Fraction(4), "f4"),
    7: ("DOUBLE", Fraction(8), "f8"),
    23: ("G721_32", Fraction(1, 2), ""),
    25: ("G723_24", Fraction(3, 8), ""),
    26: ("G723_40", Fraction(5, 8), ""),
    27: ("ALAW", Fraction(1), ""),
}


@dataclass(frozen=True)
class AuHeader:
    """The header of an ``.au`` file, checked against the file's true size.

    ``n_samples`` is the number of samples per channel in the file, ``declared`` the
    number in the header (None if it leaves that open). ``dtype`` is empty for coded
    samples. ``remark`` tells what was assumed.
    """

    byte_order: str
    data_offset: int
    encoding: str
    dtype: str
    sample_rate: int
    n_channels: int
    n_samples: int
    declared: int | None
    declared_size: int
    remark: str = ""

    def is_true(self, file_size: int) -> bool:
        """Return whether the samples end where the header states."""
        available = file_size - self.data_offset
        return 0 < self.declared_size <= available and not self.remark

    def extended(self, file_size: int) -> AuHeader:
        """Return the header of a file whose samples go on behind their stated end."""
        widths = {name: width for name, width, _ in _ENCODINGS.values()}
        frame_size = widths[self.encoding] * self.n_channels
        n_samples = (file_size - self.data_offset) / frame_size
        remark = stale_text(self.declared_size)
        return replace(self, n_samples=int(n_samples), remark=remark)

    @property
    def end(self) -> int:
        """Byte behind the samples that the header states; 0 if it leaves that open."""
        return 0 if self.declared is None else self.data_offset + self.declared_size


def parse_au_header(head: bytes, *, file_size: int, path: str) -> AuHeader:
    """Return the header in the first 24 bytes, or raise if it cannot be true.

    A data size of 0 before data means "unknown": writers leave it when they cannot go
    back to fill it in.
    """
    name = printable(path)
    if len(head) < HEADER_SIZE:
        raise AudioFileError(
            f"{name} ends inside its header ({len(head)} of {HEADER_SIZE} bytes). "
            "Create the file again."
        )
    order = ">" if head.startswith(b".snd") else "<"
    offset, size, code, rate, channels = struct.unpack(f"{order}5I", head[4:24])
    _check_fields(name, offset, code, file_size)
    check_header(name, rate, channels)
    encoding, width, dtype = _ENCODINGS[code]
    bytes_per_sample = width * channels
    available = max(file_size - offset, 0)
    is_open = size == UNKNOWN_SIZE or size == 0
    return AuHeader(
        byte_order=order,
        data_offset=offset,
        encoding=encoding,
        dtype=order + dtype if dtype else "",
        sample_rate=rate,
        n_channels=channels,
        n_samples=int(
            (available if is_open else min(size, available)) / bytes_per_sample
        ),
        declared=None if is_open else int(size / bytes_per_sample),
        declared_size=size,
    )


def _check_fields(name: str, offset: int, code: int, file_size: int) -> None:
    if offset < HEADER_SIZE:
        raise AudioFileError(
            f"{name} places its samples at byte {offset}, inside its own header of "
            f"{HEADER_SIZE} bytes. Create the file again."
        )
    if offset > file_size:
        raise AudioFileError(
            f"{name} places its samples at byte {offset}, past its end at byte "
            f"{file_size}. It is cut short or damaged. Create the file again."
        )
    if code not in _ENCODINGS:
        accepted = ", ".join(str(number) for number in _ENCODINGS)
        raise AudioFileError(
            f"{name} has the unknown encoding {code} in its header. The encodings "
            f"{accepted} of AU files are accepted. Save it as 16-bit PCM."
        )


class LinearAuSource:
    """Samples of an ``.au`` file that NumPy reads as they are.

    libsndfile gives the same numbers, but takes several times as long if bytes have to
    be swapped.
    """

    slack = 0
    unfinished = False
    remark = ""

    def __init__(self, file: BinaryIO, header: AuHeader, *, path: str) -> None:
        self._file = file
        self._header = header
        self.remark = header.remark
        self.declared = header.declared
        self.info = AudioInfo(
            path=path,
            container="AU",
            encoding=header.encoding,
            sample_rate=header.sample_rate,
            n_channels=header.n_channels,
            n_samples=header.n_samples,
        )

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), ``count`` samples from ``start``."""
        header = self._header
        dtype = np.dtype(header.dtype)
        left = max(header.n_samples - start, 0)
        left = left if count is None else min(left, count)
        step = max(1, BLOCK_VALUES // header.n_channels)
        frame_size = dtype.itemsize * header.n_channels
        self._file.seek(header.data_offset + start * frame_size, os.SEEK_SET)
        while left > 0:
            data = self._file.read(min(step, left) * frame_size)
            n_read = len(data) // frame_size
            if not n_read:
                return
            values = np.frombuffer(data[: n_read * frame_size], dtype)
            yield _as_float(values).reshape(n_read, header.n_channels)
            left -= n_read

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _as_float(values: np.ndarray) -> Waveform:
    if values.dtype.kind == "f":
        # A double beyond float32 becomes infinite, which the caller reports, as NaN.
        with np.errstate(over="ignore", invalid="ignore"):
            return values.astype(np.float32)
    full_scale = np.float32(2.0 ** (8 * values.dtype.itemsize - 1))
    waveform = values.astype(np.float32)
    waveform /= full_scale
    return waveform
