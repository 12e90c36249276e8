"""Progress of a search: fits done, and the time that the rest will take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mfccclf.search.fit_tasks import FitTask
from mfccclf.search.fitting import FitOutcome

__all__ = ["FitProgress", "FitReport"]


@dataclass(frozen=True, kw_only=True)
class FitReport:
    """One finished fit, for display.

    Attributes
    ----------
    n_done, n_total : int
        Fits finished so far, and in all.
    parameters : dict
        The candidate's parameters.
    fold : str
        Name of the fold.
    n_epochs : int
        Epochs of training, at most.
    outcome : FitOutcome
        Scores and times.
    left_s : float
        Estimated seconds for the remaining fits.
    """

    n_done: int
    n_total: int
    parameters: dict[str, Any]
    fold: str
    n_epochs: int
    outcome: FitOutcome
    left_s: float


class FitProgress:
    """Counts and times the fits of a search, and reports each one.

    Parameters
    ----------
    n_total : int
        Fits of the search.
    on_fit : callable or None
        Called with a `FitReport` after each fit that ran.
    """

    def __init__(
        self, n_total: int, on_fit: Callable[[FitReport], None] | None
    ) -> None:
        self.n_total = n_total
        self.on_fit = on_fit
        self._n_done = self._n_run = 0
        self._run_s = self._last_s = 0.0

    def skip(self, n_fits: int) -> None:
        """Count fits that need not run."""
        self._n_done += n_fits

    def start(self) -> None:
        """Start the clock: fits begin to run."""
        self._last_s = time.perf_counter()

    def lap(self) -> None:
        """Add the time since the last fit, or since the start, to the running time."""
        now = time.perf_counter()
        self._run_s, self._last_s = self._run_s + now - self._last_s, now

    def report(self, task: FitTask, outcome: FitOutcome) -> None:
        """Count and report a fit that ran."""
        self._n_run += 1
        self._n_done += 1
        if self.on_fit is not None:
            self.on_fit(self._make_report(task, outcome))

    def _make_report(self, task: FitTask, outcome: FitOutcome) -> FitReport:
        per_fit_s = self._run_s / self._n_run
        return FitReport(
            n_done=self._n_done,
            n_total=self.n_total,
            parameters=task.candidate.parameters,
            fold=task.fold.name,
            n_epochs=task.candidate.n_epochs,
            outcome=outcome,
            left_s=per_fit_s * (self.n_total - self._n_done),
        )
