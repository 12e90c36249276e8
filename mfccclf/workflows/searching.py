"""Search for a preset's best parameters on labelled clips, and train the winner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf import __version__
from mfccclf._parameters import check_each
from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.pipelines import make_pipeline
from mfccclf.search import (
    FitReport,
    Journal,
    SearchResults,
    make_plan,
    open_scheduler,
    search_pipeline,
)
from mfccclf.search.candidates import full_parameters
from mfccclf.search.folds import fewest_to_learn
from mfccclf.search.journal import digest
from mfccclf.search.space import Space
from mfccclf.workflows.data_choice import check_validation_labels
from mfccclf.workflows.search_data import SearchData, arrange_data
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
    scoring: Sequence[str] | None = None,
    multilabel: bool = False,
    random_state: int = 0,
    n_jobs: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    on_progress: Progress | None = None,
    on_fit: Callable[[FitReport], None] | None = None,
) -> SearchOutcome:
    """Try combinations of a preset's parameters and train the best one.

    Where clips have several labels, scores are those of thresholds of 0.5; the winner's
    thresholds are tuned on the validation clips or, without any, the mean of those that
    suit each fold best.

    Parameters
    ----------
    clips : Dataset
        Training clips, or features that `extract_to_disk` wrote of them. Where they
        name groups, no group is on both sides of a fold.
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
    scoring : sequence of str, optional
        Names of scikit-learn's scorers; the first one decides. By default "accuracy",
        or "f1_macro" where clips have several labels.
    multilabel : bool, default=False
        As for `train_recogniser`.
    random_state : int, default=0
        Equal seeds give equal results, wherever and on however many processes.
    n_jobs, scheduler
        As for `mfccclf.search.open_scheduler`.
    resume : bool, default=False
        Whether to go on with the search that ``folder`` holds.
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
    DatasetError, AudioFileError
        If the clips cannot be used, or features on disk are not those of the search.
    """
    pipeline = _prepare(preset, overrides or {}, random_state)
    space = full_parameters(pipeline, space)
    _check_halving(method, space)
    check_validation_labels(clips, validation)
    several = multilabel or clips.multilabel
    data = arrange_data(
        clips,
        validation,
        cv=cv,
        use_groups=use_groups,
        several=several,
        random_state=random_state,
    )
    data.check_features(pipeline, space, preset)
    n_clips = fewest_to_learn(data.folds)
    plan = make_plan(
        space,
        method=method,
        n_iter=n_iter,
        max_epochs=check_each(TrainingOptions, pipeline[-1]).count_epochs(n_clips),
        random_state=random_state,
    )
    scoring = tuple(scoring or (("f1_macro",) if several else ("accuracy",)))
    identity = _identify(pipeline, data, preset, scoring, random_state)
    with (
        Journal(folder, identity=identity, resume=resume) as journal,
        open_scheduler(scheduler, n_jobs=n_jobs) as where,
    ):
        results = search_pipeline(
            pipeline,
            data.paths,
            data.y,
            plan=plan,
            folds=data.folds,
            groups=data.groups,
            scoring=scoring,
            scheduler=where,
            journal=journal,
            extract=lambda front_end, _: data.extract(front_end, on_progress),
            on_fit=on_fit,
        )
        results.save(journal.folder)
        given = full_parameters(pipeline, overrides or {}) | _cache_of(pipeline)
        with where.backend():
            training = _train_best(
                results,
                clips,
                journal,
                preset=preset,
                overrides=given,
                validation=validation,
                random_state=random_state,
                multilabel=multilabel,
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


def _identify(
    pipeline: Pipeline,
    data: SearchData,
    preset: str,
    scoring: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """Return what every score depends on, besides a candidate and a fold."""
    silent = ("n_jobs", "verbose", "cache", "device", "random_state")
    parameters = {
        name: value
        for name, value in pipeline.get_params().items()
        if "__" in name and name.split("__")[-1] not in silent
    }
    return {
        "the data": data.identity(),
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
        clips,
        overrides={**overrides, **best},
        checkpoint=checkpoint,
        thresholds=results.best.thresholds,
        **options,
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
