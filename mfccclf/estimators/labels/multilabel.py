"""Multilabel data: names of labels per clip, or an indicator matrix."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array
from sklearn.utils.validation import check_consistent_length

from mfccclf._validation import argument_error
from mfccclf.estimators.labels.targets import unknown_labels_error

__all__ = [
    "MultilabelTargets",
    "check_multilabel",
    "count_as_right",
    "encode_multilabel",
    "is_multilabel",
    "positive_weights",
]

_COLLECTIONS = (list, tuple, set, frozenset)


@dataclass(frozen=True)
class MultilabelTargets:
    """The labels of each clip, in one of two forms.

    Attributes
    ----------
    classes : ndarray of shape (n_labels,)
        Sorted labels.
    indicator : float32 ndarray of shape (n_clips, n_labels)
        1 where a clip has a label.
    named : bool
        Whether y named the labels; False if they are the columns of a matrix.
    """

    classes: NDArray[Any]
    indicator: NDArray[np.float32]
    named: bool


def is_multilabel(y: Any) -> bool:
    """Tell whether ``y`` gives each clip any number of labels.

    True for a binary matrix of two columns or more, dense or sparse, and for a sequence
    of lists, tuples or sets of names. A list of lists of numbers is a matrix.
    """
    if y is None:
        return False
    return _are_collections(y) or _is_indicator(y)


def check_multilabel(
    y: Any, X: NDArray[Any], *, owner: object, allow_none: bool = False
) -> MultilabelTargets:
    """Check labels, any number per clip.

    Parameters
    ----------
    y : indicator matrix of shape (n_clips, n_labels), or sequence of collections
        1 where a clip has a label; or the names of each clip's labels.
    X : ndarray
        The clips that they belong to.
    owner : object
        Estimator to name in an error.
    allow_none : bool, default=False
        Whether it is accepted that no clip has a label.

    Returns
    -------
    labels : MultilabelTargets
        The same labels as a matrix, with the label of each column.

    Raises
    ------
    ValueError
        If y has another length than X, no label at all, or neither form.
    """
    if _are_collections(y):
        labels = _from_collections([tuple(names) for names in y])
        if not allow_none and len(labels.classes) == 0:
            raise ValueError(
                f"{type(owner).__name__} needs at least one label, but every clip's "
                "set of labels is empty. Name the labels of some clips."
            )
    elif _is_indicator(y) or np.ndim(y) == 2:
        labels = _from_indicator(y)
    else:
        raise ValueError(
            f"{type(owner).__name__} was fitted to multilabel data, but "
            "y gives one label per clip. y must be an indicator matrix of shape "
            "(n_clips, n_labels), or a list of collections of labels."
        )
    check_consistent_length(X, labels.indicator)
    return labels


def encode_multilabel(
    labels: MultilabelTargets,
    classes: NDArray[Any],
    *,
    name: str,
    ignore_unknown: bool = False,
) -> NDArray[np.float32]:
    """Arrange labels in the columns of a classifier.

    Parameters
    ----------
    labels : MultilabelTargets
        Labels.
    classes : ndarray of shape (n_labels,)
        Sorted labels of the classifier.
    name : str
        What to call the labels in an error.
    ignore_unknown : bool, default=False
        Whether to leave out labels that the classifier does not know.

    Returns
    -------
    targets : float32 ndarray of shape (n_clips, n_labels)
        1 where a clip has a label.

    Raises
    ------
    ValueError
        If a label is not one of the classes, or a matrix has too many or few columns.
    """
    if not labels.named:
        if labels.indicator.shape[1] != len(classes):
            raise ValueError(
                f"{name} has {labels.indicator.shape[1]} columns, but the classifier "
                f"knows {len(classes)} labels. Give one column per label, in the order "
                "of classes_."
            )
        return labels.indicator
    columns = {label: column for column, label in enumerate(classes.tolist())}
    unknown = [label for label in labels.classes.tolist() if label not in columns]
    if unknown and not ignore_unknown:
        raise unknown_labels_error(name, unknown, classes)
    targets = np.zeros((len(labels.indicator), len(classes)), np.float32)
    names = labels.classes.tolist()
    for label, values in zip(names, labels.indicator.T, strict=True):
        if label in columns:
            targets[:, columns[label]] = values
    return targets


def positive_weights(
    class_weight: Any,
    targets: NDArray[np.float32],
    classes: NDArray[Any],
    *,
    owner: object,
) -> NDArray[np.float32] | None:
    """Return how much the presence of each label weighs against its absence.

    Parameters
    ----------
    class_weight : None, "balanced" or dict
        Weight per label, 1 for labels that a dict leaves out; "balanced" for the
        number of clips without a label divided by the number with it.
    targets : float32 ndarray of shape (n_clips, n_labels)
        1 where a clip has a label.
    classes : ndarray of shape (n_labels,)
        The labels.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    weights : float32 ndarray of shape (n_labels,), or None
        None if all are 1.

    Raises
    ------
    ValueError
        If ``class_weight`` is malformed or names an unknown label.
    """
    if class_weight is None:
        return None
    if isinstance(class_weight, str) and class_weight == "balanced":
        present = targets.sum(axis=0)
        absent = len(targets) - present
        both = (present > 0) & (absent > 0)  # otherwise there is nothing to balance
        ratio = np.divide(absent, present, out=np.ones_like(present), where=both)
        return np.asarray(ratio, np.float32)
    known = classes.tolist()
    if (
        isinstance(class_weight, dict)
        and min(class_weight.values(), default=0) >= 0
        and set(class_weight) <= set(known)
    ):
        return np.array([class_weight.get(label, 1) for label in known], np.float32)
    expected = f"None, 'balanced' or a dict of label to weight >= 0 (labels: {known})"
    raise argument_error("class_weight", class_weight, expected, owner=owner)


def count_as_right(
    predicted: NDArray[np.int64], y: Any, classes: NDArray[Any], *, owner: object
) -> NDArray[np.bool_]:
    """Mark the clips whose labels are all predicted, and no other.

    Parameters
    ----------
    predicted : int64 ndarray of shape (n_clips, n_labels)
        1 where a label was predicted.
    y : indicator matrix or sequence of collections
        True labels; a clip with unknown ones is wrong.
    classes : ndarray of shape (n_labels,)
        The labels of the columns.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    right : bool ndarray of shape (n_clips,)
        One per clip.
    """
    labels = check_multilabel(y, predicted, owner=owner, allow_none=True)
    known = encode_multilabel(labels, classes, name="y", ignore_unknown=True)
    complete = known.sum(axis=1) == labels.indicator.sum(axis=1)
    right: NDArray[np.bool_] = (known == predicted).all(axis=1) & complete
    return right


def _are_collections(y: Any) -> bool:
    """Tell whether y holds a collection of names for each clip."""
    if isinstance(y, np.ndarray):
        if y.ndim != 1 or y.dtype != object:
            return False
    elif hasattr(y, "iloc"):  # a pandas series; a data frame is a matrix
        if getattr(y, "ndim", 1) != 1:
            return False
    elif not isinstance(y, list | tuple):
        return False
    rows = list(y)
    if not rows or not all(isinstance(row, _COLLECTIONS) for row in rows):
        return False
    if any(isinstance(row, set | frozenset) for row in rows):
        return True
    flat = list(chain.from_iterable(rows))
    ragged = len({len(row) for row in rows}) > 1
    return ragged or not flat or all(isinstance(label, str) for label in flat)


def _is_indicator(y: Any) -> bool:
    if hasattr(y, "toarray"):  # sparse
        return bool(y.shape[1] > 1)
    try:
        array = np.asarray(y)
    except ValueError:  # ragged
        return False
    is_matrix = array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind in "biuf"
    return is_matrix and bool(np.isin(array, (0, 1)).all())


def _from_collections(rows: list[tuple[Any, ...]]) -> MultilabelTargets:
    labels = list(chain.from_iterable(rows))
    _check_kinds(labels)
    classes, columns = np.unique(np.array(labels), return_inverse=True)
    indicator = np.zeros((len(rows), len(classes)), np.float32)
    owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    indicator[owners, columns] = 1
    return MultilabelTargets(classes, indicator, named=True)


def _check_kinds(labels: Iterable[Any]) -> None:
    # NumPy would silently turn numbers among texts into texts.
    kinds = {_kind(label) for label in labels}
    if len(kinds) > 1 or None in kinds:
        raise ValueError(
            "y holds labels that are not all texts or all numbers. Give each clip a "
            "list of names."
        )


def _kind(label: Any) -> str | None:
    if isinstance(label, str):
        return "text"
    return "number" if isinstance(label, numbers.Real) else None


def _from_indicator(y: Any) -> MultilabelTargets:
    names = getattr(y, "columns", None)
    array = check_array(y, accept_sparse="csr", dtype=np.float32, input_name="y")
    if hasattr(array, "toarray"):
        array = array.toarray()
    if not np.isin(array, (0, 1)).all():
        raise ValueError(
            "y is a matrix with values other than 0 and 1. It must be an indicator "
            "matrix of shape (n_clips, n_labels), 1 where a clip has a label."
        )
    classes = np.arange(array.shape[1]) if names is None else np.array(list(names))
    return MultilabelTargets(classes, array, named=False)
