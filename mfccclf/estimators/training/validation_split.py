"""Set clips aside for validation, to choose the best epoch by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit
from sklearn.utils.validation import check_consistent_length

from mfccclf.estimators.training.batches import SequenceDataset
from mfccclf.stratification import stratified_parts

__all__ = ["set_aside"]

Indices = NDArray[np.intp]

# Splits by group drawn at random, of which the best balanced is taken.
_N_DRAWS = 32


def set_aside(
    clips: SequenceDataset,
    groups: ArrayLike | None,
    kept: NDArray[np.bool_],
    *,
    fraction: float,
    random_state: np.random.RandomState,
) -> tuple[SequenceDataset, SequenceDataset]:
    """Split clips into those to train on and those to validate on.

    Parameters
    ----------
    clips : SequenceDataset
        Clips with targets.
    groups : array-like of shape (n_all,) or None
        Group per clip, such as the speaker; a group is never split.
    kept : bool ndarray of shape (n_all,)
        True for those of all clips that ``clips`` has.
    fraction : float
        Share of the clips, or of the groups, to set aside.
    random_state : numpy RandomState
        Draws the split.

    Returns
    -------
    train, valid : SequenceDataset
        The two parts.

    Raises
    ------
    ValueError
        If there are too few clips or groups to split, or ``groups`` has another length
        than ``kept``.
    """
    if groups is not None:
        groups = np.asarray(groups)
        check_consistent_length(kept, groups)
        groups = groups[kept]
    train, valid = _split(clips.targets, groups, fraction, random_state)
    return clips.subset(train), clips.subset(valid)


def _split(
    targets: NDArray[Any],
    groups: NDArray[Any] | None,
    fraction: float,
    random_state: np.random.RandomState,
) -> tuple[Indices, Indices]:
    if targets.ndim == 2:
        return _split_multilabel(targets, groups, fraction, random_state)
    if groups is None:
        return _split_clips(targets, fraction, random_state)
    return _split_groups(targets, groups, fraction, random_state)


def _split_clips(
    targets: NDArray[np.int64], fraction: float, random_state: np.random.RandomState
) -> tuple[Indices, Indices]:
    splitter = StratifiedShuffleSplit(
        n_splits=1, test_size=fraction, random_state=random_state
    )
    try:
        train, valid = next(splitter.split(targets, targets))
    except ValueError as exc:
        raise ValueError(
            f"early_stopping cannot set validation_fraction={fraction:g} of "
            f"{len(targets)} clips aside: {str(exc).rstrip('.')}. Pass X_val and "
            "y_val to fit, raise validation_fraction, or set early_stopping=False."
        ) from exc
    return train, valid


def _split_groups(
    targets: NDArray[np.int64],
    groups: NDArray[Any],
    fraction: float,
    random_state: np.random.RandomState,
) -> tuple[Indices, Indices]:
    splitter = GroupShuffleSplit(
        n_splits=_N_DRAWS, test_size=fraction, random_state=random_state
    )
    n_groups = len(np.unique(groups))
    draws = list(splitter.split(targets, targets, groups)) if n_groups > 1 else []
    n_classes = targets.max() + 1
    usable = [draw for draw in draws if len(np.unique(targets[draw[0]])) == n_classes]
    if not usable:
        raise ValueError(
            f"early_stopping cannot set validation_fraction={fraction:g} of {n_groups} "
            "groups aside and keep each class in training. Pass X_val and y_val to "
            "fit, give more groups, or set early_stopping=False."
        )
    train, valid = min(usable, key=lambda draw: _imbalance(targets, draw[1]))
    return train, valid


def _split_multilabel(
    targets: NDArray[Any],
    groups: NDArray[Any] | None,
    fraction: float,
    random_state: np.random.RandomState,
) -> tuple[Indices, Indices]:
    parts = stratified_parts(
        targets, [1 - fraction, fraction], groups=groups, random_state=random_state
    )
    train, valid = np.flatnonzero(parts == 0), np.flatnonzero(parts == 1)
    if len(train) == 0 or len(valid) == 0:
        what = f"{len(targets)} clips" if groups is None else "so few groups"
        raise ValueError(
            f"early_stopping cannot set validation_fraction={fraction:g} of {what} "
            "aside. Pass X_val and y_val to fit, or set early_stopping=False."
        )
    return train, valid


def _imbalance(targets: NDArray[np.int64], valid: Indices) -> float:
    n_classes = int(targets.max()) + 1
    whole = np.bincount(targets, minlength=n_classes) / len(targets)
    part = np.bincount(targets[valid], minlength=n_classes) / len(valid)
    return float(np.abs(whole - part).sum())
