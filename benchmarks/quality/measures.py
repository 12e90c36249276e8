"""The counts kept of each run, and the scores of all runs of a seed together.

Confusion matrices are added over folds, so the scores of a seed are those of all tested
clips together. That is fair where a fold lacks a class, and equals the mean over folds
of equal size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, confusion_matrix

__all__ = ["confuse", "mean_precision", "score"]


def confuse(
    true: NDArray[np.int64], predicted: NDArray[np.int64], *, multilabel: bool
) -> list[Any]:
    """Count decisions, given indicator matrices of shape (n_clips, n_classes).

    Returns
    -------
    confusion : list
        Of shape (n_classes, n_classes): true by predicted. In a multilabel task of
        shape (n_classes, 2, 2): absent or present by not predicted or predicted.
    """
    if not multilabel:
        columns = np.arange(true.shape[1])
        pairs = true.argmax(axis=1), predicted.argmax(axis=1)
        return list(confusion_matrix(*pairs, labels=columns).tolist())
    hits = (true * predicted).sum(axis=0)
    missed, false = true.sum(axis=0) - hits, predicted.sum(axis=0) - hits
    rest = len(true) - hits - missed - false
    tables = np.stack([rest, false, missed, hits], axis=1).reshape(-1, 2, 2)
    return list(tables.tolist())


def mean_precision(true: NDArray[np.int64], scores: ArrayLike) -> float:
    """Return the mean average precision over the labels that occur."""
    values, named = np.asarray(scores), np.flatnonzero(true.any(axis=0))
    found = [average_precision_score(true[:, k], values[:, k]) for k in named]
    return float(np.mean(found))


def score(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the scores of runs together, each row one fold of one seed.

    In a multilabel task, accuracy is the share of correct decisions, and the mean
    average precision is the mean over the folds, weighted by their clips.
    """
    confusion = np.sum([row["confusion"] for row in rows], axis=0)
    scores = _of_labels(confusion) if confusion.ndim == 3 else _of_classes(confusion)
    if "map" in rows[0]:
        clips = [row["n_test"] for row in rows]
        precisions = [row["map"] for row in rows]
        scores["map"] = float(np.average(precisions, weights=clips))
    return scores


def _of_classes(confusion: NDArray[np.int64]) -> dict[str, float]:
    hits, true, said = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(0)
    named = (true > 0) | (said > 0)
    f1 = 2 * hits[named] / (true + said)[named]
    return {
        "accuracy": float(hits.sum() / confusion.sum()),
        "balanced_accuracy": float((hits[true > 0] / true[true > 0]).mean()),
        "macro_f1": float(f1.mean()),
    }


def _of_labels(confusion: NDArray[np.int64]) -> dict[str, float]:
    (rest, false), (missed, hits) = confusion.transpose(1, 2, 0)
    f1 = 2 * hits / np.maximum(2 * hits + false + missed, 1)
    recalls = np.concatenate(
        [rest / np.maximum(rest + false, 1), hits / np.maximum(hits + missed, 1)]
    )
    return {
        "accuracy": float((rest + hits).sum() / confusion.sum()),
        "balanced_accuracy": float(recalls.mean()),
        "macro_f1": float(f1.mean()),
    }
