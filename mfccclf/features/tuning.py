"""How far a recording's pitches lie from A = 440 Hz, as librosa estimates it.

The estimate is the highest bar of a histogram, and a rounding error can make another
bar the highest. So every step computes librosa's numbers in librosa's precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.arrays import Float32, fft_frequencies
from mfccclf.features.graphs.places import add_row_length, add_slice

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

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


class _Peaks(NamedTuple):
    """Peaks of a clip as float32 values of a graph, each of shape (n_peaks,)."""

    pitch: str
    height: str


def add_tuning(
    builder: GraphBuilder,
    power: str,
    *,
    sample_rate: int,
    n_bins: int,
    bins_per_octave: int,
) -> str:
    """Add what `estimate_tunings` finds for one clip to a graph, step by step.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    power : str
        Name of the float32 power spectrogram (n_frames, n_bins).
    sample_rate, bins_per_octave : int
        As for `estimate_tunings`.
    n_bins : int
        Bins of a frame.

    Returns
    -------
    tuning : str
        Name of the float64 deviation, of shape (1,).
    """
    low, high = _pitch_range(sample_rate, 2 * (n_bins - 1))
    if low >= high:
        return builder.constant([0.0], "float64")
    peaks = _add_peaks(builder, power, low, high, sample_rate / (2 * (n_bins - 1)))
    is_loud = builder.add("GreaterOrEqual", peaks.height, _add_median(builder, peaks))
    residual = _add_residual(builder, peaks.pitch, bins_per_octave)
    highest = _add_highest_bar(builder, residual, is_loud)
    edge = builder.add("Gather", builder.constant(_EDGES, "float64"), highest)
    count = add_row_length(builder, peaks.pitch)
    has_pitch = builder.add_with("Greater", count, 0, "int64")
    return builder.add("Where", has_pitch, edge, builder.constant(0.0, "float64"))


def _add_peaks(
    builder: GraphBuilder, power: str, low: int, high: int, bin_hz: float
) -> _Peaks:
    """Add frequency and height of the peaks of all frames, as `_spectral_peaks`."""
    sides = [
        add_slice(builder, power, low + step, high + step, axis=1)
        for step in (-1, 0, 1)
    ]
    found = builder.add("NonZero", _add_local_maxima(builder, power, *sides))
    places = builder.add("Transpose", found, perm=[1, 0])
    left, peak, right = (builder.add("GatherND", side, places) for side in sides)
    slope = builder.add_with("Div", builder.add("Sub", right, left), 2.0, "float32")
    shift = _add_vertex(builder, left, peak, right)
    column = builder.add("Gather", found, builder.constant(1, "int64"))
    place = builder.cast(builder.add_with("Add", column, low, "int64"), "float64")
    place = builder.add("Add", place, builder.cast(shift, "float64"))
    pitch = builder.cast(builder.add_with("Mul", place, bin_hz), "float32")
    half = builder.add_with("Mul", slope, 0.5, "float32")
    height = builder.add("Add", peak, builder.add("Mul", half, shift))
    return _Peaks(pitch, height)


def _add_local_maxima(
    builder: GraphBuilder, power: str, left: str, peak: str, right: str
) -> str:
    loudest = builder.add("ReduceMax", power, axes=[1], keepdims=1)
    threshold = builder.add_with("Mul", loudest, _RELATIVE_THRESHOLD, "float32")
    rises = builder.add("Greater", peak, left)
    falls = builder.add("GreaterOrEqual", peak, right)
    is_loud = builder.add("Greater", peak, threshold)
    return builder.add("And", builder.add("And", rises, falls), is_loud)


def _add_vertex(builder: GraphBuilder, left: str, peak: str, right: str) -> str:
    """Add how many bins the parabola's vertex lies off the peak, as `_vertex`."""
    both = builder.cast(builder.add("Add", right, left), "float64")
    twice = builder.add_with("Mul", builder.cast(peak, "float64"), 2.0)
    curvature = builder.add("Sub", both, twice)
    rise = builder.cast(builder.add("Sub", right, left), "float64")
    slope = builder.add_with("Div", rise, 2.0)
    near = builder.add("Less", builder.add("Abs", slope), builder.add("Abs", curvature))
    safe = builder.add("Where", near, curvature, builder.constant(1.0, "float64"))
    shift = builder.add("Div", builder.add("Neg", slope), safe)
    shift = builder.add("Where", near, shift, builder.constant(0.0, "float64"))
    return builder.cast(shift, "float32")


def _add_median(builder: GraphBuilder, peaks: _Peaks) -> str:
    """Add the median height, of shape (1,); infinity if there are no peaks."""
    count = add_row_length(builder, peaks.height)
    endless = builder.constant([np.inf], "float32")
    heights = builder.add("Concat", peaks.height, endless, axis=0)
    ordered, _ = builder.add_many(
        "TopK",
        heights,
        builder.add_with("Add", count, 1, "int64"),
        n_outputs=2,
        axis=0,
        largest=0,
    )
    # ONNX divides towards 0: before the first of none comes the first, too.
    lower = builder.add_with("Sub", count, 1, "int64")
    middle = [
        builder.add("Gather", ordered, builder.add_with("Div", place, 2, "int64"))
        for place in (lower, count)
    ]
    return builder.add_with("Div", builder.add("Add", *middle), 2.0, "float32")


def _add_residual(builder: GraphBuilder, pitch: str, bins_per_octave: int) -> str:
    """Add each pitch's deviation from the nearest chroma step, -0.5 to 0.5."""
    ratio = builder.add_with("Div", pitch, _A0_HZ, "float32")
    natural = builder.add("Log", builder.cast(ratio, "float64"))
    octaves = builder.cast(builder.add_with("Div", natural, np.log(2.0)), "float32")
    steps = builder.add_with("Mul", octaves, bins_per_octave, "float32")
    residual = builder.add("Sub", steps, builder.add("Floor", steps))
    is_above = builder.add_with("GreaterOrEqual", residual, 0.5, "float32")
    return builder.add("Sub", residual, builder.cast(is_above, "float32"))


def _add_highest_bar(builder: GraphBuilder, residual: str, is_loud: str) -> str:
    """Add the number of the histogram's highest bar, int64 of shape (1,)."""
    axis = builder.constant([1], "int64")
    column = builder.add("Unsqueeze", builder.cast(residual, "float64"), axis)
    is_below = builder.add_with("Less", column, _EDGES)
    counted = builder.add("And", is_below, builder.add("Unsqueeze", is_loud, axis))
    first = builder.constant([0], "int64")
    below = builder.add(
        "ReduceSum", builder.cast(counted, "float32"), first, keepdims=0
    )
    upper = add_slice(builder, below, 1, len(_EDGES))
    lower = add_slice(builder, below, 0, len(_EDGES) - 1)
    return builder.add("ArgMax", builder.add("Sub", upper, lower), axis=0)
