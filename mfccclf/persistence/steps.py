"""The steps of a pipeline that a model file can hold, and their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from mfccclf._parameters import runtime_parameters
from mfccclf._validation import argument_error
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.features.embeddings.carrying import CarriedNets
from mfccclf.features.embeddings.onnx_parameters import NetSource
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.persistence.inner_estimators import describe_value, make_value
from mfccclf.persistence.state import StepState
from mfccclf.step_kinds import STEP_KINDS, StepKind, fetch

__all__ = [
    "PASSTHROUGH",
    "PipelineStep",
    "check_steps",
    "describe_step",
    "make_unfitted",
]

PASSTHROUGH = "passthrough"

# How and where to compute, not what: a model file does not depend on the machine that
# wrote it, and cannot make another machine write to a folder of its choice.
_RUNTIME_PARAMETERS = runtime_parameters(FrontEndRuntime, NetSource, TrainingOptions)


@dataclass(frozen=True)
class PipelineStep:
    """A step that a model file can hold.

    Attributes
    ----------
    name : str
        Its name in the pipeline.
    estimator : estimator
        The step, fitted.
    kind : StepKind
        Where everything about its kind stands.
    """

    name: str
    estimator: Any
    kind: StepKind

    @property
    def state(self) -> StepState:
        """How its arrays are taken and restored."""
        state: StepState = fetch(self.kind.state)
        return state

    @property
    def carried(self) -> CarriedNets | None:
        """The pre-trained nets that a model file carries for it, if there are any."""
        return fetch(self.kind.carried) if self.kind.carried else None


def best_pipeline(model: Any) -> Any:
    """Return the best pipeline of a fitted search; anything else as it is."""
    return getattr(model, "best_estimator_", model)


def check_steps(pipeline: Pipeline) -> list[PipelineStep]:
    """Return the steps of a fitted pipeline, without those that are left out.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        To be saved.

    Returns
    -------
    steps : list of PipelineStep
        A front end, any number of transformers, a classifier.

    Raises
    ------
    TypeError, ValueError
        If a model file cannot hold the pipeline.
    sklearn.exceptions.NotFittedError
        If a step is not fitted.
    """
    if not isinstance(pipeline, Pipeline):
        hint = "Put the steps together with mfccclf.make_pipeline."
        if hasattr(pipeline, "refit"):
            hint = "Fit the search first, with refit=True, to have its best pipeline."
        raise argument_error(
            "pipeline",
            pipeline,
            "a fitted sklearn Pipeline",
            owner="save_model",
            error=TypeError,
            hint=hint,
        )
    steps = [
        _check_step(name, estimator)
        for name, estimator in pipeline.steps
        if not _is_passthrough(estimator)
    ]
    _check_order([step.kind.place for step in steps])
    for step in steps:
        check_is_fitted(step.estimator)
    return steps


def describe_step(name: str, estimator: Any) -> dict[str, Any]:
    """Return what a model file says about a step, as plain values.

    Parameters
    ----------
    name : str
        Its name in the pipeline.
    estimator : estimator, str or None
        The step; a text or None where it is left out.

    Returns
    -------
    description : dict
        "name", "class" and "parameters"; those that say how or where to compute, not
        what, are left out.

    Raises
    ------
    TypeError
        If JSON cannot hold a parameter.
    """
    if _is_passthrough(estimator):
        return {"name": name, "class": PASSTHROUGH, "parameters": {}}
    parameters = {
        key: _plain_parameter(key, value, name, estimator)
        for key, value in estimator.get_params(deep=False).items()
        if key not in _RUNTIME_PARAMETERS
    }
    return {"name": name, "class": type(estimator).__name__, "parameters": parameters}


def make_unfitted(class_name: str, parameters: Mapping[str, Any]) -> Any:
    """Make the step that `describe_step` has described, not fitted.

    Parameters
    ----------
    class_name : str
        Its "class", which must be known.
    parameters : mapping
        Its "parameters".

    Returns
    -------
    estimator : estimator
        The step.
    """
    settings = {
        key: make_value(value)
        for key, value in parameters.items()
        if key not in _RUNTIME_PARAMETERS
    }
    return STEP_KINDS[class_name].load_class()(**settings)


def _is_passthrough(estimator: Any) -> bool:
    """Return whether scikit-learn leaves a step out."""
    return estimator is None or isinstance(estimator, str)


def _check_step(name: str, estimator: Any) -> PipelineStep:
    class_name = type(estimator).__name__
    kind = STEP_KINDS.get(class_name)
    if kind is not None and kind.load_class() is type(estimator):
        return PipelineStep(name, estimator, kind)
    raise TypeError(
        f"Step {name!r} is a {class_name}, which a model file cannot hold. It can hold "
        f"{', '.join(sorted(STEP_KINDS))}. Keep this pipeline with joblib.dump; load "
        "such files only if you made them, since they can run any code."
    )


def _check_order(places: list[str]) -> None:
    middle = places[1:-1]
    if (
        places[:1] == ["front end"]
        and places[-1:] == ["classifier"]
        and all(place == "transformer" for place in middle)
    ):
        return
    raise ValueError(
        f"The steps of the pipeline are {', '.join(places) or 'none'}. A model file "
        "needs a front end (such as MFCCExtractor), any number of transformers, and a "
        "classifier. Keep other pipelines with joblib.dump."
    )


def _plain_parameter(key: str, value: Any, name: str, estimator: Any) -> Any:
    try:
        return describe_value(value)
    except TypeError as error:
        raise TypeError(
            f"The {key!r} parameter of step {name!r} ({type(estimator).__name__}) is "
            f"{value!r}, which a model file cannot hold. Set it to a plain value with "
            "set_params, or use joblib.dump."
        ) from error
