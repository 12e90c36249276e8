"""Outputs for every clip by nets that were trained without it."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils import _safe_indexing

from mfccclf.estimators.training.batches import make_dataset
from mfccclf.estimators.training.inference import run_net
from mfccclf.stratification import IterativeStratifiedKFold

__all__ = ["N_FOLDS", "HeldOut", "check_enough_clips", "hold_out_in_turn"]

N_FOLDS = 3


class HeldOut(NamedTuple):
    """Outputs for clips by nets that were trained without them.

    Attributes
    ----------
    rows : ndarray of int
        Indices of the clips that were measured, each once.
    logits : float32 ndarray of shape (n_clips, n_outputs)
        In the order of the rows.
    distances : float64 ndarray of shape (n_clips,)
        Of the embeddings from the nearest class mean of the same net.
    """

    rows: NDArray[np.intp]
    logits: NDArray[np.float32]
    distances: NDArray[np.float64]


def check_enough_clips(
    clip_labels: Sequence[Sequence[Any]], *, n_folds: int = N_FOLDS
) -> None:
    """Check that every fold leaves clips of each label to train on.

    Parameters
    ----------
    clip_labels : sequence of tuple
        Labels of each clip.
    n_folds : int, default=3
        Number of folds.

    Raises
    ------
    ValueError
        If a label has too few clips.
    """
    counts = Counter(label for labels in clip_labels for label in labels)
    if not counts:
        return  # ``fit`` raises a better error
    name, fewest = min(counts.items(), key=lambda item: (item[1], str(item[0])))
    if fewest < 2 or max(counts.values()) < n_folds:
        clips = "clip" if fewest == 1 else "clips"
        raise ValueError(
            f"Label {str(name)!r} has {fewest} {clips}, too few to calibrate by "
            f"{n_folds} folds. Give {n_folds} clips of each label or more, or "
            "validation clips."
        )


def hold_out_in_turn(
    classifier: Any,
    X: NDArray[Any],
    y: Any,
    groups: Any,
    *,
    targets: NDArray[Any],
    n_folds: int,
    measured: NDArray[np.bool_] | None = None,
    **fit_options: Any,
) -> HeldOut:
    """Train a copy of a classifier for each fold, and run it on the held-out clips.

    Parameters
    ----------
    classifier : SequenceClassifier
        Fitted; the copies have its parameters.
    X, y, groups
        All clips, as for its ``fit``.
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        The same labels, as indices of its classes or as an indicator matrix.
    n_folds : int
        Number of folds.
    measured : bool ndarray of shape (n_clips,), default=None
        Which clips to run the copies on; the others are learned from alone. None means
        all.
    **fit_options
        For ``fit`` of the copies.

    Returns
    -------
    held_out : HeldOut
        Over all folds.

    Raises
    ------
    ValueError
        If there are too few clips or groups, or a copy would not see every class.
    """
    parts = []
    for train, test in _folds(classifier.classes_, targets, groups, n_folds):
        fold = clone(classifier).fit(
            X[train],
            _safe_indexing(y, train),
            groups=None if groups is None else np.asarray(groups)[train],
            **fit_options,
        )
        if len(fold.classes_) != len(classifier.classes_):
            raise ValueError(
                f"A class has too few clips or groups for {n_folds} folds. Lower "
                "n_folds, or call calibrate with other clips."
            )
        test = test if measured is None else test[measured[test]]
        outputs = run_net(fold, make_dataset(X[test]))
        distances = fold.familiarity_.gaussians.distances(outputs.embeddings)
        parts.append((test, outputs.logits, distances))
    return HeldOut(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _folds(
    classes: NDArray[Any], targets: NDArray[Any], groups: Any, n_folds: int
) -> Any:
    multilabel = targets.ndim == 2
    names = [classes[row > 0] if multilabel else classes[[row]] for row in targets]
    check_enough_clips([labels.tolist() for labels in names], n_folds=n_folds)
    single = StratifiedKFold if groups is None else StratifiedGroupKFold
    kind = IterativeStratifiedKFold if multilabel else single
    splitter = kind(n_folds, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        # A label with fewer clips than folds still is in most training parts.
        warnings.filterwarnings("ignore", message="The least populated class")
        return list(splitter.split(np.zeros(len(targets)), targets, groups))
