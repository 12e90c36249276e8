"""Scores of a classifier; this module does one label per clip itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)

from mfccclf._validation import argument_error
from mfccclf.evaluation._checks import (
    OWNER,
    check_any_clips,
    check_known,
    check_shape,
    plain,
)
from mfccclf.evaluation.multilabel import evaluate_multilabel, is_multilabel_truth

__all__ = ["evaluate"]


def evaluate(
    y_true: Sequence[Any] | NDArray[Any],
    scores: ArrayLike,
    classes: Sequence[Any] | NDArray[Any],
    *,
    thresholds: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Compare a classifier's scores with the true labels.

    Parameters
    ----------
    y_true : sequence of shape (n_clips,)
        The true labels. If clips have any number of labels: a collection of labels per
        clip, or an indicator matrix of shape (n_clips, n_classes).
    scores : array-like of shape (n_clips, n_classes)
        Probability of each class, as ``predict_proba`` returns it; rows sum to 1 where
        each clip has one label.
    classes : sequence of shape (n_classes,)
        The class of each column.
    thresholds : sequence of float of shape (n_classes,), default=None
        For a multilabel model, the score from which each label counts as predicted;
        None means 0.5.

    Returns
    -------
    result : dict
        Plain Python values, fit for JSON:

        - ``n_clips``;
        - ``accuracy``: share of clips whose highest score is that of their label (of
          equal scores, the first counts);
        - ``balanced_accuracy``: mean recall of the classes that have clips;
        - ``macro_f1``: mean F1 of the classes that have clips or were predicted;
        - ``loss``: cross-entropy, in nats per clip;
        - ``per_class``: for each label a dict of ``precision``, ``recall``, ``f1`` (0
          where undefined) and ``n_clips``;
        - ``confusion``: list of rows, one per true class; columns are predictions;
        - ``classes``: the order of rows and columns.

        If clips have any number of labels:

        - ``accuracy``: share of right decisions over all clips and labels;
          ``balanced_accuracy``: mean recall of each label's presence and absence;
        - ``macro_f1``: mean F1 of the labels, ``micro_f1``: F1 over all decisions;
        - ``map``: mean average precision of the labels that have clips;
        - ``lrap``: label ranking average precision;
        - ``exact_match``: share of clips with all labels right and no other;
        - ``loss``: mean binary cross-entropy, in nats per label and clip;
        - ``per_class``: as above, and ``average_precision``;
        - ``confusion``: for each label ``[[absent and not predicted, absent but
          predicted], [present but not predicted, present and predicted]]``;
        - ``predict_everything``: ``macro_f1``, ``micro_f1``, ``map``, ``lrap`` and
          ``exact_match`` of a model that names every label for every clip.

    Raises
    ------
    DatasetError
        If a true label is none of ``classes``.
    ValueError
        If shapes do not match, or the scores are not probabilities.

    Examples
    --------
    >>> from mfccclf import evaluate
    >>> result = evaluate(["yes", "no"], [[0.2, 0.8], [0.4, 0.6]], ["no", "yes"])
    >>> result["accuracy"], result["confusion"]
    (0.5, [[0, 1], [0, 1]])
    """
    if is_multilabel_truth(y_true):
        return evaluate_multilabel(y_true, scores, classes, thresholds)
    names = plain(classes)
    true = _columns_of(plain(y_true), names)
    probabilities = _check_scores(scores, (len(true), len(names)))
    predicted = probabilities.argmax(axis=1)
    columns = np.arange(len(names))
    per_class = _per_class(true, predicted, names)
    recalls = [row["recall"] for row in per_class.values() if row["n_clips"]]
    return {
        "n_clips": len(true),
        "accuracy": float(accuracy_score(true, predicted)),
        "balanced_accuracy": float(np.mean(recalls)),
        "macro_f1": float(f1_score(true, predicted, average="macro", zero_division=0)),
        "loss": float(log_loss(true, probabilities, labels=columns)),
        "per_class": per_class,
        "confusion": confusion_matrix(true, predicted, labels=columns).tolist(),
        "classes": names,
    }


def _per_class(
    true: NDArray[np.int64], predicted: NDArray[np.int64], names: list[Any]
) -> dict[str, dict[str, Any]]:
    precision, recall, f1, support = precision_recall_fscore_support(
        true, predicted, labels=np.arange(len(names)), zero_division=0
    )
    return {
        str(name): {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "n_clips": int(support[i]),
        }
        for i, name in enumerate(names)
    }


def _columns_of(labels: list[Any], names: list[Any]) -> NDArray[np.int64]:
    if len(set(names)) < max(2, len(names)):
        expected = "two or more labels, each once"
        raise argument_error("classes", names, expected, owner=OWNER)
    check_known(labels, names)
    check_any_clips(labels)
    column = {name: i for i, name in enumerate(names)}
    return np.array([column[label] for label in labels], dtype=np.int64)


def _check_scores(scores: ArrayLike, shape: tuple[int, int]) -> NDArray[np.float64]:
    values = check_shape(scores, shape)
    sums: NDArray[np.float64] = values.sum(axis=1, keepdims=True)
    for row, total in zip(values, sums[:, 0], strict=True):
        if not (row.min() >= 0 and abs(total - 1) < 1e-3):
            expected = "rows of probabilities, from 0 to 1 and 1 in sum"
            raise argument_error("scores", row.tolist(), expected, owner=OWNER)
    # float32 sums to 1 within 1e-6 only, too coarse for log_loss in float64.
    normalised: NDArray[np.float64] = values / sums
    return normalised
