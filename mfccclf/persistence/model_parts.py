"""What an export is made of, from a fitted pipeline or from a model file alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Self

from sklearn.pipeline import Pipeline

import mfccclf
from mfccclf.persistence.config import (
    describe_front_end,
    describe_model,
    plain_classes,
)
from mfccclf.persistence.onnx.graph import build_graph
from mfccclf.persistence.steps import PipelineStep, best_pipeline, check_steps
from mfccclf.prediction.model_file import GRAPH
from mfccclf.prediction.shipped import open_model

__all__ = ["ModelParts", "encode_net", "take_front_end_graphs"]


@dataclass(frozen=True)
class ModelParts:
    """The parts of a model that other programs run.

    Attributes
    ----------
    name : str
        What to call the model in messages.
    config : dict
        The content of ``model.json``.
    net : bytes
        The ONNX graph from features to scores.
    front_end_graphs : mapping of str to bytes
        The graphs of a front end's pre-trained nets, by name.
    """

    name: str
    config: dict[str, Any]
    net: bytes
    front_end_graphs: Mapping[str, bytes]

    @classmethod
    def of(cls, model: Pipeline | str | PathLike[str]) -> Self:
        """Take the parts of a fitted pipeline, a shipped model or a model file.

        Raises
        ------
        ModelFileError
            If a model file cannot be read.
        ValueError, TypeError
            If a model file could not hold the pipeline.
        """
        if isinstance(model, str | PathLike):
            file = open_model(model)
            return cls(
                file.name, file.config, file.members[GRAPH], file.front_end_graphs
            )
        pipeline = best_pipeline(model)
        steps = check_steps(pipeline)
        return cls(
            "The pipeline",
            describe_model(pipeline, steps, {}),
            encode_net(steps),
            take_front_end_graphs(steps[0]),
        )


def encode_net(steps: Sequence[PipelineStep]) -> bytes:
    """Return the ONNX graph of checked steps behind their front end, as bytes."""
    metadata = {
        "classes": json.dumps(plain_classes(steps[-1].estimator)[0]),
        "front_end": json.dumps(describe_front_end(steps[0].estimator)),
        "mfccclf_version": mfccclf.__version__,
    }
    graph = build_graph(steps, metadata)
    content: bytes = graph.SerializeToString(deterministic=True)
    return content


def take_front_end_graphs(front_end: PipelineStep) -> Mapping[str, bytes]:
    """Return the graphs of a front end's pre-trained nets, by name."""
    if front_end.carried is None:
        return {}
    return front_end.carried.graphs(front_end.estimator)
