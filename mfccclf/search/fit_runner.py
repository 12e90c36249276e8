"""Run the fits of a search: those not in the journal, each until it has an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray
from sklearn.base import clone

from mfccclf.search.candidates import Candidate
from mfccclf.search.feature_store import FeatureStore
from mfccclf.search.fit_progress import FitProgress
from mfccclf.search.fit_tasks import FitTask, longest_first
from mfccclf.search.fitting import FitOutcome, fit_and_score
from mfccclf.search.journal import Journal
from mfccclf.search.local_processes import Call
from mfccclf.search.scheduling import Scheduler
from mfccclf.search.scorers import Scorer
from mfccclf.search.search_targets import SearchTargets
from mfccclf.variation.rows import repeat_groups

__all__ = ["FitRunner"]

# How often a fit is tried if its worker, or the worker's data, is lost.
_ATTEMPTS = 3


@dataclass(kw_only=True)
class FitRunner:
    """Runs fits on a scheduler, and keeps their outcomes.

    Attributes
    ----------
    targets : SearchTargets
        Labels of all clips.
    groups : ndarray of shape (n_clips,) or None
        Group of each clip, for early stopping.
    scorers : dict of str to callable
        Scorers by name.
    features : FeatureStore
        Makes X for a front end.
    scheduler : Scheduler
        Where fits run.
    journal : Journal or None
        Fits in it are not repeated; others are added.
    progress : FitProgress
        Reports each fit.
    outcomes : dict of str to FitOutcome
        Outcomes by the tasks' keys.
    """

    targets: SearchTargets
    groups: NDArray[Any] | None
    scorers: Mapping[str, Scorer]
    features: FeatureStore
    scheduler: Scheduler
    journal: Journal | None
    progress: FitProgress
    outcomes: dict[str, FitOutcome] = field(default_factory=dict)

    def run(self, tasks: Iterable[FitTask]) -> None:
        """Run the tasks that have no outcome yet.

        Raises
        ------
        RuntimeError
            If fits are lost with their workers again and again.
        """
        all_tasks = list(tasks)
        self._take_from_journal(all_tasks)
        missing = self._missing(all_tasks)
        self.progress.skip(len(all_tasks) - len(missing))
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._attempt(self._missing(missing.values()))
            except Exception as error:
                if attempt == _ATTEMPTS or not _is_loss(error):
                    raise
        lost = self._missing(missing.values())
        if lost:
            raise RuntimeError(
                f"{len(lost)} fit(s) were lost with their workers {_ATTEMPTS} times. "
                "Check the workers' memory, and continue with --resume."
            )

    def _take_from_journal(self, tasks: Iterable[FitTask]) -> None:
        known = self.journal.records if self.journal is not None else {}
        for task in tasks:
            if task.key in known:
                self.outcomes[task.key] = FitOutcome.from_dict(known[task.key])

    def _missing(self, tasks: Iterable[FitTask]) -> dict[str, FitTask]:
        return {task.key: task for task in tasks if task.key not in self.outcomes}

    def _attempt(self, tasks: Mapping[str, FitTask]) -> None:
        """Run each task once; those lost with their workers get no outcome."""
        if not tasks:
            return
        self.scheduler.start()
        with self.scheduler.backend():
            X = {
                key: self.features.get(
                    task.candidate.front_end, task.candidate.variation
                )
                for key, task in tasks.items()
            }
        self.progress.start()
        self.scheduler.run(
            [self._call(task, X[task.key]) for task in self._in_order(tasks)],
            lambda outcome: self._take(outcome, tasks),
            shared=self._shared(tasks.values()),
        )

    def _in_order(self, tasks: Mapping[str, FitTask]) -> list[FitTask]:
        if self.scheduler.is_parallel:
            return longest_first(tasks.values())
        return list(tasks.values())

    def _shared(self, tasks: Iterable[FitTask]) -> list[Any]:
        """Return the arrays that many calls take, each once."""
        folds = {id(task.fold): task.fold for task in tasks}.values()
        parts = [part for fold in folds for part in (fold.train, fold.test)]
        return [*self.features.arrays(), self.targets.y, *parts]

    def _call(self, task: FitTask, X: NDArray[np.float32]) -> Call:
        call: Call = delayed(fit_and_score)(
            task.key,
            clone(task.candidate.rest),
            X=X,
            y=self.targets.y,
            train=task.fold.train,
            test=task.fold.test,
            scorers=self.scorers,
            fit_parameters=self._fit_parameters(task.candidate),
            n_copies=task.candidate.variation.n_copies,
        )
        return call

    def _fit_parameters(self, candidate: Candidate) -> dict[str, NDArray[Any]]:
        if not candidate.stops_early:
            return {}
        n_copies = candidate.variation.n_copies
        groups = repeat_groups(self.groups, len(self.targets.y), n_copies)
        if groups is None:
            return {}
        return {f"{candidate.rest.steps[-1][0]}__groups": groups}

    def _take(self, outcome: Any, tasks: Mapping[str, FitTask]) -> None:
        self.progress.lap()
        if not isinstance(outcome, FitOutcome):
            return  # cancelled with its worker; the next attempt runs it again
        self.outcomes[outcome.key] = outcome
        if self.journal is not None:
            self.journal.add(outcome.key, outcome.to_dict())
        self.progress.report(tasks[outcome.key], outcome)


def _is_loss(error: Exception) -> bool:
    """Tell a lost worker, or lost data, from an error of the fit itself."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"BrokenProcessPool", "CancelledError", "KilledWorker"})
