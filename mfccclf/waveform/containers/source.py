"""What every reader of sound files has in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError

__all__ = [
    "BLOCK_VALUES",
    "AudioInfo",
    "AudioSource",
    "Waveform",
    "check_header",
    "is_plausible",
]

Waveform = NDArray[np.float32]

# Samples times channels decoded at a time: a clip of some seconds is read at once, and
# a header with a false length cannot claim the memory.
BLOCK_VALUES = 2**20

_MIN_RATE, _MAX_RATE = 1_000, 2_000_000
_MAX_CHANNELS = 1024


@dataclass(frozen=True)
class AudioInfo:
    """What a sound file states about itself.

    Attributes
    ----------
    path : str
        The file.
    container : str
        Kind of file by its content, such as ``"AU"``, ``"WAV"`` or ``"MP4"``.
    encoding : str
        How samples are stored, such as ``"PCM_16"``, ``"ULAW"`` or ``"aac"``.
    sample_rate : int
        Samples per second.
    n_channels : int
        Number of channels.
    n_samples : int or None
        Samples per channel; None if the file does not state it.
    """

    path: str
    container: str
    encoding: str
    sample_rate: int
    n_channels: int
    n_samples: int | None

    @property
    def duration_s(self) -> float | None:
        """Length in seconds; None if the file does not state it."""
        return None if self.n_samples is None else self.n_samples / self.sample_rate


class AudioSource(Protocol):
    """An open sound file.

    ``declared`` is the number of samples per channel that the header states, None if it
    states none. There may be up to ``slack`` fewer without any loss. ``unfinished``
    tells whether the mark at the file's end is missing. ``remark`` tells what was
    assumed of the file, to follow its name; it is empty if nothing was.
    """

    info: AudioInfo
    declared: int | None
    slack: int
    unfinished: bool
    remark: str

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), ``count`` samples from ``start``."""

    def close(self) -> None:
        """Close the file."""


def is_plausible(sample_rate: int, n_channels: int) -> bool:
    """Tell whether sound can have this rate and this number of channels."""
    return _MIN_RATE <= sample_rate <= _MAX_RATE and 1 <= n_channels <= _MAX_CHANNELS


def check_header(name: str, sample_rate: int, n_channels: int) -> None:
    """Raise if no sound can have this rate or this number of channels."""
    if not _MIN_RATE <= sample_rate <= _MAX_RATE:
        raise AudioFileError(
            f"{name} has a sample rate of {sample_rate} Hz in its header. Rates from "
            f"{_MIN_RATE} to {_MAX_RATE} Hz are accepted. Create the file again."
        )
    if not 1 <= n_channels <= _MAX_CHANNELS:
        raise AudioFileError(
            f"{name} has {n_channels} channels in its header. From 1 to "
            f"{_MAX_CHANNELS} channels are accepted. Create the file again."
        )
