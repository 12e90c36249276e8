"""The search itself: every candidate on every fold, each fit once."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mfccclf._memory import keep_freed_memory
from mfccclf.search.candidates import Candidate, prepare_candidate
from mfccclf.search.fitting import FitOutcome, fit_and_score
from mfccclf.search.folds import Fold, fewest_to_learn
from mfccclf.search.front_end import FeatureStore, Sequences
from mfccclf.search.journal import FEATURES, Journal, digest
from mfccclf.search.local_processes import Call
from mfccclf.search.results import SearchResults, SearchRow
from mfccclf.search.scheduling import Scheduler
from mfccclf.search.scoring import make_scorers
from mfccclf.search.strategies import Plan, Round
from mfccclf.search.targets import SearchTargets, read_targets

__all__ = ["FitReport", "search_pipeline"]

# A fit is asked for again this often if its worker, or the worker's data, is lost.
_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class FitReport:
    """One finished fit, to be shown.

    Attributes
    ----------
    n_done, n_total : int
        Fits finished so far, and in all.
    parameters : dict
        What was tried.
    fold : str
        Name of the fold.
    n_epochs : int
        Epochs of training, at most.
    outcome : FitOutcome
        Scores and times.
    left_s : float
        Seconds that the rest will take at this rate.
    """

    n_done: int
    n_total: int
    parameters: dict[str, Any]
    fold: str
    n_epochs: int
    outcome: FitOutcome
    left_s: float


@dataclass(frozen=True)
class _Task:
    key: str
    candidate: Candidate
    fold: Fold

    @property
    def size(self) -> int:
        """How long the fit may take, to compare with others."""
        return (
            self.candidate.n_parameters * self.candidate.n_epochs * len(self.fold.train)
        )


def search_pipeline(
    pipeline: Pipeline,
    clips: Sequence[Any],
    y: Sequence[Any],
    *,
    plan: Plan,
    folds: Sequence[Fold],
    groups: Sequence[Any] | None = None,
    scoring: Sequence[str] = ("accuracy",),
    scheduler: Scheduler | None = None,
    journal: Journal | None = None,
    extract: Callable[[Any, Sequence[Any]], Sequences] | None = None,
    on_fit: Callable[[FitReport], None] | None = None,
) -> SearchResults:
    """Try combinations of parameters by cross-validation.

    Equals ``GridSearchCV`` in its scores, but makes the features of each clip once per
    set of front-end parameters, and can go on after it was broken off. The process
    keeps the memory that it has once used, see `mfccclf.keep_freed_memory`.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Its first step turns clips into X; the last one is a sequence classifier. An
        int ``random_state`` makes the search repeatable.
    clips : sequence of shape (n_clips,)
        What the pipeline's first step takes.
    y : sequence of shape (n_clips,), or indicator matrix of shape (n_clips, n_labels)
        Labels; for clips that may have several, also a sequence of tuples.
    plan : Plan
        From `make_plan`.
    folds : sequence of Fold
        From `make_folds`, or one's own.
    groups : sequence of shape (n_clips,), optional
        Group of each clip, for early stopping.
    scoring : sequence of str, default=("accuracy",)
        Names of scikit-learn's scorers; the first one decides.
    scheduler : Scheduler, optional
        From `open_scheduler`; by default this process does all.
    journal : Journal, optional
        Opened; finished fits are taken from it and added to it.
    extract : callable, optional
        Called as ``extract(front_end, clips)`` for X, or a list of parts of X; by
        default its ``fit_transform``.
    on_fit : callable, optional
        Called with a `FitReport` after each fit that was not in the journal; with
        several processes also from another thread, but never twice at a time.

    Returns
    -------
    results : SearchResults
        The table.

    Raises
    ------
    ValueError
        If a combination cannot be built; the search stops before its round of fits.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import make_pipeline
    >>> from mfccclf.search import make_folds, make_plan, search_pipeline
    >>> time = np.arange(4000) / 8000
    >>> clips = [np.sin(2 * np.pi * f * time) for f in (300, 310, 320, 900, 910, 920)]
    >>> y = ["low"] * 3 + ["high"] * 3
    >>> pipeline = make_pipeline(
    ...     "names-lstm-14", sample_rate=8000, max_epochs=2, random_state=0
    ... )
    >>> results = search_pipeline(
    ...     pipeline, clips, y, plan=make_plan({"hidden_sizes": [[4], [8]]}),
    ...     folds=make_folds(y, cv=3),
    ... )
    >>> [row.parameters for row in results.rows]
    [{'lstm__hidden_sizes': [4]}, {'lstm__hidden_sizes': [8]}]
    """
    keep_freed_memory()
    with ExitStack() as stack:
        # Beside the journal rather than in /tmp, which may be small or in memory.
        near = journal.folder if journal is not None else None
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix=FEATURES, dir=near)
        )
        search = _Search(
            pipeline=pipeline,
            targets=read_targets(y),
            groups=None if groups is None else np.asarray(groups),
            folds=list(folds),
            scoring=tuple(scoring),
            scheduler=scheduler or Scheduler(1),
            journal=journal,
            on_fit=on_fit,
            n_fits=plan.n_candidates * len(folds),
            features=FeatureStore(
                Path(folder), lambda step: _extract(step, clips, extract)
            ),
        )
        _drive(plan, search.run)
    names = tuple(fold.name for fold in folds)
    return SearchResults(rows=search.rows, scoring=search.scoring, fold_names=names)


def _extract(
    front_end: Any,
    clips: Sequence[Any],
    extract: Callable[[Any, Sequence[Any]], Sequences] | None,
) -> Sequences:
    if extract is not None:
        return extract(front_end, clips)
    X: NDArray[np.float32] = front_end.fit_transform(clips)
    return X


def _drive(plan: Plan, run: Callable[[Round], list[float]]) -> None:
    rounds = plan.rounds()
    try:
        current = next(rounds)
        while True:
            current = rounds.send(run(current))
    except StopIteration:
        return


@dataclass(kw_only=True)
class _Search:
    """What the rounds of one search share."""

    pipeline: Pipeline
    targets: SearchTargets
    groups: NDArray[Any] | None
    folds: list[Fold]
    scoring: tuple[str, ...]
    scheduler: Scheduler
    journal: Journal | None
    features: FeatureStore
    on_fit: Callable[[FitReport], None] | None
    n_fits: int
    rows: list[SearchRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scorers = make_scorers(self.scoring, self.targets)
        self.done: dict[str, FitOutcome] = {}
        self.n_reported = self.n_run = 0
        self.run_s = self.last_s = 0.0

    def run(self, current: Round) -> list[float]:
        """Fit what is not finished yet; return each candidate's mean score."""
        n_clips = fewest_to_learn(self.folds)
        candidates = [
            prepare_candidate(
                self.pipeline,
                parameters,
                current.n_epochs,
                self.targets,
                n_clips=n_clips,
            )
            for parameters in current.candidates
        ]
        tasks = [
            [_Task(self._key(candidate, fold), candidate, fold) for fold in self.folds]
            for candidate in candidates
        ]
        self._fit([task for some in tasks for task in some])
        rows = [
            SearchRow(
                parameters=candidate.parameters,
                n_epochs=candidate.n_epochs,
                n_parameters=candidate.n_parameters,
                outcomes=[self.done[task.key] for task in some],
            )
            for candidate, some in zip(candidates, tasks, strict=True)
        ]
        self._keep(rows)
        return [row.mean(self.scoring[0]) for row in rows]

    def _keep(self, rows: list[SearchRow]) -> None:
        """Add rows to the table; what is left to chance may come up twice."""
        there = {row.identity for row in self.rows}
        for row in rows:
            if row.identity not in there:
                there.add(row.identity)
                self.rows.append(row)

    def _key(self, candidate: Candidate, fold: Fold) -> str:
        identity = self.journal.identity if self.journal is not None else {}
        parts = [fold.train.tolist(), fold.test.tolist(), candidate.n_epochs, identity]
        return digest([candidate.parameters, *parts])

    def _fit(self, tasks: list[_Task]) -> None:
        known = self.journal.records if self.journal is not None else {}
        missing: dict[str, _Task] = {}
        for task in tasks:
            if task.key in known:
                self.done[task.key] = FitOutcome.from_dict(known[task.key])
            if task.key not in self.done:
                missing[task.key] = task
        self.n_reported += len(tasks) - len(missing)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._fit_each({k: t for k, t in missing.items() if k not in self.done})
            except Exception as error:
                if attempt == _ATTEMPTS or not _is_loss(error):
                    raise
        lost = [key for key in missing if key not in self.done]
        if lost:
            raise RuntimeError(
                f"{len(lost)} fit(s) were lost with their workers {_ATTEMPTS} times. "
                "Look at the workers' memory, and go on with --resume."
            )

    def _fit_each(self, tasks: Mapping[str, _Task]) -> None:
        if not tasks:
            return
        self.scheduler.start()
        with self.scheduler.backend():
            fronts = [task.candidate.front_end for task in tasks.values()]
            arrays = dict(zip(tasks, map(self.features.get, fronts), strict=True))
        parts = [part for fold in self.folds for part in (fold.train, fold.test)]
        self.last_s = time.perf_counter()
        self.scheduler.run(
            [self._call(task, arrays[task.key]) for task in self._in_order(tasks)],
            lambda outcome: self._take(outcome, tasks),
            shared=[*self.features.arrays(), self.targets.y, *parts],
        )

    def _in_order(self, tasks: Mapping[str, _Task]) -> list[_Task]:
        """Return the longest first where several processes are to end together."""
        several = self.scheduler.n_jobs > 1 or self.scheduler.client is not None
        order = sorted(tasks.values(), key=lambda task: task.size, reverse=True)
        return order if several else list(tasks.values())

    def _call(self, task: _Task, X: NDArray[np.float32]) -> Call:
        call: Call = delayed(fit_and_score)(
            task.key,
            clone(task.candidate.rest),
            X,
            self.targets.y,
            task.fold.train,
            task.fold.test,
            scorers=self.scorers,
            fit_parameters=self._fit_parameters(task.candidate),
        )
        return call

    def _take(self, outcome: FitOutcome, tasks: Mapping[str, _Task]) -> None:
        now = time.perf_counter()
        self.run_s, self.last_s = self.run_s + now - self.last_s, now
        if not isinstance(outcome, FitOutcome):
            return  # cancelled with its worker; the next attempt takes it
        self.done[outcome.key] = outcome
        if self.journal is not None:
            self.journal.add(outcome.key, outcome.to_dict())
        self._report(tasks[outcome.key], outcome)

    def _fit_parameters(self, candidate: Candidate) -> dict[str, NDArray[Any]]:
        if self.groups is None or not candidate.stops_early:
            return {}
        return {f"{candidate.rest.steps[-1][0]}__groups": self.groups}

    def _report(self, task: _Task, outcome: FitOutcome) -> None:
        self.n_run += 1
        self.n_reported += 1
        if self.on_fit is None:
            return
        per_fit = self.run_s / self.n_run
        self.on_fit(
            FitReport(
                n_done=self.n_reported,
                n_total=self.n_fits,
                parameters=task.candidate.parameters,
                fold=task.fold.name,
                n_epochs=task.candidate.n_epochs,
                outcome=outcome,
                left_s=per_fit * (self.n_fits - self.n_reported),
            )
        )


def _is_loss(error: Exception) -> bool:
    """Tell a lost worker, or data lost with it, from an error of the fit itself."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"BrokenProcessPool", "CancelledError", "KilledWorker"})
