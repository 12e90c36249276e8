"""Scores of a classifier that gives each clip any number of labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    average_precision_score,
    label_ranking_average_precision_score,
)

from mfccclf._validation import argument_error
from mfccclf.evaluation._checks import (
    OWNER,
    check_any_clips,
    check_known,
    check_shape,
    plain,
)

__all__ = ["evaluate_multilabel", "is_multilabel_truth"]

_COLLECTIONS = (list, tuple, set, frozenset)
# Keeps the loss of an answer that is certain and wrong finite, like scikit-learn's
# log_loss.
_EPS = float(np.finfo(np.float32).eps)


def is_multilabel_truth(y_true: Any) -> bool:
    """Tell whether true labels are collections or an indicator matrix."""
    if isinstance(y_true, np.ndarray) and y_true.ndim == 2:
        return True
    rows = list(y_true)
    return bool(rows) and all(
        isinstance(row, (*_COLLECTIONS, np.ndarray)) for row in rows
    )


def evaluate_multilabel(
    y_true: Any,
    scores: ArrayLike,
    classes: Sequence[Any] | NDArray[Any],
    thresholds: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Compare scores with the true labels of clips that have any number of them.

    Parameters, result and errors are those of `mfccclf.evaluate`.
    """
    names = plain(classes)
    true = _indicator(y_true, names)
    values = _check_scores(scores, true.shape)
    predicted = (values >= _check_thresholds(thresholds, len(names))).astype(np.int64)
    everything = np.ones_like(true)
    confusion = _confusion(true, predicted)
    right = (confusion[:, 0, 0] + confusion[:, 1, 1]) / len(true)
    return {
        "n_clips": len(true),
        "accuracy": float(right.mean()),
        "balanced_accuracy": _balanced_accuracy(confusion),
        **_multilabel_scores(true, predicted, values),
        "loss": _loss(true, values),
        "per_class": _per_class(true, predicted, values, names),
        "confusion": confusion.tolist(),
        "classes": names,
        "predict_everything": _multilabel_scores(
            true, everything, everything.astype(float)
        ),
    }


def _confusion(
    true: NDArray[np.int64], predicted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count per label: (n_labels, absent or present, not predicted or predicted)."""
    # scikit-learn's multilabel_confusion_matrix mistakes one label for two classes.
    hits = (true * predicted).sum(axis=0)
    present, said = true.sum(axis=0), predicted.sum(axis=0)
    absent = len(true) - present
    false = said - hits
    rows = [[absent - false, false], [present - hits, hits]]
    return np.moveaxis(np.array(rows), 2, 0)


def _multilabel_scores(
    true: NDArray[np.int64], predicted: NDArray[np.int64], values: NDArray[np.float64]
) -> dict[str, float]:
    confusion = _confusion(true, predicted)
    named = np.flatnonzero(true.any(axis=0))
    precisions = [_average_precision(true[:, k], values[:, k]) for k in named]
    return {
        "macro_f1": float(_f1(confusion).mean()),
        "micro_f1": float(_f1(confusion.sum(axis=0, keepdims=True))[0]),
        "map": float(np.mean(precisions)) if precisions else 0.0,
        "lrap": _ranking(true, values),
        "exact_match": float((true == predicted).all(axis=1).mean()),
    }


def _per_class(
    true: NDArray[np.int64],
    predicted: NDArray[np.int64],
    values: NDArray[np.float64],
    names: list[Any],
) -> dict[str, dict[str, float | int]]:
    confusion = _confusion(true, predicted)
    hits = confusion[:, 1, 1]
    precision = _share(hits, confusion[:, :, 1].sum(axis=1))
    recall = _share(hits, confusion[:, 1].sum(axis=1))
    f1 = _f1(confusion)
    return {
        str(name): {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "average_precision": _average_precision(true[:, i], values[:, i]),
            "n_clips": int(confusion[i, 1].sum()),
        }
        for i, name in enumerate(names)
    }


def _f1(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    wrong = confusion[:, 0, 1] + confusion[:, 1, 0]
    hits = 2 * confusion[:, 1, 1]
    return _share(hits, hits + wrong)


def _share(
    part: NDArray[np.int64], whole: NDArray[np.int64], undefined: float = 0.0
) -> NDArray[np.float64]:
    shares = np.full(part.shape, undefined)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _ranking(true: NDArray[np.int64], values: NDArray[np.float64]) -> float:
    if true.shape[1] == 1:
        return 1.0  # one label cannot be ranked wrongly
    return float(label_ranking_average_precision_score(true, values))


def _average_precision(true: NDArray[np.int64], values: NDArray[np.float64]) -> float:
    return float(average_precision_score(true, values)) if true.any() else 0.0


def _balanced_accuracy(confusion: NDArray[np.int64]) -> float:
    """Return the mean recall of presence and absence, over labels that have both."""
    totals = confusion.sum(axis=2)
    hits = np.stack([confusion[:, 0, 0], confusion[:, 1, 1]], axis=1)
    return float(np.nanmean(_share(hits, totals, undefined=np.nan)))


def _loss(true: NDArray[np.int64], values: NDArray[np.float64]) -> float:
    clipped = values.clip(_EPS, 1 - _EPS)
    right = np.where(true == 1, clipped, 1 - clipped)
    return float(-np.log(right).mean())


def _indicator(y_true: Any, names: list[Any]) -> NDArray[np.int64]:
    """Return the true labels as a matrix of 0 and 1, a column per label."""
    if not names or len(set(names)) < len(names):
        raise argument_error("classes", names, "labels, each once", owner=OWNER)
    rows = list(y_true)
    check_any_clips(rows)
    if not isinstance(rows[0], _COLLECTIONS) or _is_matrix(rows):
        return _check_matrix(np.asarray(y_true), len(names))
    check_known(chain.from_iterable(rows), names)
    sets = map(set, rows)
    return np.array([[name in row for name in names] for row in sets], dtype=np.int64)


def _check_matrix(matrix: NDArray[Any], n_labels: int) -> NDArray[np.int64]:
    if matrix.shape[1:] != (n_labels,) or not np.isin(matrix, (0, 1)).all():
        expected = f"an indicator matrix with {n_labels} columns, one per class"
        raise argument_error("y_true", matrix.shape, expected, owner=OWNER)
    return matrix.astype(np.int64)


def _is_matrix(rows: list[Any]) -> bool:
    """Tell lists of 0 and 1 of equal length from collections of names."""
    if len({len(row) for row in rows}) > 1 or not isinstance(rows[0], list | tuple):
        return False
    values = [value for row in rows for value in row]
    return bool(values) and all(not isinstance(v, str) and v in (0, 1) for v in values)


def _check_scores(scores: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    values = check_shape(scores, shape)
    for row in values:
        if not (row.min() >= 0 and row.max() <= 1):
            expected = "rows of probabilities, each from 0 to 1"
            raise argument_error("scores", row.tolist(), expected, owner=OWNER)
    return values


def _check_thresholds(
    thresholds: Sequence[float] | None, n_labels: int
) -> NDArray[np.float64]:
    if thresholds is None:
        return np.full(n_labels, 0.5)
    values = np.asarray(thresholds, dtype=np.float64)
    if values.shape != (n_labels,):
        expected = f"{n_labels} floats, one per class"
        raise argument_error("thresholds", thresholds, expected, owner=OWNER)
    return values
