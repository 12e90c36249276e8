"""The protocol of computations of sequences, without scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Extraction", "reach_s"]


class Extraction(Protocol):
    """A computation from waveforms to sequences, with checked settings."""

    @property
    def cache_kind(self) -> str:
        """Kind in cache keys: another kind gives other numbers with equal settings."""

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""

    @property
    def n_frames(self) -> int | None:
        """Most frames of a sequence; None if there is no limit."""

    @property
    def n_features(self) -> int:
        """Values per frame."""

    @property
    def frame_step_s(self) -> float:
        """Seconds from a frame to the next."""

    def problem(self, waveform: NDArray[np.floating]) -> str | None:
        """Return why a waveform is unfit, to follow its name; None if it is fit."""

    def compute_each(
        self, waveforms: Sequence[NDArray[np.floating]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into their sequences (n_frames, n_features)."""


def reach_s(extraction: Extraction) -> float | None:
    """Return how many seconds from a clip's start are used; None if all are."""
    if extraction.n_frames is None:
        return None
    return extraction.n_frames * extraction.frame_step_s
