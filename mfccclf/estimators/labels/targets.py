"""Check labels and weights, and turn them into what a loss needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_consistent_length

from mfccclf._validation import argument_error

__all__ = ["check_labels", "check_weights", "encode_labels", "unknown_labels_error"]


def check_labels(y: Any, X: NDArray[Any], *, owner: object) -> NDArray[Any]:
    """Check labels.

    Parameters
    ----------
    y : array-like of shape (n_clips,)
        Labels: strings, ints or whatever numpy can sort.
    X : ndarray
        The clips that they belong to.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    y : ndarray of shape (n_clips,)
        The same labels.

    Raises
    ------
    ValueError
        If y or one of its labels is missing, or y is of another length, not one label
        per clip, or not discrete.
    """
    if y is None:
        raise ValueError(
            f"{type(owner).__name__} requires y to be passed, but the target y is None."
        )
    _check_none_missing(y)
    checked = check_array(y, ensure_2d=False, dtype=None, input_name="y")
    labels: NDArray[Any] = column_or_1d(checked, warn=True)
    check_consistent_length(X, labels)
    check_classification_targets(labels)
    return labels


def _check_none_missing(y: Any) -> None:
    # Sorting None among texts would fail without a word of which clip it is.
    labels = np.asarray(y, dtype=object)
    if labels.ndim == 0 or labels.size != len(labels):
        return  # a matrix, which is told otherwise
    for index, label in enumerate(labels.ravel()):
        if _is_missing(label):
            raise ValueError(
                f"The label of clip {index} is missing: y[{index}] is {label!r}. Give "
                "each clip a label, or leave the clip out."
            )


def _is_missing(label: Any) -> bool:
    # pandas.NA cannot be compared at all; NaN is not equal to itself.
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, float | np.floating) and bool(np.isnan(label))


def encode_labels(
    labels: NDArray[Any], classes: NDArray[Any], *, name: str
) -> NDArray[np.int64]:
    """Turn labels into indices of classes.

    Parameters
    ----------
    labels : ndarray of shape (n_clips,)
        Labels.
    classes : ndarray of shape (n_classes,)
        Sorted classes.
    name : str
        What to call the labels in an error.

    Returns
    -------
    targets : int64 ndarray of shape (n_clips,)
        Index of each label's class.

    Raises
    ------
    ValueError
        If a label is not one of the classes.
    """
    unknown = sorted(set(labels.tolist()) - set(classes.tolist()), key=str)
    if unknown:
        raise unknown_labels_error(name, unknown, classes)
    return np.searchsorted(classes, labels).astype(np.int64)


def unknown_labels_error(
    name: str, unknown: list[Any], classes: NDArray[Any]
) -> ValueError:
    """Return the error for labels that a classifier does not know."""
    return ValueError(
        f"{name} has labels that are not in the training data: {unknown}. Each must "
        f"be one of {classes.tolist()}."
    )


def check_weights(
    sample_weight: ArrayLike | None,
    class_weight: Any,
    X: NDArray[Any],
    targets: NDArray[np.int64],
    classes: NDArray[Any],
    *,
    owner: object,
) -> NDArray[np.float32]:
    """Combine sample weights and class weights into weights of mean 1.

    Parameters
    ----------
    sample_weight : array-like of shape (n_clips,) or None
        Weight per clip.
    class_weight : None, "balanced" or dict
        Weight per class.
    X : ndarray
        The clips.
    targets : int64 ndarray of shape (n_clips,)
        Index of each clip's class.
    classes : ndarray of shape (n_classes,)
        Sorted classes.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    weights : float32 ndarray of shape (n_clips,)
        Not negative; 0 for clips to leave out. Those to keep have mean 1.

    Raises
    ------
    ValueError
        If a weight is negative, all are zero, or ``class_weight`` is malformed.
    """
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
    if weights.min() < 0:
        raise ValueError(
            f"sample_weight holds the negative weight {weights.min():g}. Weights must "
            "be 0 (leave the clip out) or above."
        )
    weights = (
        weights * _per_class(class_weight, targets, weights, classes, owner)[targets]
    )
    if not weights.any():
        raise ValueError(
            "sample_weight leaves no clip to learn from: all weights are zero. Give "
            "some clips of each class a weight above 0."
        )
    normalised: NDArray[np.float64] = weights / weights[weights > 0].mean()
    return normalised.astype(np.float32)


def _per_class(
    class_weight: Any,
    targets: NDArray[np.int64],
    weights: NDArray[np.float64],
    classes: NDArray[Any],
    owner: object,
) -> NDArray[np.float64]:
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str) and class_weight == "balanced":
        totals = np.bincount(targets, weights, minlength=len(classes))
        return np.divide(1.0, totals, out=np.zeros(len(classes)), where=totals > 0)
    if isinstance(class_weight, dict) and min(class_weight.values(), default=0) >= 0:
        per_class: NDArray[np.float64] = compute_class_weight(
            class_weight, classes=classes, y=classes[targets]
        )
        return per_class
    expected = "None, 'balanced' or a dict of label to weight >= 0"
    raise argument_error("class_weight", class_weight, expected, owner=owner)
