"""Leave out the silence before and after the sound, as librosa.effects.trim does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["trim_silence"]

# librosa's smallest amplitude told apart from 0.
_AMIN = 1e-5


def trim_silence(
    waveform: NDArray[np.float32],
    *,
    top_db: float,
    frame_length: int,
    hop_length: int,
    shortest: int,
) -> NDArray[np.float32]:
    """Return the stretch from the first to the last frame that is loud enough.

    Parameters
    ----------
    waveform : float32 ndarray of shape (n_samples,)
        At least ``shortest`` samples.
    top_db : float
        Frames this many dB below the loudest, and quieter ones, are silence.
    frame_length, hop_length : int
        Of the centred frames whose loudness is compared, in samples.
    shortest : int
        Samples to keep at least.

    Returns
    -------
    waveform : float32 ndarray of shape (n_kept,)
        A view of the waveform.
    """
    level = np.maximum(_frame_rms(waveform, frame_length, hop_length), _AMIN)
    loud = np.flatnonzero(20 * np.log10(level / level.max()) > -top_db)
    start = int(loud[0]) * hop_length
    end = min(len(waveform), (int(loud[-1]) + 1) * hop_length)
    start = max(0, min(start, len(waveform) - shortest))
    return waveform[start : max(end, start + shortest)]


def _frame_rms(
    waveform: NDArray[np.float32], frame_length: int, hop_length: int
) -> NDArray[np.float64]:
    power = np.square(waveform, dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    half = frame_length // 2
    n_frames = 1 + (len(waveform) + 2 * half - frame_length) // hop_length
    starts = np.arange(n_frames) * hop_length - half
    ends = np.minimum(starts + frame_length, len(waveform))
    totals = sums[ends] - sums[np.maximum(starts, 0)]
    rms: NDArray[np.float64] = np.sqrt(np.maximum(totals, 0.0) / frame_length)
    return rms
