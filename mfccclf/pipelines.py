"""Pipelines from a clip to its label, built from presets."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable, Mapping
from functools import lru_cache
from os import PathLike
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from mfccclf._inert import shown
from mfccclf._validation import suggest
from mfccclf.clip_pipeline import ClipPipeline
from mfccclf.presets import Preset, Step, load_preset
from mfccclf.step_kinds import STEP_KINDS
from mfccclf.variation.clip_variation import ClipVariation

__all__ = ["full_name", "make_pipeline", "suited_preset"]

# What "default" was before pre-trained nets were part of it.
_FORMER_DEFAULT = "scratch"


def make_pipeline(
    preset: str | PathLike[str] | Preset = "default", **overrides: Any
) -> ClipPipeline:
    """Build the pipeline of a preset: paths of clips in, labels out.

    Parameters
    ----------
    preset : str, path-like or Preset, default="default"
        A name from `mfccclf.presets.list_presets`, a YAML file of your own, or what
        `mfccclf.presets.load_preset` returns.
    **overrides
        Parameters that differ from the preset: ``lstm__hidden_sizes=(64,)`` in
        scikit-learn's form, or plain ``hidden_sizes=(64,)`` where only one step has a
        parameter of that name. ``scale="passthrough"`` leaves out a whole step, and
        ``n_variations=4`` learns from four varied copies of each clip, too. See
        `mfccclf.pipelines.suited_preset` for features such as MFCC without a preset.

    Returns
    -------
    pipeline : ClipPipeline
        Unfitted; steps "extract" (paths or waveforms to sequences), in some presets
        "scale", and the classifier, such as "lstm".

    Raises
    ------
    ValueError
        If the preset does not exist, or a parameter belongs to no step or to several.

    Examples
    --------
    >>> from mfccclf import make_pipeline
    >>> pipeline = make_pipeline("names-lstm", max_epochs=5)
    >>> pipeline.named_steps["lstm"].max_epochs
    5
    """
    if not isinstance(preset, Preset):
        preset = load_preset(suited_preset(preset, overrides))
    return _build_pipeline(preset, overrides)


def suited_preset(
    preset: str | PathLike[str], parameters: Iterable[str]
) -> str | PathLike[str]:
    """Return the preset that parameters are meant for: itself, but for "default".

    Features such as MFCC are parameters of the preset "scratch", which was once the
    default. Where parameters belong to it alone, it takes the place of "default".

    Parameters
    ----------
    preset : str or path-like
        Name of a preset or path of a preset file.
    parameters : iterable of str
        Names of what is to be changed, as for `make_pipeline`.

    Returns
    -------
    preset : str or path-like
        The same, or "scratch".

    Warns
    -----
    UserWarning
        If it is another one.
    """
    if str(preset) != "default":
        return preset
    foreign = [name for name in parameters if not _has_parameter("default", name)]
    if not foreign:
        return preset
    if not all(_has_parameter(_FORMER_DEFAULT, name) for name in parameters):
        return preset
    warnings.warn(
        f"The preset 'default' has no parameter {foreign[0]!r}; the preset "
        f"{_FORMER_DEFAULT!r}, which has, is used. Name it to be rid of this warning.",
        stacklevel=2,
    )
    return _FORMER_DEFAULT


@lru_cache
def _has_parameter(preset: str, name: str) -> bool:
    try:
        full_name(_build_pipeline(load_preset(preset), {}), name)
    except ValueError:
        return False
    return True


def _build_pipeline(settings: Preset, overrides: Mapping[str, Any]) -> ClipPipeline:
    steps = [(step.name, _build_step(step, settings.name)) for step in settings.steps]
    pipeline = ClipPipeline(steps, variation=_build_variation(settings))
    full_names = {full_name(pipeline, name): name for name in overrides}
    pipeline.set_params(**{full: overrides[name] for full, name in full_names.items()})
    return pipeline


def _build_step(step: Step, preset: str) -> BaseEstimator:
    return _build(_find_class(step.estimator, preset), step.parameters, preset)


def _build_variation(settings: Preset) -> ClipVariation:
    variation: ClipVariation = _build(ClipVariation, settings.variation, settings.name)
    return variation


def _build(cls: type, parameters: Mapping[str, Any], preset: str) -> Any:
    """Make an object of a class, or say which of the parameters it does not have."""
    known = sorted(inspect.signature(cls).parameters)
    for name in parameters:
        if name not in known:
            raise ValueError(
                f"Preset {preset}: {cls.__name__} has no parameter {shown(name)}. "
                + (suggest(name, known) or f"It has {', '.join(known)}.")
            )
    return cls(**parameters)


def _find_class(name: str, preset: str) -> type[BaseEstimator]:
    if name not in STEP_KINDS:
        known = sorted(STEP_KINDS)
        raise ValueError(
            f"Preset {preset} names an unknown estimator {shown(name)}. Known "
            f"estimators: {', '.join(known)}. {suggest(name, known)}".rstrip()
        )
    return STEP_KINDS[name].load_class()


def full_name(pipeline: Pipeline, name: str) -> str:
    """Return ``step__parameter`` for a parameter named with or without its step.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        The pipeline whose parameter is meant.
    name : str
        With its step, or without if only one step has it.

    Returns
    -------
    name : str
        As ``pipeline.set_params`` takes it.

    Raises
    ------
    ValueError
        If no step, or more than one, has the parameter.
    """
    # Parameters of the pipeline itself, such as verbose, which steps have, too.
    own = inspect.signature(type(pipeline)).parameters
    known: list[str] = [full for full in pipeline.get_params() if full not in own]
    if name in known:
        return name
    matches = [full for full in known if full.split("__", 1)[-1] == name]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise ValueError(
            f"More than one step has a parameter {name!r}. Write one of "
            f"{', '.join(sorted(matches))}."
        )
    plain = {full.split("__", 1)[-1] for full in known if "__" in full}
    choices = sorted(plain | {full for full in known if "__" in full})
    raise ValueError(
        f"No step of this pipeline has a parameter {name!r}. "
        + (suggest(name, choices) or f"Known: {', '.join(sorted(plain))}.")
    )
