"""What is heard in one clip: its format, length and levels, and a hash of its sound."""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from mfccclf.waveform import AudioInfo, AudioSource, open_source

__all__ = ["ClipSound", "measure_sound"]

# From here on, a sample may have been cut off at full scale, which is 1.
_FULL_SCALE = 0.999


@dataclass(frozen=True, kw_only=True)
class ClipSound:
    """What is heard in one clip.

    Attributes
    ----------
    encoding : str
        Container and encoding, such as "WAV PCM_16".
    sample_rate : int
        In Hz.
    n_channels : int
        Channels.
    duration_s : float
        Length in seconds, counted, not as the header says.
    level_db, peak_db : float
        Root mean square and largest sample of all channels, in dB of full scale.
    clipped : float
        Share of the samples that lie in runs of three or more at full scale.
    sound : str
        SHA-256 of the decoded samples, the same in whatever lossless file they are.
    """

    encoding: str
    sample_rate: int
    n_channels: int
    duration_s: float
    level_db: float
    peak_db: float
    clipped: float
    sound: str


def measure_sound(path: str | PathLike[str]) -> ClipSound:
    """Decode a clip once, and measure it.

    Parameters
    ----------
    path : path-like
        Any clip that `mfccclf.load_waveform` reads.

    Returns
    -------
    sound : ClipSound
        What is heard in it.

    Raises
    ------
    AudioFileError
        If it cannot be read.
    """
    with open_source(os.fspath(path)) as source:
        return _measure(source, source.info)


def _measure(source: AudioSource, info: AudioInfo) -> ClipSound:
    digest = hashlib.sha256(f"{info.sample_rate} {info.n_channels}".encode())
    n_samples, n_clipped, peak, power = 0, 0, 0.0, 0.0
    for block in source.blocks(0, None):
        digest.update(np.ascontiguousarray(block, "<f4").tobytes())
        n_samples += len(block)
        n_clipped += _count_clipped(block)
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        power += float(np.square(block, dtype=np.float64).sum())
    n_values = max(n_samples * info.n_channels, 1)
    return ClipSound(
        encoding=f"{info.container} {info.encoding}".strip(),
        sample_rate=info.sample_rate,
        n_channels=info.n_channels,
        duration_s=n_samples / info.sample_rate,
        level_db=_decibels(math.sqrt(power / n_values)),
        peak_db=_decibels(peak),
        clipped=n_clipped / n_values,
        sound=digest.hexdigest(),
    )


def _count_clipped(block: NDArray[np.float32]) -> int:
    """Count the samples that lie in runs of three or more at full scale."""
    full = np.abs(block) >= _FULL_SCALE
    if not full.any():
        return 0
    run = full[:-2] & full[1:-1] & full[2:]
    clipped = np.zeros_like(full)
    for start in range(3):
        clipped[start : start + len(run)] |= run
    return int(clipped.sum())


def _decibels(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf
