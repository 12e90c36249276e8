"""What a search decides before its first fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf import __version__
from mfccclf._parameters import check_each, declared_defaults, runtime_parameters
from mfccclf._typing import Progress
from mfccclf.clip_pipeline import variation_of
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.pipelines import make_pipeline
from mfccclf.search import Plan, make_plan
from mfccclf.search.candidates import full_parameters
from mfccclf.search.folds import smallest_training_part
from mfccclf.search.space import Space
from mfccclf.variation.clip_variation import ClipVariation
from mfccclf.variation.parameters import VariationParameters
from mfccclf.workflows.bad_clips import SkippedClip, report_bad
from mfccclf.workflows.preset_options import SearchOptions
from mfccclf.workflows.search_clips import SearchClips, arrange_clips, check_features
from mfccclf.workflows.training_data import TrainingData
from mfccclf.workflows.training_sequences import read_parts

__all__ = ["SearchSetup", "cache_name", "prepare_search"]

# Parameters that say how or where to compute, or that the search seeds itself.
_NOT_IDENTITY = runtime_parameters(FrontEndRuntime, TrainingOptions) | {"random_state"}


@dataclass(frozen=True, kw_only=True)
class SearchSetup:
    """All that is decided before the first fit of a search.

    Attributes
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Of the preset, with the overrides.
    clips : SearchClips
        To learn from and to score on.
    plan : Plan
        Which combinations to try.
    scoring : tuple of str
        Names of scikit-learn's scorers.
    data : TrainingData
        The clips as they were loaded, without those that were left out.
    skipped : tuple of SkippedClip
        The clips that were left out, since they cannot be used.
    identity : dict
        What every score depends on, apart from the candidate and the fold.
    """

    pipeline: Pipeline
    clips: SearchClips
    plan: Plan
    scoring: tuple[str, ...]
    data: TrainingData
    skipped: tuple[SkippedClip, ...]
    identity: dict[str, Any]


def prepare_search(
    data: TrainingData,
    space: Space,
    options: SearchOptions,
    *,
    on_progress: Progress | None = None,
) -> SearchSetup:
    """Decide all that a search needs before its first fit.

    Parameters
    ----------
    data : TrainingData
        Training clips, and perhaps validation clips.
    space : mapping
        Values of each parameter.
    options : SearchOptions
        How to search.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while clips are read.

    Returns
    -------
    setup : SearchSetup
        Ready to run.

    Raises
    ------
    ValueError
        If a parameter cannot be used.
    DatasetError
        If the clips cannot be used, or features on disk are not those of the search.
    BadClipsError
        If clips cannot be read, unless they are to be left out.
    """
    pipeline = _prepare_pipeline(options)
    space = full_parameters(pipeline, space)
    _check(data, space, options)
    check_features([data.clips, data.validation], pipeline, space, options.preset)
    data, skipped = _without_bad_clips(data, pipeline, options, on_progress)
    clips = arrange_clips(data, options)
    scoring = _choose_scoring(clips, options)
    return SearchSetup(
        pipeline=pipeline,
        clips=clips,
        plan=_plan(pipeline, space, clips, options),
        scoring=scoring,
        data=data,
        skipped=skipped,
        identity=_identify(pipeline, clips, scoring, options),
    )


def cache_name(pipeline: Pipeline) -> str:
    """Return the full name of the front end's ``cache`` parameter."""
    return f"{pipeline.steps[0][0]}__cache"


def _prepare_pipeline(options: SearchOptions) -> Pipeline:
    pipeline = make_pipeline(options.preset, **(options.overrides or {}))
    classifier = pipeline.steps[-1][0]
    cache = cache_name(pipeline)
    if pipeline.get_params().get(cache, False) is None:
        # The next search, and the training of the best, then need no extraction.
        pipeline.set_params(**{cache: True})
    return pipeline.set_params(**{f"{classifier}__random_state": options.random_state})


def _check(data: TrainingData, space: Space, options: SearchOptions) -> None:
    if data.more is not None or data.ood is not None:
        raise ValueError(
            "A search learns from the training clips alone. Leave out 'more' and "
            "'ood', and train with them afterwards."
        )
    epochs = [name for name in space if name.endswith("__max_epochs")]
    if options.method == "halving" and epochs:
        raise ValueError(
            f"Halving sets the epochs itself, so {epochs[0]!r} cannot be searched for. "
            "Leave it out, or use another method."
        )
    data.check_labels()


def _without_bad_clips(
    data: TrainingData,
    pipeline: Pipeline,
    options: SearchOptions,
    on_progress: Progress | None,
) -> tuple[TrainingData, tuple[SkippedClip, ...]]:
    """Find clips that cannot be used before the first fit; the cache keeps the rest."""
    parts = read_parts(
        pipeline[0], data, options.preset, ClipVariation(), on_progress=on_progress
    )
    skipped = report_bad(
        [(part.clips, part.bad) for part in parts.values()], skip_bad=options.skip_bad
    )
    return data.only_usable(parts) if skipped else data, skipped


def _plan(
    pipeline: Pipeline, space: Space, clips: SearchClips, options: SearchOptions
) -> Plan:
    n_clips = smallest_training_part(clips.folds) * variation_of(pipeline).n_copies
    return make_plan(
        space,
        method=options.method,
        n_iter=options.n_iter,
        max_epochs=check_each(TrainingOptions, pipeline[-1]).count_epochs(n_clips),
        random_state=options.random_state,
    )


def _choose_scoring(clips: SearchClips, options: SearchOptions) -> tuple[str, ...]:
    if options.scoring:
        return tuple(options.scoring)
    return ("f1_macro",) if clips.multilabel else ("accuracy",)


def _identify(
    pipeline: Pipeline,
    clips: SearchClips,
    scoring: tuple[str, ...],
    options: SearchOptions,
) -> dict[str, Any]:
    parameters = {
        name: value
        for name, value in pipeline.get_params().items()
        if "__" in name
        and name.split("__")[-1] not in _NOT_IDENTITY
        and not _is_usual(name, value)
    }
    return {
        "the data": clips.identity(),
        "the preset": options.preset,
        "the preset's parameters": parameters,
        "the seed": options.random_state,
        "the scoring": list(scoring),
        "the version of mfccclf": __version__,
    }


def _is_usual(name: str, value: Any) -> bool:
    """Return whether a value is a default of variations, which searches do not name."""
    step, _, parameter = name.partition("__")
    usual = declared_defaults(VariationParameters)
    return step == "variation" and parameter in usual and value == usual[parameter]
