"""What overlapping windows of a recording have in common for the net for speech.

A vector for speech depends on its own frames and on two facts of the whole window: its
peak, by which samples are scaled, and its loudest band, below which bands are cut.
Where neighbours agree in both, the net hears their common stretch once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.embeddings.nets import (
    NETS,
    SPEECH_BANDS,
    SPEECH_SPAN,
    is_surrounded,
    level_scale,
    scale_speech,
    speech_inputs,
)
from mfccclf.features.extraction import compute_sequences
from mfccclf.features.overlaps import are_parts_of_one

__all__ = ["SharedBands", "share_speech"]

Waveform = NDArray[np.floating]
Bands = NDArray[np.float32]

_REACH = NETS["speech"].reach
_STEP = _REACH.step * SPEECH_BANDS.hop_length
_UNCUT = replace(SPEECH_BANDS, top_db=None)
_TOP_DB = SPEECH_BANDS.top_db or math.inf


class SharedBands(NamedTuple):
    """Bands that one or more windows are parts of.

    Attributes
    ----------
    bands : float32 ndarray of shape (n_frames, n_bands)
        What the net is given.
    windows : list of (int, slice)
        Index of each window, and which of the vectors are its own.
    """

    bands: Bands
    windows: list[tuple[int, slice]]


def share_speech(
    waveforms: Sequence[Waveform], *, level_step_db: float | None = None
) -> list[SharedBands] | None:
    """Find the stretches that windows share, with the bands of each.

    Parameters
    ----------
    waveforms : sequence of ndarray of shape (n_samples,)
        At 16 kHz.
    level_step_db : float or None, default=None
        Windows are scaled to the peak of clips within half of this many dB, so that
        more of them are scaled alike; None scales each to that peak.

    Returns
    -------
    shared : list of SharedBands
        With the numbers of each window alone, but for the level. None if no neighbours
        overlap in memory, or windows are so short that silence surrounds them.
    """
    if not are_parts_of_one(waveforms) and level_step_db is None:
        return None
    if any(is_surrounded(len(waveform)) for waveform in waveforms):
        return None
    scales = [level_scale(waveform, level_step_db) for waveform in waveforms]
    return [
        stretch
        for run in _runs(waveforms, scales)
        for stretch in _cut(run, waveforms, scales[run[0]], level_step_db)
    ]


def _runs(waveforms: Sequence[Waveform], scales: Sequence[float]) -> Iterator[range]:
    """Yield windows of one scale, each overlapping the next by whole vectors."""
    first = 0
    for index in range(1, len(waveforms) + 1):
        if (
            index < len(waveforms)
            and scales[index] == scales[first]
            and _is_next(waveforms[index - 1], waveforms[index])
        ):
            continue
        yield range(first, index)
        first = index


def _is_next(earlier: Waveform, later: Waveform) -> bool:
    base = later.base
    if base is None or base is not earlier.base or len(later) != len(earlier):
        return False
    if base.ndim != 1 or not (base.dtype == earlier.dtype == later.dtype):
        return False
    if any(array.strides != (array.itemsize,) for array in (base, earlier, later)):
        return False
    shift = _place(later) - _place(earlier)
    return shift % _STEP == 0 and 0 < shift <= len(later) - SPEECH_SPAN


def _place(waveform: Waveform) -> int:
    """Return where a part of an array begins in it."""
    if waveform.base is None:
        return 0
    offset: int = waveform.ctypes.data - waveform.base.ctypes.data
    return offset // waveform.itemsize


def _cut(
    run: range,
    waveforms: Sequence[Waveform],
    scale: float,
    level_step_db: float | None,
) -> Iterator[SharedBands]:
    """Yield the parts of a run whose bands are cut at the same level, or nowhere."""
    first, last = waveforms[run[0]], waveforms[run[-1]]
    begin = _place(first)
    whole = first
    if len(run) > 1:
        assert first.base is not None
        whole = first.base[begin : _place(last) + len(last)]
    (bands,) = compute_sequences([scale_speech(whole, scale)], _UNCUT)
    hop, n_frames = SPEECH_BANDS.hop_length, SPEECH_BANDS.count_frames(len(first))
    starts = [(_place(waveforms[index]) - begin) // hop for index in run]
    floors = [_floor(bands[start:][:n_frames], level_step_db) for start in starts]
    for floor, group in groupby(range(len(run)), key=floors.__getitem__):
        members = list(group)
        offset = starts[members[0]]
        part = bands[offset : starts[members[-1]] + n_frames]
        yield SharedBands(
            speech_inputs(part if floor is None else np.maximum(part, floor)),
            [(run[i], _vectors(starts[i] - offset, n_frames)) for i in members],
        )


def _floor(bands: Bands, level_step_db: float | None) -> float | None:
    """Return the level below which a window's bands are cut; None if none is."""
    loudest, least = float(bands.max()), float(bands.min())
    if level_step_db is not None:
        loudest = math.ceil(loudest / level_step_db) * level_step_db
    floor = np.float32(loudest - _TOP_DB)
    return float(floor) if least < floor else None


def _vectors(start: int, n_frames: int) -> slice:
    first = start // _REACH.step
    return slice(first, first + _REACH.count(n_frames))
