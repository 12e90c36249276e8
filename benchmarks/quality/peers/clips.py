"""The exported clips, in the forms that peers need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

__all__ = ["Answers", "Clips", "Rows", "load_clips", "pad", "standardise"]

INNER_FOLDS = 3

Rows = Sequence[int] | NDArray[np.int64]
# Decisions as 0 and 1, and scores in a multilabel task; each of shape (n_clips,
# n_classes).
Answers = tuple[NDArray[np.int64], NDArray[np.float64] | None]


@dataclass
class Clips:
    """Clips as sequences of 20 MFCC and, on demand, as waveforms.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the exported clips.
    sequences : list of float32 ndarray of shape (n_frames, 20)
        One per clip.
    Y : int ndarray of shape (n_clips, n_classes)
        0 and 1.
    groups : int ndarray of shape (n_clips,) or None
        Clips of one group stay together in folds.
    sample_rate : int
        Of the waveforms, in Hz.
    multilabel : bool
        Whether a row of ``Y`` may hold more than one 1.
    """

    folder: Path
    sequences: list[NDArray[np.float32]]
    Y: NDArray[np.int64]
    groups: NDArray[np.int64] | None
    sample_rate: int
    multilabel: bool

    @cached_property
    def waveforms(self) -> list[NDArray[np.int16]]:
        """The clips as int16 ndarrays of shape (n_samples,)."""
        with np.load(self.folder / "waveforms.npz") as kept:
            return np.split(kept["values"], kept["ends"][:-1])

    def vectors(self, kind: str) -> list[NDArray[np.float32]]:
        """Return what a pre-trained net makes of each clip, (n_vectors, n_values)."""
        with np.load(self.folder / f"vectors-{kind}.npz") as kept:
            return np.split(kept["values"], kept["ends"][:-1])

    def targets(self, rows: Rows) -> NDArray[np.int64]:
        """Return y for scikit-learn: class numbers, or a matrix."""
        Y = self.Y[np.asarray(rows)]
        return Y if self.multilabel else np.asarray(Y.argmax(axis=1))

    def as_matrix(self, numbers: ArrayLike) -> NDArray[np.int64]:
        """Return class numbers as rows of 0 and 1."""
        rows = np.eye(self.Y.shape[1], dtype=int)
        return np.asarray(rows[np.asarray(numbers, int)])

    def inner_folds(self, rows: Rows, seed: int) -> list[Any]:
        """Return folds within rows, to choose by; groups stay together."""
        y, groups, count = self.targets(rows), None, INNER_FOLDS
        if self.groups is not None:
            groups = self.groups[np.asarray(rows)]
            count = min(count, len(np.unique(groups)))
        if self.multilabel:
            grouped, plain = GroupKFold, KFold
        else:
            grouped, plain = StratifiedGroupKFold, StratifiedKFold
        kind = plain if groups is None else grouped
        splitter = kind(count, shuffle=True, random_state=seed)
        return list(splitter.split(np.zeros(len(rows)), y, groups))


def load_clips(folder: Path) -> Clips:
    """Read the clips that were exported to a folder."""
    facts = json.loads((folder / "facts.json").read_text())
    with np.load(folder / "sequences.npz") as kept:
        sequences = np.split(kept["values"], kept["ends"][:-1])
        return Clips(
            folder,
            sequences,
            kept["Y"],
            kept["groups"] if facts["grouped"] else None,
            facts["sample_rate"],
            facts["multilabel"],
        )


def standardise(
    sequences: list[NDArray[Any]], rows: Iterable[int]
) -> list[NDArray[Any]]:
    """Scale each coefficient to mean 0 and deviation 1 over the frames of some rows."""
    frames = np.concatenate([sequences[row] for row in rows])
    mean, deviation = frames.mean(axis=0), frames.std(axis=0) + 1e-6
    return [(sequence - mean) / deviation for sequence in sequences]


def pad(sequences: list[NDArray[Any]]) -> NDArray[np.float32]:
    """Return sequences of shape (n_clips, n_coefficients, n_frames), 0 past the end."""
    longest = max(len(sequence) for sequence in sequences)
    X = np.zeros((len(sequences), sequences[0].shape[1], longest), np.float32)
    for row, sequence in enumerate(sequences):
        X[row, :, : len(sequence)] = sequence.T
    return X
