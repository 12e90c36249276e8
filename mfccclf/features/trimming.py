"""Silence before and after the sound, left out as `librosa.effects.trim` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mfccclf._parameters import optional, parameter, parameter_group
from mfccclf._validation import check_real
from mfccclf.features.graphs.places import (
    add_end_padding,
    add_frames,
    add_row_length,
)
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["TrimParameters", "add_trimming", "trim_silence", "trimmed"]

# librosa's smallest amplitude told apart from 0.
_AMIN = 1e-5


@parameter_group
class TrimParameters(SpectrumParameters):
    """Whether silence at the ends of a clip is left out."""

    trim_top_db: float | None = parameter(
        None,
        "float or None",
        "Leave out what comes before the first and after the last frame that is less "
        "than this many dB below the clip's loudest, as `librosa.effects.trim` does "
        "with frames of ``n_fft`` and ``hop_length``; at least ``n_fft`` samples are "
        "kept. None keeps all.",
        check=optional(check_real, above=0),
    )


def trimmed(
    waveform: NDArray[np.floating], parameters: TrimParameters
) -> NDArray[np.float32]:
    """Return what features are made of: a whole waveform, or the sound in it."""
    samples = np.asarray(waveform, np.float32)
    if parameters.trim_top_db is None:
        return samples
    return trim_silence(
        samples,
        top_db=parameters.trim_top_db,
        frame_length=parameters.n_fft,
        hop_length=parameters.hop_length,
        shortest=parameters.n_fft,
    )


def trim_silence(
    waveform: NDArray[np.float32],
    *,
    top_db: float,
    frame_length: int,
    hop_length: int,
    shortest: int,
) -> NDArray[np.float32]:
    """Return a waveform from its first to its last frame that is loud enough.

    Parameters
    ----------
    waveform : float32 ndarray of shape (n_samples,)
        At least ``shortest`` samples.
    top_db : float
        Frames at least this many dB below the loudest are silence.
    frame_length, hop_length : int
        Of the centred frames whose loudness is compared; in samples.
    shortest : int
        Fewest samples to keep.

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


def add_trimming(
    builder: GraphBuilder,
    waveform: str,
    *,
    top_db: float,
    frame_length: int,
    hop_length: int,
    shortest: int,
) -> str:
    """Add what `trim_silence` does, with the same arguments, to a graph.

    Returns
    -------
    waveform : str
        Name of the float32 waveform (n_kept,).
    """
    level = _add_frame_rms(builder, waveform, frame_length, hop_length)
    # Amplitudes are compared instead of their decibels.
    least = builder.add_with(
        "Mul",
        builder.add("ReduceMax", level, axes=[0], keepdims=1),
        10 ** (-top_db / 20),
    )
    loud = builder.cast(builder.add("Greater", level, least), "int32")
    first = builder.add("ArgMax", loud, axis=0)
    last = builder.add("ArgMax", loud, axis=0, select_last_index=1)
    length = add_row_length(builder, waveform)
    room = builder.add_with("Sub", length, shortest, "int64")
    start = builder.add(
        "Min", builder.add_with("Mul", first, hop_length, "int64"), room
    )
    start = builder.add_with("Max", start, 0, "int64")
    end = builder.add_with("Add", last, 1, "int64")
    end = builder.add_with("Mul", end, hop_length, "int64")
    stop = builder.add("Max", end, builder.add_with("Add", start, shortest, "int64"))
    return builder.add("Slice", waveform, start, stop)


def _add_frame_rms(
    builder: GraphBuilder, waveform: str, frame_length: int, hop_length: int
) -> str:
    """Add the loudness of centred frames, float64 (n_frames,), at least ``_AMIN``."""
    padded = add_end_padding(builder, waveform, frame_length // 2, "constant")
    frames = builder.cast(
        add_frames(builder, padded, frame_length=frame_length, hop_length=hop_length),
        "float64",
    )
    power = builder.add(
        "ReduceMean", builder.add("Mul", frames, frames), axes=[1], keepdims=0
    )
    return builder.add_with("Max", builder.add("Sqrt", power), _AMIN)
