"""Start a training from the layers of a trained model."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline
from torch import Tensor

from mfccclf.clip_pipeline import with_steps
from mfccclf.persistence import load_model
from mfccclf.prediction.shipped import open_model

__all__ = ["describe_start", "take_over"]


def take_over(
    pipeline: Pipeline, model: str | PathLike[str]
) -> tuple[Pipeline, dict[str, Tensor]]:
    """Give a new pipeline the scaler of a trained one, and return its net's weights.

    Parameters
    ----------
    pipeline : Pipeline
        Unfitted.
    model : str or path-like
        Shipped model or model file.

    Returns
    -------
    pipeline : Pipeline
        With the trained one's steps between features and classifier, fitted.
    state : dict of str to Tensor
        Weights of the trained net.

    Raises
    ------
    ModelFileError
        If the model cannot be read.
    ValueError
        If its features, steps or kind of net differ.
    """
    trained = load_model(model)
    _compare("features", _features_of(pipeline), _features_of(trained), model)
    _compare("steps", _steps_of(pipeline), _steps_of(trained), model)
    names = [name for name, _ in pipeline.steps]
    between = [step for _, step in trained.steps[1:-1]]
    steps = [pipeline[0], *between, pipeline[-1]]
    state: dict[str, Tensor] = trained[-1].net_.module_.state_dict()
    return with_steps(pipeline, list(zip(names, steps, strict=True))), state


def describe_start(
    model: str | PathLike[str] | None, *, freeze: bool
) -> dict[str, Any]:
    """Return what a model file says about the model that its training started from."""
    if model is None:
        return {}
    training = open_model(model).config.get("training") or {}
    return {
        "started_from": Path(model).name,
        "started_from_fingerprint": training.get("fingerprint"),
        "frozen": freeze,
    }


def _features_of(pipeline: Pipeline) -> dict[str, Any]:
    described = pipeline[0].describe()
    return {**described.pop("parameters"), **described}


def _steps_of(pipeline: Pipeline) -> dict[str, Any]:
    return {
        f"step {number}": step if isinstance(step, str) else type(step).__name__
        for number, (_, step) in enumerate(pipeline.steps[1:], start=2)
    }


def _compare(
    what: str, here: dict[str, Any], there: dict[str, Any], model: str | PathLike[str]
) -> None:
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name):
            raise ValueError(
                f"The {what} of {model} differ: {name} is {there.get(name)!r} there "
                f"and {here.get(name)!r} here. Train with the preset and the settings "
                "of that model."
            )
