"""Change the sample rate as librosa does by default: soxr's high quality."""

from __future__ import annotations

import atexit
import math
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mfccclf.waveform._source import Waveform

if TYPE_CHECKING:
    import soxr

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
    resampler = _resampler(from_rate, to_rate, threading.get_ident())
    resampler.clear()
    samples = np.asarray(waveform, dtype=np.float32)
    resampled = resampler.resample_chunk(samples, last=True)
    length = resampled_length(len(waveform), from_rate=from_rate, to_rate=to_rate)
    return fix_length(resampled, length)


# A filter takes longer to make than a short clip to resample. It has a state, so
# threads do not share it.
@lru_cache(maxsize=8)
def _resampler(from_rate: int, to_rate: int, thread: int) -> soxr.ResampleStream:
    import soxr

    return soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="HQ")


# Else its library reports at the end of the process what was kept.
atexit.register(_resampler.cache_clear)
