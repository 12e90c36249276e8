"""The clips that were handed over, as every peer may want them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

INNER_FOLDS = 3


@dataclass
class Clips:
    """Clips as sequences of 20 MFCC and, on demand, as waveforms.

    Attributes
    ----------
    folder : pathlib.Path
        Where they lie.
    sequences : list of float32 ndarray of shape (n_frames, 20)
        One per clip.
    Y : int ndarray of shape (n_clips, n_classes)
        0 and 1.
    groups : int ndarray of shape (n_clips,) or None
        What must stay together in folds.
    sample_rate : int
        Of the waveforms, in Hz.
    multilabel : bool
        Whether rows of ``Y`` may hold several ones.
    """

    folder: Path
    sequences: list
    Y: np.ndarray
    groups: np.ndarray | None
    sample_rate: int
    multilabel: bool

    @cached_property
    def waveforms(self) -> list:
        """The clips as int16 ndarrays of shape (n_samples,)."""
        with np.load(self.folder / "waveforms.npz") as kept:
            return np.split(kept["values"], kept["ends"][:-1])

    def targets(self, rows) -> np.ndarray:
        """Return what scikit-learn takes for y: class numbers, or a matrix."""
        return self.Y[rows] if self.multilabel else self.Y[rows].argmax(axis=1)

    def as_matrix(self, numbers) -> np.ndarray:
        """Return class numbers as rows of 0 and 1."""
        return np.eye(self.Y.shape[1], dtype=int)[np.asarray(numbers, int)]

    def inner_folds(self, rows, seed: int) -> list:
        """Return folds within rows, to choose by; groups stay together."""
        y, groups, count = self.targets(rows), None, INNER_FOLDS
        if self.groups is not None:
            groups = self.groups[rows]
            count = min(count, len(np.unique(groups)))
        if self.multilabel:
            grouped, plain = GroupKFold, KFold
        else:
            grouped, plain = StratifiedGroupKFold, StratifiedKFold
        kind = plain if groups is None else grouped
        splitter = kind(count, shuffle=True, random_state=seed)
        return list(splitter.split(np.zeros(len(rows)), y, groups))


def load_clips(folder: Path) -> Clips:
    """Read the clips that were handed over in a folder."""
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


def standardise(sequences: list, rows) -> list:
    """Bring each coefficient to mean 0 and deviation 1 over the frames of some rows."""
    frames = np.concatenate([sequences[row] for row in rows])
    mean, deviation = frames.mean(axis=0), frames.std(axis=0) + 1e-6
    return [(sequence - mean) / deviation for sequence in sequences]


def pad(sequences: list) -> np.ndarray:
    """Return sequences of shape (n_clips, n_coefficients, n_frames), 0 past the end."""
    longest = max(len(sequence) for sequence in sequences)
    X = np.zeros((len(sequences), sequences[0].shape[1], longest), np.float32)
    for row, sequence in enumerate(sequences):
        X[row, :, : len(sequence)] = sequence.T
    return X
