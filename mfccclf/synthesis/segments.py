"""Segments of recordings of any kind, with all their channels."""

from __future__ import annotations

from os import PathLike, fspath

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError
from mfccclf.waveform import open_source
from mfccclf.waveform.resampling import fix_length, resample

__all__ = ["read_segment"]

Wave = NDArray[np.float32]

# The end of a recording may be rounded up by this much.
_SLACK_S = 0.06


def read_segment(
    path: str | PathLike[str],
    start_s: float,
    duration_s: float,
    *,
    sample_rate: int,
    n_channels: int,
    gain_db: float = 0.0,
) -> Wave:
    """Read a segment of a recording at another rate.

    Parameters
    ----------
    path : path-like
        Audio or video file.
    start_s, duration_s : float
        Where it starts and how long it is, in seconds.
    sample_rate : int
        Rate of the result, in Hz.
    n_channels : int
        1 for the mean of all channels; 2 for stereo as it is, or the mean twice.
    gain_db : float, default=0.0
        Added to the level.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples, n_channels)
        ``duration_s`` long to the nearest sample.

    Raises
    ------
    AudioFileError
        If the file cannot be read, ends earlier, or has samples that are not finite.
    """
    wave, rate = _read(fspath(path), start_s, duration_s)
    louder = _set_channels(wave, n_channels) * 10 ** (gain_db / 20)
    resampled = [
        resample(np.ascontiguousarray(one), from_rate=rate, to_rate=sample_rate)
        for one in louder.astype(np.float32).T
    ]
    length = round(duration_s * sample_rate)
    return np.stack([fix_length(one, length) for one in resampled], axis=1)


def _read(name: str, start_s: float, duration_s: float) -> tuple[Wave, int]:
    with open_source(name) as audio:
        rate = audio.info.sample_rate
        start, count = round(start_s * rate), round(duration_s * rate)
        blocks = list(audio.blocks(start, count))
    wave = np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32)
    if len(wave) < count - max(_SLACK_S * rate, 1):
        raise AudioFileError(
            f"{name} ends at {start_s + len(wave) / rate:.3f} s, earlier than its "
            "header says. Copy it again, or use only what comes before."
        )
    if not np.isfinite(wave).all():
        raise AudioFileError(f"{name} has samples that are not finite. Repair it.")
    return wave, rate


def _set_channels(wave: Wave, n_channels: int) -> Wave:
    if wave.shape[1] == n_channels:
        return wave
    mean = wave.mean(axis=1, keepdims=True, dtype=np.float32)
    return np.repeat(mean, n_channels, axis=1)
