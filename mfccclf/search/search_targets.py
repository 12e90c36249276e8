"""The labels that a search learns: one per clip, or any number of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import suggest
from mfccclf.estimators.labels.multilabel import check_multilabel, is_multilabel

__all__ = ["SearchTargets", "read_targets"]


@dataclass(frozen=True, kw_only=True)
class SearchTargets:
    """Labels in a form in which every fold knows all of them.

    Attributes
    ----------
    y : ndarray of shape (n_clips,) or (n_clips, n_labels)
        Labels; in a multilabel search an indicator matrix, 1 where a clip has a label.
        As names, labels that no clip of a fold has would be lost.
    classes : list
        Every label, sorted: the columns of the matrix.
    """

    y: NDArray[Any]
    classes: list[Any]

    @property
    def multilabel(self) -> bool:
        """Whether clips may have any number of labels."""
        return self.y.ndim == 2

    def column_weights(self, weights: Mapping[Any, float]) -> dict[Any, float]:
        """Return weights of labels under the names that a classifier's ``fit`` knows.

        Parameters
        ----------
        weights : mapping
            Weight by label.

        Returns
        -------
        weights : dict
            By label; by column in a multilabel search.

        Raises
        ------
        ValueError
            If no clip has such a label.
        """
        unknown = [label for label in weights if label not in self.classes]
        if unknown:
            hint = suggest(str(unknown[0]), list(map(str, self.classes)))
            raise ValueError(
                f"class_weight names {unknown[0]!r}, a label of no clip. "
                + (hint or "Leave it out.")
            )
        if not self.multilabel:
            return dict(weights)
        return {self.classes.index(label): w for label, w in weights.items()}


def read_targets(y: Any) -> SearchTargets:
    """Return labels as targets, whether clips have one label each or any number.

    Parameters
    ----------
    y : array-like of shape (n_clips,) or (n_clips, n_labels), or sequence of tuples
        As for ``fit`` of a classifier.

    Returns
    -------
    targets : SearchTargets
        The same labels.

    Raises
    ------
    ValueError
        If they cannot be used.
    """
    if not is_multilabel(y):
        array = np.asarray(y)
        return SearchTargets(y=array, classes=np.unique(array).tolist())
    found = check_multilabel(y, y, owner=None, allow_none=True)
    if not found.indicator.any():
        raise ValueError("No clip has a label. Name the labels of some clips.")
    indicator = found.indicator.astype(np.int64)
    return SearchTargets(y=indicator, classes=found.classes.tolist())
