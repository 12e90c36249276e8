"""The search itself: every candidate on every fold, each fit once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf._memory import keep_freed_memory
from mfccclf.search.candidates import Candidate, prepare_candidate
from mfccclf.search.feature_store import FeatureStore, Sequences
from mfccclf.search.fit_progress import FitProgress, FitReport
from mfccclf.search.fit_runner import FitRunner
from mfccclf.search.fit_tasks import FitTask
from mfccclf.search.folds import Fold, smallest_training_part
from mfccclf.search.journal import FEATURES, Journal, digest
from mfccclf.search.results import SearchResults, SearchRow
from mfccclf.search.scheduling import Scheduler
from mfccclf.search.scorers import make_scorers
from mfccclf.search.search_targets import read_targets
from mfccclf.search.strategies import Plan, Round
from mfccclf.variation.clip_variation import ClipVariation

__all__ = ["search_pipeline"]

Extract = Callable[[Any, Any], Sequences]


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
    extract: Extract | None = None,
    on_fit: Callable[[FitReport], None] | None = None,
) -> SearchResults:
    """Try combinations of parameters by cross-validation.

    Gives the scores of ``GridSearchCV``, but extracts the features of each clip once
    per set of front-end parameters, and can resume an interrupted search. The process
    keeps the memory that it frees, see `mfccclf.keep_freed_memory`.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Its first step turns clips into X; the last one is a sequence classifier. An
        int ``random_state`` makes the search repeatable.
    clips : sequence of shape (n_clips,)
        What the pipeline's first step takes.
    y : sequence of shape (n_clips,), or indicator matrix of shape (n_clips, n_labels)
        Labels; in a multilabel search also a sequence of tuples.
    plan : Plan
        From `make_plan`.
    folds : sequence of Fold
        From `make_folds`, or your own.
    groups : sequence of shape (n_clips,), optional
        Group of each clip, for early stopping.
    scoring : sequence of str, default=("accuracy",)
        Names of scikit-learn's scorers; the first one decides.
    scheduler : Scheduler, optional
        From `open_scheduler`; by default all fits run in this process.
    journal : Journal, optional
        An open one: its fits are not repeated, and new fits are added.
    extract : callable, optional
        Called as ``extract(front_end, clips)``; returns X, or a list of parts of X. The
        clips are those given, or each followed by its varied copies. By default the
        front end's ``fit_transform``.
    on_fit : callable, optional
        Called with a `FitReport` after each fit that was not in the journal. With
        several processes another thread may call it, but never two at a time.

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
    targets = read_targets(y)
    make = partial(_extract, clips, extract or _fit_transform)
    with _feature_store(make, journal) as store:
        fits = FitRunner(
            targets=targets,
            groups=None if groups is None else np.asarray(groups),
            scorers=make_scorers(scoring, targets),
            features=store,
            scheduler=scheduler or Scheduler(1),
            journal=journal,
            progress=FitProgress(plan.n_candidates * len(folds), on_fit),
        )
        search = _Search(pipeline, list(folds), scoring[0], fits)
        _drive(plan, search.run)
    return SearchResults(
        rows=search.rows,
        scoring=tuple(scoring),
        fold_names=tuple(fold.name for fold in folds),
    )


@contextmanager
def _feature_store(
    extract: Callable[[Any, ClipVariation], Sequences], journal: Journal | None
) -> Iterator[FeatureStore]:
    # Beside the journal rather than in /tmp, which may be small or in memory.
    near = journal.folder if journal is not None else None
    with tempfile.TemporaryDirectory(prefix=FEATURES, dir=near) as folder:
        yield FeatureStore(Path(folder), extract)


def _extract(
    clips: Sequence[Any], extract: Extract, front_end: Any, variation: ClipVariation
) -> Sequences:
    return extract(front_end, variation.expand(clips))


def _fit_transform(front_end: Any, clips: Any) -> NDArray[np.float32]:
    X: NDArray[np.float32] = front_end.fit_transform(clips)
    return X


def _drive(plan: Plan, run: Callable[[Round], list[float]]) -> None:
    """Run each round of a plan, which chooses the next by its scores."""
    rounds = plan.rounds()
    try:
        current = next(rounds)
        while True:
            current = rounds.send(run(current))
    except StopIteration:
        return


@dataclass
class _Search:
    """Runs the rounds of one search, and collects the rows of its table."""

    pipeline: Pipeline
    folds: list[Fold]
    decisive: str  # name of the scorer
    fits: FitRunner
    rows: list[SearchRow] = field(default_factory=list)

    def run(self, current: Round) -> list[float]:
        """Fit each candidate of a round on each fold; return their mean scores."""
        candidates = self._prepare(current)
        tasks = [self._tasks(candidate) for candidate in candidates]
        self.fits.run(task for some in tasks for task in some)
        rows = [
            self._row(candidate, some)
            for candidate, some in zip(candidates, tasks, strict=True)
        ]
        self._add(rows)
        return [row.mean(self.decisive) for row in rows]

    def _prepare(self, current: Round) -> list[Candidate]:
        n_clips = smallest_training_part(self.folds)
        return [
            prepare_candidate(
                self.pipeline,
                parameters,
                current.n_epochs,
                self.fits.targets,
                n_clips=n_clips,
            )
            for parameters in current.candidates
        ]

    def _tasks(self, candidate: Candidate) -> list[FitTask]:
        return [
            FitTask(self._key(candidate, fold), candidate, fold) for fold in self.folds
        ]

    def _key(self, candidate: Candidate, fold: Fold) -> str:
        journal = self.fits.journal
        identity = journal.identity if journal is not None else {}
        parts = [fold.train.tolist(), fold.test.tolist(), candidate.n_epochs, identity]
        return digest([candidate.parameters, *parts])

    def _row(self, candidate: Candidate, tasks: Sequence[FitTask]) -> SearchRow:
        return SearchRow(
            parameters=candidate.parameters,
            n_epochs=candidate.n_epochs,
            n_parameters=candidate.n_parameters,
            outcomes=[self.fits.outcomes[task.key] for task in tasks],
        )

    def _add(self, rows: list[SearchRow]) -> None:
        """Add rows to the table; a random search may draw a combination twice."""
        known = {row.identity for row in self.rows}
        for row in rows:
            if row.identity not in known:
                known.add(row.identity)
                self.rows.append(row)
