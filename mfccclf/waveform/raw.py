"""Samples without a header, as recorders and FFmpeg write them to pipes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mfccclf._validation import check_choice, check_int
from mfccclf.waveform.containers.source import Waveform

__all__ = ["RawFormat"]


class _Coding(NamedTuple):
    """libsndfile's names for an encoding and its byte order, and bytes per sample."""

    subtype: str
    endian: str
    width: int


# Keys are FFmpeg's names.
_CODINGS: Mapping[str, _Coding] = {
    "s16le": _Coding("PCM_16", "LITTLE", 2),
    "s16be": _Coding("PCM_16", "BIG", 2),
    "s24le": _Coding("PCM_24", "LITTLE", 3),
    "s24be": _Coding("PCM_24", "BIG", 3),
    "s32le": _Coding("PCM_32", "LITTLE", 4),
    "s32be": _Coding("PCM_32", "BIG", 4),
    "f32le": _Coding("FLOAT", "LITTLE", 4),
    "f32be": _Coding("FLOAT", "BIG", 4),
    "f64le": _Coding("DOUBLE", "LITTLE", 8),
    "f64be": _Coding("DOUBLE", "BIG", 8),
    "s8": _Coding("PCM_S8", "LITTLE", 1),
    "u8": _Coding("PCM_U8", "LITTLE", 1),
    "mulaw": _Coding("ULAW", "LITTLE", 1),
    "alaw": _Coding("ALAW", "LITTLE", 1),
}


@dataclass(frozen=True)
class RawFormat:
    """How samples without a header are stored.

    Parameters
    ----------
    sample_rate : int
        Samples per second and channel, in Hz.
    encoding : str, default="s16le"
        FFmpeg's name: s16le, s24le, s32le, f32le, f64le, the same with "be" instead of
        "le", s8, u8, mulaw or alaw.
    n_channels : int, default=1
        Number of channels; their samples alternate.

    Raises
    ------
    ValueError
        If a value is out of range.
    TypeError
        If a value is of the wrong type.

    Examples
    --------
    >>> from mfccclf.waveform import RawFormat
    >>> RawFormat(16000).decode(bytes([0, 0, 0, 64])).tolist()
    [[0.0], [0.5]]
    """

    sample_rate: int
    encoding: str = "s16le"
    n_channels: int = 1

    def __post_init__(self) -> None:
        """Check the values."""
        check_int(
            "sample_rate", self.sample_rate, minimum=1000, maximum=2**21, owner=self
        )
        check_choice("encoding", self.encoding, _CODINGS, owner=self)
        check_int("n_channels", self.n_channels, minimum=1, maximum=1024, owner=self)

    @property
    def subtype(self) -> str:
        """Libsndfile's name for the encoding, such as ``"PCM_16"``."""
        return _CODINGS[self.encoding].subtype

    @property
    def frame_size(self) -> int:
        """Bytes per sample of all channels."""
        return _CODINGS[self.encoding].width * self.n_channels

    def decode(self, data: bytes) -> Waveform:
        """Turn bytes that hold whole samples of all channels into a block.

        Parameters
        ----------
        data : bytes
            A multiple of ``frame_size``.

        Returns
        -------
        block : float32 ndarray of shape (n_samples, n_channels)
            Amplitude between -1 and 1.
        """
        if self.encoding == "s16le":  # the most common, several times faster this way
            values = np.frombuffer(data, "<i2").reshape(-1, self.n_channels)
            scaled: Waveform = np.multiply(values, np.float32(2**-15), dtype=np.float32)
            return scaled
        import soundfile

        coding = _CODINGS[self.encoding]
        block: Waveform
        block, _ = soundfile.read(
            io.BytesIO(data),
            dtype="float32",
            always_2d=True,
            samplerate=self.sample_rate,
            channels=self.n_channels,
            format="RAW",
            subtype=coding.subtype,
            endian=coding.endian,
        )
        return block
