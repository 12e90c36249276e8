"""Candidates: a pipeline with some parameters changed, checked before any fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mfccclf._parameters import check_each
from mfccclf.clip_pipeline import variation_of
from mfccclf.estimators.training.device import seeded
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.features.transformer import ClipTransformer
from mfccclf.pipelines import full_name
from mfccclf.search.search_targets import SearchTargets
from mfccclf.variation.clip_variation import ClipVariation

__all__ = ["Candidate", "full_parameters", "prepare_candidate"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One combination of parameters, ready to fit.

    Attributes
    ----------
    parameters : dict
        Values by full name, ``step__parameter``.
    front_end : MFCCExtractor or another first step of a preset
        The first step, which turns clips into X.
    rest : sklearn.pipeline.Pipeline
        The other steps, unfitted.
    n_epochs : int
        Epochs of its training, at most.
    n_parameters : int
        Trainable parameters of its net.
    variation : ClipVariation
        Which copies of the training clips it learns from, too.
    """

    parameters: dict[str, Any]
    front_end: ClipTransformer
    rest: Pipeline
    n_epochs: int
    n_parameters: int
    variation: ClipVariation

    @property
    def stops_early(self) -> bool:
        """Whether training holds out some clips to decide when to stop."""
        return bool(self.rest[-1].early_stopping)


def full_parameters(pipeline: Pipeline, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by full names, ``step__parameter``.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        The pipeline that has the parameters.
    values : mapping
        By full name, or by a plain name that only one step has.

    Returns
    -------
    values : dict
        The same values.

    Raises
    ------
    ValueError
        If no step, or more than one, has such a parameter, or if one is given twice.
    """
    names = {name: full_name(pipeline, name) for name in values}
    if len(set(names.values())) < len(names):
        raise ValueError(
            f"A parameter is given twice, with and without its step: "
            f"{', '.join(names)}. Leave one out."
        )
    return {names[name]: value for name, value in values.items()}


def prepare_candidate(
    pipeline: Pipeline,
    values: Mapping[str, Any],
    n_epochs: int | None,
    targets: SearchTargets,
    *,
    n_clips: int,
) -> Candidate:
    """Change a pipeline's parameters, and find errors that only ``fit`` would raise.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        The pipeline to change.
    values : mapping
        Parameters to change, by name.
    n_epochs : int or None
        Epochs of training; None for the pipeline's own.
    targets : SearchTargets
        Labels of all clips.
    n_clips : int
        Number of clips from which "auto" epochs follow, the same in all folds.

    Returns
    -------
    candidate : Candidate
        The changed pipeline, in two parts.

    Raises
    ------
    ValueError, TypeError
        If a value cannot be used.
    """
    parameters = full_parameters(pipeline, values)
    changed = clone(pipeline).set_params(**parameters)
    if n_epochs is not None:
        changed.set_params(**{f"{changed.steps[-1][0]}__max_epochs": n_epochs})
    classifier = changed[-1]
    n_features = changed[0].feature_parameters().n_features
    variation = variation_of(changed)
    n_rows = n_clips * variation.n_copies
    n_epochs = check_each(TrainingOptions, classifier).count_epochs(n_rows)
    classifier.set_params(max_epochs=n_epochs)
    if isinstance(classifier.class_weight, dict):
        weights = targets.column_weights(classifier.class_weight)
        classifier.set_params(class_weight=weights)
    with seeded(0, torch.device("cpu")):
        module = classifier.make_module(n_features, len(targets.classes))
    return Candidate(
        parameters=parameters,
        front_end=changed[0],
        rest=changed[1:],
        n_epochs=n_epochs,
        n_parameters=sum(p.numel() for p in module.parameters() if p.requires_grad),
        variation=variation,
    )
