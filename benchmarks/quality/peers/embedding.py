"""Plain classifiers on statistics of a pre-trained net's vectors.

What users would write by hand: mean, deviation and maximum of the vectors of a clip,
standardised, and scikit-learn's classifiers behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers.choosing import Choosing
from benchmarks.quality.peers.clips import Clips
from benchmarks.quality.peers.summaries import (
    count_vectors,
    count_weights,
    logistic,
    support_vectors,
)

__all__ = [
    "BothLogistic",
    "BothSupportVectors",
    "MusicLogistic",
    "MusicSupportVectors",
    "SpeechLogistic",
    "SpeechSupportVectors",
]

_PENALTIES = (0.001, 0.01, 0.1)
_COSTS = (1.0, 10.0)


class SpeechLogistic(Choosing):
    """Logistic regression; the penalty by inner folds."""

    nets: ClassVar[Sequence[str]] = ("speech",)

    def __init__(self, clips: Clips) -> None:
        candidates = [(0, logistic(clips.multilabel, C=C)) for C in _PENALTIES]
        super().__init__(clips, [_summarise(clips, self.nets)], candidates)

    def count(self) -> int:
        """Count weights and intercepts."""
        return count_weights(self.model)


class SpeechSupportVectors(Choosing):
    """RBF; C by inner folds."""

    nets: ClassVar[Sequence[str]] = ("speech",)

    def __init__(self, clips: Clips) -> None:
        candidates = [(0, support_vectors(clips.multilabel, C=C)) for C in _COSTS]
        super().__init__(clips, [_summarise(clips, self.nets)], candidates)

    def count(self) -> int:
        """Count the numbers that the fitted model keeps."""
        return count_vectors(self.model)


class MusicLogistic(SpeechLogistic):
    """The same on vectors for music."""

    nets = ("music",)


class MusicSupportVectors(SpeechSupportVectors):
    """The same on vectors for music."""

    nets = ("music",)


class BothLogistic(SpeechLogistic):
    """The same on vectors for speech and for music."""

    nets = ("speech", "music")


class BothSupportVectors(SpeechSupportVectors):
    """The same on vectors for speech and for music."""

    nets = ("speech", "music")


def _summarise(clips: Clips, nets: Sequence[str]) -> NDArray[Any]:
    """Return mean, deviation and maximum of each value, of shape (n_clips, n)."""
    return np.concatenate(
        [np.stack([_statistics(v) for v in clips.vectors(net)]) for net in nets], axis=1
    )


def _statistics(vectors: NDArray[Any]) -> NDArray[Any]:
    parts = (vectors.mean(axis=0), vectors.std(axis=0), vectors.max(axis=0))
    return np.concatenate(parts)
