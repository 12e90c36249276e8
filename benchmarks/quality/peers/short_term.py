"""pyAudioAnalysis: its short-term features, statistics of a second, and an SVM.

Its own reader and trainer need packages that today's Python lacks, so only its module
of short-term features is used; what follows them is computed here as it does.
"""

from __future__ import annotations

import numpy as np
from choosing import Choosing
from clips import Clips
from pyAudioAnalysis import ShortTermFeatures
from summaries import count_vectors, support_vectors

# Its defaults: windows of 50 ms, statistics over 1 s, and the values of C it tries.
FRAME_S, STATISTICS_S = 0.05, 1.0
COSTS = (0.001, 0.01, 0.5, 1.0, 5.0, 10.0, 20.0)


def mid_term(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
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
    return np.nan_to_num(np.mean(rows, axis=0))


def load_or_compute(clips: Clips) -> np.ndarray:
    """Return the vectors of all clips, kept beside them: they take long."""
    kept = clips.folder / "short_term.npy"
    if not kept.exists():
        rows = [mid_term(w, clips.sample_rate) for w in clips.waveforms]
        np.save(kept, np.stack(rows))
    return np.load(kept)


class ShortTerm(Choosing):
    """An RBF SVM on its features; C by inner folds, from its own list."""

    def __init__(self, clips: Clips) -> None:
        view = load_or_compute(clips)
        models = [support_vectors(clips.multilabel, C=cost) for cost in COSTS]
        super().__init__(clips, [view], [(0, model) for model in models])

    def count(self) -> int:
        """Count the numbers that the fitted model keeps."""
        return count_vectors(self.model)
