"""Split multilabel data with every label in equal proportions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_consistent_length

from mfccclf._validation import check_bool, check_int

__all__ = ["IterativeStratifiedKFold", "stratified_parts"]

Indices = NDArray[np.int64]


class IterativeStratifiedKFold(BaseCrossValidator):  # type: ignore[misc]
    """Split multilabel data into folds with similar proportions of every label.

    Clips are distributed label by label, the rarest first, each to the fold that lacks
    most of that label [1]_. With groups, whole groups are distributed in the same way,
    so that none is in two folds.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds.
    shuffle : bool, default=False
        Whether to distribute the clips in a random order.
    random_state : int, RandomState instance or None, default=None
        Seed of that order.

    References
    ----------
    .. [1] K. Sechidis, G. Tsoumakas and I. Vlahavas, "On the Stratification of
       Multi-Label Data", ECML PKDD, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import IterativeStratifiedKFold
    >>> Y = np.array([[1, 0], [1, 0], [1, 1], [1, 1], [0, 1], [0, 1]])
    >>> for train, test in IterativeStratifiedKFold(2).split(Y, Y):
    ...     print(test, Y[test].sum(axis=0))
    [0 2 4] [2 2]
    [1 3 5] [2 2]
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        return self.n_splits

    def split(
        self, X: Any, y: ArrayLike, groups: ArrayLike | None = None
    ) -> Iterator[tuple[Indices, Indices]]:
        """Yield the clips to train on and those to test on, for each fold.

        Parameters
        ----------
        X : array-like of shape (n_clips, ...)
            The clips; only their number matters.
        y : array-like of shape (n_clips, n_labels)
            Indicator matrix: 1 where a clip has a label. One label per clip, of shape
            (n_clips,), is accepted, too.
        groups : array-like of shape (n_clips,), default=None
            Group of each clip; a group is never split.

        Yields
        ------
        train, test : int64 ndarray of shape (n_train,) and (n_test,)
            Indices of clips, ascending.

        Raises
        ------
        ValueError
            If there are too few clips, or groups, to fill every fold.
        """
        n_splits = check_int("n_splits", self.n_splits, minimum=2, owner=self)
        shuffle = check_bool("shuffle", self.shuffle, owner=self)
        check_consistent_length(X, y, groups)
        fold = stratified_parts(
            _indicator(y),
            [1 / n_splits] * n_splits,
            groups=groups,
            random_state=check_random_state(self.random_state) if shuffle else None,
        )
        if len(np.unique(fold)) < n_splits:
            what = "groups" if groups is not None else "clips"
            raise ValueError(
                f"There are too few {what} for {n_splits} folds. Lower n_splits, or "
                f"add {what}."
            )
        for number in range(n_splits):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def stratified_parts(
    indicator: NDArray[Any],
    fractions: Sequence[float],
    *,
    groups: ArrayLike | None = None,
    random_state: np.random.RandomState | None = None,
) -> Indices:
    """Distribute clips over parts, each with its fraction of every label.

    Parameters
    ----------
    indicator : ndarray of shape (n_clips, n_labels)
        Not 0 where a clip has a label.
    fractions : sequence of float
        Fraction of the clips that each part gets; their sum is 1.
    groups : array-like of shape (n_clips,), default=None
        Group of each clip; a group goes to one part as a whole.
    random_state : RandomState, default=None
        Draws the order of the clips or groups; None keeps their order.

    Returns
    -------
    part : int64 ndarray of shape (n_clips,)
        Index of each clip's part.
    """
    if groups is None:
        unit = np.arange(len(indicator))
    else:
        unit = np.unique(np.asarray(groups), return_inverse=True)[1]
    n_units = int(unit.max()) + 1
    counts = np.zeros((n_units, indicator.shape[1]))
    np.add.at(counts, unit, np.asarray(indicator) != 0)
    sizes = np.bincount(unit).astype(np.float64)
    order = np.arange(n_units)
    if random_state is not None:
        random_state.shuffle(order)
    part = np.empty(n_units, np.int64)
    part[order] = _distribute(
        counts[order], sizes[order], np.asarray(fractions, np.float64)
    )
    return part[unit]


def _distribute(
    counts: NDArray[np.float64],
    sizes: NDArray[np.float64],
    fractions: NDArray[np.float64],
) -> Indices:
    """Return the part of each unit, given its clips per label and in total."""
    part = np.full(len(counts), -1, np.int64)
    lacking = np.outer(fractions, counts.sum(axis=0))
    room = fractions * sizes.sum()
    while (part < 0).any():
        units, label = _next_units(counts, part < 0)
        for unit in units:
            # The part that lacks most of the label; of these, the one with most room.
            wish = lacking[:, label] if label is not None else room
            best = np.flatnonzero(wish >= wish.max() - 1e-9)
            chosen = int(best[np.argmax(room[best])])
            part[unit] = chosen
            lacking[chosen] -= counts[unit]
            room[chosen] -= sizes[unit]
    return part


def _next_units(
    counts: NDArray[np.float64], waiting: NDArray[np.bool_]
) -> tuple[Indices, int | None]:
    """Return the waiting units that have the rarest label, large ones first."""
    left = counts[waiting].sum(axis=0)
    if not left.any():  # clips without labels come last
        return np.flatnonzero(waiting), None
    label = int(np.where(left > 0, left, np.inf).argmin())
    units = np.flatnonzero(waiting & (counts[:, label] > 0))
    return units[np.argsort(-counts[units, label], kind="stable")], label


def _indicator(y: ArrayLike) -> NDArray[Any]:
    array: NDArray[Any] = check_array(
        y, ensure_2d=False, dtype=None, accept_sparse="csr", input_name="y"
    )
    if hasattr(array, "toarray"):
        array = array.toarray()
    if array.ndim == 1:
        array = (array[:, None] == np.unique(array)).astype(np.int64)
    return array
