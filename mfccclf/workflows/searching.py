"""Search for a preset's best parameters on labelled clips, and train the winner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf._typing import Progress
from mfccclf.search import (
    FitReport,
    Journal,
    SearchResults,
    open_scheduler,
    search_pipeline,
)
from mfccclf.search.candidates import full_parameters
from mfccclf.search.journal import digest
from mfccclf.search.space import Space
from mfccclf.workflows.preset_options import RecogniserOptions, SearchOptions
from mfccclf.workflows.search_setup import SearchSetup, cache_name, prepare_search
from mfccclf.workflows.training import train_recogniser
from mfccclf.workflows.training_data import TrainingData
from mfccclf.workflows.training_result import TrainingResult

__all__ = ["SearchOutcome", "search_recognisers"]


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """What a search leaves.

    Attributes
    ----------
    results : SearchResults
        Every combination with its scores.
    training : TrainingResult
        The best combination, trained on all training clips.
    folder : pathlib.Path
        Where the tables are: ``results.csv`` and ``results.json``.
    n_resumed : int
        Fits that an earlier run had finished.
    """

    results: SearchResults
    training: TrainingResult
    folder: Path
    n_resumed: int

    def _repr_html_(self) -> str:
        """Return what notebooks show: the best combinations."""
        return self.results._repr_html_()


def search_recognisers(
    data: TrainingData,
    space: Space,
    options: SearchOptions | None = None,
    *,
    folder: str | PathLike[str],
    resume: bool = False,
    n_jobs: int | None = None,
    scheduler: str | None = None,
    on_progress: Progress | None = None,
    on_fit: Callable[[FitReport], None] | None = None,
) -> SearchOutcome:
    """Try combinations of a preset's parameters and train the best one.

    Multilabel clips are scored with thresholds of 0.5. The winner's thresholds are
    tuned on the validation clips; without any, they are the mean of those that suit
    each fold best.

    Parameters
    ----------
    data : TrainingData
        Training clips, or features that `extract_to_disk` wrote of them, and perhaps
        validation clips. More clips and out-of-distribution clips are not supported.
    space : mapping
        Values of each parameter; see `mfccclf.search.read_space`.
    options : SearchOptions, optional
        How to search; by default a grid search with the preset "default".
    folder : path-like
        Where finished fits and the tables are kept.
    resume : bool, default=False
        Whether to resume the search that ``folder`` holds.
    n_jobs, scheduler
        As for `mfccclf.search.open_scheduler`.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while features are extracted.
    on_fit : callable, optional
        As for `mfccclf.search.search_pipeline`.

    Returns
    -------
    outcome : SearchOutcome
        Table and winner.

    Raises
    ------
    ValueError
        If a parameter cannot be used, or ``folder`` holds another search.
    DatasetError, BadClipsError
        If the clips cannot be used, or features on disk are not those of the search.

    Examples
    --------
    >>> from mfccclf.workflows import load_training_data, search_recognisers
    >>> data = load_training_data("recordings")  # doctest: +SKIP
    >>> space = {"hidden_sizes": [[64], [128, 32]]}
    >>> found = search_recognisers(data, space, folder="search")  # doctest: +SKIP
    >>> found.training.save("best.mfccclf")  # doctest: +SKIP
    """
    options = (options or SearchOptions()).with_suited_preset(space)
    search = prepare_search(data, space, options, on_progress=on_progress)
    with (
        Journal(folder, identity=search.identity, resume=resume) as journal,
        open_scheduler(scheduler, n_jobs=n_jobs) as where,
    ):
        results = search_pipeline(
            search.pipeline,
            search.clips.paths,
            search.clips.y,
            plan=search.plan,
            folds=search.clips.folds,
            groups=search.clips.groups,
            scoring=search.scoring,
            scheduler=where,
            journal=journal,
            extract=partial(search.clips.extract, on_progress=on_progress),
            on_fit=on_fit,
        )
        results.save(journal.folder)
        with where.backend():
            training = _train_best(results, search, options, journal)
        journal.finish()
    return SearchOutcome(
        results=results,
        training=_with_search(training, results, options.method),
        folder=journal.folder,
        n_resumed=journal.n_found,
    )


def _train_best(
    results: SearchResults,
    search: SearchSetup,
    options: SearchOptions,
    journal: Journal,
) -> TrainingResult:
    """Train the best combination on all training clips, with a checkpoint."""
    best = results.best.parameters
    checkpoint = journal.folder / f"best-{digest(best)}.checkpoint"
    if not journal.resume:
        checkpoint.unlink(missing_ok=True)
    winner = RecogniserOptions(
        preset=options.preset,
        overrides={**_given(search.pipeline, options), **best},
        multilabel=options.multilabel,
        random_state=options.random_state,
        thresholds=results.best.thresholds,
    )
    training = train_recogniser(search.data, winner, checkpoint=checkpoint)
    checkpoint.unlink(missing_ok=True)
    return replace(training, skipped=search.skipped)


def _given(pipeline: Pipeline, options: SearchOptions) -> dict[str, Any]:
    """Return the overrides of a search by full names, with its cache."""
    cache, parameters = cache_name(pipeline), pipeline.get_params()
    cached = {cache: parameters[cache]} if cache in parameters else {}
    return {**full_parameters(pipeline, options.overrides or {}), **cached}


def _with_search(
    training: TrainingResult, results: SearchResults, method: str
) -> TrainingResult:
    """Add to the model's facts how its parameters were found."""
    best, decisive = results.best, results.scoring[0]
    n_skipped = len(training.skipped)
    facts = {
        "method": method,
        "n_candidates": len(results.rows),
        "n_folds": len(results.fold_names),
        "parameters": best.parameters,
        "scoring": decisive,
        "mean_score": best.mean(decisive),
    }
    skipped = {"n_skipped_clips": n_skipped} if n_skipped else {}
    return replace(training, data={**training.data, **skipped, "search": facts})
