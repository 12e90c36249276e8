"""pyAudioAnalysis: its short-term features, statistics of a second, and an SVM.

Its own reader and trainer need packages that do not support today's Python. So only its
module of short-term features is used; the steps after it are computed here as it does
them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyAudioAnalysis import ShortTermFeatures

from benchmarks.quality.peers.choosing import Choosing
from benchmarks.quality.peers.clips import Clips
from benchmarks.quality.peers.summaries import count_vectors, support_vectors

__all__ = ["ShortTerm"]

# Its defaults: windows of 50 ms, statistics over 1 s, and the values of C it tries.
FRAME_S, STATISTICS_S = 0.05, 1.0
COSTS = (0.001, 0.01, 0.5, 1.0, 5.0, 10.0, 20.0)


class ShortTerm(Choosing):
    """An RBF SVM on its features; C by inner folds, from its own list."""

    def __init__(self, clips: Clips) -> None:
        view = _load_or_compute(clips)
        models = [support_vectors(clips.multilabel, C=cost) for cost in COSTS]
        super().__init__(clips, [view], [(0, model) for model in models])

    def count(self) -> int:
        """Count the numbers that the fitted model keeps."""
        return count_vectors(self.model)


def _load_or_compute(clips: Clips) -> NDArray[Any]:
    """Return the vectors of all clips, computed once: they take long."""
    kept = clips.folder / "short_term.npy"
    if not kept.exists():
        rows = [_mid_term(w, clips.sample_rate) for w in clips.waveforms]
        np.save(kept, np.stack(rows))
    vectors: NDArray[Any] = np.load(kept)
    return vectors


def _mid_term(waveform: NDArray[np.int16], sample_rate: int) -> NDArray[Any]:
    """Return mean and deviation of 68 features over each second, then their mean.

    The features are 34 and their differences from frame to frame.
    """
    window = round(FRAME_S * sample_rate)
    samples = np.pad(waveform, (0, max(0, 2 * window - len(waveform))))
    frames, _ = ShortTermFeatures.feature_extraction(
        samples, sample_rate, window, window
    )
    step = round(STATISTICS_S / FRAME_S)
    parts = [frames[:, i : i + step] for i in range(0, frames.shape[1], step)]
    rows = [np.concatenate([p.mean(axis=1), p.std(axis=1)]) for p in parts]
    means: NDArray[Any] = np.nan_to_num(np.mean(rows, axis=0))
    return means
