"""Folds: which clips to train on, and which to score on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from mfccclf._validation import argument_error, check_int
from mfccclf.search.search_targets import SearchTargets, read_targets
from mfccclf.stratification import IterativeStratifiedKFold

__all__ = ["Fold", "make_folds", "smallest_training_part"]

_DEFAULT_FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One split of the clips.

    Attributes
    ----------
    name : str
        A number, or the group that is left out.
    train, test : int64 ndarray of shape (n_clips_in_part,)
        Indices of the clips to train on, and of those to score on.
    """

    name: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]


def smallest_training_part(folds: Iterable[Fold]) -> int:
    """Return the number of training clips of the fold that has the fewest."""
    return min(len(fold.train) for fold in folds)


def make_folds(
    labels: Sequence[Any] | NDArray[Any],
    *,
    groups: Sequence[str] | None = None,
    cv: int | str | None = None,
    random_state: int | None = 0,
) -> list[Fold]:
    """Split clips for cross-validation, by scikit-learn's splitters or our own.

    Parameters
    ----------
    labels : sequence of str, or of tuples of str, of shape (n_clips,)
        Label of each clip, or its labels; or an indicator matrix. Each fold has the
        same share of each label, as far as groups allow.
    groups : sequence of str, of shape (n_clips,), optional
        Group of each clip; no group is on both sides of a split.
    cv : int, "groups" or None, default=None
        Number of folds; "groups" leaves one group out at a time. None means 5, or
        fewer if there are fewer groups or clips of the rarest label (in a multilabel
        search, fewer clips).
    random_state : int or None, default=0
        Seed of the shuffling before the split.

    Returns
    -------
    folds : list of Fold
        At least two.

    Raises
    ------
    ValueError
        If there are too few clips or groups for so many folds.

    Examples
    --------
    >>> from mfccclf.search import make_folds
    >>> labels, groups = ["no", "yes"] * 4, ["a", "a", "b", "b"] * 2
    >>> [fold.name for fold in make_folds(labels, groups=groups, cv=2)]
    ['1', '2']
    """
    targets = read_targets(labels)
    group_array = None if groups is None else np.asarray(groups)
    if cv == "groups":
        return _leave_one_group_out(targets.y, group_array)
    n_folds = _count_folds(targets, group_array, cv)
    if targets.multilabel:
        kind = IterativeStratifiedKFold
    else:
        kind = StratifiedKFold if group_array is None else StratifiedGroupKFold
    splitter = kind(n_folds, shuffle=True, random_state=random_state)
    parts = splitter.split(targets.y, targets.y, group_array)
    return [
        Fold(name=str(number), train=train, test=test)
        for number, (train, test) in enumerate(parts, 1)
    ]


def _leave_one_group_out(y: NDArray[Any], groups: NDArray[Any] | None) -> list[Fold]:
    if groups is None or len(set(groups)) < 2:
        raise ValueError(
            "Leaving one group out needs data that name two groups or more, such as "
            "speakers. Add a column 'group' to the CSV file, or give a number of folds."
        )
    return [
        Fold(name=str(groups[test[0]]), train=train, test=test)
        for train, test in LeaveOneGroupOut().split(y, y, groups)
    ]


def _count_folds(
    targets: SearchTargets, groups: NDArray[Any] | None, cv: int | str | None
) -> int:
    if groups is not None:
        limit = len(set(groups))
        what = _count(limit, "group")
    elif targets.multilabel:
        limit = len(targets.y)
        what = _count(limit, "clip")
    else:
        labels, counts = np.unique(targets.y, return_counts=True)
        limit = int(counts.min())
        what = f"{_count(limit, 'clip')} of the rarest label, {labels[counts.argmin()]}"
    if cv is None:
        n_folds = min(_DEFAULT_FOLDS, limit)
    elif isinstance(cv, str):
        raise argument_error("cv", cv, "an int >= 2 or 'groups'", owner="make_folds")
    else:
        n_folds = check_int("cv", cv, minimum=2, owner="make_folds")
    if n_folds > limit or n_folds < 2:
        hint = "Lower the number of folds, or add" if limit >= 2 else "Add"
        raise ValueError(
            f"The data have {what}: too few for {max(n_folds, 2)} folds. {hint} clips."
        )
    return n_folds


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
