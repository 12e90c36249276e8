"""Folds, drawn with a fixed seed, so that all systems learn and test on the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from benchmarks.quality.task import Fold

__all__ = ["draw_few", "leave_one_out", "official", "stratified"]

_SEED = 0


def leave_one_out(groups: Sequence[str]) -> list[Fold]:
    """Return one fold per group, tested on it and trained on the others."""
    names = np.array(groups)
    return [
        Fold(str(name), np.flatnonzero(names != name), np.flatnonzero(names == name))
        for name in np.unique(names)
    ]


def official(splits: Sequence[str]) -> list[Fold]:
    """Return the one fold that the publishers of the data defined."""
    names = np.array(splits)
    train, test = np.flatnonzero(names != "test"), np.flatnonzero(names == "test")
    return [Fold("official", train, test)]


def draw_few(
    labels: Sequence[str], splits: Sequence[str], *, per_class: int, n_draws: int
) -> list[Fold]:
    """Return folds that train on a few clips per class of the official training part.

    Each draw is a fold of its own; all are tested on the official test part.
    """
    whole = official(splits)[0]
    names = np.array(labels)
    folds = []
    for draw in range(n_draws):
        rng = np.random.default_rng([_SEED, per_class, draw])
        chosen = [
            rng.choice(whole.train[names[whole.train] == name], per_class, False)
            for name in np.unique(names)
        ]
        train = np.sort(np.concatenate(chosen))
        folds.append(Fold(f"draw {draw + 1}", train, whole.test))
    return folds


def stratified(
    labels: Sequence[str], groups: Sequence[str] | None, *, n_folds: int = 5
) -> list[Fold]:
    """Return folds with equal shares of each label; no group is on both sides."""
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = kind(n_folds, shuffle=True, random_state=_SEED)
    parts = splitter.split(np.zeros(len(labels)), labels, groups)
    return [
        Fold(f"fold {number}", np.asarray(train), np.asarray(test))
        for number, (train, test) in enumerate(parts, start=1)
    ]
