"""Extract some clips, files and waveforms, within one process."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf._batching import batch_by_size
from mfccclf.errors import AudioFileError
from mfccclf.features.clip_inputs import ClipInput
from mfccclf.features.clip_loading import load_each_clip
from mfccclf.features.protocol import Extraction
from mfccclf.waveform import Reading
from mfccclf.waveform.batch_loading import LoadedSource

__all__ = ["ExtractedClip", "extract_batch"]

# Most waveforms held at a time, and most samples in them.
_MAX_CLIPS, _MAX_SAMPLES = 64, 2**21


class ExtractedClip(NamedTuple):
    """A clip's sequence, and the warnings on the way to it."""

    sequence: NDArray[np.float32]
    warnings: list[Warning]


class _ClipWaveform(NamedTuple):
    """A clip's waveform, and the warnings on the way to it."""

    waveform: NDArray[Any]
    warnings: list[Warning]


def extract_batch(
    clips: Sequence[ClipInput], extraction: Extraction, reading: Reading
) -> list[ExtractedClip]:
    """Extract some clips; warnings are returned, because a worker's would be lost.

    Raises
    ------
    AudioFileError
        At the first file that cannot be used.
    ValueError
        At the first waveform that cannot be used.
    """
    files = [clip.source for clip in clips if clip.is_file]
    loaded = load_each_clip(files, extraction, reading)
    batches = batch_by_size(
        (_hear(clip, loaded, extraction) for clip in clips),
        max_items=_MAX_CLIPS,
        size_of=lambda clip: len(clip.waveform),
        max_size=_MAX_SAMPLES,
    )
    return [clip for batch in batches for clip in _compute(batch, extraction)]


def _hear(
    clip: ClipInput, loaded: Iterator[LoadedSource], extraction: Extraction
) -> _ClipWaveform:
    waveform, remarks = _get_waveform(clip, loaded, extraction)
    return _ClipWaveform(clip.vary(waveform, extraction), remarks)


def _get_waveform(
    clip: ClipInput, loaded: Iterator[LoadedSource], extraction: Extraction
) -> _ClipWaveform:
    """Return a clip's waveform: the next one loaded if it is a file."""
    if not clip.is_file:
        return _ClipWaveform(clip.waveform(extraction), [])
    _, outcome, remarks = next(loaded)
    if isinstance(outcome, AudioFileError):
        raise outcome
    return _ClipWaveform(outcome, remarks)


def _compute(
    clips: Sequence[_ClipWaveform], extraction: Extraction
) -> list[ExtractedClip]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sequences = extraction.compute_each([clip.waveform for clip in clips])
    if not caught:
        pairs = zip(sequences, clips, strict=True)
        return [ExtractedClip(sequence, clip.warnings) for sequence, clip in pairs]
    if len(clips) == 1:
        remarks = [item.message for item in caught if isinstance(item.message, Warning)]
        return [ExtractedClip(sequences[0], [*clips[0].warnings, *remarks])]
    # One by one, to know which clip the warnings are about.
    return [extracted for clip in clips for extracted in _compute([clip], extraction)]
