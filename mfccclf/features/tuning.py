"""How far a recording's pitches lie from A = 440 Hz, as librosa estimates it.

The estimate is the highest bar of a histogram, and a rounding error can make another
bar the highest. So every step computes librosa's numbers in librosa's precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.arrays import Float32, fft_frequencies

_LOWEST_HZ = 150.0
_HIGHEST_HZ = 4000.0
_RELATIVE_THRESHOLD = 0.1
_A0_HZ = 440.0 / 16
_EDGES = np.linspace(-0.5, 0.5, 101)


def estimate_tunings(
    power: Float32, starts: Sequence[int], sample_rate: int, bins_per_octave: int
) -> list[float]:
    """Return the deviation of whole clips' pitches, in fractions of a chroma step.

    Parameters
    ----------
    power : float32 ndarray of shape (n_frames, n_bins)
        Power spectrogram of the clips, one after the other.
    starts : sequence of int
        First frame of each clip.
    sample_rate : int
        Samples per second.
    bins_per_octave : int
        Chroma steps per octave.

    Returns
    -------
    tunings : list of float
        Between -0.5 and 0.5 in steps of 0.01; 0 for a clip without any pitch.
    """
    frame, pitch, magnitude = _spectral_peaks(power, sample_rate)
    edges = [*frame.searchsorted(starts), len(frame)]
    clips = [slice(*pair) for pair in pairwise(edges)]
    return [_deviation(pitch[clip], magnitude[clip], bins_per_octave) for clip in clips]


def _deviation(pitch: Float32, magnitude: Float32, bins_per_octave: int) -> float:
    """Return the most frequent deviation among the louder half of the pitches."""
    if pitch.size == 0:
        return 0.0
    # Several times faster than indexing by the mask; the same holds below.
    pitch = np.compress(magnitude >= _median(magnitude), pitch)
    steps = bins_per_octave * np.log2(pitch / _A0_HZ)
    residual = steps - np.floor(steps)  # np.mod's value, in a tenth of its time
    residual -= residual >= 0.5
    return float(_EDGES[np.argmax(_histogram(residual))])


def _median(values: Float32) -> np.float32:
    """Return what `numpy.median` does, in a quarter of its time for few values."""
    middle = len(values) // 2
    if len(values) % 2:
        return np.float32(np.partition(values, middle)[middle])
    ordered = np.partition(values, (middle - 1, middle))
    return np.float32((ordered[middle - 1] + ordered[middle]) / np.float32(2))


def _histogram(residual: Float32) -> NDArray[np.intp]:
    """Count the residuals between the edges, as `numpy.histogram` does."""
    ordered = np.sort(residual)
    below = ordered.searchsorted(_EDGES)
    # The last bar includes its upper edge.
    below[-1] = ordered.searchsorted(_EDGES[-1], side="right")
    counts: NDArray[np.intp] = np.diff(below)
    return counts


def _spectral_peaks(
    power: Float32, sample_rate: int
) -> tuple[NDArray[np.intp], Float32, Float32]:
    """Return frame, frequency and height of the peaks of all frames.

    Frequency and height are those of a parabola through a peak and its neighbours.
    """
    n_fft = 2 * (power.shape[1] - 1)
    low, high = _pitch_range(sample_rate, n_fft)
    # Much faster than np.nonzero on two axes.
    found = np.flatnonzero(_local_maxima(power, low, high))
    frame = found // (high - low)  # faster than np.divmod
    column = found - frame * (high - low) + low
    # Places in the flat array: faster than indexing by frame and column.
    flat, place = power.reshape(-1), frame * power.shape[1] + column
    left, peak, right = (flat.take(place + step) for step in (-1, 0, 1))
    slope = (right - left) / 2
    shift = _vertex(left, peak, right)
    frequency = (column + shift) * float(sample_rate) / n_fft
    height = peak + 0.5 * slope * shift
    return frame, frequency.astype(np.float32), height.astype(np.float32)


@lru_cache(maxsize=32)
def _pitch_range(sample_rate: int, n_fft: int) -> tuple[int, int]:
    frequencies = fft_frequencies(sample_rate, n_fft)
    highest = min(_HIGHEST_HZ, sample_rate / 2)
    low, high = np.searchsorted(frequencies, [_LOWEST_HZ, highest], side="left")
    return max(int(low), 1), int(high)


def _local_maxima(power: Float32, low: int, high: int) -> NDArray[np.bool_]:
    """Return which bins of the range are peaks, of shape (n_frames, high - low)."""
    rises = power[:, low : high + 1] > power[:, low - 1 : high]
    threshold = _RELATIVE_THRESHOLD * power.max(axis=1, keepdims=True)
    found: NDArray[np.bool_] = rises[:, :-1] > rises[:, 1:]
    found &= power[:, low:high] > threshold
    return found


def _vertex(left: Float32, peak: Float32, right: Float32) -> Float32:
    """Return how many bins the parabola's vertex lies off the peak, 0 if above 1."""
    curvature = (right + left).astype(np.float64) - 2.0 * peak.astype(np.float64)
    slope = (right - left).astype(np.float64) / 2
    near = np.abs(slope) < np.abs(curvature)
    shift = np.zeros_like(slope)
    np.divide(-slope, curvature, out=shift, where=near)
    return shift.astype(np.float32)
