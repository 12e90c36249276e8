"""The ONNX graph of a whole pipeline behind its front end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx

from mfccclf._graph_builder import GraphBuilder
from mfccclf.persistence.config import count_features
from mfccclf.persistence.onnx.padding import add_lengths
from mfccclf.persistence.steps import PipelineStep
from mfccclf.prediction.graph_limits import FAMILIARITY, SCORES
from mfccclf.step_kinds import fetch

__all__ = ["build_graph"]


def build_graph(
    steps: Sequence[PipelineStep], metadata: Mapping[str, str]
) -> onnx.ModelProto:
    """Build the graph from features to scores and, where it is known, familiarity.

    Parameters
    ----------
    steps : sequence of PipelineStep
        As `mfccclf.persistence.steps.check_steps` returns them.
    metadata : mapping of str to str
        What to store beside the graph.

    Returns
    -------
    model : onnx.ModelProto
        Input "X" of shape (n_clips, n_frames, n_features), NaN past a clip's end;
        outputs "scores" (n_clips, n_classes) and perhaps "familiarity" (n_clips,).
    """
    n_classes = len(steps[-1].estimator.classes_)
    n_features = count_features(steps[0].estimator)
    builder = GraphBuilder()
    scores = builder.rename(_add_steps(builder, steps), SCORES)
    outputs: dict[str, list[str | int]] = {scores: ["n_clips", n_classes]}
    if FAMILIARITY in builder.marked:
        share = builder.rename(builder.marked[FAMILIARITY], FAMILIARITY)
        outputs[share] = ["n_clips"]
    return builder.build(
        inputs={"X": ["n_clips", "n_frames", n_features]},
        outputs=outputs,
        metadata=metadata,
    )


def _add_steps(builder: GraphBuilder, steps: Sequence[PipelineStep]) -> str:
    """Add all steps but the front end; return the name of the scores."""
    lengths = add_lengths(builder, "X")
    value = "X"
    for step in steps[1:]:
        add_step = fetch(step.kind.graph)
        value = add_step(builder, step.estimator, value, lengths)
    return value
