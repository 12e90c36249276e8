"""Pipelines from a clip to its label, built from presets."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from os import PathLike
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from mfccclf._validation import suggest
from mfccclf.presets import Preset, Step, load_preset

__all__ = ["STEP_CLASSES", "full_name", "make_pipeline"]

# Classes that a preset or a model file may name, and where each lives.  A name that is
# not listed is refused, so neither kind of file can make us import something else.
STEP_CLASSES: Mapping[str, str] = {
    "CNNClassifier": "mfccclf.estimators",
    "LSTMClassifier": "mfccclf.estimators",
    "MFCCExtractor": "mfccclf.features",
    "PooledWaveformFrames": "mfccclf.features",
    "SequenceStandardScaler": "mfccclf.preprocessing",
    "WaveformFrames": "mfccclf.features",
}


def make_pipeline(
    preset: str | PathLike[str] | Preset = "default", **overrides: Any
) -> Pipeline:
    """Build the pipeline of a preset: paths of clips in, labels out.

    Parameters
    ----------
    preset : str, path-like or Preset, default="default"
        A name from `mfccclf.presets.list_presets`, a YAML file of one's own, or what
        `mfccclf.presets.load_preset` returns.
    **overrides
        Parameters that differ from the preset: ``lstm__hidden_sizes=(64,)`` in
        scikit-learn's form, or plain ``hidden_sizes=(64,)`` where only one step has a
        parameter of that name. A whole step is left out with ``scale="passthrough"``.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Unfitted; steps "extract" (paths or waveforms to sequences), sometimes "scale",
        and the classifier ("lstm" or "cnn").

    Raises
    ------
    ValueError
        If the preset does not exist, or no step or more than one has the parameter.

    Examples
    --------
    >>> from mfccclf import make_pipeline
    >>> pipeline = make_pipeline("names-lstm", max_epochs=5)
    >>> pipeline.named_steps["lstm"].max_epochs
    5
    """
    settings = preset if isinstance(preset, Preset) else load_preset(preset)
    steps = [(step.name, _build_step(step, settings.name)) for step in settings.steps]
    pipeline = Pipeline(steps)
    full_names = {full_name(pipeline, name): name for name in overrides}
    return pipeline.set_params(
        **{full: overrides[name] for full, name in full_names.items()}
    )


def _build_step(step: Step, preset: str) -> BaseEstimator:
    cls = _step_class(step.estimator, f"Preset {preset}")
    known = sorted(inspect.signature(cls).parameters)
    for name in step.parameters:
        if name not in known:
            raise ValueError(
                f"Preset {preset}: {step.estimator} has no parameter {name!r}. "
                + (suggest(name, known) or f"It has {', '.join(known)}.")
            )
    return cls(**step.parameters)


def _step_class(name: str, source: str) -> type[BaseEstimator]:
    if name not in STEP_CLASSES:
        known = sorted(STEP_CLASSES)
        raise ValueError(
            f"{source} names an unknown estimator {name!r}. Known estimators: "
            f"{', '.join(known)}. {suggest(name, known)}".rstrip()
        )
    found: type[BaseEstimator] = getattr(
        importlib.import_module(STEP_CLASSES[name]), name
    )
    return found


def full_name(pipeline: Pipeline, name: str) -> str:
    """Return ``step__parameter`` for a parameter given with or without its step.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Whose parameter is meant.
    name : str
        With its step, or without where only one step has it.

    Returns
    -------
    name : str
        As ``pipeline.set_params`` takes it.

    Raises
    ------
    ValueError
        If no step, or more than one, has the parameter.
    """
    # The pipeline's own, such as verbose, which steps have as well.
    own = inspect.signature(Pipeline).parameters
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
