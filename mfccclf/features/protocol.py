"""What every computation of sequences has in common, without scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError
from mfccclf.waveform import Reading, load_waveform
from mfccclf.waveform.batch_loading import load_each
from mfccclf.waveform.containers.forward import stream_name
from mfccclf.waveform.paths import AnySource, check_source

__all__ = ["Extraction", "load_clip", "load_clips", "sample_problem", "shape_problem"]

# An amplitude is at most 1; beyond this, squares no longer fit into float32.
_ABSURD_PEAK = 1e10


class Extraction(Protocol):
    """A computation from waveforms to sequences, with settings that are checked."""

    @property
    def cache_kind(self) -> str:
        """Its kind in cache keys: equal settings of another kind give other numbers."""

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""

    @property
    def n_frames(self) -> int | None:
        """Most frames of a sequence; None for any number."""

    @property
    def n_features(self) -> int:
        """Values per frame."""

    @property
    def frame_step_s(self) -> float:
        """Seconds from a frame to the next."""

    def to_dict(self) -> dict[str, Any]:
        """Return all that decides the numbers, as plain values."""

    def problem(self, waveform: NDArray[np.floating]) -> str | None:
        """Return what makes a waveform unfit, to follow its name; None if it is fit."""

    def compute_each(
        self, waveforms: Sequence[NDArray[np.floating]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into their sequences (n_frames, n_features)."""


def load_clip(
    path: AnySource, extraction: Extraction, reading: Reading
) -> NDArray[np.float32]:
    """Read a file or stream that the extraction can use; else `AudioFileError`."""
    waveform = load_waveform(
        path,
        sample_rate=extraction.sample_rate,
        channel=reading.channel,
        allow_silence=reading.allow_silence,
        raw=reading.raw,
    )
    problem = extraction.problem(waveform)
    if problem:
        raise _unfit(path, problem)
    return waveform


def load_clips(
    paths: Sequence[AnySource], extraction: Extraction, reading: Reading
) -> Iterator[NDArray[np.float32] | AudioFileError]:
    """Read file after file as `load_clip` does, some ahead; hand out the errors."""
    loaded = load_each(paths, reading, sample_rate=extraction.sample_rate)
    for path, outcome in zip(paths, loaded, strict=True):
        if isinstance(outcome, AudioFileError):
            yield outcome
            continue
        problem = extraction.problem(outcome)
        yield _unfit(path, problem) if problem else outcome


def _unfit(path: AnySource, problem: str) -> AudioFileError:
    source = check_source(path, owner="load_clip")
    name = source if isinstance(source, str) else stream_name(source)
    return AudioFileError(f"{name} {problem}")


def shape_problem(waveform: NDArray[Any]) -> str | None:
    """Return what is wrong with a waveform's shape or type; None if nothing is."""
    if waveform.ndim != 1:
        return (
            f"has shape {waveform.shape}, not (n_samples,). Give one channel, such as "
            "the mean of all."
        )
    if not np.issubdtype(waveform.dtype, np.floating):
        return (
            f"is an array of {waveform.dtype}, not of floats between -1 and 1. Divide "
            "it by the largest value that an encoding of its width can hold."
        )
    return None


def sample_problem(waveform: NDArray[np.floating]) -> str | None:
    """Return what is wrong with the samples, one at least; None if nothing is."""
    peak = max(float(waveform.max()), -float(waveform.min()))
    if not np.isfinite(peak):
        first = int(np.argmin(np.isfinite(waveform)))
        return (
            f"has the value {waveform[first]} at sample {first}. Every sample must be "
            "finite: leave the clip out, or mend it."
        )
    if peak > _ABSURD_PEAK:
        return f"reaches {peak:.3g}, which is no amplitude. Scale it to -1..1."
    return None
