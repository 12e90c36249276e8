"""The fits of a search: each candidate on each fold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mfccclf.search.candidates import Candidate
from mfccclf.search.folds import Fold

__all__ = ["FitTask", "longest_first"]


@dataclass(frozen=True)
class FitTask:
    """A candidate to fit on a fold.

    Attributes
    ----------
    key : str
        Identifies the fit in the journal.
    candidate : Candidate
        What to fit.
    fold : Fold
        Clips to train and to score on.
    """

    key: str
    candidate: Candidate
    fold: Fold

    @property
    def size(self) -> int:
        """The relative duration of the fit."""
        candidate = self.candidate
        n_rows = len(self.fold.train) * candidate.variation.n_copies
        return candidate.n_parameters * candidate.n_epochs * n_rows


def longest_first(tasks: Iterable[FitTask]) -> list[FitTask]:
    """Sort tasks so that all processes end at about the same time."""
    return sorted(tasks, key=lambda task: task.size, reverse=True)
