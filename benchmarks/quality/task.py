"""A task: clips with labels, and the folds that every system is tested on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fold", "LabelSets", "Places", "Task", "TaskClips"]

LabelSets = list[tuple[str, ...]]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to test on."""

    name: str
    train: Rows
    test: Rows


@dataclass(frozen=True, kw_only=True)
class TaskClips:
    """Clips of a task, each with its labels, and the folds.

    Attributes
    ----------
    paths : list of str
        The clips.
    label_sets : list of tuple of str
        The labels of each clip: one, or any number in a multilabel task.
    groups : list of str or None
        Speaker, instrument or recording of each clip, for folds within the training
        rows; None if clips have no groups.
    folds : list of Fold
        The folds, the same for every system.
    """

    paths: list[str]
    label_sets: LabelSets
    groups: list[str] | None
    folds: list[Fold]

    @property
    def classes(self) -> list[str]:
        """The labels that occur, each once, sorted."""
        return sorted({label for labels in self.label_sets for label in labels})

    @property
    def indicator(self) -> NDArray[np.int64]:
        """The labels as 0 and 1, of shape (n_clips, n_classes)."""
        column = {name: index for index, name in enumerate(self.classes)}
        matrix = np.zeros((len(self.paths), len(column)), np.int64)
        for row, labels in enumerate(self.label_sets):
            matrix[row, [column[label] for label in labels]] = 1
        return matrix

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that change with any clip, label or fold."""
        digest = hashlib.sha256()
        for path, labels in zip(self.paths, self.label_sets, strict=True):
            digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
            digest.update(";".join(labels).encode() + b"\0")
        for fold in self.folds:
            for rows in (fold.train, fold.test):
                digest.update(np.asarray(rows, "<i8").tobytes() + b"\0")
        return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One table of the comparison.

    Attributes
    ----------
    name : str
        Its name on the command line and in the results.
    title : str
        Heading of its table.
    about : str
        Description for the documentation, in a sentence or two.
    make : callable
        Returns the `TaskClips`, given the `Places` of the command line.
    sample_rate : int
        Rate at which peers get the clips, in Hz: that of the recordings, up to 22050.
    measure : {"accuracy", "balanced_accuracy", "macro_f1"}
        The main measure.
    goal : float or None
        Value that the measure should reach.
    multilabel : bool
        Whether clips may have several labels.
    seeds : tuple of int
        Seeds of training; the folds never change.
    """

    name: str
    title: str
    about: str
    make: Callable[[Places], TaskClips]
    sample_rate: int = 16000
    measure: str = "accuracy"
    goal: float | None = None
    multilabel: bool = False
    seeds: Sequence[int] = (0, 1, 2)


@dataclass(frozen=True)
class Places:
    """Folders of recordings, of clips made here, and of rendered notes."""

    data: Path
    work: Path
    rendered: Path | None = None
