"""Extract some clips, files and waveforms, within one process."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from os import fspath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf._batching import batch_by_size
from mfccclf.errors import AudioFileError, BadClip
from mfccclf.features.clip_inputs import ClipInput
from mfccclf.features.clip_loading import load_each_clip
from mfccclf.features.protocol import Extraction
from mfccclf.storage.held_clip import HeldClip
from mfccclf.waveform import Reading
from mfccclf.waveform.batch_loading import LoadedSource

__all__ = ["ExtractedClip", "extract_batch"]

# Most waveforms held at a time, and most samples in them.
_MAX_CLIPS, _MAX_SAMPLES = 64, 2**21


class ExtractedClip(NamedTuple):
    """A clip's sequence, or why there is none, and the warnings on the way to it."""

    outcome: NDArray[np.float32] | BadClip
    warnings: list[Warning]

    @property
    def is_flawless(self) -> bool:
        """Whether there is nothing to tell of the clip."""
        return not self.warnings and not isinstance(self.outcome, BadClip)


class _ClipWaveform(NamedTuple):
    """A clip's waveform, or why there is none, and the warnings on the way to it."""

    outcome: NDArray[Any] | BadClip
    warnings: list[Warning]

    @property
    def n_samples(self) -> int:
        """Length of the waveform."""
        return 0 if isinstance(self.outcome, BadClip) else len(self.outcome)


def extract_batch(
    clips: Sequence[ClipInput], extraction: Extraction, reading: Reading
) -> list[ExtractedClip]:
    """Extract some clips.

    Clips that cannot be used are returned as such, so that all of them can be named.
    Warnings are returned as well, because a worker's would be lost.
    """
    files = [clip.source for clip in clips if clip.is_file]
    loaded = load_each_clip(files, extraction, reading)
    batches = batch_by_size(
        (_hear(clip, loaded, extraction) for clip in clips),
        max_items=_MAX_CLIPS,
        size_of=lambda clip: clip.n_samples,
        max_size=_MAX_SAMPLES,
    )
    return [clip for batch in batches for clip in _compute(batch, extraction)]


def _hear(
    clip: ClipInput, loaded: Iterator[LoadedSource], extraction: Extraction
) -> _ClipWaveform:
    outcome, remarks = _get_waveform(clip, loaded, extraction)
    if isinstance(outcome, BadClip):
        return _ClipWaveform(outcome, remarks)
    return _ClipWaveform(clip.vary(outcome, extraction), remarks)


def _get_waveform(
    clip: ClipInput, loaded: Iterator[LoadedSource], extraction: Extraction
) -> _ClipWaveform:
    """Return a clip's waveform: the next one loaded if it is a file."""
    if not clip.is_file:
        try:
            return _ClipWaveform(clip.waveform(extraction), [])
        except ValueError as error:
            return _ClipWaveform(BadClip(clip.index, None, str(error)), [])
    _, outcome, remarks = next(loaded)
    if isinstance(outcome, AudioFileError):
        bad = BadClip(clip.index, _path_of(clip), str(outcome))
        return _ClipWaveform(bad, remarks)
    return _ClipWaveform(outcome, remarks)


def _path_of(clip: ClipInput) -> str | None:
    return None if isinstance(clip.source, HeldClip) else fspath(clip.source)


def _compute(
    clips: Sequence[_ClipWaveform], extraction: Extraction
) -> list[ExtractedClip]:
    """Return the sequences of some clips, and those without a waveform as they are."""
    waveforms = [c.outcome for c in clips if not isinstance(c.outcome, BadClip)]
    sequences = iter(_compute_each(waveforms, extraction))
    made = []
    for clip in clips:
        if isinstance(clip.outcome, BadClip):
            made.append(ExtractedClip(clip.outcome, clip.warnings))
        else:
            sequence, remarks = next(sequences)
            made.append(ExtractedClip(sequence, [*clip.warnings, *remarks]))
    return made


def _compute_each(
    waveforms: Sequence[NDArray[Any]], extraction: Extraction
) -> list[tuple[NDArray[np.float32], list[Warning]]]:
    """Return the sequence of each waveform with the warnings on the way to it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sequences = extraction.compute_each(waveforms)
    if not caught:
        return [(sequence, []) for sequence in sequences]
    if len(waveforms) == 1:
        remarks = [item.message for item in caught if isinstance(item.message, Warning)]
        return [(sequences[0], remarks)]
    # One by one, to know which clip the warnings are about.
    return [made for one in waveforms for made in _compute_each([one], extraction)]
