"""Search for a preset's best parameters on labelled clips, and train the winner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from mfccclf import __version__
from mfccclf.datasets import Dataset
from mfccclf.errors import DatasetError
from mfccclf.pipelines import make_pipeline
from mfccclf.search import (
    FitReport,
    Fold,
    Journal,
    SearchResults,
    make_folds,
    make_plan,
    open_scheduler,
    search_pipeline,
)
from mfccclf.search.candidates import full_parameters
from mfccclf.search.journal import digest
from mfccclf.search.space import Space
from mfccclf.workflows.extraction import extract_clips
from mfccclf.workflows.training import TrainingResult, train_recogniser

__all__ = ["SearchOutcome", "search_recognisers"]


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """What a search leaves.

    Attributes
    ----------
    results : SearchResults
        Every combination with its scores.
    training : TrainingResult
        The best one, trained on all training clips.
    folder : pathlib.Path
        Where the tables are: ``results.csv`` and ``results.json``.
    n_resumed : int
        Fits that an earlier run had finished.
    """

    results: SearchResults
    training: TrainingResult
    folder: Path
    n_resumed: int


def search_recognisers(
    clips: Dataset,
    space: Space,
    *,
    folder: str | PathLike[str],
    preset: str = "default",
    overrides: Mapping[str, Any] | None = None,
    validation: Dataset | None = None,
    method: str = "grid",
    n_iter: int | None = None,
    cv: int | str | None = None,
    use_groups: bool = True,
    scoring: Sequence[str] = ("accuracy",),
    random_state: int = 0,
    n_jobs: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    on_fit: Callable[[FitReport], None] | None = None,
) -> SearchOutcome:
    """Try combinations of a preset's parameters and train the best one.

    Parameters
    ----------
    clips : Dataset
        Training clips. Where they name groups, no group is on both sides of a fold.
    space : mapping
        Values of each parameter; see `mfccclf.search.read_space`.
    folder : path-like
        Where finished fits and the tables are kept.
    preset, overrides
        As for `train_recogniser`.
    validation : Dataset, optional
        An official validation split: without ``cv``, candidates are scored on it.
    method, n_iter
        As for `mfccclf.search.make_plan`.
    cv : int, "groups" or None, default=None
        As for `mfccclf.search.make_folds`.
    use_groups : bool, default=True
        Whether the groups that the data name are kept whole.
    scoring : sequence of str, default=("accuracy",)
        Names of scikit-learn's scorers; the first one decides.
    random_state : int, default=0
        Equal seeds give equal results, wherever and on however many processes.
    n_jobs, scheduler
        As for `mfccclf.search.open_scheduler`.
    resume : bool, default=False
        Whether to go on with the search that ``folder`` holds.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while features are extracted.
    on_fit : callable, optional
        Called with a `FitReport` after each fit.

    Returns
    -------
    outcome : SearchOutcome
        Table and winner.

    Raises
    ------
    ValueError
        If a parameter cannot be used, or ``folder`` holds another search.
    DatasetError, AudioFileError
        If the clips cannot be used.
    """
    pipeline = _prepare(preset, overrides or {}, random_state)
    space = full_parameters(pipeline, space)
    plan = make_plan(
        space,
        method=method,
        n_iter=n_iter,
        max_epochs=pipeline[-1].max_epochs,
        random_state=random_state,
    )
    _check_halving(method, space)
    _check_single_labels(clips)
    data, folds = _arrange(clips, validation, cv, use_groups, random_state)
    identity = _identify(pipeline, data, preset, scoring, random_state)
    with (
        Journal(folder, identity=identity, resume=resume) as journal,
        open_scheduler(scheduler, n_jobs=n_jobs) as where,
    ):
        results = search_pipeline(
            pipeline,
            data.paths,
            data.labels,
            plan=plan,
            folds=folds,
            groups=data.groups,
            scoring=scoring,
            scheduler=where,
            journal=journal,
            extract=lambda front_end, paths: extract_clips(
                front_end, paths, on_progress=on_progress
            ),
            on_fit=on_fit,
        )
        results.save(journal.folder)
        with where.backend():
            training = _train_best(
                results,
                clips,
                journal,
                preset=preset,
                overrides={
                    **full_parameters(pipeline, overrides or {}),
                    **_cache_of(pipeline),
                },
                validation=validation,
                random_state=random_state,
            )
        journal.finish()
    return SearchOutcome(
        results=results,
        training=_with_search(training, results, method),
        folder=journal.folder,
        n_resumed=journal.n_found,
    )


def _prepare(preset: str, overrides: Mapping[str, Any], random_state: int) -> Pipeline:
    pipeline = make_pipeline(preset, **overrides)
    front_end, classifier = pipeline.steps[0][0], pipeline.steps[-1][0]
    if pipeline.get_params().get(f"{front_end}__cache", False) is None:
        # So that the next search, and training the best, need no extraction.
        pipeline.set_params(**{f"{front_end}__cache": True})
    return pipeline.set_params(**{f"{classifier}__random_state": random_state})


def _cache_of(pipeline: Pipeline) -> dict[str, Any]:
    name = f"{pipeline.steps[0][0]}__cache"
    parameters = pipeline.get_params()
    return {name: parameters[name]} if name in parameters else {}


def _check_halving(method: str, space: Space) -> None:
    epochs = [name for name in space if name.endswith("__max_epochs")]
    if method == "halving" and epochs:
        raise ValueError(
            f"Halving sets the epochs itself, so {epochs[0]!r} cannot be searched for. "
            "Leave it out, or use another method."
        )


def _check_single_labels(clips: Dataset) -> None:
    if clips.multilabel:
        raise DatasetError(
            f"{clips.name} has clips of several labels, which this search does not "
            "take. Search with scikit-learn's GridSearchCV, an indicator matrix as y "
            "and mfccclf.IterativeStratifiedKFold as cv."
        )


def _arrange(
    clips: Dataset,
    validation: Dataset | None,
    cv: int | str | None,
    use_groups: bool,
    random_state: int,
) -> tuple[Dataset, list[Fold]]:
    """Return all clips that are needed, and the folds over them."""
    if not use_groups:
        clips = replace(clips, groups=None)
    if validation is None or cv is not None:
        folds = make_folds(
            clips.labels, groups=clips.groups, cv=cv, random_state=random_state
        )
        return clips, folds
    n_train = len(clips)
    both = replace(
        clips,
        paths=clips.paths + validation.paths,
        labels=clips.labels + validation.labels,
        groups=_join(clips.groups, validation.groups),
        splits=None,
    )
    official = Fold(
        name="validation",
        train=np.arange(n_train),
        test=np.arange(n_train, len(both)),
    )
    return both, [official]


def _join(first: list[str] | None, second: list[str] | None) -> list[str] | None:
    return None if first is None or second is None else first + second


def _identify(
    pipeline: Pipeline, data: Dataset, preset: str, scoring: Sequence[str], seed: int
) -> dict[str, Any]:
    """Return what every score depends on, besides a candidate and a fold."""
    silent = ("n_jobs", "verbose", "cache", "device", "random_state")
    parameters = {
        name: value
        for name, value in pipeline.get_params().items()
        if "__" in name and name.split("__")[-1] not in silent
    }
    return {
        "the data": [data.fingerprint(), data.groups],
        "the preset": preset,
        "the preset's parameters": parameters,
        "the seed": seed,
        "the scoring": list(scoring),
        "the version of mfccclf": __version__,
    }


def _train_best(
    results: SearchResults,
    clips: Dataset,
    journal: Journal,
    *,
    overrides: Mapping[str, Any],
    **options: Any,
) -> TrainingResult:
    """Train the best combination on all training clips, with a checkpoint."""
    best = results.best.parameters
    checkpoint = journal.folder / f"best-{digest(best)}.checkpoint"
    if not journal.resume:
        checkpoint.unlink(missing_ok=True)
    training = train_recogniser(
        clips, overrides={**overrides, **best}, checkpoint=checkpoint, **options
    )
    checkpoint.unlink(missing_ok=True)
    return training


def _with_search(
    training: TrainingResult, results: SearchResults, method: str
) -> TrainingResult:
    """Note in the model's facts how its parameters were found."""
    best, decisive = results.best, results.scoring[0]
    facts = {
        "method": method,
        "n_candidates": len(results.rows),
        "n_folds": len(results.fold_names),
        "parameters": best.parameters,
        "scoring": decisive,
        "mean_score": best.mean(decisive),
    }
    return replace(training, data={**training.data, "search": facts})
