"""How well scores separate clips that a model knows from others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

__all__ = ["area_between"]

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
