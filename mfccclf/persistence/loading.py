"""Load fitted pipelines from model files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as unpack_arrays
from sklearn.pipeline import Pipeline

from mfccclf._inert import first_line
from mfccclf.clip_pipeline import ClipPipeline
from mfccclf.errors import ModelFileError
from mfccclf.persistence.plain_values import labels_from_plain
from mfccclf.persistence.state import ModelFacts, StepState
from mfccclf.persistence.steps import PASSTHROUGH, make_unfitted
from mfccclf.prediction.model_file import WEIGHTS, ModelFile
from mfccclf.prediction.shipped import open_model
from mfccclf.step_kinds import STEP_KINDS, fetch
from mfccclf.variation.clip_variation import ClipVariation
from mfccclf.variation.parameters import VariationParameters

__all__ = ["load_model"]


def load_model(model: str | PathLike[str]) -> Pipeline:
    """Load a fitted pipeline from a model file.

    No code in the file is ever run: only this package's own steps are built from it.

    Parameters
    ----------
    model : str or path-like
        Name of a shipped model, or a file made by `save_model`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Fitted; it predicts what the saved one predicted, and can be trained again.

    Raises
    ------
    ModelFileError
        If there is no such model, or its file is damaged, altered, of another kind or
        made by a newer version.

    Examples
    --------
    >>> from mfccclf import load_model
    >>> pipeline = load_model("names")  # doctest: +SKIP
    >>> pipeline.predict(["James.01.au"])  # doctest: +SKIP
    array(['James'], dtype='<U8')
    """
    model_file = open_model(model)
    arrays = _unpack(model_file)
    try:
        facts = _model_facts(model_file)
        steps = _build_steps(model_file.config["steps"], arrays, facts)
        return _build_pipeline(steps, model_file.config.get("variation"))
    except _UnknownStepError as error:
        raise ModelFileError(
            f"{model_file.name} holds a step of class {error.args[0]!r}, which a model "
            f"file may not hold. Known classes: {', '.join(sorted(STEP_KINDS))}. "
            "Update the package, or do not trust the file."
        ) from error
    except Exception as error:  # a stranger's values may make a step raise anything
        raise ModelFileError(
            f"{model_file.name} does not fit this version of mfccclf "
            f"({first_line(error)}). It was made by version {_maker(model_file)}: "
            "install that, or train the model again."
        ) from error


def _build_pipeline(steps: list[tuple[str, Any]], variation: Any) -> Pipeline:
    """Return a pipeline that varies clips as the saved one did when it is fitted."""
    if variation is None:
        return Pipeline(steps)
    checked = VariationParameters.from_dict(variation).validate()
    return ClipPipeline(steps, variation=ClipVariation(**asdict(checked)))


class _UnknownStepError(Exception):
    """A file names a class that is not one of ours."""


def _unpack(model_file: ModelFile) -> dict[str, NDArray[Any]]:
    try:
        arrays: dict[str, NDArray[Any]] = unpack_arrays(model_file.members[WEIGHTS])
    except Exception as error:  # SafetensorError, or what its layout makes NumPy raise
        raise ModelFileError(
            f"{model_file.name} has weights that cannot be read ({first_line(error)}). "
            "Copy or download it again, or train the model again."
        ) from error
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ModelFileError(
                f"{model_file.name} has weights {name!r} that are not finite. Train "
                "the model again."
            )
    return arrays


def _model_facts(model_file: ModelFile) -> ModelFacts:
    config = model_file.config
    return ModelFacts(
        classes=labels_from_plain(config["classes"], config["label_type"]),
        n_features=config["n_features"],
        graphs=model_file.front_end_graphs,
        thresholds=config.get("thresholds"),
    )


def _build_steps(
    steps: Sequence[Mapping[str, Any]],
    arrays: Mapping[str, NDArray[Any]],
    facts: ModelFacts,
) -> list[tuple[str, Any]]:
    built = []
    for step in steps:
        name, estimator = _build(step, arrays, facts)
        built.append((name, estimator))
        n_features = getattr(estimator, "n_features_out_", facts.n_features)
        facts = replace(facts, n_features=n_features)
    return built


def _build(
    step: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], facts: ModelFacts
) -> tuple[str, Any]:
    name, class_name = step["name"], step["class"]
    if class_name == PASSTHROUGH:
        return name, class_name
    if class_name not in STEP_KINDS:
        raise _UnknownStepError(class_name)
    state: StepState = fetch(STEP_KINDS[class_name].state)
    estimator = make_unfitted(class_name, step["parameters"])
    return name, state.restore(estimator, _arrays_of(name, arrays), facts)


def _arrays_of(
    step: str, arrays: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    prefix = f"{step}."
    return {
        key.removeprefix(prefix): array
        for key, array in arrays.items()
        if key.startswith(prefix)
    }


def _maker(model_file: ModelFile) -> str:
    packages = model_file.config.get("packages")
    found = packages.get("mfccclf") if isinstance(packages, dict) else None
    return str(found or "unknown")
