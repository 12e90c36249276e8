"""Change the sample rate as librosa does by default: soxr's high quality."""

from __future__ import annotations

import math

import numpy as np

from mfccclf.waveform._source import Waveform

__all__ = ["fix_length", "resample", "resampled_length"]


def resampled_length(n_samples: int, *, from_rate: int, to_rate: int) -> int:
    """Return the number of samples after resampling: librosa's, rounded upwards."""
    return math.ceil(n_samples * (float(to_rate) / from_rate))


def fix_length(waveform: Waveform, n_samples: int) -> Waveform:
    """Cut a waveform, or fill it with zeros, to ``n_samples``."""
    if len(waveform) < n_samples:
        return np.pad(waveform, (0, n_samples - len(waveform)))
    return waveform[:n_samples]


def resample(waveform: Waveform, *, from_rate: int, to_rate: int) -> Waveform:
    """Return the waveform at another rate."""
    if from_rate == to_rate:
        return waveform
    import soxr

    resampled = soxr.resample(waveform, from_rate, to_rate, quality="HQ")
    length = resampled_length(len(waveform), from_rate=from_rate, to_rate=to_rate)
    return fix_length(resampled, length)
