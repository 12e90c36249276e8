"""What every computation of sequences has in common, without scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Extraction", "reach_s", "sample_problem", "shape_problem"]

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

    def problem(self, waveform: NDArray[np.floating]) -> str | None:
        """Return what makes a waveform unfit, to follow its name; None if it is fit."""

    def compute_each(
        self, waveforms: Sequence[NDArray[np.floating]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into their sequences (n_frames, n_features)."""


def reach_s(extraction: Extraction) -> float | None:
    """Return how many seconds of a clip are looked at, from its start; None for all."""
    if extraction.n_frames is None:
        return None
    return extraction.n_frames * extraction.frame_step_s


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
