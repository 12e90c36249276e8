"""Check that a pipeline is one that a model file can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from mfccclf._validation import argument_error
from mfccclf.persistence.steps import STEP_FORMATS, StepFormat, step_class

__all__ = ["PASSTHROUGH", "PipelineStep", "check_steps", "is_passthrough"]

PASSTHROUGH = "passthrough"


@dataclass(frozen=True)
class PipelineStep:
    """A step that a model file can hold.

    Attributes
    ----------
    name : str
        Its name in the pipeline.
    estimator : estimator
        The step, fitted.
    format : StepFormat
        How its class is stored.
    """

    name: str
    estimator: Any
    format: StepFormat

    @property
    def class_name(self) -> str:
        """Name of the estimator's class."""
        return type(self.estimator).__name__


def check_steps(pipeline: Pipeline) -> list[PipelineStep]:
    """Return the steps of a fitted pipeline, those that are left out excepted.

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
        if not is_passthrough(estimator)
    ]
    _check_order([step.format.kind for step in steps])
    for step in steps:
        check_is_fitted(step.estimator)
    return steps


def is_passthrough(estimator: Any) -> bool:
    """Return whether a step is one that scikit-learn leaves out."""
    return estimator is None or isinstance(estimator, str)


def _check_step(name: str, estimator: Any) -> PipelineStep:
    class_name = type(estimator).__name__
    known = class_name in STEP_FORMATS and step_class(class_name) is type(estimator)
    if known:
        return PipelineStep(name, estimator, STEP_FORMATS[class_name])
    raise TypeError(
        f"Step {name!r} is a {class_name}, which a model file cannot hold. It can hold "
        f"{', '.join(sorted(STEP_FORMATS))}. Keep this pipeline with joblib.dump; load "
        "such files only if you made them, since they can run any code."
    )


def _check_order(kinds: list[str]) -> None:
    middle = kinds[1:-1]
    if (
        kinds[:1] == ["front end"]
        and kinds[-1:] == ["classifier"]
        and all(kind == "transformer" for kind in middle)
    ):
        return
    raise ValueError(
        f"The steps of the pipeline are {', '.join(kinds) or 'none'}. A model file "
        "needs a front end (such as MFCCExtractor), any number of transformers, and a "
        "classifier. Keep other pipelines with joblib.dump."
    )
