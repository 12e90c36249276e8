"""How well scores separate clips that a model knows from others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.quality.noise import NOISES, VOICES, Wave, make_noises, make_voices

__all__ = ["area_between", "make_intruders"]

Scores = NDArray[np.float64]


def area_between(known: Scores, others: Scores) -> float:
    """Return the area under the ROC curve of the best score of each clip.

    Parameters
    ----------
    known, others : float64 ndarray of shape (n_clips, n_classes)
        Scores of clips that the model should know, and of clips that it should not.

    Returns
    -------
    area : float
        1 if the scores separate the two perfectly, 0.5 if not at all.
    """
    best = np.concatenate([known.max(axis=1), others.max(axis=1)])
    return float(roc_auc_score(np.arange(len(best)) < len(known), best))


def make_intruders(spoken: Sequence[Wave]) -> dict[str, list[Wave]]:
    """Make clips of every kind of intruder of the benchmark.

    Parameters
    ----------
    spoken : sequence of float32 ndarray of shape (n_samples,)
        Clips of speech at 16 kHz, to be played backwards and many at once.

    Returns
    -------
    clips : dict of str to list of float32 ndarray of shape (n_samples,)
        By kind, at 16 kHz.
    """
    kinds = {kind: make_noises(kind) for kind in NOISES}
    return kinds | {kind: make_voices(kind, spoken) for kind in VOICES}
