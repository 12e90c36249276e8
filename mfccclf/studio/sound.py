"""Sound as the studio keeps it: plain WAV files, and outlines of them to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError
from mfccclf.waveform import AudioInfo, Waveform, open_source

__all__ = ["KeptSound", "outline", "read_sound"]

_LONGEST_S = 3600.0
_MOST_CHANNELS = 8
# Encodings with more than 16 bits, by what libsndfile and our readers call them.
_FINE = ("24", "32", "FLOAT", "DOUBLE", "64")
_OUTLINED = 56


@dataclass(frozen=True)
class KeptSound:
    """Sound with all of its channels.

    Attributes
    ----------
    samples : float32 ndarray of shape (n_samples, n_channels)
        Amplitude between -1 and 1.
    sample_rate : int
        In Hz.
    subtype : str, default="PCM_16"
        How a WAV file stores the samples, as soundfile names it.
    """

    samples: Waveform
    sample_rate: int
    subtype: str = "PCM_16"

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def mono(self) -> Waveform:
        """The mean of all channels."""
        mean: Waveform = self.samples.mean(axis=1, dtype=np.float32)
        return mean

    def part(self, start: int, end: int) -> KeptSound:
        """Return the samples from ``start`` to before ``end``."""
        return KeptSound(self.samples[start:end], self.sample_rate, self.subtype)

    def write(self, path: Path | IO[bytes]) -> None:
        """Write a WAV file."""
        soundfile.write(
            path, self.samples, self.sample_rate, format="WAV", subtype=self.subtype
        )


def read_sound(source: Any) -> KeptSound:
    """Read a sound file of any kind that data sets may hold.

    Parameters
    ----------
    source : path-like or binary file object
        As for `mfccclf.load_waveform`.

    Returns
    -------
    sound : KeptSound
        With the rate and the channels of the file.

    Raises
    ------
    AudioFileError
        If it cannot be read, is longer than an hour, or has more than 8 channels.
    """
    with _opened(source) as (info, blocks):
        if info.n_channels > _MOST_CHANNELS:
            raise AudioFileError(
                f"{info.path} has {info.n_channels} channels. At most "
                f"{_MOST_CHANNELS} are kept. Mix it down first."
            )
        samples = _gather(info, blocks)
    return KeptSound(samples, info.sample_rate, _subtype(info))


def outline(waveform: NDArray[Any]) -> list[int]:
    """Return the loudest sample of each of 56 parts of a clip, from 0 to 100."""
    if not len(waveform):
        return [0] * _OUTLINED
    edges = np.linspace(0, len(waveform), _OUTLINED, endpoint=False).astype(int)
    peaks = np.maximum.reduceat(np.abs(waveform), edges)
    shares: list[int] = np.minimum(100 * peaks, 100).round().astype(int).tolist()
    return shares


@contextmanager
def _opened(source: Any) -> Iterator[tuple[AudioInfo, Iterator[Waveform]]]:
    path = str(source) if isinstance(source, PathLike) else source
    with open_source(path) as opened:
        yield opened.info, opened.blocks(0, None)


def _gather(info: AudioInfo, blocks: Iterator[Waveform]) -> Waveform:
    parts, n_samples = [], 0
    for block in blocks:
        parts.append(block)
        n_samples += len(block)
        if n_samples > _LONGEST_S * info.sample_rate:
            raise AudioFileError(
                f"{info.path} is longer than an hour. Cut it first: "
                "'mfccclf dataset cut'."
            )
    if not n_samples:
        raise AudioFileError(f"{info.path} has no samples. Record it again.")
    samples = np.concatenate(parts)
    if not np.isfinite(samples).all():
        raise AudioFileError(
            f"{info.path} has samples that are not finite. Create the file again."
        )
    return samples


def _subtype(info: AudioInfo) -> str:
    if info.encoding in ("PCM_16", "PCM_24", "PCM_32", "FLOAT"):
        return info.encoding
    is_fine = any(mark in info.encoding.upper() for mark in _FINE)
    return "FLOAT" if is_fine else "PCM_16"
